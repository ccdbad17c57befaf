"""One text while people are searched for in it: its words, what was found, and the names that stand in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from gateway.minimise.people import cues
from gateway.minimise.people.beside import find_listed_beside
from gateway.minimise.people.columns import Tabled, spots_in
from gateway.minimise.people.contacts import find_contacts
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.findings import CellPlace, Kind, Whose
from gateway.minimise.people.foreign import find_foreign
from gateway.minimise.people.languages import Languages
from gateway.minimise.people.merging import around
from gateway.minimise.people.names import Mention, find_names, mention_of
from gateway.minimise.people.nobody import find_nobody
from gateway.minimise.people.normalising import Normal, normalise
from gateway.minimise.people.numbers import find_labels, find_numbers
from gateway.minimise.people.persons import Name, name_of
from gateway.minimise.people.places import find_places
from gateway.minimise.people.registers import find_register_labels, find_register_numbers
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.scripts import find_other_scripts
from gateway.minimise.people.shouted import find_shouted
from gateway.minimise.people.small_names import find_small_names, is_foreign
from gateway.minimise.people.spelled import find_spelled
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.telling import PASSENGERS, find_signatures
from gateway.minimise.people.tokens import Shape, Token, tokens_of
from gateway.minimise.people.unhiding import told_people
from gateway.minimise.people.values import flat
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

if TYPE_CHECKING:
    from gateway.minimise.people.owners import Anchor

_CAPITAL_PARTICLES: Final = frozenset({"de", "van", "ter", "ten"})
_CALLED: Final = frozenset({"sister", "brother", "mother", "father", "uncle", "aunt"})
"""With a capital right before a name what somebody is called."""
_ARTICLES: Final = frozenset({"al", "el"})
"""Of Arabic names; before a name they are hardly ever Dutch."""
_LOOK_BACK: Final = 5
_BETWEEN: Final = frozenset({"de", "een", "is", "was"})
_ANSWER: Final = 20
_QUESTION: Final = 80
_NO_WORDS: Final = re.compile(r"[\s-]{0,9}(?:(?:antwoord|antw|a|r)\s?[:.]\s{0,4})?", re.IGNORECASE)
_ASKS_WHO: Final = re.compile(
    r"\b(?:[Hh]oe|[Ww]ie|[Ww]at|[Nn]aam|heet|heette)\b[^\n?.]{0,40}\b(?:uw|zijn|haar|je) (?:\w+ )?"
    rf"(?:{'|'.join(sorted(cues.KIN))})\b[^\n?.]{{0,30}}$"
)
_ABOUT: Final = re.compile(r"[> ]{0,9}(?:onderwerp|betreft|betr\.?|inzake|subject|re)\s{0,12}:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Patterns of what the package names, to search a flat text with."""

    own: re.Pattern[str] = field(repr=False)
    """The subject's numbers and addresses, these also without what follows the house number."""
    own_streets: re.Pattern[str] = field(repr=False)
    withheld: re.Pattern[str] = field(repr=False)
    """What the recipient does not get."""


@dataclass(slots=True)
class Person:
    """A mention, its name, and whose it turned out to be."""

    mention: Mention
    name: Name
    whose: Whose = Whose.THIRD_PARTY
    certain: bool = field(default=True)


