"""Other ways to get at every text of a file, none of which shares code with the readers and writers here."""

import html
import io
import re
import zipfile
from typing import Any

from odfdo import Document
from openpyxl import load_workbook


def raw_text(content: bytes) -> str:
    """Give names, comments, raw bytes and mark-up of all members, as bytes in three codings, without the tags."""
    texts: list[str] = []
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        texts.append(packed.comment.decode("latin-1"))
        for info in packed.infolist():
            texts += (info.filename, info.comment.decode("latin-1"), info.extra.decode("latin-1"))
            member = packed.read(info)
            if member.startswith(b"PK\x03\x04"):
                texts.append(raw_text(member))
                continue
            for coding in ("utf-8", "utf-16-le", "utf-16-be"):
                text = html.unescape(member.decode(coding, "replace"))
                texts += (text, re.sub(r"<[^>]*>", "", text))
    return "\n".join(texts)


def openpyxl_text(content: bytes) -> str:
    """Give what openpyxl finds on all sheets, hidden or not, with comments, names, validations and properties."""
    workbook: Any = load_workbook(io.BytesIO(content), rich_text=True)
    texts = [str(workbook.properties), str(workbook.custom_doc_props), str(list(workbook.defined_names.items()))]
    for sheet in workbook.worksheets:
        texts += (sheet.title, str(sheet.data_validations), str(sheet.HeaderFooter), str(sheet.conditional_formatting))
        for row in sheet.iter_rows():
            for cell in row:
                texts += (str(cell.value), str(cell.comment), str(cell.hyperlink), str(cell.number_format))
    return "\n".join(texts)


def odfdo_text(content: bytes) -> str:
    """Give what odfdo finds: the text with its notes, and every cell of every table, hidden or not."""
    document = Document(io.BytesIO(content))
    texts = [document.get_formatted_text()]
    for table in document.body.tables:
        texts.append(table.name or "")
        texts += (str(value) for row in table.get_values() for value in row)
    return "\n".join(texts)
