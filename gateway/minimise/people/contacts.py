"""Finds telephone numbers, e-mail addresses, profiles and account names.

Rules:
1. Telephone numbers by the numbering plans of all countries, at the strength that does not take a date, a V-number or a
   BSN for one; near a word such as "tel." also what no plan allows, since a wrong digit still leads somewhere.
2. Only lines with enough digits are searched, cut into pieces, and no piece ends early.
3. A number that a narrow cell broke goes on where the next line is nothing but a few more digits.
4. An address of the web leads to a person when it names a profile; a site of an organisation stays.
"""

import re
from collections.abc import Iterator
from typing import Final

from phonenumbers import Leniency, PhoneNumberMatcher

from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot

_PHONELIKE: Final = re.compile(r"(?:\+|\(|\b)\d[\d ()./\-\u2013]{5,40}\d")
_PIECE: Final = 24
_BEHIND: Final = 2
_LONGEST_PIECE: Final = 2000
_TRIES: Final = 10**7
_LEAST_DIGITS: Final = 7
_CUED_PHONE: Final = re.compile(
    r"\b(?:tel(?:efoon(?:nummer|nr)?|nr)?|tlf|tfn|mobiel(?:e nummer|nummer)?|mob|gsm|whatsapp(?:nummer)?|06-nummer"
    r"|bereikbaar op|te bereiken op|bellen (?:op|naar)|gebeld (?:op|met)|fax|viber|signal|imo"
    r"|[TMF](?=[ :] ?[(+0]))\b"
    r"[.:]{0,2}[^\d\n+(]{0,25}?([+(]?\d[\d ()./-]{5,22}\d)",
    re.IGNORECASE,
)
_BRACKET_HANDLE: Final = re.compile(
    r"\b(?:instagram|facebook|telegram|tiktok|snapchat|skype|twitter|insta)\b[^\n(.]{0,30}\("
    r"(?P<handle>[a-z][\w.]{1,30}[\d_.]\w{0,20})\)",
    re.IGNORECASE,
)
"""`via TikTok te kennen (nahom.asmara07)`"""
_BROKEN: Final = re.compile(r"(?<=\d)\n(?=\d[\d ]{0,8}(?:$|[\n,.;)]))")
_BROKEN_ABROAD: Final = re.compile(
    r"(?:\+|(?<!\d)00)[1-9](?:[ ()-]{0,2}\d){5,11} ?\n\d(?: ?\d){0,6}(?=$|[\n,.;)])", re.MULTILINE
)
_ABROAD: Final = re.compile(r"(?<![\w.,/-])(?:00|\+)[1-9]\d{0,2}[\d ()./-]{7,22}\d(?![\w])")
_LEAST_ABROAD: Final = 10
_BEFORE: Final = 30
_OF_COURT: Final = re.compile(
    r"\b(?:parket|zaak|rol|awb|kenmerk|ecli|dossier|proces-verbaal|pv|bvh|mutatie|order"
    r"|factuur)[\w -]{0,14}[: ]{0,2}$",
    re.IGNORECASE,
)
_DATED: Final = re.compile(r"\W?(?:[0-3]?\d([-./])[01]?\d\1(?:19|20)\d\d|(?:19|20)\d\d-[01]\d-[0-3]\d)\b")
"""`[02-05-2025 18:03]` is when a message came."""
_MOBILE: Final = re.compile(r"(?:\(?0|(?:\+|00)31 ?(?:\(0\))?)[ -]?6[ -]?(?:[ -]?\d){8}$")
"""No file of a court has such a number."""
_LOCAL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}$")
_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SPELLED: Final = re.compile(
    r"(?<![\w.])[\w.+-]{1,40} ?[\[(] ?(?:at|apenstaartje|@) ?[\])] ?[\w-]{1,40}(?: ?(?:[\[(] ?(?:dot|punt"
    r"|\.) ?[\])]|\.) ?[\w-]{2,20}){1,4}",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"]{3,300}|\b(?:[\w-]{1,30}+\.){0,2}(?:facebook|instagram|linkedin|tiktok"
    r"|twitter|youtube|telegram|snapchat|vk|ok|t|wa|fb|x)\.(?:com|me|ru|nl|be)/[^\s<>\"]{2,200}",
    re.IGNORECASE,
)
_PROFILE: Final = re.compile(
    r"(?:facebook|instagram|linkedin|tiktok|twitter|youtube|telegram|snapchat|flickr|pinterest|soundcloud"
    r"|github|medium|vk|\bt|\bwa|\bfb|\bx)\.(?:com|me|ru|nl|be|tv)/.|/~|/(?:user|profile|people|in|u)/|@",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<![\w@./])@[\w.]{2,40}\b")
