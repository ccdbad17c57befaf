"""Prints for people and for programs: tables with colours on a terminal, plain text elsewhere, JSON when asked.

NO_COLOR is respected. Nothing out of a package or an answer is read as markup or reaches the terminal as a control
character. Nothing that is an answer is cut off, however narrow the terminal: an id or a date that is not whole is none.
"""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

import orjson

from gateway.package.states import Language

# The service is a command too, and prints no table: rich is loaded by the first that does, for it is large.
if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table
    from rich.text import Text

_PLAIN_WIDTH = 240
_PAIR = 2
_BOUNDLESS = 1_000_000
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


def table(*columns: str, rows: "Iterable[Iterable[str | Text]]") -> "Rows":
    """Make a table that shows every cell whole; cells that are plain text are made printable."""
    from rich.text import Text  # noqa: PLC0415 - see above

    cells = tuple(tuple(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row) for row in rows)
    return Rows(columns, cells)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table under their heads, which takes the form that the terminal has room for.

    1. As wide as it needs, or with sentences wrapped: a table. What is one word, as an id is, stays on one line.
    2. Where the words alone are too wide: a block for each row, with a line for each cell that is not empty.
    3. Of two columns it stays a table, which reads better than such blocks, and folds what is too long.
    """

    heads: tuple[str, ...]
    cells: "tuple[tuple[Text, ...], ...]"

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Choose the form, as rich asks."""
        made = self._as_table()
        widths = self._widths(made, console, options)
        if not widths and len(self.heads) > _PAIR:
            return self._as_blocks()
        for column, width in zip(made.columns, widths, strict=bool(widths)):
            column.width = width
        return iter((made,))

    def _widths(self, made: "Table", console: "Console", options: "ConsoleOptions") -> tuple[int, ...]:
        """Give each column room for its longest word, and share the rest; nothing when there is too little for that.

        rich itself narrows the widest columns first, and would break a code in the midst of it beside a sentence.
        """
        from rich.text import Text  # noqa: PLC0415 - see above

        boundless = options.update(max_width=_BOUNDLESS)
        columns = zip(map(Text, self.heads), *self.cells, strict=True)
        spans = [[cell.__rich_measure__(console, boundless) for cell in column] for column in columns]
        words = [max(1, *(each.minimum for each in column)) for column in spans]
        lines = [max(1, *(each.maximum for each in column)) for column in spans]
        room = options.max_width - (made.__rich_measure__(console, boundless).maximum - sum(lines))
        for most in range(min(room, max(lines, default=0)), 0, -1):
            widths = tuple(min(max(most, word), line) for word, line in zip(words, lines, strict=True))
            if sum(widths) <= room:
                return widths
        return ()

    def _as_table(self) -> "Table":
        from rich import box  # noqa: PLC0415 - see above
        from rich.table import Table  # noqa: PLC0415 - see above

        made = Table(box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
        for head in self.heads:
            made.add_column(head, overflow="fold")
        for row in self.cells:
            made.add_row(*row)
        return made

    def _as_blocks(self) -> "RenderResult":
        from rich.text import Text  # noqa: PLC0415 - see above

        for row in self.cells:
            for head, cell in zip(self.heads, row, strict=True):
                if cell.plain:
                    yield Text.assemble(f"{head}: " if head else "", cell)
            yield Text()


def print_json(body: dict[str, Any]) -> None:
    """Print one object on one line."""
    sys.stdout.write(orjson.dumps(body).decode() + "\n")
    # Who started a service waits for the line on which it tells where it listens.
    sys.stdout.flush()


def in_language(nl: str, en: str, *, language: Language) -> str:
    """Choose the reader's text."""
    return nl if language is Language.NL else en


def in_number(count: int, one: tuple[str, str], many: tuple[str, str], *, language: Language) -> str:
    """Choose the reader's text, Dutch or English, for a count of one or any other, which fills its `{count}`."""
    return in_language(*(one if count == 1 else many), language=language).format(count=count)
