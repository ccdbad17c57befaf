"""Lists in a DOCX file: which list a paragraph belongs to, its level, and how that level counts.

What a list writes before its numbers ("Artikel", or a name) is text that no paragraph holds: it is left behind and
counted.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from gateway.minimise.documents.docx_looks import ParagraphStyle
from gateway.minimise.documents.docx_parts import child, child_value, descendants, value
from gateway.minimise.documents.rich_text import Left, ListItem, Numbering
from gateway.minimise.documents.vocabulary import number

_DEEPEST_LEVEL: Final = 8
_NUMBERINGS: Final = {str(each): each for each in Numbering}
_LABEL_TEXT: Final = re.compile(r"[^\W\d_]{2}")


@dataclass(slots=True, kw_only=True)
class Lists:
    """All lists of a document; each gets a number of ours when it is first used."""

    levels: dict[str, dict[int, Numbering]]
    """By `w:numId`, and then by level."""
    _numbers: dict[str, int] = field(default_factory=dict)

    def item(self, properties: etree._Element | None, style: ParagraphStyle) -> ListItem | None:
        """Give the place of a paragraph in a list; None when it is in none."""
        direct = child(properties, "w:numPr")
        list_id = child_value(direct, "w:numId") or style.list_id
        if not list_id or list_id == "0" or list_id not in self.levels:
            return None
        level = number(child_value(direct, "w:ilvl") or style.list_level) or 0
        level = min(max(level, 0), _DEEPEST_LEVEL)
        return ListItem(
            number=self._numbers.setdefault(list_id, len(self._numbers)),
            level=level,
            numbering=self.levels[list_id].get(level, Numbering.DECIMAL),
        )


def read_lists(root: etree._Element | None, left_behind: Counter[str]) -> Lists:
    """Read `numbering.xml`, which may be absent."""
    if root is None:
        return Lists(levels={})
    abstract: dict[str, dict[int, Numbering]] = {}
    for each in descendants(root, "w:abstractNum"):
        abstract[value(each, "w:abstractNumId")] = _levels(each, left_behind)
    levels: dict[str, dict[int, Numbering]] = {}
    for each in descendants(root, "w:num"):
        base = abstract.get(child_value(each, "w:abstractNumId"), {})
        levels[value(each, "w:numId")] = {**base, **_levels(each, left_behind)}
    return Lists(levels=levels)


def _levels(parent: etree._Element, left_behind: Counter[str]) -> dict[int, Numbering]:
    found: dict[int, Numbering] = {}
    for each in descendants(parent, "w:lvl"):
        level = number(value(each, "w:ilvl"))
        if level is not None:
            found[level] = _NUMBERINGS.get(child_value(each, "w:numFmt"), Numbering.DECIMAL)
        left_behind[Left.LIST_LABELS] += bool(_LABEL_TEXT.search(child_value(each, "w:lvlText")))
    return found
