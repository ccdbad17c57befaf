"""Builds the labelled texts: sentences of ours, and names by origin put into them, the same every time.

`open/` is looked at while rules are made. `held_out/` has other names and sentences, and is scored, not looked at.
`documents/` holds whole documents, written before whoever wrote them had read a rule: `README.md` tells what they are.
"""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent
_PLACEHOLDER: Final = re.compile(r"\{([TUVSO])(?:\.(\w+))?\}|<([TSOD]):([A-Z]+)\|([^>]*)>")
_MARK: Final = re.compile(r"<([TSOD]):([A-Z]+)(?:\.([A-Z]{2}))?\|([^>]*)>")
_ROLES: Final = {
    "T": "third_party",
    "U": "third_party",
    "V": "third_party",
    "S": "subject",
    "O": "official",
    "D": "decoy",
}
ORIGINS: Final = ("NL", "ER", "AF", "AR", "UA", "TR", "SO", "KU", "WA", "XX")


@dataclass(frozen=True, slots=True)
class Label:
    """A span of a text and what stands there."""

    start: int
    end: int
    kind: str
    role: str
    origin: str


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled text and its subject's name."""

    text: str = field(repr=False)
    subject: str = field(repr=False)
    labels: tuple[Label, ...]
    style: str = ""
    """The kind of document; empty for a sentence."""


@dataclass(frozen=True, slots=True)
class _Person:
    first: str
    last: str
    origin: str

    def written(self, form: str) -> str:
        whole = f"{self.first} {self.last}"
        forms = {
            "": whole,
            "first": self.first,
            "last": self.last,
            "initial": f"{self.first[0]}. {self.last}",
            "short": f"{self.first} {next(char for char in self.last if char.isupper())}.",
            "small": whole.lower(),
            "caps": whole.upper(),
            "inverted": f"{self.last}, {self.first}",
            "genitive": f"{whole}'" if whole[-1] in "sxz" else f"{whole}'s" if whole[-1] in "aiouyéü" else f"{whole}s",
        }
        return forms[form]


def items(part: str, *, names: int) -> tuple[Item, ...]:
    """Give the labelled texts of `open` or `held_out`: per origin as many as `names`, and the texts without people."""
    folder = _HERE / part
    people = _people(folder, names)
    sentences = [*_lines(folder / "sentences.txt")]
    chance = random.Random(20260101)
    texts: list[Item] = []
    for origin in ORIGINS:
        order = [*sentences] * (names // len(sentences) + 1)
        chance.shuffle(order)
        mine = people[origin]
        for number, sentence in enumerate(order[:names]):
            cast = {"T": mine[number], "U": mine[(number + 7) % names], "V": mine[(number + 13) % names]}
            subject_origin = chance.choice((origin, *ORIGINS[1:]))
            cast["S"] = people[subject_origin][(number + 29) % names]
            cast["O"] = people["NL"][(number + 41) % names]
            texts.append(_filled(sentence, cast))
    subject = people["ER"][0].written("")
    texts += [Item(line.replace("\\n", "\n"), subject, ()) for line in _lines(folder / "plain.txt")]
    return tuple(texts)


def documents(part: str) -> tuple[Item, ...]:
    """Give the documents of `open` or `held_out`, with their labels."""
    text = (_HERE / "documents" / f"{part}.txt").read_text("utf-8")
    found: list[Item] = []
    for block in text.removeprefix("@@ ").split("\n@@ "):
        head, _, body = block.partition("\n")
        style, _, subject = head.partition(" | ")
        found.append(_document(body.rstrip("\n"), subject, style))
    return tuple(found)


def _document(marked: str, subject: str, style: str) -> Item:
    text = ""
    at = 0
    labels: list[Label] = []
    for found in _MARK.finditer(marked):
        role, kind, origin, value = found.groups()
        text += marked[at : found.start()]
        labels.append(Label(len(text), len(text) + len(value), kind, _ROLES[role], origin or ""))
        text += value
        at = found.end()
    return Item(text + marked[at:], subject, tuple(labels), style)


def _filled(sentence: str, cast: Mapping[str, _Person]) -> Item:
    sentence = sentence.replace("\\n", "\n")
    text = ""
    at = 0
    labels: list[Label] = []
    for found in _PLACEHOLDER.finditer(sentence):
        text += sentence[at : found.start()]
        who, form, role, kind, value = found.groups()
        if who:
            person = cast[who]
            value, kind, role = person.written(form or ""), "NAAM", who
            origin = person.origin
        else:
            origin = ""
        labels.append(Label(len(text), len(text) + len(value), kind, _ROLES[role], origin))
        text += value
        at = found.end()
    return Item(text + sentence[at:], cast["S"].written(""), tuple(labels))


def _people(folder: Path, count: int) -> dict[str, list[_Person]]:
    pools: dict[str, dict[str, list[str]]] = {}
    for line in _lines(folder / "names.txt"):
        head, _, row = line.partition(": ")
        origin, _, part = head.partition(" ")
        pools.setdefault(origin, {})[part] = row.split("|") if part == "last2" else row.split()
    chance = random.Random(20260102)
    return {origin: [*_drawn(pools[origin], origin, count, chance)] for origin in ORIGINS}


def _drawn(pool: Mapping[str, list[str]], origin: str, count: int, chance: random.Random) -> Iterator[_Person]:
    lasts = [*pool["last"], *pool.get("last2", ())]
    pairs = [(first, last) for first in pool["first"] for last in lasts if first != last]
    for first, last in chance.sample(pairs, count):
        yield _Person(first, last, origin)


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
