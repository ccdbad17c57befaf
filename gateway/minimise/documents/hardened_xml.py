"""The XML of office files: read as `gateway.formats.hardened_xml` does, with a limit of bytes, and written as text."""

import re
from typing import Final

from lxml import etree

from gateway.formats.hardened_xml import XmlFaultError, parse_xml
from gateway.minimise.documents.model import Trouble, UnreadableError

_MOST_BYTES: Final = 32 * 1024 * 1024
# What XML 1.0 can not hold: it is in no text that was read from XML, but in what HTML and labels may bring.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARKUP: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": " "})


def read_xml(content: bytes) -> etree._Element:
    """Parse a part. Raises UnreadableError: TOO_LARGE, ACTIVE for a DTD, DAMAGED for the rest."""
    if len(content) > _MOST_BYTES:
        raise UnreadableError(Trouble.TOO_LARGE)
    try:
        return parse_xml(content)
    except XmlFaultError as fault:
        raise UnreadableError(Trouble.ACTIVE if fault.doctype else Trouble.DAMAGED) from None


def escaped(text: str) -> str:
    """Write a text as content of an element or a quoted attribute, in XML or HTML."""
    return _NOT_IN_XML.sub("", text).translate(_MARKUP)
