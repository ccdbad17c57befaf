"""Prints how well people are found: `python -m tests.redaction [--faults]`.

The held-out parts are printed apart. `--faults` lists the mistakes of the open parts only.
"""

import json
import sys
import time
from pathlib import Path
from typing import Final

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known
from gateway.minimise.word_lists import read_lists
from tests.redaction.corpus import Item, documents, items
from tests.redaction.scoring import Score, score

NAMES: Final = 110
FIGURES: Final = Path(__file__).with_name("figures.json")
PARTS: Final = ("open", "held_out", "documents_open", "documents_held_out", "documents_open_2", "documents_held_out_2")
"""What is scored: sentences of ours with names put in, and whole documents."""


def main() -> None:
    """Score both parts and print the table; with `--keep`, keep the figures that the tests compare with."""
    started = time.process_time()
    lists = read_lists()
    _say(f"lists read in {time.process_time() - started:.2f} s")
    parts = {part: texts_of(part) for part in PARTS if "--open" not in sys.argv or part.endswith("open")}
    scores = {part: score(texts, lists) for part, texts in parts.items()}
    _print_table(scores)
    text = "\n".join(item.text for item in parts["open"])
    started = time.process_time()
    find_people([text], known=Known(), lists=lists)
    _say(f"{len(text.encode()) / 1000 / (time.process_time() - started):.0f} KB/s")
    if "--faults" in sys.argv:
        _say("\n".join(fault for part, each in scores.items() if part.endswith("open") for fault in each.faults))
    if "--keep" in sys.argv:
        FIGURES.write_text(json.dumps({part: each.rates() for part, each in scores.items()}, indent=1) + "\n", "utf-8")


def texts_of(part: str) -> tuple[Item, ...]:
    """Give the labelled texts of one of `PARTS`."""
    if part.startswith("documents_"):
        return documents(part.removeprefix("documents_"))
    return items(part, names=NAMES)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _print_table(scores: dict[str, Score]) -> None:
    rows = sorted({what for each in scores.values() for what in each.all})
    _say(f"{'':32}" + "".join(f"{part:>22}" for part in scores))
    for what in rows:
        cells = (
            f"{each.right[what]}/{each.all[what]} = {each.rate(what):.3f}" if each.all[what] else "-"
            for each in scores.values()
        )
        _say(f"{what:32}" + "".join(f"{cell:>22}" for cell in cells))


if __name__ == "__main__":
    main()
