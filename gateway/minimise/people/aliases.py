"""Tells the other names that the subject is called by: `Betrokkene noemt zich Andy`, `Roepnaam: Andy` below the name.

A name is the subject's too when what stands before it calls somebody so, and who is called so is the subject: named, or
called what a file calls its subject, in the same sentence and with nobody else between. In a field it is whoever the
field before it is about. What is called so anywhere else stays somebody else's: this rule only ever keeps a name.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.findings import Whose
from gateway.minimise.people.page import Page, Person

_CALLED: Final = re.compile(
    r"\b(?:(?:noemt|noemde|noemen) (?:zich|zichzelf)(?: \w+){0,3}|(?:laat|liet) zich(?: \w+){0,2}"
    r"|(?:wordt|werd)(?: \w+){0,3} (?:wel|ook)|(?:staat|stond|is|was)(?: \w+){0,2} bekend (?:als|onder de naam)"
    r"|ook bekend als|ook wel|a\.?k\.?a\.?|alias|is gedoopt als|gebruikt(?:e)? de naam"
    r"|(?:heet|heette)(?: (?:eigenlijk|officieel|nu|inmiddels|voluit|vroeger))?),?:? [\"'\u201c\u201e(]{0,2}$",
    re.IGNORECASE,
)
_CALLED_SO: Final = re.compile(r"[\"'\u201d)]{0,2} (?:ge)?noem(?:d|en)\b")
_NEEDS_END: Final = re.compile(r"\b(?:laat|liet|wordt|werd)\b", re.IGNORECASE)
_FIELD: Final = re.compile(
    r"(?:^|[\n.;,|\t(] ?)(?:alias(?:sen)?|roepnaam|doopnaam|bijnaam|schuilnaam|meisjesnaam|ook bekend als|zegt maar"
    r"|other names? used)(?: {0,12}:| is|\t)? {0,12}[\"'\u201c\u201e]?$",
    re.IGNORECASE,
)
_REACH: Final = 60
_MOST_WORDS: Final = 6
_FIELD_WORDS: Final = 25
_OTHERS: Final = frozenset({Cue.KIN, Cue.ROLE, Cue.OFFICIAL, Cue.HONORIFIC})


def subjects_aliases(page: Page) -> Iterator[Person]:
    """Give the people of a text who are the subject by another name; everybody's owner but theirs is known."""
    text = page.normal.text
    by_token = {at: each for each in page.people for at in range(each.mention.first, each.mention.last + 1)}
    for person in page.people:
        if person.whose is Whose.SUBJECT or person.mention.cue in _OTHERS:
            continue
        start = person.mention.start
        before = max(0, start - _REACH)
        if _FIELD.search(text, before, start):
            if _is_subject_before(page, by_token, person.mention.first - 2, _FIELD_WORDS, in_sentence=False):
                yield person
        elif (found := _CALLED.search(text, before, start)) and (
            not _NEEDS_END.match(found[0]) or _CALLED_SO.match(text, person.mention.end)
        ):
            at = person.mention.first
            while at and page.tokens[at - 1].start >= found.start():
                at -= 1
            if _is_subject_before(page, by_token, at - 1, _MOST_WORDS, in_sentence=True):
                yield person


def _is_subject_before(page: Page, by_token: dict[int, Person], last: int, most: int, *, in_sentence: bool) -> bool:
    """Tell whether the first who is spoken of, going back from a token, is the subject."""
    for at in range(last, max(-1, last - most), -1):
        gap = page.tokens[at + 1].gap
        if in_sentence and (page.tokens[at + 1].opens or any(sign in gap for sign in ".!?;\n")):
            return False
        if (person := by_token.get(at)) is not None:
            return person.whose is Whose.SUBJECT
        cue = cue_of(page.tokens[at].text.lower())
        if cue is Cue.SUBJECT:
            # `de moeder van betrokkene noemt zich …`
            return not (at and page.tokens[at - 1].text.lower() in {"van", "aan", "met", "bij", "door", "voor"})
        if cue in {Cue.KIN, Cue.ROLE, Cue.OFFICIAL}:
            return False
    return False