class Page:
    """One text while it is searched."""

    def __init__(
        self,
        text: str,
        vocabulary: Vocabulary,
        sought: Sought,
        *,
        place: CellPlace | None,
        tabled: Tabled,
        languages: Languages,
    ) -> None:
        self.normal: Normal = normalise(text)
        plain = self.normal.text
        self.columns = _with_tabs(text, self.normal)
        self.flat = flat(plain)
        self.tokens: list[Token] = tokens_of(self.columns)
        self.spots: list[Spot] = [
            *find_numbers(plain),
            *find_register_numbers(plain, self.flat),
            *find_contacts(plain),
            *find_places(plain, vocabulary),
            *find_other_scripts(plain),
            *find_spelled(plain, vocabulary),
        ]
        self.place = place
        self.anchors: list[Anchor] = []
        self.rows = [self.normal.inside(*row) for row in tabled.rows]
        self.below: list[tuple[int, int]] = []
        self.birth_dates: list[Spot] = []
        self._read_heads(tabled, vocabulary)
        self.own = [found.span() for found in sought.own.finditer(self.flat)]
        self.withheld = [found.span() for found in sought.withheld.finditer(self.flat)]
        self._own_streets = [found.span() for found in sought.own_streets.finditer(self.flat)]
        self.spots += (Spot(*span, Kind.ADDRESS) for span in self._own_streets)
        nobody = [
            *find_labels(plain),
            *find_register_labels(self.flat),
            *find_nobody(plain, self.tokens, vocabulary),
            *find_foreign(self.tokens, languages.read(self.tokens), vocabulary),
        ]
        spots = [(spot.start, spot.end) for spot in self.spots]
        blocked = self.covered([*spots, *nobody])
        self.runs = Runs(plain, self.tokens, vocabulary, blocked)
        self.is_foreign = is_foreign(self.runs, 0, len(self.tokens))
        self.taken = list(blocked)
        self.named = [False] * len(self.tokens)
        self.people: list[Person] = []
        self._vocabulary = vocabulary
        self.add(find_names(self.runs))
        self.add([*find_shouted(self.runs, self.named)])
        self.add([*find_listed_beside(self.runs, self.taken, self.named)])
        self.add([mention_of(self.tokens, at, at, certain=False) for at in find_signatures(self.runs, self.taken)])
        if not self.is_foreign:
            self.add([*find_small_names(self.runs, self.taken)])
        told = [*told_people(self.tokens, self.covered(spots), self.named, vocabulary)]
        self.add([mention_of(self.tokens, *row, certain=False, cue=self.runs.cue_before(row[0])[0]) for row in told])

    def _read_heads(self, tabled: Tabled, vocabulary: Vocabulary) -> None:
        for headed in tabled.headed:
            start, end = self.normal.inside(headed.start, headed.end)
            for spot in spots_in(replace(headed, start=start, end=end), self.normal.text, vocabulary):
                (self.birth_dates if spot.kind is Kind.BIRTH_DATE else self.spots).append(spot)
            if headed.below:
                self.below.append((start, end))

    def is_own(self, spot: Spot) -> bool:
        """Tell whether a spot is what the package gives as the subject's: also only the street, but no other house."""
        for start, end in self.own:
            goes_on = spot.kind is Kind.ADDRESS and any(map(str.isalnum, self.flat[end : spot.end]))
            if start < spot.end and spot.start < end and not goes_on:
                return True
        bare = not any(map(str.isdigit, self.flat[spot.start : spot.end]))
        return bare and any(start < spot.end and spot.start < end for start, end in self._own_streets)

    def row_of(self, spot: Spot) -> tuple[int, int] | None:
        """Give the line of a table in which a spot stands."""
        return around(spot, self.rows)

    def begins_row(self, spot: Spot) -> bool:
        """Tell whether a spot begins a row without a head of its own: the last head of the line before is no cue."""
        row = self.row_of(spot)
        return row is not None and row[0] == spot.start and not self.is_below_head(spot)

    def is_below_head(self, spot: Spot) -> bool:
        """Tell whether a spot stands in the column of a head."""
        return around(spot, self.below) is not None

    def add_second_opinion(self, spans: Sequence[tuple[int, int]]) -> None:
        """Take in what another program took for a person, but its plain mistakes."""
        inside = [self.normal.inside(start, end) for start, end in spans if start < end]
        meant = self.covered([(start, end) for start, end in inside if start < end])
        for at, token in enumerate(self.tokens):
            if (
                meant[at]
                and not self.taken[at]
                and token.shape in {Shape.CAPITAL, Shape.UPPER}
                and self._may_be_name(at)
            ):
                self.add([mention_of(self.tokens, at, at, certain=False, cue=self.runs.cue_before(at)[0])])

    def add_again(self, mention: Mention, of: Whose) -> None:
        """Take in a name that was found elsewhere."""
        self.add([mention])
        self.people[-1].whose, self.people[-1].certain = of, mention.certain

    def covered(self, spans: Sequence[tuple[int, int]]) -> list[bool]:
        """Tell for each token whether one of the spans touches it."""
        covered = [False] * len(self.tokens)
        at = 0
        reached = -1
        ordered = sorted(spans)
        for number, token in enumerate(self.tokens):
            while at < len(ordered) and ordered[at][0] < token.end:
                reached = max(reached, ordered[at][1])
                at += 1
            covered[number] = reached > token.start
        return covered

    def is_kin_behind(self, last: int) -> bool:
        """Tell whether a word for kin stands behind a name: `de heer Alavi, uw oom`."""
        at = last + 1
        if at + 1 >= len(self.tokens) or self.tokens[at].gap not in {", ", " ("}:
            return False
        own = self.tokens[at].text in {"uw", "zijn", "haar", "mijn", "diens", "hun"} and self.tokens[at + 1].gap == " "
        return own and cue_of(self.tokens[at + 1].text.lower()) is Cue.KIN

    def is_another(self, first: int) -> bool:
        """Tell whether the words before a name say that it is somebody beside the subject: `zijn vader heet`."""
        if self._answers_about_another(first):
            return True
        for at in range(first - 1, max(-1, first - 1 - _LOOK_BACK), -1):
            gap = self.tokens[at + 1].gap
            if self.tokens[at + 1].opens and not gap.startswith(":"):
                return False
            word = self.tokens[at].text.lower()
            cue = cue_of(word)
            if cue in {Cue.KIN, Cue.ROLE}:
                own = at > 0 and self.tokens[at].gap == " " and self.tokens[at - 1].text.lower() in cues.OWN
                return own or ("," not in gap and word not in cues.MAYBE_SUBJECTS)
            if cue not in {Cue.NAMED, Cue.HONORIFIC} and word not in _BETWEEN:
                return False
        return False

    def _answers_about_another(self, first: int) -> bool:
        """Tell what answers a question for the name of somebody: `Hoe heet uw vader?`, and the name behind it."""
        start = self.tokens[first].start
        mark = self.normal.text.rfind("?", max(0, start - _ANSWER), start)
        if mark < 0 or not _NO_WORDS.fullmatch(self.normal.text, mark + 1, start):
            return False
        return _ASKS_WHO.search(self.normal.text, max(0, mark - _QUESTION), mark) is not None

    def is_about(self, start: int) -> bool:
        """Tell whether a name stands in the line that says what a letter or a message is about."""
        line = self.normal.text.rfind("\n", 0, start) + 1
        return _ABOUT.match(self.normal.text, line, start) is not None

    def is_surname(self, at: int) -> bool:
        """Tell a word that is a surname and no given name."""
        sort = self._vocabulary.sort(self.tokens[at].text)
        return bool(sort & Sort.SURNAME) and not sort & (Sort.FIRST | Sort.NAME)

    def is_unknown(self, at: int) -> bool:
        """Tell a word that no list knows, in a text that is Dutch otherwise."""
        word = self.tokens[at].text
        return not self._vocabulary.sort(word) and not self.is_foreign and cue_of(word) is Cue.NONE

    def _may_be_name(self, at: int) -> bool:
        """Tell whether a word that another program took for a person's may be one: no town, people or organisation."""
        sort = self._vocabulary.sort(self.tokens[at].text)
        with_before = f"{self.tokens[at - 1].text} {self.tokens[at].text}" if at else ""
        if self.runs.is_acronym(at) or sort & (Sort.NOBODY | Sort.PLACE) or self._vocabulary.is_place(with_before):
            return False
        return not sort & Sort.WORD or (bool(sort & LISTED) and not self.tokens[at].opens)

    def add(self, mentions: Sequence[Mention]) -> None:
        """Take in names, whose words are taken then."""
        for mention in mentions:
            name = name_of(self.tokens[mention.first : mention.last + 1], self._vocabulary)
            self.people.append(Person(mention, name, certain=mention.certain))
            for at in range(mention.first, mention.last + 1):
                self.taken[at] = self.named[at] = True


