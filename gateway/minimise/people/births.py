"""Tells by a name or a word for kin which date beside it is a birth date, where no word such as `geboren` says so.

Rules:
1. Between the name and the date nothing stands but signs and what lists tell of a person: kin, sex, age, nationality,
   a number (`Robel (zoon, 3-4-2010)`, `Selam Haile - V - 12-06-1985`). Behind the date a clause ends, or such a thing
   follows.
2. One more thing has to speak for it: such a thing beside the date, a household at the head of the line or of the list,
   or the date itself: so long ago lies nothing else that a file dates with a person's name alone.
3. `Zijn zus is van 3 mei 1988`, `werd op 3 mei achttien` and `op 3 mei is zij jarig` tell one too, also without a year.

Every date is looked at once, and no further than its line and the head of its list.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from gateway.minimise.people import list_words
from gateway.minimise.people.cueing import Cue, cue_of

_NEAR: Final = 90
_REACH_HEAD: Final = 600
_LONG_AGO: Final = 9
_LONG_SINCE: Final = "2012"
_MOST_ITEMS: Final = 5
_BETWEEN_ITEMS: Final = re.compile(r"[\s,;:/()|\[\]\u2013\u2022*\u00b0\"=>.-]+")
_NUMBER: Final = re.compile(r"[A-Z]{0,2}\d{1,4}[a-z]?|\d{6,12}")
_NATION: Final = re.compile(
    r"[A-Z]{2,3}|[A-Z][a-zë]{2,12}(?:ees|ese|eer|eerse|isch|ische|aans|aanse|ans|anse|ens|ense|urks|urkse|rs|rse)"
)
_CLOSED: Final = re.compile(r"\s{0,3}(?:[,;.)|\]\t/]|\n|$|[-\u2013(*]|en\b|te\b|in\b|\s)")
_RIGHT_BEFORE: Final = re.compile(r"(?P<who>[a-zA-Zë-]{3,20})(?P<sign>[ ,:(\u2013-]{1,3})$")
_BEHIND: Final = re.compile(r"[\s,;/()|\u2013-]{1,4}(?P<who>[A-Za-zë-]{1,16}|\d{1,2}(?= (?:jaar|jr))|\d{9,10})(?![\d])")
_IS_FROM: Final = re.compile(
    r"(?:^|[\s(,])(?:(?P<who>[\w'-]{2,25})(?:,|,? (?:is|was|zou)(?: (?!hij|zij|ze)\w{2,15}){0,2}?)"
    r"|(?:is|was) (?P<then>hij|zij|ze)) van $",
    re.IGNORECASE,
)
_MEANT: Final = frozenset({"hij", "zij", "ze", "die", "jongste", "oudste"})
_OF_A_THING: Final = re.compile(
    r"\b(?:van|door|met|aan|uit|namens|over|bij|het|dit|dat)\b[^\n,;.]{0,40}$", re.IGNORECASE
)
_NUMBERS: Final = (
    r"(?:\d{1,2}|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|dertien|veertien|vijftien|zestien|zeventien"
    r"|achttien|negentien|twintig|eenentwintig|dertig|veertig|vijftig|zestig|zeventig|meerderjarig)"
)
_TURNS: Final = re.compile(
    # Without anybody before it, `Wordt 3 mei meerderjarig`, it is said of the person of the file.
    r"(?<=\w )(?:bereikt|bereikte|werd|wordt|word|worden|is|zal|zou|was)\b[^\n.;]{0,40}?"
    r"(?:\bop |\bper |\bvanaf |\bsinds )$"
    r"|(?<=\w )(?:wordt|werd|word) $",
    re.IGNORECASE,
)
_TURNED: Final = re.compile(
    rf" (?:net |pas |al |de leeftijd van )?{_NUMBERS}\b"
    r"(?! ?(?:uur|:|\d|[-/.]\d|keer|dagen|weken|maanden|kinderen|personen|euro))"
    r"(?: jaar)?(?: oud)?(?: geworden| worden| wordt)?(?=[\s,.;)]|$)",
    re.IGNORECASE,
)
_THEN_TURNED: Final = re.compile(
    rf"\b(?:wordt|werd|word|is|was)\b[^\n.;]{{0,40}}\b{_NUMBERS}(?: jaar)?(?: geworden)? (?:op|per) $", re.IGNORECASE
)
_FEAST: Final = re.compile(r"\b(?:jarig|verjaardag|verjaart|verjaarde|verjaren)\b", re.IGNORECASE)
_AHEAD: Final = 45
_AGO: Final = 60


def births_beside(text: str, dates: Sequence[tuple[int, int, str]], *, after_names: frozenset[int]) -> frozenset[int]:
    """Give where birth dates beside names and kin begin. `dates`: start, end and ISO value; `after_names`: ends."""
    if not dates:
        return frozenset()
    ends = sorted(after_names)
    newest = max(value[:4] for _, _, value in dates)
    return frozenset(
        start
        for start, end, value in dates
        if is_birthday(text, start, end)
        or _is_from(text, start, after_names)
        or _is_beside(text, (start, end), ends, long_ago=_is_long_ago(value, newest))
    )


def is_birthday(text: str, start: int, end: int) -> bool:
    """Tell a day on which somebody becomes a year older: `jarig op 3 mei`, `werd op 3 mei achttien`."""
    before = text[max(text.rfind("\n", 0, start) + 1, start - _AGO) : start]
    if _THEN_TURNED.search(before) or (_TURNS.search(before) and _TURNED.match(text, end)):
        return True
    if text[end - 4 : end].isdigit():
        # `Hij vertrok op 3 mei 2022, de verjaardag van zijn vader`: a day with its year is a birthday only behind it.
        return False
    clause = re.split(r"[.;!?](?=\s)", text[end : end + _AHEAD].split("\n", 1)[0], maxsplit=1)[0]
    return _FEAST.search(re.split(r"[.;!?](?=\s)", before)[-1] + " " + clause) is not None


def _is_long_ago(value: str, newest: str) -> bool:
    return value[:4] <= _LONG_SINCE or int(value[:4]) + _LONG_AGO <= int(newest)


def _is_from(text: str, start: int, after_names: frozenset[int]) -> bool:
    """Tell `zijn vrouw Selam is van 3 mei 1988`; a letter of hers may be of a day as well."""
    begin = max(text.rfind("\n", 0, start) + 1, start - _NEAR)
    found = _IS_FROM.search(text, begin, start)
    if found is None:
        return False
    if found["then"]:
        return True
    who = found["who"]
    person = who.lower() in _MEANT or _is_kin(who) or found.end("who") in after_names
    return person and _OF_A_THING.search(text, begin, found.start("who")) is None


def _is_beside(text: str, date: tuple[int, int], ends: Sequence[int], *, long_ago: bool) -> bool:
    start, end = date
    if not _CLOSED.match(text, end):
        return False
    line = max(text.rfind("\n", 0, start) + 1, start - _NEAR)
    at = bisect_right(ends, start) - 1
    if (kin := _RIGHT_BEFORE.search(text, line, start)) and _is_kin(kin["who"]):
        return kin["sign"].strip() in {":", "("} or long_ago or _tells(text, end)
    if at < 0 or ends[at] < line:
        return False
    items = _items(text[ends[at] : start])
    if items is None:
        return False
    if any(map(_is_of_a_person, items)):
        return True
    return _tells(text, end) or long_ago or _is_of_household(text, line, start)


def _items(lead: str) -> list[str] | None:
    """Give what stands between a name and a date; None when it is more than a list tells of a person."""
    items = [each for each in _BETWEEN_ITEMS.split(lead) if each]
    if len(items) > _MOST_ITEMS or not all(_is_of_a_person(each) or _NUMBER.fullmatch(each) for each in items):
        return None
    return items


def _is_kin(word: str) -> bool:
    return cue_of(word.lower()) is Cue.KIN


def _is_of_a_person(word: str) -> bool:
    lower = word.lower()
    return (
        lower in list_words.OF_A_PERSON
        or cue_of(lower) in {Cue.KIN, Cue.SUBJECT}
        or _NATION.fullmatch(word) is not None
    )


def _tells(text: str, end: int) -> bool:
    behind = _BEHIND.match(text, end)
    return behind is not None and (behind["who"].isdigit() or _is_of_a_person(behind["who"]))


def _is_of_household(text: str, line: int, start: int) -> bool:
    """Tell a line that a household begins, `Kinderen: Robel …`, or that stands below such a head."""
    first = re.match(r"[\W\d]{0,6}(?:(?:zijn|haar|mijn|hun|uw|de|het) )?([\w-]{2,25})", text[line:start])
    if first and (first[1].lower() in list_words.HOUSEHOLD or _is_kin(first[1])):
        return True
    above = text[max(0, line - _REACH_HEAD) : line].rpartition("\n\n")[2]
    heads = [each for each in above.split("\n") if each.rstrip().endswith(":")]
    return bool(heads) and not list_words.HOUSEHOLD.isdisjoint(re.findall(r"\w+", heads[-1].lower()))
