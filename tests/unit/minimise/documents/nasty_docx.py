"""A Word file with somebody else's name in every place where a name can hide."""

import io
import zipfile
from collections.abc import Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPACES = (
    f'xmlns:w="{_W}" xmlns:r="{_R}"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
N = "Merhawi Tesfay"
TAGGED = "".join(chr(0xE0000 + ord(letter)) for letter in N)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(content)}</w:p>"


_TRANSPARENT = (
    '<w14:textFill><w14:solidFill><w14:srgbClr w14:val="000000"><w14:alpha w14:val="100000"/></w14:srgbClr>'
    "</w14:solidFill></w14:textFill>"
)
_HIDDEN = "".join(
    paragraph(run("zichtbaar "), run(f"verborgen {N}", properties))
    for properties in (
        "<w:vanish/>",
        '<w:color w:val="FFFFFF"/>',
        '<w:color w:val="FDFEFD"/>',
        '<w:sz w:val="2"/>',
        '<w:w w:val="1"/>',
        '<w:highlight w:val="black"/>',
        '<w:color w:val="000000"/><w:shd w:val="clear" w:fill="000000"/>',
        "<w14:textFill><w14:noFill/></w14:textFill>",
        _TRANSPARENT,
        '<w:rStyle w:val="Stil"/>',
        '<w:rStyle w:val="StilKind"/>',
    )
)
_FIELD = (
    '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="{0}"/><w:statusText w:val="{0}"/></w:ffData>'
    '</w:fldChar></w:r><w:r><w:instrText> HYPERLINK "mailto:{0}" </w:instrText></w:r>{1}'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r>{2}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
).format(N, run(f"in de code {N}"), run("veldresultaat"))
_BOX = (
    '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="1" name="{0}" descr="{0}"'
    ' title="{0}"/><a:graphic><a:graphicData uri="x"><wps:wsp><wps:txbx><w:txbxContent>{1}</w:txbxContent></wps:txbx>'
    '</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape alt="{0}">'
    "<v:textbox><w:txbxContent>{2}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
).format(N, paragraph(run(f"tekstvak van {N} en Selam Haile")), paragraph(run(f"terugval {N}")))
_VML_BOX = (
    f'<w:r><w:pict><v:shape alt="{N}" title="{N}" style="visibility:visible"><v:textbox><w:txbxContent>'
    f"{paragraph(run(f'oud tekstvak {N}'))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    f'<w:r><w:pict><v:shape style="visibility:hidden"><v:textbox><w:txbxContent>{paragraph(run(N))}</w:txbxContent>'
    f'</v:textbox></v:shape><v:shape><v:textpath string="{N}"/></v:shape></w:pict></w:r>'
)
_PICTURE = (
    f'<w:r><w:drawing><wp:inline><wp:docPr id="2" name="{N}" descr="{N}"/><a:graphic><a:graphicData><pic:pic>'
    f'<pic:nvPicPr><pic:cNvPr id="0" name="{N}.jpg"/></pic:nvPicPr>'
    '<pic:blipFill><a:blip r:embed="rImg"/></pic:blipFill></pic:pic>'
    "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
)
_OBJECT = f'<w:r><w:object><v:shape alt="{N}"/><o:OLEObject ProgID="{N}" r:id="rOle"/></w:object></w:r>'
_CONTROL = (
    f'<w:sdt><w:sdtPr><w:alias w:val="{N}"/><w:tag w:val="{N}"/><w:comboBox><w:listItem w:displayText="{N}"/>'
    f"</w:comboBox></w:sdtPr><w:sdtContent>{run(f'besturing van {N}')}</w:sdtContent></w:sdt>"
)
_TABLE = (
    '<w:tbl><w:tblPr><w:tblCaption w:val="{0}"/><w:tblDescription w:val="{0}"/></w:tblPr>'
    '<w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{1}</w:tc><w:tc>{2}</w:tc></w:tr>'
    "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>{3}</w:tc>"
    '<w:tc><w:tcPr><w:shd w:val="clear" w:fill="1F3864"/></w:tcPr>{4}</w:tc></w:tr>'
    "<w:tr><w:trPr><w:hidden/></w:trPr><w:tc>{3}</w:tc></w:tr>"
    '<w:tr><w:trPr><w:trHeight w:val="10" w:hRule="exact"/></w:trPr><w:tc>{3}</w:tc></w:tr>'
    '<w:tr><w:trPr><w:del w:author="{0}"/></w:trPr><w:tc>{3}</w:tc></w:tr>'
    '<w:tr><w:tc>{5}</w:tc><w:tc><w:tcPr><w:shd w:val="clear" w:fill="FF0000"/></w:tcPr>{6}</w:tc></w:tr></w:tbl>'
).format(
    N,
    paragraph(run(f"cel met {N}")),
    paragraph(run("cel van Selam Haile")),
    paragraph(run(f"bedekt {N}")),
    paragraph(run("wit op blauw", '<w:color w:val="FFFFFF"/>')),
    paragraph(run("laatste cel")),
    paragraph(run("zichtbaar "), run(f"rood op rood {N}", '<w:color w:val="F80404"/>')),
)  # fmt: skip
_BODY = "".join((
    paragraph(run("Gespreksverslag van Selam Haile"), properties='<w:pStyle w:val="Kop1"/>'),
    paragraph(
        run("De heer Mer"), run("ha", "<w:b/>"), run("wi Tes"), run("fay", "<w:i/>"), run(" sprak met Selam Haile.")
    ),
    paragraph(run("Ingevoegd: "), f'<w:ins w:id="1" w:author="{N}">{run(f"invoeging {N}")}</w:ins>'),
    paragraph(
        run("Verwijderd: "),
        f'<w:del w:id="2" w:author="{N}"><w:r><w:delText>weg {N}</w:delText></w:r>{run(f"weg {N}")}</w:del>',
    ),
    paragraph(run("Verplaatst: "), f'<w:moveFrom w:id="3" w:author="{N}">{run(f"van {N}")}</w:moveFrom>',
              f'<w:moveTo w:id="4" w:author="{N}">{run("naar hier")}</w:moveTo>'),
    paragraph(
        f'<w:commentRangeStart w:id="0"/>{run("Met opmerking")}<w:commentRangeEnd w:id="0"/>'
        f'<w:r><w:commentReference w:id="0"/></w:r><w:bookmarkStart w:id="5" w:name="{N}"/><w:bookmarkEnd w:id="5"/>'
    ),
    _HIDDEN,
    paragraph(run(f"hele alinea verborgen {N}"), properties='<w:pStyle w:val="Onzichtbaar"/>'),
    paragraph(_FIELD),
    paragraph(f'<w:fldSimple w:instr=" AUTHOR {N} ">{run("auteur bekend")}</w:fldSimple>'),
    paragraph(f'<w:hyperlink r:id="rLink" w:tooltip="{N}" w:anchor="{N}">{run("koppeling")}</w:hyperlink>'),
    paragraph(_BOX, _VML_BOX, _PICTURE, _OBJECT),
    paragraph(_CONTROL),
    f'<w:sdt><w:sdtPr><w:tag w:val="{N}"/></w:sdtPr>',
    f"<w:sdtContent>{paragraph(run(f'blok van {N}'))}</w:sdtContent></w:sdt>",
    _TABLE,
    paragraph(run("Som: "), f"<m:oMath><m:r><m:t>{N}</m:t></m:r></m:oMath>"),
    paragraph(run(f"Onzichtbare tekens{TAGGED} einde")),
    paragraph(run("lijstpunt"), properties='<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'),
    '<w:altChunk r:id="rChunk"/>',
    paragraph(
        run(f"Noot bij {N}"),
        '<w:r><w:footnoteReference w:id="1"/></w:r>',
        '<w:r><w:endnoteReference w:id="1"/></w:r>',
    ),
    f'<w:proofErr w:type="{N}"/><w:customXml w:element="{N}">{paragraph(run("eigen element"))}</w:customXml>',
    '<w:sectPr><w:headerReference w:type="default" r:id="rHead"/><w:headerReference w:type="first" r:id="rFirst"/>',
    '<w:footerReference w:type="default" r:id="rFoot"/></w:sectPr>',
))  # fmt: skip
_STYLES = (
    f'<w:styles {_SPACES}><w:style w:type="paragraph" w:styleId="Kop1"><w:name w:val="heading 1"/></w:style>'
    f'<w:style w:type="character" w:styleId="Stil"><w:name w:val="{N}"/><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="StilKind"><w:basedOn w:val="Stil"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Onzichtbaar"><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style></w:styles>'
)
_NUMBERING = (
    f'<w:numbering {_SPACES}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
    f'<w:lvlText w:val="{N} %1"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
_NOTE = (
    '<w:{0}s {1}><w:{0} w:id="-1" w:type="separator"><w:p/></w:{0}><w:{0} w:id="1">{2}</w:{0}>'
    '<w:{0} w:id="9">{3}</w:{0}></w:{0}s>'
)
_LOOSE = paragraph(run(f"los {N}"))
_SETTINGS = f'<w:settings {_SPACES}><w:docVars><w:docVar w:name="a" w:val="{N}"/></w:docVars></w:settings>'
_COMMENTS = f'<w:comments {_SPACES}><w:comment w:id="0" w:author="{N}">{paragraph(run(N))}</w:comment></w:comments>'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_EXTERNAL = f'<Relationship Id="{{}}" Type="{_R}/{{}}" Target="{{}}" TargetMode="External"/>'
_RELATED = {
    "rStyles": ("styles", "styles.xml"), "rNum": ("numbering", "numbering.xml"), "rSet": ("settings", "settings.xml"),
    "rCom": ("comments", "comments.xml"), "rFn": ("footnotes", "footnotes.xml"), "rEn": ("endnotes", "endnotes.xml"),
    "rHead": ("header", "header1.xml"), "rFirst": ("header", "header2.xml"), "rFoot": ("footer", "footer1.xml"),
    "rImg": ("image", "media/image1.jpg"), "rOle": ("oleObject", "embeddings/oleObject1.bin"),
    "rChunk": ("aFChunk", "afchunk1.html"), "rXml": ("customXml", "../customXml/item1.xml"),
    "rGlos": ("glossaryDocument", "glossary/document.xml"), "rPeople": ("people", "people.xml"),
}  # fmt: skip


def _relationships(entries: dict[str, tuple[str, str]], *more: str) -> str:
    inside = "".join(
        f'<Relationship Id="{key}" Type="{_R}/{kind}" Target="{to}"/>' for key, (kind, to) in entries.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}{"".join(more)}</Relationships>'


def _document(body: str) -> str:
    return f'<?xml version="1.0"?><!-- {N} --><w:document {_SPACES}><w:body>{body}</w:body></w:document>'


def nasty_docx() -> bytes:
    def one(element: str, text: str) -> str:
        return f"<w:{element} {_SPACES}>{paragraph(run(text))}</w:{element}>"

    return zipped({
        "word/document.xml": _document(_BODY),
        "word/_rels/document.xml.rels": _relationships(
            _RELATED,
            _EXTERNAL.format("rLink", "hyperlink", f"https://voorbeeld.example/{N}"),
            _EXTERNAL.format("rTemplate", "attachedTemplate", f"file:///{N}.dotm"),
        ),
        "word/styles.xml": _STYLES,
        "word/numbering.xml": _NUMBERING,
        "word/settings.xml": _SETTINGS,
        "word/comments.xml": _COMMENTS,
        "word/footnotes.xml": _NOTE.format("footnote", _SPACES, paragraph(run(f"voetnoot {N}")), _LOOSE),
        "word/endnotes.xml": _NOTE.format("endnote", _SPACES, paragraph(run(f"eindnoot {N}")), _LOOSE),
        "word/header1.xml": one("hdr", f"Kop van {N}"),
        "word/header2.xml": one("hdr", f"niet getoonde kop {N}"),
        "word/footer1.xml": one("ftr", f"Voet van {N}"),
        "word/people.xml": f'<w:people {_SPACES}><w:person w:author="{N}"/></w:people>',
        "word/glossary/document.xml": _document(paragraph(run(N))),
        "word/afchunk1.html": f"<p>{N}</p>",
        "word/embeddings/oleObject1.bin": N,
        "word/media/image1.jpg": f"\xff\xd8 Exif {N}",
        "docProps/core.xml": f"<cp><creator>{N}</creator><title>{N}</title></cp>",
        "docProps/app.xml": f"<a><Manager>{N}</Manager></a>",
        "docProps/custom.xml": f"<a>{N}</a>",
        "customXml/item1.xml": f"<a>{N}</a>",
        "los/onderdeel.xml": f"<a>{N}</a>",
    })  # fmt: skip


def plain_docx(body: str, *, styles: str = "") -> bytes:
    """A file with nothing but this body, and styles when they are given."""
    parts = {"word/document.xml": _document(body)}
    if styles:
        parts["word/styles.xml"] = f"<w:styles {_SPACES}>{styles}</w:styles>"
        parts["word/_rels/document.xml.rels"] = _relationships({"rStyles": ("styles", "styles.xml")})
    return zipped(parts)


def zipped(parts: Mapping[str, str | bytes], *, complete: bool = False) -> bytes:
    """Pack parts; unless they are complete, with the types and the root that every file needs."""
    types = f'<Override PartName="/word/document.xml" ContentType="{_PART}.document.main+xml"/>'
    around = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">{types}</Types>',
        "_rels/.rels": _relationships({"rId1": ("officeDocument", "word/document.xml")}),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in (parts if complete else {**around, **parts}).items():
            archive.writestr(name, part)
    return packed.getvalue()
