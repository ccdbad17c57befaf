"""Tells what a document is: by the end of its name, by its structure and by libmagic, who all have to agree.

Rules, in order:
1. Only endings from the list; one that says that it brings macros is ACTIVE.
2. The structure is looked at from byte 0: nothing may stand before a PDF, a zip or a picture.
3. What is two things at once is neither: a PDF header near the beginning of something else, the directory of a zip in
   something else, a page of HTML in a picture.
4. Zip files pass `packed` and `office_kinds`. OLE files are ENCRYPTED when they wrap an encrypted document, else
   NOT_KNOWN.
5. Text has no control characters; what is written in plain characters but is more than text (mail, HTML, RTF, XML) is
   only let in under its own name.
6. libmagic, which knows nothing of our rules, says a type that fits.
"""

import re
from enum import StrEnum
from typing import Final

from gateway.formats.packed import Members, members
from gateway.minimise.documents.model import Limits, Trouble, UnreadableError


class DocumentType(StrEnum):
    """Types that have a reader here."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    DOCX = "docx"
    ODT = "odt"
    PDF = "pdf"
    IMAGE = "image"
    XLSX = "xlsx"
    ODS = "ods"
    EML = "eml"
    ARCHIVE = "archive"


_BY_ENDING: Final = {
    "txt": DocumentType.TEXT,
    "text": DocumentType.TEXT,
    "csv": DocumentType.TEXT,
    "md": DocumentType.MARKDOWN,
    "markdown": DocumentType.MARKDOWN,
    "html": DocumentType.HTML,
    "htm": DocumentType.HTML,
    "docx": DocumentType.DOCX,
    "odt": DocumentType.ODT,
    "pdf": DocumentType.PDF,
    "xlsx": DocumentType.XLSX,
    "ods": DocumentType.ODS,
    "eml": DocumentType.EML,
    "zip": DocumentType.ARCHIVE,
}
_IMAGE_BY_ENDING: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
}
_MACRO_ENDINGS: Final = frozenset({"docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam"})
_IMAGE_OPENINGS: Final = (
    ("image/png", re.compile(rb"\x89PNG\r\n\x1a\n")),
    ("image/jpeg", re.compile(rb"\xff\xd8\xff")),
    ("image/tiff", re.compile(rb"II\*\x00|MM\x00\*")),
    ("image/gif", re.compile(rb"GIF8[79]a")),
    ("image/webp", re.compile(rb"RIFF....WEBP", re.DOTALL)),
    ("image/bmp", re.compile(rb"BM.{4}\x00\x00\x00\x00", re.DOTALL)),
)
_PDF_OPENING = re.compile(rb"%PDF-[12]\.[0-9]")
_PDF_MARK: Final = b"%PDF-"
_PDF_REACH: Final = 1024
"""How far from its beginning readers still look for a PDF's header (Adobe's implementation note 13 to PDF 1.7)."""
_OLE_OPENING: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_ZIP_OPENING: Final = b"PK\x03\x04"
_ZIP_END_REACH: Final = 22 + 0xFFFF
_PAGE_IN_PICTURE = re.compile(rb"<html[\s>]|<script[\s>]|<!doctype", re.IGNORECASE)

_UTF16_OPENINGS: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_OPENING: Final = b"\xef\xbb\xbf"
_CONTROL_BYTES: Final = bytes(set(range(0x20)) - set(b"\t\n\r\f")) + b"\x7f"
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_OPENING_CHARACTERS: Final = 64 * 1024
_HEADERS = re.compile(r"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_MAIL_HEADER = re.compile(
    r"^(?:From|To|Subject|Date|Message-ID|Received|Return-Path|MIME-Version):", re.MULTILINE | re.IGNORECASE
)
_MIME_HEADER = re.compile(
    r"^(?:MIME-Version|Content-Type|Content-Transfer-Encoding|Received|DKIM-Signature):", re.MULTILINE | re.IGNORECASE
)
_LEAST_MAIL_HEADERS: Final = 2
_MARKUP = re.compile(r"\s*(?:<(?:[a-z!?/])|\{\\rtf|%!PS|BEGIN:V)", re.IGNORECASE)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|title|p|div|table|h[1-6]|span|ul|ol|b|i|a|br)\b",
    re.IGNORECASE | re.DOTALL,
)

_MAGIC_BYTES: Final = 4 * 1024 * 1024
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_ODF: Final = "application/vnd.oasis.opendocument."
_ANY_TEXT = re.compile(
    r"text/(?!rtf$)[a-z0-9.+-]+|application/(?:csv|json|x-ndjson|x-wine-extension-ini)|message/(?:rfc822|news)"
)
_FITTING: Final = {
    DocumentType.TEXT: re.compile(r"(?!text/(?:rtf|html|xml)$)(?:" + _ANY_TEXT.pattern + ")"),
    DocumentType.MARKDOWN: _ANY_TEXT,
    DocumentType.HTML: re.compile(r"text/[a-z0-9.+-]+|application/xhtml\+xml"),
    DocumentType.EML: _ANY_TEXT,
    DocumentType.PDF: re.compile(r"application/pdf"),
    DocumentType.DOCX: re.compile(rf"{re.escape(_OFFICE)}wordprocessingml\.document|application/zip"),
    DocumentType.XLSX: re.compile(rf"{re.escape(_OFFICE)}spreadsheetml\.sheet|application/zip"),
    DocumentType.ODT: re.compile(rf"{re.escape(_ODF)}text"),
    DocumentType.ODS: re.compile(rf"{re.escape(_ODF)}spreadsheet"),
    DocumentType.ARCHIVE: re.compile(r"application/(?:zip|java-archive)"),
}
_SPELLINGS: Final = {"image/x-ms-bmp": "image/bmp"}


def recognise(content: bytes, name: str, *, limits: Limits | None = None) -> DocumentType:
    """Tell what a document is. Raises UnreadableError with its trouble when that is nothing that is read here.

    Of `name` only the ending counts. Raises ImportError when libmagic is not installed.
    """
    ending = _ending_of(name)
    if ending in _MACRO_ENDINGS:
        raise UnreadableError(Trouble.ACTIVE)
    if content.startswith(_OLE_OPENING):
        raise UnreadableError(Trouble.ENCRYPTED if _OLE_ENCRYPTED in content else Trouble.NOT_KNOWN)
    if not content:
        raise UnreadableError(Trouble.DAMAGED)
    image = _IMAGE_BY_ENDING.get(ending, "")
    named = type_by_ending(name)
    if named is None:
        raise UnreadableError(Trouble.NOT_KNOWN)
    built = _built(content, named, image, limits or Limits())
    _must(built is named)
    said = libmagic_type(content)
    said = _SPELLINGS.get(said, said)
    _must(said == image if image else _FITTING[named].fullmatch(said) is not None)
    return named


def type_by_ending(name: str) -> DocumentType | None:
    """Tell what a document's name says that it is; None when nothing that is read here."""
    ending = _ending_of(name)
    return DocumentType.IMAGE if ending in _IMAGE_BY_ENDING else _BY_ENDING.get(ending)


