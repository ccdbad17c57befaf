"""The parts of an ODT file: its text and its styles; what else is in it is only counted.

Rules:
1. The file says first that it is a text document, and no part of it is encrypted.
2. Macros make it ACTIVE. Objects and pictures within it are left behind and counted.
"""

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

MEDIA_TYPE: Final = "application/vnd.oasis.opendocument.text"
OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES: Final = {
    **{f"{OASIS}{name}:1.0": name for name in ("office", "style", "text", "table", "form", "manifest", "script")},
    f"{OASIS}drawing:1.0": "draw",
    f"{OASIS}xsl-fo-compatible:1.0": "fo",
    f"{OASIS}svg-compatible:1.0": "svg",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/XML/1998/namespace": "xml",
    "urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0": "loext",
}
_WORDS: Final = Vocabulary(_PREFIXES)
tag_of, child, value, descendants = _WORDS.tag_of, _WORDS.child, _WORDS.value, _WORDS.descendants

_MACROS: Final = re.compile(r"(?:Basic|Scripts)/", re.IGNORECASE)
_KINDS: Final = (
    (re.compile(r"(?:mimetype|content\.xml|styles\.xml|META-INF/manifest\.xml)\Z"), None),
    (re.compile(r"Pictures/|media/|Fonts/|ObjectReplacements/", re.IGNORECASE), None),
    (re.compile(r"Object ", re.IGNORECASE), None),
    (re.compile(r"(?:meta|settings)\.xml\Z|Thumbnails/|manifest\.rdf\Z|layout-cache", re.IGNORECASE), Left.PROPERTIES),
    (re.compile(r"META-INF/.*signatures", re.IGNORECASE), Left.PROPERTIES),
    (re.compile(r"Configurations2/", re.IGNORECASE), Left.PROPERTIES),
    (re.compile(r"", re.IGNORECASE), Left.UNKNOWN_PARTS),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """An unpacked file: its text and its styles."""

    content: etree._Element = field(repr=False)
    styles: etree._Element | None = field(repr=False)
    body: etree._Element = field(repr=False)
    left_behind: Counter[str]


def read_parts(content: bytes, limits: Limits) -> Parts:
    """Unpack a file and find its text. Raises UnreadableError."""
    files = members(content, limits)
    if "mimetype" not in files or files["mimetype"].strip() != MEDIA_TYPE.encode() or "content.xml" not in files:
        raise UnreadableError(Trouble.TYPE_MISMATCH)
    _check_manifest(files)
    left_behind: Counter[str] = Counter()
    for name in files:
        if _MACROS.match(name):
            raise UnreadableError(Trouble.ACTIVE)
        kind = next(kind for pattern, kind in _KINDS if pattern.match(name))
        if kind:
            left_behind[kind] += 1
    root = read_xml(files["content.xml"])
    body = child(child(root, "office:body"), "office:text")
    if tag_of(root) != "office:document-content" or body is None:
        raise UnreadableError(Trouble.DAMAGED)
    styles = read_xml(files["styles.xml"]) if "styles.xml" in files else None
    _count_scripts(root, left_behind)
    return Parts(content=root, styles=styles, body=body, left_behind=left_behind)


def _check_manifest(files: Members) -> None:
    if "META-INF/manifest.xml" not in files:
        raise UnreadableError(Trouble.DAMAGED)
    manifest = read_xml(files["META-INF/manifest.xml"])
    if any(True for _ in descendants(manifest, "manifest:encryption-data")):
        raise UnreadableError(Trouble.ENCRYPTED)


def _count_scripts(root: etree._Element, left_behind: Counter[str]) -> None:
    scripts = descendants(root, "office:script", "script:event-listener", "text:script", "text:execute-macro")
    left_behind[Left.SCRIPTS] += sum(1 for _ in scripts)