def with_stop(page: Page, mention: Mention) -> int:
    """Take the full stop of a last initial along, and a title behind a name: `Hiwot G.`, `Tahereh khanom`."""
    last = page.tokens[mention.last]
    behind = page.tokens[mention.last + 1] if mention.last + 1 < len(page.tokens) else None
    if behind is not None and behind.gap in {" ", ", "} and behind.text.lower() in cues.TITLES_BEHIND:
        return behind.end
    if behind is not None and behind.gap == " ":
        if behind.text in PASSENGERS:
            return behind.end
        if nickname := _quoted_end(page, mention):
            return nickname
    return mention.end + 1 if last.shape is Shape.INITIAL and mention.end < len(page.normal.text) else mention.end


def _quoted_end(page: Page, mention: Mention) -> int | None:
    """Give where a nickname in quotes ends that a name begins: `'Zaza met de tand'`."""
    quote = page.normal.text[mention.start - 1 : mention.start]
    if quote not in {"'", '"'} or page.tokens[mention.last + 1].text not in {"met", "de", "zonder", "uit"}:
        return None
    for at in range(mention.last + 1, min(len(page.tokens) - 1, mention.last + _LOOK_BACK)):
        if page.tokens[at].gap != " ":
            return None
        if page.tokens[at + 1].gap.startswith(quote):
            return page.tokens[at].end
    return None


def with_title(page: Page, mention: Mention) -> int:
    """Give where a name begins with what it is called with: `Cheikh Tidiane`, `khala Parwin`, `De Jong`."""
    first = mention.first
    if not first or page.tokens[first].gap != " " or page.taken[first - 1]:
        return mention.start
    before = page.tokens[first - 1]
    word = before.text.lower()
    capital = before.shape is Shape.CAPITAL or (before.shape is Shape.UPPER and word in _ARTICLES)
    sure = word in _ARTICLES or word in _CALLED or (word in _CAPITAL_PARTICLES and page.is_surname(first))
    if capital and (word in cues.FOREIGN_TITLES or sure):
        return before.start
    a_title = word in cues.FOREIGN_TITLES or page.is_unknown(first - 1)
    if before.shape is Shape.LOWER and len(word) > 1 and a_title:
        return before.start
    return mention.start


def _with_tabs(text: str, normal: Normal) -> str:
    """Give the normal form with the tabs that divide the columns of a table."""
    if "\t" not in text:
        return normal.text
    return "".join("\t" if text[at] == "\t" else sign for at, sign in zip(normal.starts, normal.text, strict=True))
