"""Finds the people in the texts of a package, and tells the subject from officials and from everybody else.

Each text is searched for itself, then all of them together:
1. The text is brought into normal form.
2. Numbers, contacts, addresses and other scripts are found; what stands in them is no name any more.
3. Names are found by lists, cues and capitals, and by the second opinion where there is one.
4. Every name is told apart: the subject's, an official's, somebody else's; over all texts, since a surname that two
   people of the package bear proves nothing.
5. Names that were found once are found everywhere.
6. Numbers, addresses and birth dates get an owner, by the package and by who was spoken of; in a table by its rows.
7. What overlaps becomes one finding, and the stricter reading counts.

Nothing here looks at a clock, and time grows with the length of the texts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.aliases import subjects_aliases
from gateway.minimise.people.columns import Columns
from gateway.minimise.people.cueing import Cue
from gateway.minimise.people.dates import dates_of, find_dates
from gateway.minimise.people.findings import CellPlace, Finding, Kind, Known, Whose
from gateway.minimise.people.homes import Other, towns_beside, towns_of_people
from gateway.minimise.people.languages import Languages
from gateway.minimise.people.lists import Lists
from gateway.minimise.people.merging import merged
from gateway.minimise.people.names import Mention, mention_of
from gateway.minimise.people.normalising import Normal, normalise
from gateway.minimise.people.numbers import find_numbers
from gateway.minimise.people.owners import Anchor, Owners, anchors_of
from gateway.minimise.people.page import Page, Person, Sought, with_stop, with_title
from gateway.minimise.people.persons import Name, Subject, is_official, learn_address, name_of, whose
from gateway.minimise.people.places import house_of, street_of
from gateway.minimise.people.propagating import Found, find_again
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.tokens import Token, tokens_of
from gateway.minimise.people.values import digits_of, pattern_of
from gateway.minimise.people.weighing import signs_of, weighed
from gateway.minimise.people.words import Vocabulary
from gateway.package.folding import words_of

_SOMEBODY_ELSE: Final = frozenset({Cue.KIN, Cue.ROLE, Cue.OFFICIAL})
_REACH: Final = 12
_NEXT_FIELD: Final = 6
"""So many words may stand between a name and the one in the field below it: the label, in pieces."""
_BEHIND: Final = re.compile(r"[\s,(]{1,3}(?:(?:in|te) )?$")
_HOST: Final = re.compile(r"@| ?[\[(]")
_QUERY: Final = re.compile(r"[?#]")
_ONE_EACH: Final = frozenset({Kind.V_NUMBER, Kind.BSN})


def find_people(
    texts: Sequence[str],
    *,
    known: Known,
    lists: Lists,
    second_opinion: Sequence[Sequence[tuple[int, int]]] = (),
    places: Sequence[CellPlace | None] = (),
) -> tuple[tuple[Finding, ...], ...]:
    """Find everybody in the passages of a package; for each text its findings, in order, none overlapping.

    `second_opinion`: for each text the spans that another program took for a person, in code points; or nothing.
    `places`: for each text where it stands in a table, None when it is no cell; or nothing.
    """
    vocabulary = Vocabulary(lists)
    search = _Search(known, vocabulary)
    columns = Columns()
    languages = Languages()
    pages = [
        Page(text, vocabulary, search.sought, place=place, tabled=columns.read(text, place), languages=languages)
        for text, place in zip_longest(texts, places[: len(texts)])
    ]
    for page in pages:
        page.add([*search.find_subject(page)])
    for page, spans in zip(pages, second_opinion, strict=False):
        page.add_second_opinion(spans)
    search.tell_apart(pages)
    for page in pages:
        search.find_again(page)
    search.read_rows(pages)
    before: Whose | None = None
    found: list[tuple[Finding, ...]] = []
    for page in pages:
        findings, before = search.findings(page, before)
        found.append(findings)
    return tuple(found)


def names_found(texts: Sequence[str], findings: Sequence[Sequence[Finding]]) -> tuple[str, ...]:
    """Give the names of third parties that were found, for the search of the package's other documents."""
    names = {
        " ".join(normalise(text[each.start : each.end]).text.split())
        for text, found in zip(texts, findings, strict=True)
        for each in found
        if each.kind is Kind.NAME and each.whose is Whose.THIRD_PARTY
    }
    return tuple(sorted(names))


