"""What a recogniser hands on: a span of a normal text, what kind of thing stands there, and how sure that is."""

from dataclasses import dataclass

from gateway.minimise.people.findings import Kind


@dataclass(frozen=True, slots=True)
class Spot:
    """A span of a normal text that leads to somebody, before it is known to whom."""

    start: int
    end: int
    kind: Kind
    certain: bool = True
