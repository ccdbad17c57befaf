"""Reads a data file in XML: flat records, in exactly one way.

Rules, in order:
1. No document type definition, in any encoding, and no more elements than fields allow, counted while parsing.
2. Nothing but elements and text: an attribute, comment, processing instruction, or text between elements is refused,
   because the policy would not see it. One namespace at most, so that no two keys share a name.
3. The root holds either fields, which makes a record, or records of one name, which makes a list. A field holds text
   alone, which stays as it is written; a field that stands more than once in a record is a list of texts, all of them
   together.
"""

import re
from typing import Final

from lxml import etree
from pydantic import JsonValue

from gateway.evidence.data_bounds import MAX_DATA_FIELDS, check_size, line, too_many_fields
from gateway.formats.hardened_xml import XmlFaultError, xml_events
from gateway.formats.unreadable import UnreadableError
from gateway.package.errors import Code, SluisError
from gateway.package.states import Data

_ROOT, _ROW, _FIELD = 1, 2, 3
_DEEPEST: Final = _FIELD
_SPACE = re.compile(r"[ \t\r\n]*\Z")
_EVENTS: Final = ("start", "end", "comment", "pi")
_ENCODINGS: Final = frozenset({"UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE", "US-ASCII", "ISO-8859-1", "WINDOWS-1252"})


def read_xml(content: bytes, *, max_fields: int = MAX_DATA_FIELDS) -> Data:
    """Read the root's fields as a record, or its records as a list.

    Raises SluisError `data-unreadable`, `data-ambiguous`, `fields-too-many`, `package-too-large`.
    """
    check_size(content)
    root = _parsed(content, max_elements=3 * max_fields)
    _check_encoding(root)
    _check_text_between(root)
    rows = [each for each in root if len(each)]
    if not rows:
        data = Data(shape="record", rows=(_record(root),))
    elif len(rows) == len(root) and len({each.tag for each in rows}) == 1:
        data = Data(shape="list", rows=tuple(map(_record, rows)))
    else:
        raise SluisError(Code.DATA_AMBIGUOUS, where=_place(rows[0]))
    if sum(len(row) for row in rows or [root]) > max_fields:
        raise too_many_fields(max_fields)
    return data


def _parsed(content: bytes, *, max_elements: int) -> etree._Element:
    depth = count = 0
    root = None
    try:
        for event, element in xml_events(content, events=_EVENTS):
            if event == "end":
                depth -= 1
                continue
            if event != "start":
                raise SluisError(Code.DATA_AMBIGUOUS, where=_place(element))
            depth += 1
            count += 1
            root = element if root is None else root
            if count > max_elements:
                raise too_many_fields(max_elements // 3)
            if depth > _DEEPEST or element.attrib or _namespace(element) != _namespace(root):
                raise SluisError(Code.DATA_AMBIGUOUS, where=_place(element))
    except UnreadableError:
        raise too_many_fields(max_elements // 3) from None
    except XmlFaultError as error:
        code = Code.DATA_AMBIGUOUS if error.doctype else Code.DATA_UNREADABLE
        raise SluisError(code, where=line(error.line) if error.line else "") from None
    if root is None:
        raise SluisError(Code.DATA_UNREADABLE)
    return root


def _check_encoding(root: etree._Element) -> None:
    """Refuse encodings that other programs may not know, or read as another one."""
    encoding = root.getroottree().docinfo.encoding or "UTF-8"
    if encoding.upper() not in _ENCODINGS:
        raise SluisError(Code.DATA_UNREADABLE, where=line(1))


def _check_text_between(root: etree._Element) -> None:
    """Refuse text beside elements: who reads the fields never sees it."""
    for element in root.iter():
        before = element.text if len(element) or element is root else None
        if not (_SPACE.match(before or "") and _SPACE.match(element.tail or "")):
            raise SluisError(Code.DATA_AMBIGUOUS, where=_place(element))


def _record(parent: etree._Element) -> dict[str, JsonValue]:
    values: dict[str, list[JsonValue]] = {}
    for each in parent:
        if len(each):
            raise SluisError(Code.DATA_AMBIGUOUS, where=_place(each))
        values.setdefault(etree.QName(each).localname, []).append(each.text or "")
    return {key: texts if len(texts) > 1 else texts[0] for key, texts in values.items()}


def _namespace(element: etree._Element) -> str | None:
    """Give an element's namespace; `:name`, which names none, is no name (Namespaces in XML, section 4)."""
    try:
        return etree.QName(element).namespace
    except ValueError:
        raise SluisError(Code.DATA_UNREADABLE, where=_place(element)) from None


def _place(element: etree._Element) -> str:
    number: object = element.sourceline
    return line(number) if isinstance(number, int) else ""