class _Search:
    """What is known before and learnt during the search of a package."""

    def __init__(self, known: Known, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._birth_date = known.birth_date
        self.subject = Subject(known.names, vocabulary)
        # The street alone names nobody, and tells nothing that the address does not; unless that may not go.
        streets = {street_of(each) for each in known.addresses} - {street_of(each) for each in known.withheld}
        self.sought = Sought(
            own=pattern_of((*known.numbers, *known.addresses, *map(house_of, known.addresses))),
            own_streets=pattern_of(streets),
            withheld=pattern_of(known.withheld),
        )
        self._withheld_dates = frozenset(known.withheld)
        self._one_each = frozenset(
            spot.kind for number in known.numbers for spot in find_numbers(_cued(number)) if spot.kind in _ONE_EACH
        )
        self._others = [
            name for name in (name_of(tokens_of(other), vocabulary) for other in known.others) if name.parts
        ]
        self._named: frozenset[str] = frozenset()
        self._rows: dict[tuple[int, int], Whose] = {}
        self._doubted = [
            name for name in (name_of(tokens_of(other), vocabulary) for other in known.doubted) if name.parts
        ]
        self._found = Found(but=self.subject.parts)

    def find_subject(self, page: Page) -> Iterator[Mention]:
        """Find the subject's names where they are ordinary words or in small letters: `amal haas`, not `de haas`."""
        own = [self._may_be_subjects(token) for token in page.tokens] if self.subject.parts else []
        for at in range(len(own) - 1):
            if not (own[at] and own[at + 1]) or page.taken[at] or page.taken[at + 1]:
                continue
            if page.tokens[at + 1].gap not in {" ", ", "}:
                continue
            name = name_of(page.tokens[at : at + 2], self._vocabulary)
            if len(name.parts) > 1 and set(name.parts) <= self.subject.parts and self.subject.is_whole(name):
                yield mention_of(page.tokens, at, at + 1, certain=True)

    def _may_be_subjects(self, token: Token) -> bool:
        """Tell whether a word, taken apart as a name, holds no part that the subject's name has not."""
        return self.subject.parts.issuperset(name_of((token,), self._vocabulary).parts)

    def tell_apart(self, pages: Sequence[Page]) -> None:
        """Tell of every name whose it is."""
        people = [person for page in pages for person in page.people]
        for person in people:
            learn_address(self.subject, person.mention, person.name)
        self.subject.learn_spellings((each.name, _is_another(each, page)) for page in pages for each in page.people)
        self._named = frozenset(part for each in people for part in each.name.parts) - self.subject.parts
        others = (*self._others, *self._doubted)
        shared = any(self._shares_surname(name) for name in (*others, *(person.name for person in people)))
        for name in others:
            self._found.add(name, Whose.THIRD_PARTY, certain=name in self._others)
        for page in pages:
            page.people.sort(key=lambda person: person.mention.first)
            for person in page.people:
                self._tell(person, page, surname_shared=shared)
            self._join_parts(page)
        _tell_aliases(pages)
        for person in people:
            if person.whose is Whose.OFFICIAL:
                self._found.add(person.name, Whose.OFFICIAL, certain=person.certain)
        for person in people:
            if person.whose is Whose.THIRD_PARTY and self._is_official_again(person):
                person.whose = Whose.OFFICIAL
            elif person.whose is Whose.THIRD_PARTY:
                self._found.add(person.name, Whose.THIRD_PARTY, certain=person.certain)

    def _is_official_again(self, person: Person) -> bool:
        """Tell an official who is named once more, without the function: `F. Koster voornoemd`."""
        known = [self._found.whose(part) for part in person.name.parts]
        officials = bool(known) and all(each is not None and each[0] is Whose.OFFICIAL for each in known)
        return officials and person.mention.cue not in {Cue.KIN, Cue.ROLE}

    def find_again(self, page: Page) -> None:
        """Find in a text the names that were found in any of them; and whose a bare part of one is."""
        for mention, of in list(find_again(page.runs, page.taken, self._found, self._vocabulary)):
            page.add_again(mention, of)

    def read_rows(self, pages: Sequence[Page]) -> None:
        """Learn who is spoken of, in every text and in every row of a table."""
        for page in pages:
            page.people.sort(key=lambda person: person.mention.first)
            named = [Anchor(each.mention.start, each.mention.end, each.whose) for each in page.people]
            page.anchors = anchors_of(page.tokens, page.named, named)
            if page.place is not None and page.anchors:
                self._rows.setdefault((page.place.table, page.place.row), page.anchors[0].whose)

    def findings(self, page: Page, before: Whose | None) -> tuple[tuple[Finding, ...], Whose | None]:
        """Give the findings of one text, and who was spoken of last."""
        if page.place is not None:
            before = self._rows.get((page.place.table, page.place.row), before)
        owners = Owners(page.normal.text, page.anchors, before)
        found: list[Finding] = []
        for person in page.people:
            end = with_stop(page, person.mention)
            start = with_title(page, person.mention) if person.whose is Whose.THIRD_PARTY else person.mention.start
            found.append(_finding(start, end, Kind.NAME, person.whose, certain=person.certain))
        ends = frozenset(person.mention.end for person in page.people)
        found += [self._owned(spot, page, owners) for spot in page.spots]
        kin = [each.mention.end for each in page.people if _is_ones_own(each)]
        others = [each.mention.end for each in page.people if each.whose is Whose.THIRD_PARTY]
        towns = towns_beside(page.normal.text, kin, others, self._vocabulary)
        found += [self._owned(spot, page, owners) for spot in towns]
        people = [_other(each) for each in page.people if each.whose is Whose.THIRD_PARTY]
        homes = towns_of_people(page.normal.text, people, self._vocabulary, casual=page.runs.is_casual)
        found += [self._owned(spot, page, owners) for spot in homes]
        dates = [*find_dates(page.normal.text, page.columns, after_names=ends, birth_date=self._birth_date)]
        said = {spot.start for spot, _ in dates}
        found += [
            self._owned_date(spot, page, own=own, owners=owners)
            for spot, own in dates
            if own or not page.begins_row(spot)
        ]
        found += [
            self._owned_date(spot, page, own=False, owners=owners)
            for spot in page.birth_dates
            if spot.start not in said
        ]
        found += self._weighed(page, found, owners)
        found += [_finding(start, end, Kind.WITHHELD, Whose.SUBJECT) for start, end in self._withheld_in(page)]
        return tuple(_outside(each, page.normal) for each in merged(found)), owners.last()

    def _weighed(self, page: Page, found: Sequence[Finding], owners: Owners) -> list[Finding]:
        """Find the dates of birth and the towns of homes that no rule tells, by what stands around them."""
        signs = signs_of(page.normal.text, found, self._vocabulary)
        lists = self._vocabulary.lists
        known = {each.start for each in found if each.kind in {Kind.BIRTH_DATE, Kind.TOWN}}
        births = [spot for spot in weighed(signs.dates(), lists.of_births) if spot.start not in known]
        homes = [spot for spot in weighed(signs.towns(), lists.of_homes) if spot.start not in known]
        return [
            *(self._owned_date(spot, page, own=False, owners=owners) for spot in births),
            *(self._owned(spot, page, owners) for spot in homes),
        ]

    def _withheld_in(self, page: Page) -> Iterator[tuple[int, int]]:
        yield from page.withheld
        ends = {end for start, end in page.withheld if any(map(str.isdigit, page.flat[start:end]))}
        for spot in sorted(page.spots, key=lambda each: each.start):
            # The place behind an address is part of it, also where only the address is known.
            behind = _BEHIND.search(page.normal.text, max(0, spot.start - _REACH), spot.start)
            if behind and behind.start() in ends and spot.kind in {Kind.POSTCODE, Kind.TOWN}:
                ends.add(spot.end)
                yield spot.start, spot.end
        if self._withheld_dates:
            for start, end, value in dates_of(page.normal.text):
                if value in self._withheld_dates:
                    yield start, end

    def _shares_surname(self, name: Name) -> bool:
        """Tell whether somebody else bears a surname of the subject: another given name or initial before it."""
        return (
            any(part in self.subject.surnames for part in name.parts)
            and (len(name.parts) > 1 or bool(name.initials))
            and not self.subject.is_whole(name)
            and not self.subject.is_surname(name)
        )

    def _tell(self, person: Person, page: Page, *, surname_shared: bool) -> None:
        if _is_among(person.name, self._others):
            person.whose, person.certain = Whose.THIRD_PARTY, True
            return
        mention = person.mention
        if mention.cue is Cue.HONORIFIC and (beyond := page.runs.cue_beyond(mention.first)) in _SOMEBODY_ELSE:
            mention = replace(mention, cue=beyond)
        if page.is_kin_behind(mention.last):
            mention = replace(mention, cue=Cue.KIN)
        another = page.is_another(mention.first)
        shared = surname_shared and not page.is_about(mention.start)
        subjects, certain = whose(mention, person.name, self.subject, surname_shared=shared, another=another)
        person.certain = certain
        if _is_among(person.name, self._doubted):
            person.whose = Whose.THIRD_PARTY
        elif subjects is not None:
            person.whose = subjects
        elif mention.cue is Cue.HONORIFIC and self.subject.begins_as(person.name) and not self._begins(person.name):
            person.whose, person.certain = Whose.SUBJECT, False
        elif is_official(mention, page.runs, page.named):
            person.whose = Whose.OFFICIAL

    def _begins(self, name: Name) -> bool:
        """Tell whether bare initials are those of anybody else in the package as well."""
        return any(part.startswith(name.initials[:1]) for part in self._named)

    def _join_parts(self, page: Page) -> None:
        """Read `WELDESLASIE, Hagos`, or two fields below each other, as one name: of one person, the subject or not."""
        for left, right in zip(page.people, page.people[1:], strict=False):
            # A tab stands between two cells of a row: the surname, and the given name of the same person.
            beside = right.mention.first == left.mention.last + 1
            inverted = beside and page.tokens[right.mention.first].gap in {", ", "\t"}
            if (
                not inverted
                and not {left.mention.cue_word, right.mention.cue_word} <= cues.FIELD_NAMES
                and not self._is_surname_above_given(left, right)
            ):
                continue
            name = Name((*right.name.parts, *left.name.parts), right.name.initials)
            if set(name.parts) <= self.subject.parts and self.subject.is_whole(name):
                if page.is_another(left.mention.first):
                    left.whose = right.whose = Whose.THIRD_PARTY
                    left.certain = right.certain = False
                    continue
                left.whose = right.whose = Whose.SUBJECT
                left.certain = right.certain = True
            elif inverted and left.whose is not Whose.SUBJECT and right.whose is Whose.OFFICIAL:
                left.whose = Whose.OFFICIAL
            elif self._is_surname_above_given(left, right) and not page.is_another(left.mention.first):
                left.whose = right.whose = Whose.SUBJECT
                left.certain = right.certain = True
            elif self.subject.is_surname(left.name) and left.whose is Whose.SUBJECT is not right.whose:
                left.whose = right.whose

    def _is_surname_above_given(self, left: Person, right: Person) -> bool:
        """Tell the surname in a field before the subject's other names: `Naam  NWOSU`, `Voorna(a)m(en)  CHIDI Emeka`.

        More given names may follow than the package gives; the first one tells.
        """
        fields = left.mention.cue_word in cues.FIELD_NAMES or left.mention.cue not in _SOMEBODY_ELSE
        return (
            fields
            and right.mention.cue_word in cues.FIELD_NAMES
            and right.mention.first - left.mention.last <= _NEXT_FIELD
            and self.subject.is_surname(left.name)
            and bool(right.name.parts)
            and right.name.parts[0] in self.subject.parts
            and right.name.parts[0] not in self.subject.surnames
        )

    def _owned(self, spot: Spot, page: Page, owners: Owners) -> Finding:
        if spot.kind is Kind.NAME:
            return _finding(spot.start, spot.end, Kind.NAME, self._whose_script(spot, page), certain=spot.certain)
        if page.is_own(spot) or self._is_own_mail(spot, page):
            return _finding(spot.start, spot.end, spot.kind, Whose.SUBJECT)
        if spot.kind in self._one_each or spot.kind is Kind.REGISTER_NUMBER:
            return _finding(spot.start, spot.end, spot.kind, Whose.THIRD_PARTY, certain=spot.certain)
        owner, certain = self._owner(spot, page, owners)
        return _finding(spot.start, spot.end, spot.kind, owner, certain=certain and spot.certain)

    def _owner(self, spot: Spot, page: Page, owners: Owners) -> tuple[Whose, bool]:
        """Give whose a spot is: of who is named in its row, where it stands in one; below a head of nobody else."""
        row = page.row_of(spot)
        if row is not None and (of := owners.in_row(spot, *row)) is not None:
            return of, True
        alone = not page.anchors and (page.place is None or (page.place.table, page.place.row) not in self._rows)
        if page.is_below_head(spot) and (row is not None or alone):
            return Whose.THIRD_PARTY, False
        if alone and spot.kind is Kind.TELEPHONE and "\n" in page.normal.text[spot.start : spot.end]:
            # A cell of a page that goes over two lines: who was spoken of before it says nothing about its row.
            return Whose.THIRD_PARTY, False
        return owners.owner(spot)

    def _owned_date(self, spot: Spot, page: Page, *, own: bool, owners: Owners) -> Finding:
        if own:
            return _finding(spot.start, spot.end, spot.kind, Whose.SUBJECT)
        owner, certain = self._owner(spot, page, owners)
        if owner is Whose.SUBJECT and self._birth_date and "00" not in self._birth_date.split("-"):
            # The package gives another date: it is somebody else's, or a mistake that a person has to look at.
            owner, certain = Whose.THIRD_PARTY, False
        return _finding(spot.start, spot.end, spot.kind, owner, certain=certain and spot.certain)

    def _whose_script(self, spot: Spot, page: Page) -> Whose:
        name = name_of(tokens_of(page.normal.text[spot.start : spot.end]), self._vocabulary)
        return Whose.SUBJECT if name.parts and self.subject.is_whole(name) else Whose.THIRD_PARTY

    def _is_own_mail(self, spot: Spot, page: Page) -> bool:
        """Tell whether an address is made of the subject's given name and surname, and of nothing else."""
        if spot.kind not in {Kind.EMAIL, Kind.ONLINE}:
            return False
        written = page.normal.text[spot.start : spot.end]
        if spot.kind is Kind.EMAIL:
            who = _HOST.split(written, maxsplit=1)[0]
        else:
            who = _QUERY.split(written, maxsplit=1)[0].rstrip("/").rpartition("/")[2]
        words = [word for each in words_of(who) if (word := each.rstrip("0123456789"))]
        return self.subject.is_spelled(words) or self.subject.is_cut_short(words, self._named)


def _is_another(person: Person, page: Page) -> bool:
    """Tell whether the words around a name say that it is somebody beside the subject."""
    mention = person.mention
    return mention.cue in _SOMEBODY_ELSE or page.is_another(mention.first) or page.is_kin_behind(mention.last)


def _tell_aliases(pages: Sequence[Page]) -> None:
    """Tell the subject by another name, wherever that name stands with nothing before it that says who else it is."""
    known = [person for page in pages for person in subjects_aliases(page)]
    if not known:
        return
    names = {person.name for person in known}
    for page in pages:
        for person in page.people:
            alone = person.mention.cue not in {*_SOMEBODY_ELSE, Cue.HONORIFIC} and not page.is_another(
                person.mention.first
            )
            if person.name in names and alone:
                person.whose, person.certain = Whose.SUBJECT, False


def _is_among(name: Name, others: Sequence[Name]) -> bool:
    return any(name == other or set(name.parts) == set(other.parts) for other in others)


def _cued(number: str) -> str:
    """Write a known number so that its kind is recognised."""
    digits = digits_of(number).lstrip("v")
    return {9: f"BSN {digits}", 10: f"V-nummer {digits}"}.get(len(digits), "")


def _is_ones_own(person: Person) -> bool:
    return person.whose is Whose.THIRD_PARTY and person.mention.cue is Cue.KIN


def _other(person: Person) -> Other:
    mention = person.mention
    return Other(mention.start, mention.end, plain=mention.cue in {Cue.NONE, Cue.NAMED, Cue.KIN})


def _finding(start: int, end: int, kind: Kind, of: Whose, *, certain: bool = True) -> Finding:
    return Finding(start=start, end=end, kind=kind, whose=of, certain=certain)


def _outside(found: Finding, normal: Normal) -> Finding:
    start, end = normal.outside(found.start, found.end)
    return replace(found, start=start, end=end)
