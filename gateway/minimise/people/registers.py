"""Finds the numbers that somebody works under: an interpreter's, a doctor's, a lawyer's, and those of staff.

Rules:
1. A public register names whoever stands in it: an interpreter's number in the Rbtv, a BIG number, a BAR number leads
   to a person as a name does. It is never the subject's.
2. A staff number belongs to whoever was spoken of, so that an official's follows the official.
3. `Tolk: 4417` is what an office calls an interpreter by so that no name is written; nobody else can look it up, and it
   stays. So does the number of somebody else's case.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot

_NUMBER_WORD: Final = r"(?:nummers?|nrs?|num|code|id|no|number|reg(?:istratie)?(?:nummer|nr)?)"
_TO_NUMBER: Final = (
    r"(?:\.|:)?(?: (?:is|was|luidt|van (?:de |het )?[\w-]{1,20}|of (?:the )?[\w-]{1,20}))?[^\w\n]{0,4}(?:\n {0,4})?"
)
_NUMBER: Final = r"(?:[A-Z]{1,5}[-. ]?)?\d{2,11}(?:[.-]\d{2,6}){0,2}(?![\w])(?![.,:/-]\d)"
_BIG_NUMBER: Final = r"\d(?:[ .-]?\d){7,10}(?![\w])"

_INTERPRETERS: Final = ("registertolk", "reg.tolk", "wbtv", "rbtv")
_PROFESSIONS: Final = ("big", "agb", "skj", "nip", "nvo", "bar", "advoca", "beroepsregister")
_STAFFS: Final = (
    *("personeel", "pers.", "dienst", "stam", "medewerker", "werknemer", "verbalisant", "penning", "badge", "staff"),
    *("employee", "service"),
)
_CALLED: Final = re.compile(
    rf"(?i:\w{{4,12}}(?:'s)?[- ]?{_NUMBER_WORD}\b{_TO_NUMBER}(?:{_NUMBER_WORD}[. :]{{1,2}})?)({_NUMBER})"
)
_LATER: Final = re.compile(
    r"\w+\b(?:[^\d\n.;?!]|(?<=\b[A-Z])\.|(?<=\b(?:mw|mr|dr))\.|(?<=\b(?:dhr|drs))\.){0,60}?"
    r"(?i:\b(?:nummer|nr|no|code|reg(?:ister|istratie)?[-. ]?(?:nummer|nr)))\b\.?"
    r"(?: (?:is|was))?[: ]{1,2}([A-Z]{0,4}-?\d{3,7}(?![\w-])(?![.,:/]\d))"
)
_BARE: Final = re.compile(
    r"\w+(?: in (?:het|de taal))?(?: \(?[A-ZÀ-Þ][\w'./()-]{0,24}){0,4}(?:[:,(#]| -| \u2013| \()?[ #(]{0,2}"
    r"((?!(?:19|20)\d\d\b)\d{3,6}|[A-Z]{1,3}-?\d{3,6})(?![\w])(?![.,:/-]\d)"
    r"(?! ?(?:uur|uren|u\b|min|euro|eur\b|km|dag|woord|keer|x\b|%|pagina|maal|tolken|person|gesprek|gehoor|m\b))",
)
_IN_REGISTER: Final = re.compile(
    r"tolk\b(?:[^\d\n.;?!]|(?<=\b[A-Z])\.|(?<=\b(?:mw|mr|dr))\.|(?<=\b(?:dhr|drs))\.){0,60}?"
    r"(?i:\breg(?:ister|istratie)?[-. ]?(?:nummer|nr)\b)\.?[: ]{1,2}(\d{3,6})(?![\w-])(?![.,:/]\d)",
    re.IGNORECASE,
)
_BEHIND: Final = re.compile(r"(?<![\w.,:/-])(\d{3,6}) \((?:register|telefonische? )?$")
_REACH_BEHIND: Final = 25
_PROFESSION: Final = re.compile(
    rf"(?:(?i:(?:big|agb|skj|nip|nvo|bar|advoca(?:at|ten)|beroepsregister)[- ]?(?:{_NUMBER_WORD})\b{_TO_NUMBER})"
    rf"({_BIG_NUMBER}|{_NUMBER})"
    rf"|(?:BIG|AGB)(?:-geregistreerd| geregistreerd|-register)?(?:,? (?i:onder|nr\.?|nummer|met nummer|no\.?))?"
    rf"[^\w\n]{{1,3}}({_BIG_NUMBER}))"
)
_STAFF: Final = re.compile(
    rf"(?i:(?:personeels?|pers\.|dienst|stam|medewerkers?|werknemers?|verbalisant|penning|badge|staff|employee|service)"
    rf"[- ]?(?:{_NUMBER_WORD})\b{_TO_NUMBER})({_NUMBER})"
)
_LABEL: Final = re.compile(
    rf"(?:tolk(?:en|e)?|interpreter(?:'s)?|[wr]btv|big|agb|skj|nip|nvo|bar)[- ]?"
    rf"(?:{_NUMBER_WORD}|geregistreerde?|register)\b",
    re.IGNORECASE,
)
_NEXT: Final = re.compile(r" ?(?:,|/|&|en|and) ?([A-Z]{0,4}-?\d{3,11})(?![\w])(?![.,:/-]\d)")


def find_register_labels(flat: str) -> list[tuple[int, int]]:
    """Give the labels of such numbers that look like names, `BAR-nummer`, in a normal text that was folded."""
    starts = _starts(flat, ("tolk", *_INTERPRETERS, *_PROFESSIONS))
    return [found.span() for at in starts if _begins_word(flat, at) and (found := _LABEL.match(flat, at))]


def find_register_numbers(text: str, flat: str) -> Iterator[Spot]:
    """Find the numbers of a normal text that somebody works under; they may overlap. `flat`: the same text folded."""
    for at in _starts(flat, _INTERPRETERS):
        for pattern in (_CALLED, _LATER, _BARE):
            if found := pattern.match(text, at):
                yield from _with_next(text, found.span(1), Kind.REGISTER_NUMBER)
        if found := _BEHIND.search(text, max(0, at - _REACH_BEHIND), at):
            yield Spot(*found.span(1), Kind.REGISTER_NUMBER)
    for found in _IN_REGISTER.finditer(text):
        yield from _with_next(text, found.span(1), Kind.REGISTER_NUMBER)
    for at in _starts(flat, _PROFESSIONS):
        if _begins_word(flat, at) and (found := _PROFESSION.match(text, at)):
            yield from _with_next(text, found.span(1 if found[1] else 2), Kind.REGISTER_NUMBER)
    for at in _starts(flat, _STAFFS):
        if _begins_word(flat, at) and (found := _STAFF.match(text, at)):
            yield from _with_next(text, found.span(1), Kind.STAFF_NUMBER)


def _starts(flat: str, stems: Sequence[str]) -> Iterator[int]:
    """Give where the stems stand; a search for plain text is many times as fast as one for a pattern."""
    for stem in stems:
        at = flat.find(stem)
        while at >= 0:
            yield at
            at = flat.find(stem, at + len(stem))


def _begins_word(flat: str, at: int) -> bool:
    return not at or not flat[at - 1].isalnum()


def _with_next(text: str, span: tuple[int, int], kind: Kind) -> Iterator[Spot]:
    """Give a number, and those that stand behind it in a row: `tolknummers 4417 en 5512`."""
    yield Spot(*span, kind)
    following = _NEXT.match(text, span[1])
    while following:
        yield Spot(*following.span(1), kind)
        following = _NEXT.match(text, following.end())