_CUED_HANDLE: Final = re.compile(
    r"\b(?:instagram|facebook|telegram|tiktok|snapchat|skype|twitter|x)?[- ]?(?:account(?:naam)?|gebruikersnaam"
    r"|username|nickname|profiel(?:naam)?|handle|insta|skype(?:naam)?|snapchat|tiktok|telegram|instagram)\b"
    r"(?: (?:is|luidt|heet|op|met de naam|onder de naam"
    r"|genaamd))?[: ]{1,2}[\"'\u201c]?((?:live:)?[a-z][\w.]{1,30}(?:[_.\d])[\w.]{0,20})",
    re.IGNORECASE,
)

_UNDERSCORED: Final = re.compile(r"(?<![\w@./\\-])(?=[\w.]*[A-Za-z])[A-Za-z0-9][\w.]{0,30}_[\w.]{0,30}\w(?![\w/\\@-])")
"""`mr.fixit_torino`: no word of a sentence is written so, and the name of a file has an ending."""
_OF_FILE: Final = re.compile(
    r"\.(?:pdf|docx?|xlsx?|odt|ods|txt|jpe?g|png|tiff?|zip|eml|msg|csv|json|xml|html?|md|mp[34]|heic)$", re.IGNORECASE
)


def find_contacts(text: str) -> Iterator[Spot]:
    """Find what reaches somebody in a normal text; spots may overlap."""
    yield from _mail(text)
    yield from _online(text)
    yield from _telephones(text)
    if _BROKEN.search(text):
        yield from (spot for spot in _telephones(_BROKEN.sub(" ", text)) if "\n" in text[spot.start : spot.end])
        yield from (Spot(*found.span(), Kind.TELEPHONE, certain=False) for found in _BROKEN_ABROAD.finditer(text))


def _mail(text: str) -> Iterator[Spot]:
    at = text.find("@")
    while at >= 0:
        local = _LOCAL.search(text, max(0, at - 64), at)
        domain = _DOMAIN.match(text, at + 1)
        if local and domain:
            start = local.start() + len(local[0]) - len(local[0].lstrip(".'*/=|{"))
            yield Spot(start, domain.end(), Kind.EMAIL)
        at = text.find("@", at + 1)
    if "(" in text or "[" in text:
        for found in _SPELLED.finditer(text):
            yield Spot(*found.span(), Kind.EMAIL)


def _online(text: str) -> Iterator[Spot]:
    for found in _URL.finditer(text):
        if _PROFILE.search(found[0]):
            yield Spot(found.start(), found.start() + len(found[0].rstrip(".,;:)]'\u201d!?")), Kind.ONLINE)
    if "@" in text:
        for found in _HANDLE.finditer(text):
            yield Spot(found.start(), found.start() + len(found[0].rstrip(".")), Kind.ONLINE)
    for found in _BRACKET_HANDLE.finditer(text):
        yield Spot(*found.span("handle"), Kind.ONLINE)
    if "_" in text:
        for found in _UNDERSCORED.finditer(text):
            if not _OF_FILE.search(found[0]):
                yield Spot(*found.span(), Kind.ONLINE, certain=False)
    for found in _CUED_HANDLE.finditer(text):
        yield Spot(found.start(1), found.start(1) + len(found[1].rstrip(".")), Kind.ONLINE)


def _telephones(text: str) -> Iterator[Spot]:
    for start, end in _pieces(text):
        for match in PhoneNumberMatcher(text[start:end], "NL", leniency=Leniency.VALID, max_tries=_TRIES):
            if not _DATED.match(match.raw_string) and (
                _MOBILE.match(match.raw_string)
                or not _OF_COURT.search(text, max(0, start + match.start - _BEFORE), start + match.start)
            ):
                # A bracket that closes behind the number does not belong to it.
                lead = match.raw_string.startswith("(") and ")" not in match.raw_string
                yield Spot(start + match.start + lead, start + match.end, Kind.TELEPHONE)
    for found in _ABROAD.finditer(text):
        if sum(map(str.isdigit, found[0])) >= _LEAST_ABROAD and not _OF_COURT.search(
            text, max(0, found.start() - _BEFORE), found.start()
        ):
            yield Spot(*found.span(), Kind.TELEPHONE, certain=False)
    for found in _CUED_PHONE.finditer(text):
        if sum(map(str.isdigit, found[1])) >= _LEAST_DIGITS:
            yield Spot(*found.span(1), Kind.TELEPHONE, certain=False)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Give the parts of a text in which a telephone number may stand: around every row of digits, none twice."""
    start = end = -1
    for found in _PHONELIKE.finditer(text):
        if sum(map(str.isdigit, found[0])) < _LEAST_DIGITS:
            continue
        begin = max(text.rfind("\n", max(0, found.start() - _PIECE), found.start()) + 1, found.start() - _PIECE)
        if begin >= end or end - start > _LONGEST_PIECE:
            if end > start >= 0:
                yield start, end
            start = max(begin, end)
        end = max(end, found.end() + _BEHIND)
    if end > start >= 0:
        yield start, min(end, len(text))
