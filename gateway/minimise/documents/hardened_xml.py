"""Reads XML of strangers: no network, no entities, no DTD, no great depth, a limit of bytes. Never in UTF-7.

lxml refuses by itself what is deeper than 256 or grows by entities; with `resolve_entities=False` it accepts a DTD in
silence, so every DTD is refused by what the parser says, since a search in the bytes would miss UTF-16.
"""

import re
from typing import Final

from lxml import etree

from gateway.minimise.documents.model import Trouble, UnreadableError

_MOST_BYTES: Final = 32 * 1024 * 1024
_ENCODINGS: Final = frozenset(
    {"UTF-8", "UTF8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII", "ASCII", ""}
)
# What XML 1.0 can not hold: it is in no text that was read from XML, but in what HTML and labels may bring.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": " "})


def read_xml(content: bytes) -> etree._Element:
    """Parse a part. Raises UnreadableError: TOO_LARGE, ACTIVE for a DTD, DAMAGED for the rest."""
    if len(content) > _MOST_BYTES:
        raise UnreadableError(Trouble.TOO_LARGE)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.LxmlError, ValueError, LookupError):
        raise UnreadableError(Trouble.DAMAGED) from None
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None or info.doctype:
        raise UnreadableError(Trouble.ACTIVE)
    if (info.encoding or "").upper() not in _ENCODINGS:
        raise UnreadableError(Trouble.DAMAGED)
    return root


def escaped(text: str) -> str:
    """Write a text as content of an element or a quoted attribute, in XML or HTML."""
    return _NOT_IN_XML.sub("", text).translate(_MARKUP)
