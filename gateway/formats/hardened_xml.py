"""Parses XML so that it can neither fetch, nor grow, nor define anything.

Rules:
1. No document type definition, whatever is in it and in whatever encoding: it is found in what the parser saw, since a
   search for `<!DOCTYPE` in the bytes misses UTF-16. That leaves only the five entities of XML itself.
2. The parser's own limits of depth (256) and of text (10 MB) stay on; nothing is fetched.
3. UTF-8, UTF-16, Latin-1 and ASCII only: in others, UTF-7 above all, what is markup depends on who reads it.
4. A text with more elements or attributes than a tree of them may cost in memory is not parsed at all.
5. Errors of the parser quote the content: they are cut off.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lxml import etree

from gateway.formats.unreadable import Trouble, UnreadableError

_OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
}


_ENCODINGS: Final = frozenset(
    {"UTF-8", "UTF8", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-1", "US-ASCII", "ASCII", ""}
)
_MOST_TAGS: Final = 2_500_000
_MOST_ATTRIBUTES: Final = 1_200_000


class XmlFaultError(Exception):
    """The text is no XML, or has a document type definition; `line` is 0 when the parser does not know."""

    def __init__(self, *, line: int = 0, doctype: bool = False) -> None:
        super().__init__("document type" if doctype else "syntax")
        self.line = line
        self.doctype = doctype


def parse_xml(content: bytes) -> etree._Element:
    """Parse a whole text, comments and processing instructions left out.

    Raises XmlFaultError, UnreadableError TOO_LARGE.
    """
    _check_weight(content)
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, **_OPTIONS)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise XmlFaultError(line=error.lineno or 0) from None
    except (ValueError, LookupError):
        raise XmlFaultError from None
    _check_head(root)
    return root


def xml_events(
    content: bytes, *, events: Sequence[str], tags: Sequence[str] | None = None
) -> Iterator[tuple[str, etree._Element]]:
    """Give events while parsing, so that the caller can forget what it has seen (`forget`).

    `events` as lxml names them; with `tags` only those elements. Raises XmlFaultError, UnreadableError TOO_LARGE.
    """
    _check_weight(content)
    parser = etree.iterparse(io.BytesIO(content), events=tuple(events), tag=tags, **_OPTIONS)
    checked = False
    try:
        for event, element in parser:
            # A comment or instruction may stand before an element that never comes: then there is no document yet.
            if not checked and element.getroottree().getroot() is not None:
                _check_head(element)
                checked = True
            yield event, element
    except etree.XMLSyntaxError as error:
        raise XmlFaultError(line=error.lineno or 0) from None
    except (ValueError, LookupError):
        raise XmlFaultError from None
    if not checked:
        _check_head(parser.root)


def forget(element: etree._Element) -> None:
    """Free an element that was read, and what stands before it, so that memory stays flat."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while (before := element.getprevious()) is not None:
            parent.remove(before)


def _check_weight(content: bytes) -> None:
    """Count what could become elements and attributes; text that has these characters too only counts as more."""
    if content.count(b"<") > _MOST_TAGS or content.count(b"=") > _MOST_ATTRIBUTES:
        raise UnreadableError(Trouble.TOO_LARGE)


def _check_head(element: etree._Element) -> None:
    # The stubs of lxml say that there always is one.
    info = element.getroottree().docinfo
    found: tuple[object, ...] = (info.internalDTD, info.externalDTD)
    if any(each is not None for each in found):
        raise XmlFaultError(doctype=True)
    if (info.encoding or "").upper() not in _ENCODINGS:
        raise XmlFaultError
