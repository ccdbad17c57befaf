"""What a search for people finds, and what it is told beforehand."""

from dataclasses import dataclass

from gateway.package.facts import Kind, Whose
from gateway.package.known import Known

__all__ = ["Finding", "Kind", "Known", "Whose"]


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
