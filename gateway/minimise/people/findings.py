"""What a search for people finds, and what it is told beforehand."""

from dataclasses import dataclass

from gateway.package.facts import Kind, Whose
from gateway.package.known import Known

__all__ = ["CellPlace", "Finding", "Kind", "Known", "Whose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A span of a text, in Unicode code points, `end` exclusive; never the text itself.

    What is not `certain` is taken out all the same, and listed for the reviewer.
    """

    start: int
    end: int
    kind: Kind
    whose: Whose
    certain: bool = True


@dataclass(frozen=True, slots=True)
class CellPlace:
    """Where a cell stands: the number of its table in the document, and its row and column in it."""

    table: int
    row: int
    column: int
