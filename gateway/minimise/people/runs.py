"""Gathers the rows of words that may be a name: capitals, initials and particles that stand together, and their cue."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from gateway.minimise.people import cues, things
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_LONGEST_RUN: Final = 10
_MOST_PARTICLES: Final = 3
_LONGEST_ACRONYM: Final = 5
_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER, Shape.INITIAL})
_WRAPPED: Final = 45
"""A line at least so long may have been broken in the middle of a name."""
_SURE_PARTICLES: Final = frozenset(
    {"el", "al", "bin", "ibn", "bint", "abu", "abou", "umm", "'t", "ten", "ter", "ould", "wedi", "ait"}
)
_CUE_GAP: Final = re.compile(r"\)?: ?|[:,]?\n|\. ?| \(?|, |:? \"| ['\u201c\u201e]|/| / | [-\u2013] | ?= ")
"""What may stand between a cue and the name."""
_USUAL_GAPS: Final = frozenset({" ", ", ", ". ", ": "})
"""Nearly all of what may stand there, from which nothing can be taken away."""

_NUMBERED: Final = re.compile(r"^ \d{1,2}(?=[:.)])")
"""`Kind 2: Yafet`: a number between the word and the name."""
_COLUMNS: Final = re.compile(" {2,}")
_IS: Final = frozenset({"is", "was", "zijn", "waren"})
_ARTICLES: Final = frozenset({"De", "Het", "The", "La", "Le", "El"})
_LABELS: Final = frozenset({"name", "names"})
"""English labels before a colon; without one the first is Dutch: `met name`."""
_VOWEL: Final = re.compile("[aeiouy]")


@dataclass(slots=True)
class Segment:
    """A row of words that may be a name: `first` to `last` are positions of tokens, both inside."""

    first: int
    last: int
    cue: Cue
    cue_word: str = field(default="", repr=False)


class Runs:
    """The rows of one text that may be names."""

    def __init__(self, text: str, tokens: Sequence[Token], vocabulary: Vocabulary, blocked: Sequence[bool]) -> None:
        self.text = text
        self.tokens = tokens
        self.vocabulary = vocabulary
        self._blocked = blocked
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.has_capitals = any(token.shape in _CAPITALS for token in tokens)
        opening = [
            token.shape
            for token, after in zip_longest(tokens, tokens[1:])
            if token.opens and (after is None or after.gap[:1] != ":")
        ]
        self.is_casual = opening.count(Shape.LOWER) * 2 > len(opening)
        self._shouted: dict[int, bool] = {}

    def segments(self) -> Iterator[Segment]:
        """Give every row of capitals, cut where an organisation, a cue or a sentence's ordinary word stands."""
        at = 0
        while at < len(self.tokens):
            if self.tokens[at].shape not in _CAPITALS or self._blocked[at]:
                at += 1
                continue
            last = self._end(at)
            yield from self._cut(at, last)
            at = last + 1

    def cue_before(self, first: int) -> tuple[Cue, str]:
        """Give what the word before a position says of what stands there."""
        gap = self.tokens[first].gap
        if gap not in _USUAL_GAPS:
            gap = self._plain_gap(first)
        if not first or not (gap in _USUAL_GAPS or _CUE_GAP.fullmatch(gap)):
            return Cue.NONE, ""
        before = self.tokens[first - 1]
        if gap[:1] == ")" and before.gap == "(" and first > 1:
            # `Forename(s): …`
            before, gap = self.tokens[first - 2], gap[1:]
        word = before.text.lower()
        if gap == " " and first > 1 and word in _IS and self.tokens[first - 2].text.lower() == "wie":
            # `Wie is Happy?`
            return Cue.NAMED, word
        cue = Cue.NAMED if word in _LABELS and gap[0] == ":" else cue_of(word)
        if ":" in gap and word in cues.HEADS_OF_PEOPLE:
            return Cue.NAMED, word
        if cue is Cue.NONE or (gap[0] == "." and cue is not Cue.HONORIFIC and word not in cues.CUT_ROLES):
            return Cue.NONE, ""
        if "\n" in gap and cue is not Cue.NAMED:
            return Cue.NONE, ""
        return cue, word

    def _plain_gap(self, first: int) -> str:
        """Give what stands before a word without numbers, columns and cells, which leave a colon."""
        if self._is_in_column(first):
            return ": "
        gap = _COLUMNS.sub(" ", _NUMBERED.sub("", self.tokens[first].gap)).replace(" :", ":")
        return ": " if gap == "\t" and self._is_form_row(first) else gap

    def fills_field(self, at: int) -> bool:
        """Tell whether a word is what a field says: behind a colon, or in the column behind the label."""
        return self.tokens[at].gap.lstrip(" ").startswith(":") or self._is_in_column(at)

    def _is_in_column(self, at: int) -> bool:
        """Tell `Achternaam          Bondarenko`: spaces stand where a form has a column."""
        if not at or self.tokens[at].gap[:2] != "  " or self.tokens[at].gap.strip(" "):
            return False
        return cue_of(self.tokens[at - 1].text.lower()) in {Cue.NAMED, Cue.KIN, Cue.ROLE, Cue.OFFICIAL}

    def _is_form_row(self, second: int) -> bool:
        """Tell whether a token begins the second and last cell of its line: `Achternaam`, a tab, `Bakker`."""
        if second != 1 and "\n" not in self.tokens[second - 1].gap:
            return False
        for token in self.tokens[second + 1 : second + 1 + _LONGEST_RUN]:
            if "\t" in token.gap or "\n" in token.gap:
                return "\n" in token.gap
        return True

    def cue_beyond(self, first: int) -> Cue:
        """Give what stands before a form of address: `de buurvrouw, mevrouw Tewelde`."""
        at = first - 1
        while at > 0 and first - at < _MOST_PARTICLES + 1:
            cue = cue_of(self.tokens[at].text.lower())
            if cue is not Cue.HONORIFIC and self.tokens[at].text.lower() not in {"de", "is", "een", "haar", "zijn"}:
                return cue
            if (
                self.tokens[at].opens
                or self.tokens[at].gap.strip() not in {"", ",", ":", ".", "("}
                or "\n" in self.tokens[at].gap
            ):
                break
            at -= 1
        return cue_of(self.tokens[at].text.lower()) if at == 0 else Cue.NONE

    def is_shouted(self, at: int) -> bool:
        """Tell whether the line of a token is written in capitals, so that capitals say nothing."""
        start = self._line(self.tokens[at])
        if start not in self._shouted:
            end = self.text.find("\n", start)
            line = self.text[start : end if end >= 0 else None]
            lower = sum(map(str.islower, line))
            self._shouted[start] = sum(map(str.isupper, line)) > 4 * lower and " " in line.strip()
        return self._shouted[start]

    def is_blocked(self, at: int) -> bool:
        """Tell whether a token stands in something that was found already, or is nobody."""
        return self._blocked[at]

    def is_acronym(self, at: int) -> bool:
        """Tell whether a word in capitals is an abbreviation and no name: short, and nothing beside it tells a name."""
        token = self.tokens[at]
        if token.shape is not Shape.UPPER or len(token.text) > _LONGEST_ACRONYM or self.is_shouted(at):
            return False
        sort = self.vocabulary.sort(token.text)
        if sort & LISTED:
            return False
        if sort & (Sort.NOBODY | Sort.WORD) or not _VOWEL.search(self.vocabulary.fold(token.text)):
            return True
        told = token.gap == " " and self.cue_before(at)[0] in {Cue.KIN, Cue.HONORIFIC}
        return not (told or self._is_named_beside(at - 1, at) or self._is_named_beside(at + 1, at + 1))

    def _is_named_beside(self, other: int, right: int) -> bool:
        """Tell whether a neighbour makes a short word in capitals a name: `TEMO, Azad`, `ZÎN OSÊ`."""
        if not 0 <= other < len(self.tokens) or self.tokens[right].gap not in {" ", ", "}:
            return False
        sort = self.vocabulary.sort(self.tokens[other].text)
        if self.tokens[other].shape is Shape.UPPER:
            ordinary = sort & (Sort.NOBODY | Sort.WORD | Sort.PLACE) and not sort & LISTED
            return not ordinary and _VOWEL.search(self.vocabulary.fold(self.tokens[other].text)) is not None
        return self.tokens[other].shape is Shape.CAPITAL and bool(sort & (Sort.NAME | Sort.FIRST))

    def joins(self, left: Token, right: Token) -> bool:
        """Tell whether two words can stand in one name by what is between them."""
        gap = right.gap
        if gap == " ":
            return True
        if left.shape is Shape.INITIAL:
            return gap in {".", ". ", ".-"}
        if gap == " - ":
            # `Achternaam: Kok - Groen`: a surname of two, in a field that asks for it.
            return left.gap == ": " and "naam" in self.text[max(0, left.start - _WRAPPED) : left.start].lower()
        return gap == "\n" and left.start - self._line(left) >= _WRAPPED

    def _line(self, token: Token) -> int:
        """Give where the line of a token begins."""
        return self._lines[bisect_right(self._lines, token.start) - 1]

    def _end(self, first: int) -> int:
        last = first
        while last - first < _LONGEST_RUN:
            at = last + 1
            row: list[str] = []
            while at < len(self.tokens) and len(row) < _MOST_PARTICLES and self._is_particle(at):
                row.append(self.tokens[at].text)
                at += 1
            if at >= len(self.tokens) or self._blocked[at] or self.tokens[at].shape not in _CAPITALS:
                break
            if not self.joins(self.tokens[at - 1], self.tokens[at]) or (row and not self._leads_on(row, last, at)):
                break
            last = at
        return last

    def _is_particle(self, at: int) -> bool:
        token = self.tokens[at]
        return token.shape is Shape.LOWER and token.text in cues.PARTICLES and self.joins(self.tokens[at - 1], token)

    def _leads_on(self, row: list[str], last: int, at: int) -> bool:
        """Tell whether particles lead on to more of the name: `Saba van den Berg`, not `Saba van de IND`."""
        if tuple(row) not in cues.PARTICLE_ROWS:
            return False
        sort = self.vocabulary.sort(self.tokens[at].text)
        is_initial = self.tokens[last].shape is Shape.INITIAL
        if not sort & LISTED and self._organisation(at, self.tokens[at].text.lower(), at):
            return False
        if sort & Sort.NOBODY or self.is_acronym(at) or cue_of(self.tokens[last].text.lower()) in {Cue.KIN, Cue.ROLE}:
            return False
        if sort & Sort.PLACE and not is_initial and (row[-1] == "te" or not sort & LISTED):
            return False
        return not (row == ["van"] and not is_initial and not sort & Sort.SURNAME and sort & LISTED)

    def _cut(self, first: int, last: int) -> Iterator[Segment]:
        """Cut a row at what is no part of a name, and give the pieces with their cues."""
        begin = first
        cue, word = self.cue_before(first)
        organised = self._after_organisation(first)
        at = first = begin = self._after_firm(first, last)
        while at <= last:
            token = self.tokens[at]
            lower = token.text.lower()
            sort = self.vocabulary.sort(token.text)
            own = self._own_cue(at, begin, last, cue)
            if organisation := self._organisation(at, lower, begin):
                if organisation in things.ORGANISATION_ENDS or at == begin or self._is_firm(begin, at, last, cue):
                    organised, begin = True, at + 1
                    at += 1
                    continue
                if begin < at and not organised:
                    yield from self._piece(begin, at - 1, cue, word)
                organised, begin = True, at + 1
            elif self._stops(at, sort, begin, cue) or (own is not Cue.NONE and token.shape is not Shape.INITIAL):
                if begin < at and not organised:
                    yield from self._piece(begin, at - 1, cue, word)
                begin, organised = at + 1, organised and own is Cue.NONE
                cue, word = (own, lower) if own is not Cue.NONE else (Cue.NONE, "")
            at += 1
        if begin <= last and not organised:
            yield from self._piece(begin, last, cue, word)

    def _is_firm(self, begin: int, at: int, last: int, cue: Cue) -> bool:
        """Tell whether words that no list has as names end in what they are: `De Surinaamsche Bank`."""
        if (
            at != last
            or self.tokens[at].text.lower() not in things.FIRMS
            or cue in {Cue.HONORIFIC, Cue.KIN, Cue.ROLE, Cue.OFFICIAL}
        ):
            return False
        return not any(
            self.tokens[each].shape is Shape.INITIAL
            or (self.vocabulary.sort(self.tokens[each].text) & LISTED and self.tokens[each].text not in _ARTICLES)
            for each in range(begin, at)
        )

    def _after_firm(self, first: int, last: int) -> int:
        """Give where a row goes on after the name of a firm, which ends with its legal form: `Hassan Bakkerij BV`."""
        for at in range(last, first, -1):
            if self._organisation(at, self.tokens[at].text.lower(), first) in things.LEGAL_FORMS:
                return at + (2 if self.tokens[at].shape is Shape.INITIAL else 1)
        return first

    def _piece(self, first: int, last: int, cue: Cue, word: str) -> Iterator[Segment]:
        """Give a piece without the particles at its ends that do not belong to it, and with those that do."""
        while last >= first and self.tokens[last].shape is Shape.LOWER:
            last -= 1
        while (
            first <= last and self.tokens[first].shape is Shape.LOWER and self.tokens[first].text not in _SURE_PARTICLES
        ):
            first += 1
        if first > last:
            return
        first, cue, word = self._with_particles(first, cue, word)
        yield Segment(first, last, cue, word)

    def _with_particles(self, first: int, cue: Cue, word: str) -> tuple[int, Cue, str]:
        """Take in particles before the first capital: `de heer van den Berg`, `buurman el Idrissi`."""
        begin = first
        while (
            begin
            and first - begin < _MOST_PARTICLES
            and self.tokens[begin].gap == " "
            and self._is_lone_particle(begin - 1)
        ):
            begin -= 1
        while begin < first:
            row = tuple(token.text for token in self.tokens[begin:first])
            before, before_word = self.cue_before(begin)
            fits = row in cues.PARTICLE_ROWS and (
                row[0] in _SURE_PARTICLES
                or (len(row) > 1 and before is not Cue.NONE and before is not Cue.SUBJECT)
                or before in {Cue.HONORIFIC, Cue.OFFICIAL}
                or (before is Cue.ROLE and (row[0] == "de" or (row == ("van",) and self._is_only_surname(first))))
                or (before in {Cue.NAMED, Cue.KIN} and self.tokens[begin].gap.startswith(":"))
                or (before is Cue.NAMED and bool(self.vocabulary.sort(self.tokens[first].text) & Sort.SURNAME))
            )
            sort = self.vocabulary.sort(self.tokens[first].text)
            # `een agent te Emmen`: where somebody works is no part of a name.
            placed = row == ("te",) and before is Cue.OFFICIAL and bool(sort & Sort.PLACE)
            if fits and not placed and not sort & Sort.NOBODY:
                return begin, before if before is not Cue.NONE else cue, before_word or word
            begin += 1
        return first, cue, word

    def _is_only_surname(self, at: int) -> bool:
        """Tell a word that can be a surname and nothing else: `gyn van Eijndhoven`, not `de arts van Sara`."""
        sort = self.vocabulary.sort(self.tokens[at].text)
        others = Sort.NAME | Sort.FIRST | Sort.PLACE | Sort.NOBODY | Sort.WORD
        return self.tokens[at].shape is Shape.CAPITAL and bool(sort & Sort.SURNAME) and not sort & others

    def _is_lone_particle(self, at: int) -> bool:
        return self.tokens[at].shape is Shape.LOWER and self.tokens[at].text in cues.PARTICLES and not self._blocked[at]

    def _after_organisation(self, first: int) -> bool:
        """Tell whether the word before makes what follows an organisation: `school De Wegwijzer`, `Stichting Barka`."""
        if not first or self.tokens[first].gap not in {" ", ' "', " '"}:
            return False
        before = self.tokens[first - 1]
        if before.shape is Shape.LOWER:
            return self.vocabulary.fold(before.text) in things.ORGANISATIONS and not self._is_someone_in(first)
        # `Woonstichting De Goede Woning`: what was found to be a thing already stands in no row of capitals.
        return self._blocked[first - 1] and self.is_organisation(first - 1)

    def _is_someone_in(self, first: int) -> bool:
        """Tell a given name behind where somebody is: `in het ziekenhuis Peter Jansen gesproken`."""
        where = self.tokens[first - 1].text.lower()
        return where in things.WHERE_PEOPLE_ARE and self.vocabulary.is_given(self.tokens[first].text)

    def is_organisation(self, at: int) -> bool:
        """Tell whether a word is one for an organisation: `school`, `woonstichting`."""
        fold = self.vocabulary.fold(self.tokens[at].text)
        return fold in things.ORGANISATIONS or fold.endswith(things.ORGANISED)

    def _own_cue(self, at: int, begin: int, last: int, cue: Cue) -> Cue:
        """Give what a word with a capital says of those after it: `Mevrouw Ahmadi`; not `de heer Sheikh`."""
        own = cue_of(self.tokens[at].text.lower())
        # `DE HEER VISSER`: in a line of capitals the article stands in the row.
        led = all(self.tokens[each].text in {"DE", "EN"} for each in range(begin, at)) and own is Cue.HONORIFIC
        if (at > begin and not led) or (at == last and cue is Cue.HONORIFIC):
            return Cue.NONE
        return own

    def _follows_name(self, at: int, begin: int) -> bool:
        """Tell whether the word before, in the same row, is a name: then this one is its second part."""
        at -= 1
        while at > begin and self.tokens[at].text.lower() in cues.PARTICLES:
            at -= 1
        if at < begin:
            return False
        before = self.vocabulary.sort(self.tokens[at].text)
        return self.tokens[at].shape is Shape.INITIAL or not before or bool(before & LISTED and not before & Sort.WORD)

    def _organisation(self, at: int, lower: str, begin: int) -> str:
        """Give the word that makes the capitals around it an organisation, or nothing."""
        if self.text[self.tokens[at].start : self.tokens[at].start + 4] in {"B.V.", "N.V."}:
            return "bv"
        fold = self.vocabulary.fold(lower)
        ends_so = fold.endswith(things.ORGANISED) and not self.vocabulary.sort(self.tokens[at].text) & LISTED
        if fold not in things.ORGANISATIONS and not ends_so:
            return ""
        if at > begin and self.tokens[at - 1].shape in {Shape.LOWER, Shape.INITIAL}:
            # `van 't Hof`, `P. Bank`: a name that is an ordinary word.
            return ""
        if (
            at > begin
            and self.vocabulary.sort(self.tokens[at].text) & Sort.SURNAME
            and (self._is_given(at - 1) or self.vocabulary.sort(self.tokens[at - 1].text) & Sort.FIRST)
        ):
            # `Sabine Pol`: a given name before it, and a surname that is a word as well.
            return ""
        return fold

    def _is_given(self, at: int) -> bool:
        word = self.tokens[at].text
        return self.vocabulary.is_given(word) and not self.vocabulary.is_word(word)

    def _stops(self, at: int, sort: int, begin: int, cue: Cue) -> bool:
        token = self.tokens[at]
        if token.shape is Shape.INITIAL or token.shape is Shape.LOWER:
            return False
        second = self._follows_name(at, begin)
        if second and token.text.lower() in cues.PARTICLES:
            return False
        if self.is_acronym(at):
            return True
        if sort & Sort.NOBODY:
            # `de heer Kobani`: who is addressed is somebody, whatever else bears the name.
            addressed = at == begin and (cue is Cue.HONORIFIC or (cue is Cue.NAMED and token.gap.startswith(":")))
            return not sort & LISTED and not (
                (second or addressed) and token.shape is Shape.CAPITAL and not sort & Sort.PROPER
            )
        return self.is_shouted(at) and bool(sort & Sort.WORD) and not sort & LISTED
