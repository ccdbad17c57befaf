"""A LibreOffice text with somebody else's name in every place where a name can hide."""

import io
import zipfile

N = "Merhawi Tesfay"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = (
    "".join(
        f' xmlns:{name}="{_OASIS}{name}:1.0"' for name in ("office", "style", "text", "table", "form", "script", "meta")
    )
    + f' xmlns:draw="{_OASIS}drawing:1.0" xmlns:fo="{_OASIS}xsl-fo-compatible:1.0"'
    + f' xmlns:svg="{_OASIS}svg-compatible:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    + ' xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
)
_TYPE = "application/vnd.oasis.opendocument.text"
_TEXT_STYLES = {
    "Weg": 'text:display="none"',
    "Wit": 'fo:color="#ffffff"',
    "Klein": 'fo:font-size="1pt"',
    "Procent": 'fo:font-size="3%"',
    "Smal": 'style:text-scale="1%"',
    "Glas": 'loext:char-transparency="100%"',
    "Zwart": 'fo:color="#000000" fo:background-color="#000000"',
    "Vet": 'fo:font-weight="bold"',
    "Kind": "",
}


def span(style: str, text: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def p(*content: str, style: str = "Standard") -> str:
    return f'<text:p text:style-name="{style}">{"".join(content)}</text:p>'


def _styles() -> str:
    texts = "".join(
        f'<style:style style:name="{name}" style:display-name="{N}" style:family="text"'
        f"{' style:parent-style-name=' + chr(34) + 'Weg' + chr(34) if name == 'Kind' else ''}>"
        f"<style:text-properties {attributes}/></style:style>"
        for name, attributes in _TEXT_STYLES.items()
    )
    return (
        f'{texts}<style:style style:name="WitteAlinea" style:family="paragraph"><style:text-properties'
        ' fo:color="#fefefe"/></style:style><style:style style:name="Blauw" style:family="table-cell">'
        '<style:table-cell-properties fo:background-color="#1f3864"/></style:style>'
        '<style:style style:name="Deel" style:family="paragraph" style:master-page-name="Liggend"/>'
        '<style:style style:name="Kader" style:family="graphic"><style:graphic-properties draw:visible="false"/>'
        f'</style:style><text:list-style style:name="L"><text:list-level-style-number text:level="1"'
        f' style:num-prefix="{N}" style:num-format="1"/></text:list-style>'
    )


_NOTE = (
    '<text:note text:id="{0}" text:note-class="{1}"><text:note-citation text:label="{0}">1</text:note-citation>'
    "<text:note-body>{2}</text:note-body></text:note>"
)
_FRAME = (
    f'<draw:frame draw:name="{N}"><draw:text-box>{p(f"tekstvak van {N} en Selam Haile")}</draw:text-box>'
    f"<svg:title>{N}</svg:title><svg:desc>{N}</svg:desc></draw:frame>"
    f'<draw:frame draw:style-name="Kader"><draw:text-box>{p(f"verborgen kader {N}")}</draw:text-box></draw:frame>'
    f'<draw:frame><draw:image xlink:href="Pictures/{N}.jpg">{p(N)}</draw:image></draw:frame>'
    f'<draw:frame><draw:object xlink:href="./Object 1"/><draw:image xlink:href="x"/></draw:frame>'
    f'<draw:custom-shape draw:name="{N}">{p(f"vorm van {N}")}'
    f'<draw:enhanced-geometry draw:type="{N}"/></draw:custom-shape>'
)
_TABLE = (
    f'<table:table table:name="{N}"><table:title>{N}</table:title><table:desc>{N}</table:desc><table:table-column/>'
    '<table:table-column/><table:table-column table:visibility="collapse"/>'
    f'<table:table-row><table:table-cell table:number-rows-spanned="2" table:formula="{N}">'
    f"{p(f'cel met {N}')}</table:table-cell>"
    f"<table:table-cell>{p('cel van Selam Haile')}</table:table-cell><table:table-cell>{p(f'verborgen kolom {N}')}"
    f"</table:table-cell></table:table-row><table:table-row><table:covered-table-cell>{p(f'bedekt {N}')}"
    f'</table:covered-table-cell><table:table-cell table:style-name="Blauw">{p(span("Wit", "wit op blauw"))}'
    f'</table:table-cell></table:table-row><table:table-row table:visibility="collapse"><table:table-cell>'
    f"{p(f'verborgen rij {N}')}</table:table-cell></table:table-row></table:table>"
)
_DELETED = (
    f'<text:tracked-changes><text:changed-region><text:deletion><office:change-info><dc:creator xmlns:dc="x">{N}'
    f"</dc:creator></office:change-info>{p(f'verwijderd {N}')}</text:deletion></text:changed-region>"
    "</text:tracked-changes>"
)
_CONTENTS = (
    f'<text:table-of-content text:name="{N}"><text:table-of-content-source><text:index-title-template>{N}'
    f"</text:index-title-template></text:table-of-content-source><text:index-body>{p('inhoud van Selam Haile')}"
    "</text:index-body></text:table-of-content>"
)
_RUBY = f"<text:ruby><text:ruby-base>basis</text:ruby-base><text:ruby-text>verborgen {N}</text:ruby-text></text:ruby>"
_BODY = "".join((
    f'<office:forms><form:form form:name="{N}"/></office:forms>',
    _DELETED,
    f'<text:variable-decls><text:variable-decl text:name="{N}"/></text:variable-decls>',
    f'<text:user-field-decls><text:user-field-decl office:string-value="{N}" text:name="{N}"/></text:user-field-decls>',
    '<text:h text:outline-level="1">Gespreksverslag van Selam Haile</text:h>',
    p("De heer Mer", span("Vet", "ha"), "wi\n   Tes", span("Vet", "fay"), ' sprak<text:s text:c="2"/>met Selam Haile.'),
    p('Gewijzigd<text:change text:change-id="c1"/>'),
    p("Met opmerking", f'<office:annotation><dc:creator xmlns:dc="x">{N}</dc:creator>{p(N)}</office:annotation>'),
    *(p("zichtbaar ", span(style, f"verborgen {N}")) for style in _TEXT_STYLES if style != "Vet"),
    p(f"hele alinea verborgen {N}", style="WitteAlinea"),
    p(f'<text:hidden-paragraph text:condition="{N}"/>verborgen alinea {N}'),
    p("Voorwaarde ", f'<text:hidden-text text:string-value="{N}">verborgen {N}</text:hidden-text>',
      f'<text:conditional-text text:string-value-if-true="{N}">verborgen {N}</text:conditional-text>'),
    p("Auteur ", f'<text:author-name text:fixed="true">{N}</text:author-name>'),
    p("Variabele ", f'<text:variable-set text:name="{N}" text:display="none">verborgen {N}</text:variable-set>'),
    p(f'<text:bookmark text:name="{N}"/><text:reference-mark text:name="{N}"/><text:toc-mark text:string-value="{N}"/>',
      f'<text:a xlink:href="https://voorbeeld.example/{N}" office:title="{N}">koppeling</text:a>',
      f'<text:script script:language="x">verborgen {N}</text:script>'),
    p(_FRAME),
    p("Robijn ", _RUBY),
    f'<text:section text:name="{N}" text:display="none">{p(f"verborgen deel {N}")}</text:section>',
    f'<text:section text:display="condition" text:condition="{N}">{p(f"verborgen deel {N}")}</text:section>',
    f'<text:section text:name="{N}">{p(f"zichtbaar deel {N}")}</text:section>',
    _CONTENTS,
    f'<text:list text:style-name="L"><text:list-item>{p("lijstpunt")}</text:list-item></text:list>',
    _TABLE,
    p(
        f"Noot bij {N}",
        _NOTE.format("1", "footnote", p(f"voetnoot {N}")),
        _NOTE.format("2", "endnote", p(f"eindnoot {N}")),
    ),
    p("liggend blad", style="Deel"),
))  # fmt: skip
_MASTERS = (
    f'<style:master-page style:name="Standard" style:display-name="{N}" style:page-layout-name="x"><style:header>'
    f'{p(f"Kop van {N}")}</style:header><style:header-left style:display="false">{p(f"verborgen kop {N}")}'
    f"</style:header-left><style:footer>{p(f'Voet van {N}')}</style:footer></style:master-page>"
    f'<style:master-page style:name="Liggend"><style:header>{p(f"Andere kop {N}")}</style:header></style:master-page>'
    f'<style:master-page style:name="Los"><style:header>{p(f"verborgen kop {N}")}</style:header></style:master-page>'
)


def nasty_odt() -> bytes:
    return packed({
        "content.xml": _content(_BODY, _styles()),
        "styles.xml": f"<office:document-styles{_SPACES}><office:automatic-styles>{_styles()}</office:automatic-styles>"
        f"<office:master-styles>{_MASTERS}</office:master-styles></office:document-styles>",
        "meta.xml": f"<office:document-meta{_SPACES}><meta:user-defined>{N}</meta:user-defined></office:document-meta>",
        "settings.xml": f"<x>{N}</x>",
        "manifest.rdf": f"<x>{N}</x>",
        "Pictures/x.jpg": f"Exif {N}",
        "Thumbnails/thumbnail.png": N,
        "Object 1/content.xml": f"<x>{N}</x>",
        "los.xml": f"<x>{N}</x>",
    })  # fmt: skip


def plain_odt(body: str, styles: str = "") -> bytes:
    """A file with nothing but this text."""
    return packed({"content.xml": _content(body, styles)})


def packed(parts: dict[str, str | bytes]) -> bytes:
    """Pack parts, with what every file needs unless it is given."""
    manifest = f'<manifest:manifest xmlns:manifest="{_OASIS}manifest:1.0"/>'
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in {"mimetype": _TYPE, "META-INF/manifest.xml": manifest, **parts}.items():
            archive.writestr(name, part)
    return written.getvalue()


def _content(body: str, styles: str) -> str:
    return (
        f'<?xml version="1.0"?><!-- {N} --><office:document-content{_SPACES}><office:scripts><office:script>'
        f'<script:event-listener script:event-name="{N}"/></office:script></office:scripts><office:automatic-styles>'
        f"{styles}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
