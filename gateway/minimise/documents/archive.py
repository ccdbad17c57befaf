"""Archives (ZIP): each member through the same door, in a new archive under neutral names.

Rules:
1. The zip is guarded before a member is opened; how deep archives may stand in each other is the door's business.
2. What computers add by themselves (folders of a Mac, hidden files) is no document: it stays behind and is counted.
3. Comments, dates, permissions, folders and names never come along.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from gateway.formats.packed import members
from gateway.formats.unreadable import Limits
from gateway.minimise.documents.inner import Inner, opened_within, rebuilt_within, second_text_of, text_of_name
from gateway.minimise.documents.model import Mark, Passage, Rebuilt, Tools, Trouble, UnreadableError
from gateway.minimise.documents.packing import packed_anew

_MAC_FOLDER: Final = "__MACOSX"
_MAX_MEMBERS: Final = 500


class Archive:
    """An archive that was read."""

    def __init__(self, inner: Sequence[Inner], passages: Sequence[Passage], left_behind: Counter[str]) -> None:
        self._inner = inner
        self._passages = passages
        self._left_behind = left_behind

    @property
    def passages(self) -> Sequence[Passage]:
        """Give the passages of its members, one after the other."""
        return self._passages

    def rebuilt(self, marks: Sequence[Sequence[Mark]]) -> Rebuilt:
        """Write a new archive of its members written anew."""
        left_behind = self._left_behind.copy()
        written = rebuilt_within(self._inner, marks, left_behind)
        # Documents are packed in themselves; stored, the same bytes come out with any version of the packer.
        content = packed_anew({name: new.content for name, new in written}, stored=[name for name, _ in written])
        return Rebuilt(content=content, suffix=".zip", media_type="application/zip", left_behind=+left_behind)


def open_document(content: bytes, tools: Tools) -> Archive:
    """Read an archive. Raises UnreadableError only."""
    parts = members(content, tools.limits)
    names = [name for name in parts if not _is_passed_over(name)]
    if not names:
        raise UnreadableError(Trouble.NO_TEXT)
    if len(names) > _MAX_MEMBERS:
        raise UnreadableError(Trouble.TOO_LARGE)
    passages: list[Passage] = []
    inner = [
        opened_within(parts[name], name, number=number, tools=tools, passages=passages)
        for number, name in enumerate(names, 1)
    ]
    return Archive(inner, passages, Counter({"other-parts": len(parts) - len(names), "file-names": len(names)}))


def second_text(content: bytes) -> str:
    """Give the names of the members, and every text of each, by other libraries than wrote them."""
    parts = members(content, Limits())
    return "\n".join(text for name in parts for text in (text_of_name(name), second_text_of(name, parts[name])))


def _is_passed_over(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == _MAC_FOLDER or any(part.startswith(".") for part in parts) or parts[-1] == "Thumbs.db"
