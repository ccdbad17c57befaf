"""A spreadsheet of LibreOffice with a third party's name in every hiding place, written by hand."""

import io
import zipfile

from tests.unit.minimise.documents.door import SUBJECT, THIRD

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "table": "table", "text": "text", "style": "style", "draw": "drawing", "meta": "meta",
        "fo": "xsl-fo-compatible", "svg": "svg-compatible", "number": "datastyle", "config": "config",
        "manifest": "manifest",
    }.items()
)  # fmt: skip
_NAMESPACES += (
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"


def text_cell(text: str, attributes: str = "", within: str = "", tag: str = "table-cell") -> str:
    """Write a cell; `within` stands in its paragraph."""
    return f'<table:{tag} {attributes} office:value-type="string"><text:p>{text}{within}</text:p></table:{tag}>'


def style(name: str, properties: str, *, family: str = "table-cell", more: str = "") -> str:
    """Write a style."""
    return f'<style:style style:name="{name}" style:family="{family}" {more}>{properties}</style:style>'


_STYLES = "".join(
    (
        style("white", '<style:text-properties fo:color="#ffffff"/>'),
        style("child", "", more='style:parent-style-name="white"'),
        style("tiny", '<style:text-properties fo:font-size="1pt"/>'),
        style("black", '<style:table-cell-properties fo:background-color="#000000"/>'),
        style("locked", '<style:table-cell-properties style:cell-protect="hidden-and-protected"/>'),
        style(
            "header",
            '<style:text-properties fo:color="#ffffff"/><style:table-cell-properties fo:background-color="#1f4e79"/>',
        ),
        style("conditional", '<style:map style:condition="is-true-formula(1)" style:apply-style-name="white"/>'),
        style("run", '<style:text-properties fo:color="#fefefe"/>', family="text"),
        style("gone", '<style:text-properties text:display="none"/>', family="text"),
        style("sheet", '<style:table-properties table:display="false"/>', family="table"),
        style("low", '<style:table-row-properties style:row-height="0.1pt"/>', family="table-row"),
        style("narrow", '<style:table-column-properties style:column-width="0.01cm"/>', family="table-column"),
        style(THIRD, "", family="graphic"),
    )
)
_WITHIN = (
    f"<text:author-name>{THIRD}</text:author-name><text:title>{THIRD}</text:title>"
    f'<text:span text:style-name="run">{THIRD}</text:span><text:span text:style-name="gone">{THIRD}</text:span>'
    f'<text:a xlink:href="https://x.example/{THIRD}" office:title="{THIRD}">koppeling</text:a>'
    f"<text:hidden-text text:string-value='{THIRD}'>{THIRD}</text:hidden-text><!-- {THIRD} -->"
)
_NOTE = f"<office:annotation><dc:creator>{THIRD}</dc:creator><text:p>{THIRD}</text:p></office:annotation>"
_FRAME = (
    f'<draw:frame draw:name="{THIRD}"><draw:text-box><text:p>{THIRD}</text:p></draw:text-box>'
    f"<svg:title>{THIRD}</svg:title><svg:desc>{THIRD}</svg:desc></draw:frame>"
)
_TWICE = 'table:number-columns-repeated="2"'
_COVERED = text_cell(THIRD, tag="covered-table-cell")
_HEADER = text_cell("bedrag", 'table:style-name="header"')
_LETTER = text_cell("brief ", "", _WITHIN)


def _styled(name: str) -> str:
    return f'table:style-name="{name}"'


_ROWS = "".join(
    (
        (
            f"<table:table-row>{text_cell('naam')}{_HEADER}"
            f"{text_cell(THIRD)}{text_cell(THIRD)}{text_cell(THIRD)}</table:table-row>"
        ),
        (
            f"<table:table-row>{text_cell(SUBJECT)}"
            '<table:table-cell office:value-type="float" office:value="0.30000000000000004">'
            f"<text:p>0,3</text:p></table:table-cell></table:table-row>"
        ),
        (
            f"<table:table-row>{text_cell(THIRD)}"
            f'<table:table-cell table:formula="of:=&quot;{THIRD}&quot;" office:value-type="float" '
            'office:value="123456789"><text:p>0123456789</text:p></table:table-cell></table:table-row>'
        ),
        (
            f"<table:table-row>{_LETTER}"
            f'<table:table-cell office:value-type="float" office:value="7">{_NOTE}{_FRAME}'
            f"<text:p>7 {THIRD}</text:p></table:table-cell></table:table-row>"
        ),
        f'<table:table-row table:visibility="collapse">{text_cell(THIRD)}</table:table-row>',
        f'<table:table-row table:visibility="filter">{text_cell(THIRD)}</table:table-row>',
        f'<table:table-row table:style-name="low">{text_cell(THIRD)}</table:table-row>',
        (
            f'<table:table-row-group table:display="false"><table:table-row>{text_cell(THIRD)}</table:table-row>'
            "</table:table-row-group>"
        ),
        *(
            f"<table:table-row>{text_cell(THIRD, _styled(name))}</table:table-row>"
            for name in ("white", "child", "tiny", "black", "locked", "conditional")
        ),
        f"<table:table-row>{text_cell('samen')}{_COVERED}</table:table-row>",
        (
            f'<table:table-row><table:table-cell office:value-type="string" office:string-value="{THIRD}"><text:p/>'
            "</table:table-cell></table:table-row>"
        ),
        f"<table:table-row>{text_cell(THIRD, _TWICE)}</table:table-row>",
        f'<table:table-row table:number-rows-repeated="2">{text_cell("twee")}</table:table-row>',
    )
)
_CONDITION = (
    '<calcext:conditional-formats><calcext:conditional-format calcext:target-range-address="Zaak.A17:Zaak.A17">'
    '<calcext:condition calcext:apply-style-name="white" calcext:value="1=1"/></calcext:conditional-format>'
    "</calcext:conditional-formats>"
)
_BEHIND = f"<table:table-row>{text_cell(THIRD)}</table:table-row></table:table>"
_CONTENT = (
    f"<office:document-content {_NAMESPACES}><office:scripts/>"
    f"<office:automatic-styles>{_STYLES}</office:automatic-styles><office:body><office:spreadsheet>"
    f"<table:tracked-changes><table:cell-content-change><table:previous>{THIRD}</table:previous>"
    "</table:cell-content-change></table:tracked-changes>"
    f'<table:content-validations><table:content-validation table:name="v" table:condition="{THIRD}"/>'
    "</table:content-validations>"
    f'<table:table table:name="Zaak {THIRD.split()[1]}" table:protection-key="{THIRD}">'
    f"<table:title>{THIRD}</table:title><table:desc>{THIRD}</table:desc><table:shapes>{_FRAME}</table:shapes>"
    '<table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/>'
    '<table:table-column table:style-name="narrow"/>'
    '<table:table-column-group table:display="false"><table:table-column/></table:table-column-group>'
    f"{_ROWS}{_CONDITION}</table:table>"
    f'<table:table table:name="Lijst" table:style-name="sheet">{_BEHIND}'
    f'<table:named-expressions><table:named-expression table:name="{THIRD}" table:expression="{THIRD}"/>'
    "</table:named-expressions>"
    f'<table:database-ranges><table:database-range table:name="{THIRD}"/></table:database-ranges>'
    f'<table:data-pilot-tables><table:data-pilot-table table:name="{THIRD}"/></table:data-pilot-tables>'
    "</office:spreadsheet></office:body></office:document-content>"
)
_MANIFEST = (
    f'<manifest:manifest {_NAMESPACES}><manifest:file-entry manifest:full-path="/" '
    f'manifest:media-type="{MIMETYPE}"/></manifest:manifest>'
)


def nasty_ods() -> bytes:
    """Write the file with all its parts."""
    return packed_ods(
        {
            "content.xml": _CONTENT,
            "styles.xml": f"<x {_NAMESPACES}><style:header>{THIRD}</style:header></x>",
            "meta.xml": f"<x {_NAMESPACES}><dc:creator>{THIRD}</dc:creator></x>",
            "settings.xml": f"<x {_NAMESPACES}><config:x>{THIRD}</config:x></x>",
            "META-INF/manifest.xml": _MANIFEST,
            "META-INF/documentsignatures.xml": f"<x>{THIRD}</x>",
            "manifest.rdf": f"<x>{THIRD}</x>",
            "Thumbnails/thumbnail.png": THIRD,
            "Pictures/Merhawi.png": THIRD,
            f"{THIRD}.xml": f"<x>{THIRD}</x>",
        }
    )


def simple_ods(body: str, *, styles: str = "", manifest: str = _MANIFEST, **more: str) -> bytes:
    """Write a file with this spreadsheet alone."""
    content = (
        f"<office:document-content {_NAMESPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    return packed_ods({"content.xml": content, "META-INF/manifest.xml": manifest, **more})


def packed_ods(parts: dict[str, str], mimetype: str = MIMETYPE) -> bytes:
    """Pack parts as OpenDocument asks: the mimetype first and stored."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name, text in parts.items():
            new.writestr(name, text)
    return packed.getvalue()
