"""Names in the outbox: what counts, what is a marker, what is the manifest, and how a claimed entry is called.

Names are text as Python gives them for bytes that are not UTF-8 (surrogateescape), so that every entry can be moved,
whatever somebody called it; only reading insists on proper names.
"""

import re
import unicodedata
from typing import Final

from gateway.intake.manifest_text import Syntax

MARKERS_INSIDE: Final = frozenset({"verzenden.klaar", "send.ready"})
_MARKER_ENDINGS: Final = (".klaar", ".ready")
_UNFINISHED_ENDINGS: Final = (".part", ".tmp", ".crdownload", ":zone.identifier")
_OFFICE_LOCK: Final = "~$"
_LITTER: Final = frozenset({"thumbs.db", "desktop.ini"})
_SYNTAX: Final[dict[str, Syntax]] = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_MANIFEST_STEM: Final = "package"
_CLAIMED = re.compile(
    r"(?P<name>.+)\.(?P<claim>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\Z", re.DOTALL
)
_MAX_BYTES: Final = 255
_MAX_SUFFIX: Final = 10


def ignored(name: str) -> bool:
    """Tell whether a name is passed over everywhere: hidden, still being written, a lock or litter of a program."""
    if name.startswith((".", _OFFICE_LOCK)):
        return True
    lower = name.lower()
    return lower.endswith(_UNFINISHED_ENDINGS) or lower in _LITTER


def marked_name(name: str) -> str | None:
    """Give the name of the entry that a marker beside it says is finished; None when the name is no marker's."""
    for ending in _MARKER_ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return None


def markers_of(name: str) -> tuple[str, ...]:
    """Give the names that markers beside an entry can have; one that no file system holds is no marker."""
    return tuple(name + ending for ending in _MARKER_ENDINGS if _bytes(name + ending) <= _MAX_BYTES)


def syntax_of(name: str) -> Syntax | None:
    """Give the syntax that a file's name promises; None when it is no manifest's."""
    _, dot, ending = name.rpartition(".")
    return _SYNTAX.get(dot + ending.lower())


def manifest_syntax(name: str) -> Syntax | None:
    """Give the syntax of a package's manifest by its name; None when the file is something else."""
    stem, _, _ = name.rpartition(".")
    return syntax_of(name) if stem.lower() == _MANIFEST_STEM else None


def composed(name: str) -> str:
    """Give the one spelling of a name in which files and manifests are compared (Unicode NFC)."""
    return unicodedata.normalize("NFC", name)


def claimed_name(name: str, claim_id: str) -> str:
    """Name an entry while it is being processed."""
    return f"{_shortened(name, spare=len(claim_id) + 1)}.{claim_id}"


def parse_claimed(name: str) -> tuple[str, str] | None:
    """Give the entry's own name and its claim's id; None when the name is not a claimed entry's."""
    found = _CLAIMED.match(name)
    return (found["name"], found["claim"]) if found else None


def numbered(name: str, number: int, *, folder: bool) -> str:
    """Give the n-th free name to try: `report.zip`, `report (2).zip`, `report (3).zip`."""
    if number == 1:
        return name
    stem, suffix = (name, "") if folder else _split(name)
    mark = f" ({number})"
    return _shortened(stem, spare=len(mark) + _bytes(suffix)) + mark + suffix


def _split(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if stem and len(ending) <= _MAX_SUFFIX else (name, "")


def _shortened(name: str, *, spare: int) -> str:
    """Cut a name before its suffix until it fits in a file system's 255 bytes, with so many to spare."""
    stem, suffix = _split(name)
    while stem and _bytes(stem) + _bytes(suffix) > _MAX_BYTES - spare:
        stem = stem[:-1]
    return stem + suffix


def _bytes(name: str) -> int:
    return len(name.encode("utf-8", "surrogateescape"))
