"""A workbook with a third party's name in every place where one was ever found, and some more."""

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Color, Font, NamedStyle, PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.unit.minimise.documents.door import SUBJECT, THIRD

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def nasty_xlsx() -> bytes:
    """Write the workbook, and then what openpyxl can not write into its parts."""
    workbook = Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    _seen(sheet)
    _not_seen(sheet)
    _around(sheet)
    for name, state in (("Lijst", "hidden"), (THIRD, "veryHidden")):
        other = workbook.create_sheet(name)
        other.sheet_state = state
        other.append([THIRD])
    workbook.defined_names[THIRD.replace(" ", "_")] = DefinedName(
        "Merhawi_Tesfay", attr_text=f'"{THIRD}"', comment=THIRD
    )
    workbook.properties.creator = workbook.properties.title = workbook.properties.keywords = THIRD
    custom: Any = workbook
    custom.custom_doc_props.append(StringProperty(name=THIRD, value=THIRD))
    workbook.add_named_style(NamedStyle(name=THIRD))
    written = io.BytesIO()
    workbook.save(written)
    shared = f'<si><t>naam</t><rPh sb="0" eb="1"><t>{THIRD}</t></rPh></si><si><t>{THIRD}</t></si>'
    return patched_zip(
        with_shared(written.getvalue(), "naam", shared), changes=_CHANGES, added=_ADDED, comment=b"Tesfay"
    )


def _seen(sheet: Worksheet) -> None:
    sheet.title = f"Zaak {THIRD.split()[1]}"
    sheet.append(["naam", "V-nummer", "geboren", "bedrag"])
    sheet.append([SUBJECT, "0123456789", dt.date(1990, 5, 1), 0.1 + 0.2])
    sheet.append([THIRD, 123456789, dt.datetime.fromisoformat("2020-01-02T03:04:05"), 12])
    sheet["B3"].number_format = "0000000000"
    sheet["A4"] = f"=CONCATENATE({THIRD!r})"
    sheet["A5"] = "+31 6 12345678"
    sheet["D1"].font = Font(color="FFFFFFFF")
    sheet["D1"].fill = PatternFill("solid", fgColor="FF1F4E79")


def _not_seen(sheet: Worksheet) -> None:
    sheet["F1"] = sheet["F2"] = THIRD
    sheet.column_dimensions["F"].hidden = True
    sheet["G1"] = THIRD
    sheet.column_dimensions["G"].width = 0.1
    sheet["A7"] = THIRD
    sheet.row_dimensions[7].hidden = True
    sheet["A8"] = THIRD
    sheet.row_dimensions[8].height = 0.5
    for place, font in {
        "H1": Font(color="FFFFFFFF"),
        "H2": Font(color=Color(theme=0)),
        "H3": Font(color=Color(indexed=9)),
        "H4": Font(color="FFF7F7F7"),
        "H5": Font(sz=1),
    }.items():
        sheet[place] = THIRD
        sheet[place].font = font
    sheet["H6"] = THIRD
    sheet["H6"].number_format = ";;;"
    sheet["H10"] = CellRichText("zichtbaar ", TextBlock(InlineFont(color=Color("FFFFFFFF")), THIRD))
    sheet["I1"] = THIRD
    make_rule: Any = FormulaRule
    sheet.conditional_formatting.add("I1:I9", make_rule(formula=["TRUE"], font=Font(color="FFFFFFFF")))
    sheet["J1"] = "samengevoegd"
    sheet["J2"] = THIRD


def _around(sheet: Worksheet) -> None:
    sheet["A1"].comment = Comment(THIRD, THIRD)
    sheet["B1"].hyperlink = f"https://voorbeeld.example/{THIRD}"
    sheet["B1"].value = "V-nummer"
    sheet["C3"].number_format = f'yyyy-mm-dd hh:mm:ss" {THIRD}"'
    validation = DataValidation(type="list", formula1=f'"{THIRD}"', prompt=THIRD, error=THIRD, promptTitle="x")
    validation.add("A2")
    sheet.add_data_validation(validation)
    around: Any = sheet
    around.oddHeader.center.text = around.evenFooter.left.text = THIRD
    sheet["L1"], sheet["L2"] = "kolom", "waarde"
    sheet.add_table(Table(displayName="Tabel_Merhawi", ref="L1:L2"))


