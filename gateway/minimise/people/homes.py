"""Finds the towns that a sentence or a row ties to somebody: `bij Siem in Almelo`, `haar zussen zitten in Gouda`.

Rules:
1. A town goes with whoever it is said of: behind a name or a word for kin, with a verb of living, moving or working or
   none, and behind `bij` and `naar` with a name. Where an office, a firm or a hearing is stays.
2. The answer to `Waar woont hij?` is a home; that to `Waar woont u?` is the subject's own.
3. A row that begins with kin, or is a name and a town and nothing else, tells where somebody lives.
4. In a message without capitals a town is one in small letters too, unless it is an ordinary word.

Whose the town is, is decided where every owner is decided. Every name and every cue is looked at once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.minimise.people import list_words
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.findings import Kind
from gateway.minimise.people.places import town_at
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.words import Vocabulary

_VERBS: Final = (
    r"(?:woont|woonde|wonen|woonden|zit|zitten|zat|verblijft|verbleef|verblijven|logeert|slaapt|studeert|leeft|huurt"
    r"|werkt|werkte|werken|verhuist|verhuisde|trekt|vertrok|ging|gaat|gaan|moet gaan|is|zijn|was|komt|kwam|komen|staat)"
)
_HOW: Final = r"(?: (?:nu|nog|al|ook|weer|sinds \w+|tijdelijk|samen|alleen|gewoon|vlakbij|zelf|ergens|voorlopig|daar))?"
_OWN: Final = (
    r"(?:zijn|haar|mijn|uw|hun|diens|onze|ons|een|de|twee|drie|vier|andere|oudste|jongste|oudere|jongere|oude|paar|z'n)"
)
_OF_KIN: Final = re.compile(
    rf"\b(?i:{_OWN}) (?P<who>[a-zë-]{{3,20}})(?: van (?:betrokkene|hem|haar))?,?"
    rf"(?: {_VERBS}{_HOW})? (?:in|te|uit|naar) $"
)
_BEHIND: Final = re.compile(rf",? (?:{_VERBS}{_HOW} )?(?:in|te|uit|naar) (?=['A-Za-z])")
_UIT: Final = re.compile(r",? (?:(?:komt|komend|afkomstig) )?(?:uit|wonende? (?:in|te)) (?=['A-Za-z])")
_AT: Final = re.compile(r"\b(?:[Bb]ij|[Nn]aar)(?: [\w'.]{1,15}){0,3} $")
_SAID: Final = re.compile(
    r"\b(?:bij|naar) (?:hem|haar|hen|ze) (?:thuis )?(?:in|te) $"
    r"|\b(?:verhuist|verhuizen|verhuizing|wonend|wonende|woonachtig|woont|woonplaats|bleef|blijft|logeren"
    r"|toegewezen|gekoppeld|geplaatst|overgeplaatst|gevangenis|detentie)\b"
    r"(?:[^\n.;:0-9A-Z]{0,40}\b(?:naar|in|te|aan)(?: de)?(?: gemeente)?)? $"
    r"|\b(?:werkt|werkte|werken|werkzaam|winkel|zaak|toko|restaurant|bedrijf|kapsalon|garage|baan)\b"
    r"[^\n.;:0-9A-Z]{0,30}\b(?:in|te) $"
)
_THEN_LIVES: Final = re.compile(
    r", waar (?:[\w'-]+ ){1,4}(?:woont|woonde|wonen|verblijft|zit|werkt|logeert|huurt)\b"
    r"| (?:wonende|woonachtige|verblijvende|werkende)\b"
    r"| (?:een|zijn|haar|hun)(?: eigen| kleine?)?"
    r" (?:winkel|zaak|toko|huis|woning|kamer|appartement|restaurant|bedrijf)\b"
)
_TOWARDS: Final = re.compile(
    r"(?<![\w])(?:in|te|uit|naar|aan|gemeente|wonende?|woonachtig|woonplaats|woont) (?=['A-Za-z])"
)
_ANSWER: Final = re.compile(
    r"\?\s{1,4}(?:[-\u2013] ?)?(?:(?:A|Antw|Antwoord|R)\s?[.:]{1,2} ?)?\s{0,4}"
    r"(?:(?:[\w']{1,12} ){0,5}(?:[Ii]n|[Tt]e|[Nn]aar) )?(?=['A-Z])"
)
_ASKED: Final = re.compile(r"\b(?:[Ww]aar|[Ww]elke (?:plaats|stad|gemeente))\b(?P<asked>[^\n?.]{0,60})$")
_LIVES: Final = re.compile(r"\b(?:woon\w*|wonen|verblij\w+|zit|is|zijn|huis|slaapt|logeert)\b", re.IGNORECASE)
_SUBJECT_ASKED: Final = re.compile(r"\b(?:u|uzelf|je|jij|betrokkene)\b", re.IGNORECASE)
_CELL: Final = re.compile(r"(?:  |\t|\|)(?=['A-Z])")
_FIRST_OF_ROW: Final = re.compile(r"[ \t|]{0,8}(?P<who>[A-Za-zë-]{3,20})(?![\w])")
_BEGINS: Final = re.compile(r"(?:^|\n)[\W\d]{0,6}$")
_COMMA: Final = re.compile(r"(?:,| -| \u2013|\t) ?(?=['A-Z])")
_LINE_GOES: Final = re.compile(r"\s*(?:$|\n|[,;] ?(?:\+|\d|tel|mob|06))")
_BESIDE: Final = re.compile(r"(?:,? (?:(?:zit |is )?(?:in|te|uit)) | ?\(|, )(?=['A-Z])")
_BRACKET: Final = re.compile(r" \((?=['A-Z])")
_ONE_FROM: Final = re.compile(
    r"\b(?:broer|zus|oom|tante|neef|nicht|vriend|vriendin|kennis|vrijwilliger|vrijwilligster|man|vrouw|familie"
    r"|moeder|vader|zoon|dochter|schoonzus|zwager) (?:uit|in) (?=['A-Z])"
)
_LOOK_BACK: Final = 60
_REACH: Final = 120
_LONGEST_ROW: Final = 140


@dataclass(frozen=True, slots=True)
class Other:
    """The name of a third party, from `start` to `end`; `plain` when no role or form of address stands before it."""

    start: int
    end: int
    plain: bool


def towns_beside(text: str, kin: Iterable[int], others: Iterable[int], vocabulary: Vocabulary) -> Iterator[Spot]:
    """Give the towns right behind the names of people of one's own: `zijn neef Hemin Faraj in Gouda`.

    `kin`: where those names end; `others`: where names of third parties end, behind which a town in brackets is theirs.
    Behind `een vrijwilliger uit Zutphen` it is the word that says who lives there.
    """
    leads = [
        *(lead for end in kin if (lead := _BESIDE.match(text, end))),
        *(lead for end in others if (lead := _BRACKET.match(text, end))),
        *_ONE_FROM.finditer(text),
    ]
    for lead in leads:
        if (end := town_at(text, lead.end(), vocabulary, casual=False)) is not None:
            yield Spot(lead.end(), end, Kind.TOWN)


def towns_of_people(text: str, others: Sequence[Other], vocabulary: Vocabulary, *, casual: bool) -> Iterator[Spot]:
    """Give the towns that are said of somebody in a normal text. `casual`: it is written without capitals."""
    for at in (*_behind_names(text, others), *_asked(text)):
        if (end := town_at(text, at, vocabulary, casual=casual)) is not None:
            yield Spot(at, end, Kind.TOWN)
    for found in _TOWARDS.finditer(text):
        at = found.end()
        end = town_at(text, at, vocabulary, casual=casual)
        if end is not None and (_is_said_of_somebody(text, at) or _THEN_LIVES.match(text, end)):
            yield Spot(at, end, Kind.TOWN)
    for at in (*_cells(text), *_beside_names(text, others)):
        end = town_at(text, at, vocabulary, casual=False)
        if end is not None and _LINE_GOES.match(text, end):
            yield Spot(at, end, Kind.TOWN, certain=False)


def _behind_names(text: str, others: Sequence[Other]) -> Iterator[int]:
    for other in others:
        patterns = [_UIT]
        if other.plain or _AT.search(text, max(0, other.start - _LOOK_BACK), other.start):
            patterns.append(_BEHIND)
        yield from (found.end() for pattern in patterns if (found := pattern.match(text, other.end)))


def _is_said_of_somebody(text: str, at: int) -> bool:
    """Tell whether what leads to a town says that somebody lives, moves or works there."""
    begin = max(0, at - _REACH)
    kin = _OF_KIN.search(text, begin, at)
    if kin and (cue_of(kin["who"]) is Cue.KIN or kin["who"] in list_words.NEAR_KIN):
        return True
    return _SAID.search(text, begin, at) is not None


def _asked(text: str) -> Iterator[int]:
    for found in _ANSWER.finditer(text):
        question = _ASKED.search(text, max(0, found.start() - _REACH), found.start())
        if question and _LIVES.search(question["asked"]) and not _SUBJECT_ASKED.search(question["asked"]):
            yield found.end()


def _cells(text: str) -> Iterator[int]:
    """Give the cells of rows that begin with a word for kin."""
    for found in _CELL.finditer(text):
        line = text.rfind("\n", max(0, found.start() - _LONGEST_ROW), found.start()) + 1
        first = _FIRST_OF_ROW.match(text, line)
        if first and first.end() <= found.start() and cue_of(first["who"].lower()) is Cue.KIN:
            yield found.end()


def _beside_names(text: str, others: Sequence[Other]) -> Iterator[int]:
    for other in others:
        begins = other.plain and _BEGINS.search(text, max(0, other.start - len("\n 12. ")), other.start)
        if begins and (found := _COMMA.match(text, other.end)):
            yield found.end()
