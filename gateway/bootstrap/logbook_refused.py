"""Keeps the lines of the log of which the logbook refused the records, until it takes them.

One record that a logbook does not take must not keep all later ones from it, and must not be forgotten either. So it
is put aside here, durably, before the place in the log moves on; it is offered again, and somebody is told. There is
room for `MOST`: whoever refuses more refuses us and not a record, and then the place in the log stays where it is.
"""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import orjson

from gateway.bootstrap.durable_files import write_durably
from gateway.package.errors import Code, SluisError

MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLine:
    """A line by its number in the log, when its action began, and the status of HTTP with which it was refused."""

    index: int
    status: int
    started: str
    line: str = field(repr=False)


class RefusedLines:
    """The file of them. Raises SluisError `audit-unavailable` when it can not be read."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._lines = _read(place)

    def __len__(self) -> int:
        return len(self._lines)

    def all(self) -> tuple[RefusedLine, ...]:
        """Give them, the oldest first."""
        return tuple(self._lines[index] for index in sorted(self._lines))

    def has_room(self, index: int) -> bool:
        """Tell whether a line can be put aside, or is already."""
        return index in self._lines or len(self._lines) < MOST

    def put(self, refused: RefusedLine) -> None:
        """Put a line aside, once. Raises OSError."""
        self._write({**self._lines, refused.index: refused})

    def remove(self, index: int) -> None:
        """Take a line out that was taken at last. Raises OSError."""
        self._write({number: each for number, each in self._lines.items() if number != index})

    def _write(self, lines: dict[int, RefusedLine]) -> None:
        content = [orjson.dumps(asdict(lines[index]), option=orjson.OPT_APPEND_NEWLINE) for index in sorted(lines)]
        write_durably(self._place, b"".join(content))
        self._lines = lines


def _read(place: Path) -> dict[int, RefusedLine]:
    try:
        lines = [RefusedLine(**orjson.loads(each)) for each in place.read_bytes().splitlines()]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise SluisError(Code.AUDIT_UNAVAILABLE, where=place.name) from error
    return {each.index: each for each in lines}