_CHANGES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "xl/worksheets/sheet1.xml": (
        ("<sheetData>", f"<!-- {THIRD} --><?pi {THIRD}?><sheetData>"),
        # Written as openpyxl will not: a filled cell under a merged one, and a value that a formula had.
        ("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="J1:J3"/></mergeCells>'),
        (f"<f>CONCATENATE({THIRD!r})</f><v></v>", f'<f>CONCATENATE("{THIRD}")</f><v>uitkomst</v>'),
        (f"<f>CONCATENATE({THIRD!r})</f><v/>", f'<f>CONCATENATE("{THIRD}")</f><v>uitkomst</v>'),
        ('<c r="A4">', '<c r="A4" t="str">'),
    ),
    "docProps/app.xml": (("<Application>", f"<Company>{THIRD}</Company><Manager>{THIRD}</Manager><Application>"),),
}
_ADDED: Mapping[str, str] = {
    "xl/pivotCache/pivotCacheDefinition1.xml": f'<pivotCacheDefinition xmlns="{_MAIN}" refreshedBy="{THIRD}"/>',
    "xl/pivotCache/pivotCacheRecords1.xml": f'<pivotCacheRecords><r><s v="{THIRD}"/></r></pivotCacheRecords>',
    "xl/pivotTables/pivotTable1.xml": f'<pivotTableDefinition xmlns="{_MAIN}" name="{THIRD}"/>',
    "xl/externalLinks/externalLink1.xml": f'<externalLink><sheetName val="{THIRD}"/></externalLink>',
    "xl/threadedComments/threadedComment1.xml": f"<ThreadedComments><text>{THIRD}</text></ThreadedComments>",
    "xl/persons/person.xml": f'<personList><person displayName="{THIRD}"/></personList>',
    "xl/drawings/drawing9.xml": f'<wsDr><cNvPr descr="{THIRD}"/><t>{THIRD}</t></wsDr>',
    "xl/connections.xml": f'<connections xmlns="{_MAIN}"><connection name="{THIRD}"/></connections>',
    "xl/queryTables/queryTable1.xml": f'<queryTable name="{THIRD}"/>',
    "xl/printerSettings/printerSettings1.bin": THIRD.encode("utf-16-le").decode("latin-1"),
    "xl/revisions/userNames.xml": f'<users xmlns="{_MAIN}"><userInfo name="{THIRD}"/></users>',
    "xl/slicers/slicer1.xml": f'<slicers><slicer caption="{THIRD}"/></slicers>',
    "customXml/item1.xml": f"<x>{THIRD}</x>",
    "docProps/thumbnail.jpeg": THIRD,
    f"xl/{THIRD}.xml": f"<x>{THIRD}</x>",
}


def with_shared(content: bytes, text: str, items: str) -> bytes:
    """Let the cell with this text refer to the first of shared texts, which openpyxl does not write."""
    relation = f'<Relationship Id="rId99" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    kind = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/>'
    return patched_zip(
        content,
        changes={
            "xl/worksheets/sheet1.xml": ((f't="inlineStr"><is><t>{text}</t></is>', 't="s"><v>0</v>'),),
            "[Content_Types].xml": (("</Types>", f"{kind}</Types>"),),
            "xl/_rels/workbook.xml.rels": (("</Relationships>", f"{relation}</Relationships>"),),
        },
        added={"xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{items}</sst>'},
    )


def patched_zip(
    content: bytes,
    *,
    changes: Mapping[str, tuple[tuple[str, str], ...]] | None = None,
    added: Mapping[str, str] | None = None,
    comment: bytes = b"",
) -> bytes:
    """Write a zip again with texts replaced and members added."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            for before, after in (changes or {}).get(name, ()):
                text = text.replace(before.encode(), after.encode())
            new.writestr(name, text)
        for name, text_added in (added or {}).items():
            new.writestr(name, text_added)
        new.comment = comment
    return packed.getvalue()
