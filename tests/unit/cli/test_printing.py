"""What a terminal of any width shows of a table: every answer, whole."""

import io
from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gateway.entrypoints.cli.console.printing import table

HEADS = ("Ontvanger", "Datum (UTC)", "Wat ervan werd", "Kanaal", "Doel", "Categorieën", "Beleid", "Pakket")
ROW = (
    "vluchtelingenhulp-voorbeeld",
    "2026-11-27 09:04:13",
    "verstuurd",
    "secure-mail",
    "",
    "ordinary, special",
    "1a2b3c4d",
    "0198f0de-7e21-7c3a-9d52-0000000a0001",
)
CELLS = st.text(alphabet="abë9- ", max_size=90)
WORDS = st.lists(st.text(alphabet="ab-", min_size=1, max_size=40), max_size=5).map(" ".join)


def shown(heads: Sequence[str], rows: Sequence[Sequence[str]], *, width: int) -> str:
    """Print a table at a terminal of a width, and give what stands there."""
    there = io.StringIO()
    Console(file=there, width=width, highlight=False, markup=False, emoji=False).print(table(*heads, rows=rows))
    return there.getvalue()


def test_a_row_that_is_too_wide_is_shown_as_a_block_with_each_value_whole() -> None:
    said = shown(HEADS, [ROW, ROW], width=80)

    block = [f"{head}: {cell}" for head, cell in zip(HEADS, ROW, strict=True) if cell]
    assert [*block, "", *block, ""] == said.splitlines()


def test_a_row_with_room_is_shown_as_one_line_under_its_heads() -> None:
    heads, row = (line.split() for line in shown(HEADS, [ROW], width=240).splitlines())

    assert " ".join(HEADS).split() == heads
    assert " ".join(ROW).split() == row


def test_a_sentence_makes_room_for_an_id_which_stays_on_one_line() -> None:
    said = shown(("Pakket", "Kanaal", "Reden"), [(ROW[-1], "secure-mail", "een zin van woorden " * 6)], width=80)

    assert ROW[-1] in said
    assert "Kanaal" in said.splitlines()[0]


def test_a_code_beside_a_sentence_stays_on_one_line_and_the_sentence_makes_room() -> None:
    code, sentence = "consent.case-system-unreachable", "een zin van een paar woorden en meer"
    said = shown(("Pakket", "Regels", "Waarom"), [("abc def", f"{code}, channel.not-connected", sentence)], width=60)

    assert code in said
    assert "channel.not-connected" in said
    assert "Pakket" in said.splitlines()[0]


@given(
    st.lists(st.tuples(*[WORDS] * 4), min_size=1, max_size=3),
    st.integers(min_value=20, max_value=120),
)
def test_no_word_that_a_line_has_room_for_is_broken(rows: list[tuple[str, ...]], width: int) -> None:
    words = Counter(word for row in rows for cell in row for word in cell.split() if len(word) + len("P: ") <= width)

    assert words <= Counter(shown("PQRS", rows, width=width).split())


@given(
    st.integers(min_value=1, max_value=9).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width), max_size=3)),
    st.integers(min_value=20, max_value=120),
)
def test_nothing_of_an_answer_is_cut_off_at_any_width(rows: list[tuple[str, ...]], width: int) -> None:
    heads = ["Wat ervan werd"] * len(rows[0]) if rows else ["Kop"]
    said = shown(heads, rows, width=width)

    answer = Counter("".join("".join(row) for row in rows).replace(" ", ""))
    assert answer <= Counter(said)
    assert "…" not in said
    assert width >= max(map(len, said.splitlines()), default=0)
