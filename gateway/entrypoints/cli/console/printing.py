"""Prints for people and for programs: tables with colours on a terminal, plain text elsewhere, JSON when asked.

NO_COLOR is respected. Nothing out of a package or an answer is read as markup or reaches the terminal as a control
character.
"""

import sys
from typing import TYPE_CHECKING, Any, TextIO

import orjson

from gateway.package.states import Language

# The service is a command too, and prints no table: rich is loaded by the first that does, for it is large.
if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_PLAIN_WIDTH = 240
_STYLES = {
    "release": "green", "cleared": "green", "done": "green", "sent": "green", "delivered": "green",
    "strip": "yellow", "redact": "yellow", "hold": "magenta", "held": "magenta", "uncertain": "magenta",
    "block": "red", "refused": "red", "undeliverable": "red",
}  # fmt: skip


def console_for(stream: TextIO) -> "Console":
    """Make a console that is plain when nobody looks."""
    from rich.console import Console  # noqa: PLC0415 - see above

    terminal = stream.isatty()
    width = None if terminal else _PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=not terminal)


def printable(text: str) -> str:
    """Replace what could move the cursor or hide text (ECMA-48 control characters, bidirectional overrides)."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def word(key: str, text: str) -> "Text":
    """Give a state, outcome or verdict in its colour."""
    from rich.text import Text  # noqa: PLC0415 - see above

    return Text(printable(text), style=_STYLES.get(key, ""))


def table(*columns: str, rows: "Iterable[Iterable[str | Text]]") -> "Table":
    """Make a table; cells that are plain text are made printable."""
    from rich import box  # noqa: PLC0415 - see above
    from rich.table import Table  # noqa: PLC0415 - see above
    from rich.text import Text  # noqa: PLC0415 - see above

    made = Table(*columns, box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row))
    return made


def print_json(body: dict[str, Any]) -> None:
    """Print one object on one line."""
    sys.stdout.write(orjson.dumps(body).decode() + "\n")


def in_language(nl: str, en: str, *, language: Language) -> str:
    """Choose the reader's text."""
    return nl if language is Language.NL else en


def in_number(count: int, one: tuple[str, str], many: tuple[str, str], *, language: Language) -> str:
    """Choose the reader's text, Dutch or English, for a count of one or any other, which fills its `{count}`."""
    return in_language(*(one if count == 1 else many), language=language).format(count=count)
