"""Tells which office document a checked zip is, and refuses one that brings programs or other files along.

Rules:
1. OOXML is known by the content types of the parts that are really there (ECMA-376 part 2, 7.2.3): exactly one main
   part, and of every part a type from the list. ODF is known by its first member `mimetype`, stored (ODF 1.3 part 2,
   3.3).
2. Macros, ActiveX, embedded objects, external workbooks and whatever the list does not know make it ACTIVE, whatever
   they are called: by content type and by name.
3. A manifest that speaks of encryption makes it ENCRYPTED.
4. Neither of the two: an ordinary archive.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from lxml import etree

from gateway.formats.packed import Members
from gateway.minimise.documents.model import Trouble, UnreadableError

_CONTENT_TYPES: Final = "[Content_Types].xml"
_TYPES_NAMESPACE: Final = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_MIMETYPE: Final = "mimetype"
_ODF_MANIFEST: Final = "META-INF/manifest.xml"
_MOST_XML_BYTES: Final = 4 * 1024 * 1024
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."


class OfficeKind(StrEnum):
    """What a zip is, beside an ordinary archive."""

    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    ODS = "ods"


_OOXML_MAIN: Final = {
    f"{_OFFICE}wordprocessingml.document.main+xml": OfficeKind.DOCX,
    f"{_OFFICE}spreadsheetml.sheet.main+xml": OfficeKind.XLSX,
}
_ODF_MAIN: Final = {
    b"application/vnd.oasis.opendocument.text": OfficeKind.ODT,
    b"application/vnd.oasis.opendocument.spreadsheet": OfficeKind.ODS,
}
_ANY_MAIN = re.compile(r"\.main\+xml$|\.(?:document|sheet|slideshow|template|addin)\.macroenabled", re.IGNORECASE)
_KNOWN_TYPE = re.compile(
    r"application/vnd\.openxmlformats-(?:package|officedocument)\.[a-z0-9.+-]+|"
    r"application/vnd\.ms-(?:word|excel|office)\.[a-z0-9.-]+\+xml|"
    r"(?:application|text)/xml|application/(?:inkml|xhtml)\+xml|image/[a-z0-9.+-]+|"
    r"application/(?:x-font-ttf|x-fontdata|vnd\.ms-opentype)|font/[a-z0-9.+-]+",
    re.IGNORECASE,
)
_ACTIVE_TYPE = re.compile(
    r"macro|vba|activex|oleobject|officedocument\.package$|externallink|attachedtoolbars|dialogsheet|keymapcustom|webextension|"
    r"customui|usercustomization",
    re.IGNORECASE,
)
_ACTIVE_NAME = re.compile(
    r"vbaproject|vbadata|(?:^|/)(?:activex|embeddings|externallinks|macrosheets|dialogsheets|customui|webextensions)/|"
    r"oleobject|attachedtoolbars|\.(?:exe|dll|js|vbs|hta|jar|class|bat|cmd|ps1)$",
    re.IGNORECASE,
)
_ACTIVE_ODF_NAME = re.compile(
    r"^(?:Basic|Scripts|Dialogs|Object[^/]*|ObjectReplacements|EmbeddedDatabase|database|forms|reports)(?:/|$)",
    re.IGNORECASE,
)


def office_kind(zipped: Members) -> OfficeKind | None:
    """Tell what a checked zip is; None for an archive.

    Raises UnreadableError: ACTIVE, ENCRYPTED, NOT_KNOWN for presentations, templates and the like, DAMAGED.
    """
    if _CONTENT_TYPES in zipped:
        return _ooxml_kind(zipped)
    first = next(iter(zipped), "")
    if first == _MIMETYPE and zipped.start(first) == _odf_start():
        return _odf_kind(zipped)
    return None


def parsed_xml(content: bytes) -> etree._Element:
    """Parse a small part without entities, network or a DTD. Raises UnreadableError DAMAGED."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise UnreadableError(Trouble.DAMAGED) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableError(Trouble.DAMAGED)
    return root


def _small_part(zipped: Members, name: str) -> etree._Element:
    if zipped.size(name) > _MOST_XML_BYTES:
        raise UnreadableError(Trouble.TOO_LARGE)
    return parsed_xml(zipped[name])


# ---- OOXML ---------------------------------------------------------------------------------------------------------


def _ooxml_kind(zipped: Members) -> OfficeKind:
    if any(map(_ACTIVE_NAME.search, zipped)):
        raise UnreadableError(Trouble.ACTIVE)
    types = list(_types_of_parts(zipped))
    mains = [each for each in types if _ANY_MAIN.search(each)]
    if any(_ACTIVE_TYPE.search(each) or not _KNOWN_TYPE.fullmatch(each) for each in types):
        raise UnreadableError(Trouble.ACTIVE)
    if len(mains) != 1:
        raise UnreadableError(Trouble.DAMAGED)
    kind = _OOXML_MAIN.get(mains[0])
    if kind is None:
        raise UnreadableError(Trouble.NOT_KNOWN)
    return kind


def _types_of_parts(zipped: Members) -> Iterator[str]:
    """Give the content type of every part that is there; part names and extensions have no case (part 2, 6.2.2)."""
    root = _small_part(zipped, _CONTENT_TYPES)
    defaults: dict[str, str] = {}
    overrides: dict[str, str] = {}
    for element in root:
        told = element.get("ContentType", "")
        if element.tag == f"{_TYPES_NAMESPACE}Default":
            key, table = element.get("Extension", "").casefold(), defaults
        elif element.tag == f"{_TYPES_NAMESPACE}Override":
            key, table = element.get("PartName", "").casefold(), overrides
        else:
            continue
        if table.setdefault(key, told) != told:
            raise UnreadableError(Trouble.DAMAGED)
    for name in zipped:
        if name != _CONTENT_TYPES:
            folded = f"/{name}".casefold()
            found = overrides.get(folded) or defaults.get(folded.rpartition(".")[2])
            # A part without a type is none: no program reads it, and neither do we.
            if found:
                yield found


# ---- ODF -----------------------------------------------------------------------------------------------------------


def _odf_start() -> int:
    """Give where the type stands in the file: behind one local header with a name of eight characters."""
    return 30 + len(_MIMETYPE)


def _odf_kind(zipped: Members) -> OfficeKind:
    told = zipped[_MIMETYPE] if zipped.size(_MIMETYPE) <= len(max(_ODF_MAIN, key=len)) else b""
    kind = _ODF_MAIN.get(told)
    if kind is None:
        raise UnreadableError(Trouble.NOT_KNOWN)
    if _ODF_MANIFEST not in zipped or "content.xml" not in zipped:
        raise UnreadableError(Trouble.DAMAGED)
    manifest = _small_part(zipped, _ODF_MANIFEST)
    if any(str(each.tag).endswith("}encryption-data") for each in manifest.iter()):
        raise UnreadableError(Trouble.ENCRYPTED)
    if any(_ACTIVE_ODF_NAME.search(each) or _ACTIVE_NAME.search(each) for each in zipped):
        raise UnreadableError(Trouble.ACTIVE)
    return kind
