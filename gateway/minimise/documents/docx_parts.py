"""The parts of a DOCX file: found by relationships as Word finds them, never by their names; the rest is only counted.

Rules:
1. A file with macros in it is ACTIVE, whatever it calls itself. What is embedded or fetched from elsewhere is left
   behind and counted.
2. Both dialects are read: Transitional, which Word writes, and Strict (ISO/IEC 29500-1 annex A of part 4).
3. Elements are told apart by namespace and name; what is in a namespace that is not listed is unknown.
"""

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.formats.packed import Members, members
from gateway.minimise.documents.hardened_xml import read_xml
from gateway.minimise.documents.model import Limits, Trouble, UnreadableError
from gateway.minimise.documents.rich_text import Left
from gateway.minimise.documents.vocabulary import Vocabulary

_W: Final = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_R: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_DRAWING: Final = ("http://schemas.openxmlformats.org/drawingml/2006/", "http://purl.oclc.org/ooxml/drawingml/")
_PREFIXES: Final = {
    **dict.fromkeys(_W, "w"),
    **dict.fromkeys(_R, "r"),
    **{f"{drawing}main": "a" for drawing in _DRAWING},
    **{f"{drawing}picture": "pic" for drawing in _DRAWING},
    **{f"{drawing}chart": "c" for drawing in _DRAWING},
    **{f"{drawing}diagram": "dgm" for drawing in _DRAWING},
    **{f"{drawing}wordprocessingDrawing": "wp" for drawing in _DRAWING},
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc",
    "http://schemas.microsoft.com/office/word/2010/wordprocessingShape": "wps",
    "http://schemas.microsoft.com/office/word/2010/wordml": "w14",
    "urn:schemas-microsoft-com:vml": "v",
    "urn:schemas-microsoft-com:office:office": "o",
    "http://schemas.openxmlformats.org/package/2006/relationships": "rel",
    "http://schemas.openxmlformats.org/package/2006/content-types": "ct",
}
_WORDS: Final = Vocabulary(_PREFIXES)
tag_of, child, descendants = _WORDS.tag_of, _WORDS.child, _WORDS.descendants
_OFF: Final = frozenset({"0", "false", "off"})
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_MACROS: Final = re.compile(r"vbaproject|vbadata|macroenabled|activex|customui|keymapcustomizations", re.IGNORECASE)
_EMBEDDED: Final = re.compile(r"embeddings/|oleobject|/afchunk|/subdocs?/", re.IGNORECASE)
# What a part that nobody reads is counted as, by its name; the first that fits.
_KINDS: Final = (
    (_EMBEDDED, None),
    (re.compile(r"docprops/|thumbnail", re.IGNORECASE), Left.PROPERTIES),
    (re.compile(r"customxml/", re.IGNORECASE), Left.CUSTOM_DATA),
    (re.compile(r"comments|people|media/|_rels/|\[content_types\]|theme/|font|websettings", re.IGNORECASE), None),
)  # fmt: skip


def value(element: etree._Element | None, name: str = "w:val") -> str:
    """Give an attribute by its short name; empty when there is none."""
    return _WORDS.value(element, name)


def child_value(element: etree._Element | None, name: str, attribute: str = "w:val") -> str:
    """Give an attribute of the first child of that short name."""
    return value(child(element, name), attribute)


def switch(element: etree._Element | None, name: str) -> bool | None:
    """Read a child that switches something on or off; None when it is not there."""
    found = child(element, name)
    return None if found is None else is_on(found)


def is_on(element: etree._Element) -> bool:
    """Read an element that switches something: on, unless it says off (17.17.4)."""
    return value(element).lower() not in _OFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An unpacked file: its document, and how to find what belongs to it."""

    files: Members = field(repr=False)
    main: str
    targets: dict[str, tuple[str, str]] = field(repr=False)
    """By id of relationship: the last word of its type, and the name of a part."""
    left_behind: Counter[str]
    embedded: int
    """How many files are embedded, whether or not the text shows them."""

    def xml(self, name: str) -> etree._Element | None:
        """Parse a part; None when it is not there."""
        return read_xml(self.files[name]) if name in self.files else None

    def related(self, kind: str) -> etree._Element | None:
        """Parse the first part that the document names as its `styles`, `numbering` or `footnotes`."""
        return next((self.xml(name) for of, name in self.targets.values() if of == kind), None)


def read_parts(content: bytes, limits: Limits) -> Parts:
    """Unpack a file and find its document. Raises UnreadableError."""
    if content.startswith(_OLE):
        raise UnreadableError(Trouble.ENCRYPTED if _ENCRYPTED in content else Trouble.TYPE_MISMATCH)
    files = members(content, limits)
    if any(_MACROS.search(name) for name in files) or _MACROS.search(_text_of(files, "[Content_Types].xml")):
        raise UnreadableError(Trouble.ACTIVE)
    left_behind: Counter[str] = Counter()
    roots = [name for kind, name in _relationships(files, "", left_behind).values() if kind == "officeDocument"]
    if len(roots) != 1 or roots[0] not in files:
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    targets = _relationships(files, roots[0], left_behind)
    read = {roots[0], *(name for _, name in targets.values())}
    for name in files:
        kind = next((kind for pattern, kind in _KINDS if pattern.search(name)), Left.UNKNOWN_PARTS)
        if kind and (kind is not Left.UNKNOWN_PARTS or name not in read):
            left_behind[kind] += 1
    embedded = sum(1 for name in files if _EMBEDDED.search(name))
    return Parts(files=files, main=roots[0], targets=targets, left_behind=left_behind, embedded=embedded)


def _text_of(files: Members, name: str) -> str:
    if name not in files:
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    root = read_xml(files[name])
    return " ".join(str(text) for each in root.iter() for text in each.attrib.values())


def _relationships(files: Members, part: str, left_behind: Counter[str]) -> dict[str, tuple[str, str]]:
    """Read what a part points at; what is outside the file is counted and forgotten."""
    folder, _, name = part.rpartition("/")
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in files:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for each in read_xml(files[path]):
        kind = each.get("Type", "").rpartition("/")[2]
        if each.get("TargetMode", "").lower() == "external":
            if kind != "hyperlink":
                left_behind[Left.EXTERNAL_LINKS] += 1
            continue
        target = each.get("Target", "")
        whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
        found[each.get("Id", "")] = (kind, posixpath.normpath(whole))
    return found