def _ending_of(name: str) -> str:
    return name.rpartition(".")[2].casefold() if "." in name else ""


def libmagic_type(content: bytes) -> str:
    """Ask libmagic for the media type of a beginning; its first use loads its database."""
    import magic  # noqa: PLC0415 - loads a library of the system, which only the process that parses needs.

    return str(magic.from_buffer(content[:_MAGIC_BYTES], mime=True))


def _must(agrees: bool) -> None:  # noqa: FBT001 - reads as a sentence where it is used.
    if not agrees:
        raise UnreadableError(Trouble.TYPE_MISMATCH)


def _built(content: bytes, named: DocumentType, image: str, limits: Limits) -> DocumentType:
    """Tell what it is by its structure, with its name's help among the types that are plain text."""
    if content.startswith(_ZIP_OPENING):
        return _built_zip(content, limits)
    _must(not _holds_zip(content))
    if _PDF_OPENING.match(content):
        return DocumentType.PDF
    _must(_PDF_MARK not in content[:_PDF_REACH])
    found = next((media_type for media_type, opening in _IMAGE_OPENINGS if opening.match(content)), "")
    if found:
        _must(found == image and not _PAGE_IN_PICTURE.search(content))
        return DocumentType.IMAGE
    return _built_text(content, named)


# ---- Zip -----------------------------------------------------------------------------------------------------------


def _built_zip(content: bytes, limits: Limits) -> DocumentType:
    from gateway.minimise.documents.office_kinds import office_kind  # noqa: PLC0415 - lxml, for zip files only.

    zipped = members(content, limits)
    kind = office_kind(zipped)
    pdf = content.find(_PDF_MARK, 0, _PDF_REACH)
    if kind is not None:
        _must(pdf < 0)
        return DocumentType(kind.value)
    # An archive may begin with a PDF that was only stored; then that is where one of its members begins.
    _must(pdf < 0 or pdf in _starts(zipped))
    return DocumentType.ARCHIVE


def _starts(zipped: Members) -> frozenset[int]:
    return frozenset(map(zipped.start, zipped))


def _holds_zip(content: bytes) -> bool:
    return b"PK\x05\x06" in content[-_ZIP_END_REACH:] and (b"PK\x01\x02" in content or _ZIP_OPENING in content)


# ---- Text ----------------------------------------------------------------------------------------------------------


def _built_text(content: bytes, named: DocumentType) -> DocumentType:
    opening = _plain_opening(content)
    if opening is None:
        # Some other binary format; whatever the name promised, it is not that.
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    headers = _HEADERS.match(opening)
    block = headers.group() if headers else ""
    if named is DocumentType.EML:
        _must(len(set(map(str.casefold, _MAIL_HEADER.findall(block)))) >= _LEAST_MAIL_HEADERS)
    elif named is DocumentType.HTML:
        _must(_HTML.match(opening) is not None)
    elif named is DocumentType.TEXT:
        _must(_MARKUP.match(opening) is None and _MIME_HEADER.search(block) is None)
    elif named is DocumentType.MARKDOWN:
        _must(_MIME_HEADER.search(block) is None)
    else:
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    return named


def _plain_opening(content: bytes) -> str | None:
    """Give how a text begins, if the whole is text: UTF-16 with its mark, or bytes without control characters."""
    if content.startswith(_UTF16_OPENINGS):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            return None
        return None if _CONTROL_CHARACTERS.search(text) else _with_line_ends(text[:_OPENING_CHARACTERS])
    if len(content) != len(content.translate(None, _CONTROL_BYTES)):
        return None
    opening = content[:_OPENING_CHARACTERS].removeprefix(_UTF8_OPENING)
    return _with_line_ends(opening.decode("utf-8", "replace"))


def _with_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
