"""Finds numbers that lead to a person: BSN, V-number, case, document, account, card, plate, MRZ.

Rules:
1. A cue decides, a proof only raises: a number beside "BSN" is one also with a wrong digit, and one in eleven numbers
   passes the proof by chance, so that without a cue it is not certain. Eight digits are a BSN only beside the word.
2. Numbers of courts, laws and files of justice (ECLI, AWB, parketnummer) lead to decisions, not to people: they stay.
3. Ten digits that the Dutch numbering plan knows are a telephone number, but beside a word for a V-number.
4. Every pattern has a bounded length, so that a long row of digits costs no more than its length.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import phonenumbers
from stdnum import iban, luhn, numdb
from stdnum.nl import bsn

from gateway.minimise.people.findings import Kind
from gateway.minimise.people.spots import Spot

_NOT_IN: Final = r"(?<![\w])"
_DIGITS: Final = re.compile(r"\d")

_BEGINS: Final = r"(?=\d)(?:(?<![^\W_])(?<![.+-])|(?<=\d{9}-)|(?<=\bnr))"
"""Before a number without a cue: a comma, a slash, an underscore or another number, but no fraction and no sign."""
_STOPS: Final = r"(?![^\W_])(?![.,/-]\d(?!\d{8}))"
_TO_NUMBER: Final = r"(?![^\W\d_])(?:[^\d\n]{0,40}?|[: ]{0,3}\n {0,4})"
"""Between a cue and its number, which may be the only thing on the next line."""

_BSN_CUE: Final = re.compile(
    r"(?=[bsa])(?<![^\W_])(?:bsn(?:[- ]?(?:nummer|nr))?s?|burger\s?service\s?(?:nummer|nr)|sofi(?:[- ]?nummer|nr)?"
    rf"|a-nummer){_TO_NUMBER}"
    r"(\d(?:[ ./_-]?\d){6,9}|\d{1,8}\n\d{1,8})(?!\d)",
    re.IGNORECASE,
)
_NEXT_BSN: Final = re.compile(
    r"\s?(?:[,/;&+-]|en|of)\s?"
    r"(?:(?:man|vrouw|partner|kind|zoon|dochter|moeder|vader|echtgenoot|echtgenote|broer|zus|referent|baby):? )?"
    r"(\d(?:[ .]?\d){8})(?!\d)"
)
_NINE: Final = re.compile(rf"{_BEGINS}(\d{{9}}|\d{{4}}[. ]\d{{2}}[. ]\d{{3}}|\d{{3}}([. /_])\d{{3}}\2\d{{3}}){_STOPS}")
_IN_PATH: Final = re.compile(r"[/.]\S{0,60}/$")
"""In an address of a page or a file the words before a number say little of what it is."""
_OTHER_NUMBER: Final = re.compile(
    r"(?:order|bvh|mutatie|proces-verbaal|pv|factuur|kenmerk|referentie|polis|parket|kvk|ons|uw|artikel|bestel"
    r"|klant|contract|serie|lot|bon|ticket"
    r"|kamer van koophandel|rsin|btw|ecli|awb|zaak|rol|dossier|intern|bedrag|aantal|€|eur"
    r"|handelsregister)\W*(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_OTHER_AFTER: Final = re.compile(
    r"^\W{0,3}(?:is|betreft|was)?\s?(?:een|het)?\s?(?:intern|order|factuur|kenmerk|bestel|euro)", re.IGNORECASE
)

_V_CUE: Final = re.compile(
    r"(?=v)(?<![^\W_])(?:v[- ]?(?:nummer|nr)s?|vreemdelingen?[- ]?(?:nummer|nr)"
    rf"|v-?nr)\.?{_TO_NUMBER}"
    r"(V?-?\d(?:[ ./_-]?\d){6,11}|\d{1,9}\n\d{1,9})(?!\d)",
    re.IGNORECASE,
)
_V_WRITTEN: Final = re.compile(
    r"(?=[V\d])(?:(?<![^\W_])(?<!-)V[- ]?\d(?:[. ]?\d){9}(?!\d)"
    r"|(?<![^\W_])(?<!\.)\d{3}([./_])\d{3}\1\d{4}(?![\d]))"
)
_TEN: Final = re.compile(rf"{_BEGINS}[0-3]\d{{9}}{_STOPS}")

_CASE: Final = re.compile(r"(?<![\w-])Z\d?[- ]?\d{6,14}(?![\w])")
_CASE_CUE: Final = re.compile(
    r"\b(?=[icdzkprtlsv])(?:(?:ind-?|coa-?|dt&v-?)?(?:zaak|dossier|cli[eë]nt|klant|zorg|pati[eë]nt|rvr|tvr|leerling|polis"
    r"|relatie|registratie|lap|sk|vris|skn)[- ]?(?:nummer|nr)|cr[vV]-nummer|skn|crn"
    r"|lapnummer)s?\b\.?[^\w\n]{0,4}"
    r"(?:is|luidt|van \w+)?[^\w\n]{0,3}([A-Z]{0,3}[-. ]?\d(?:[ .-]?\d){3,13})(?![\w/])",
    re.IGNORECASE,
)

_DOCUMENT_WORDS: Final = (
    r"paspoort\w*|identiteitskaart\w*|identiteitsbewijs\w*|id[- ]?kaart\w*|rijbewijs\w*|verblijfsdocument\w*"
    r"|verblijfskaart\w*|verblijfspas\w*|verblijfstitel\w*"
    r"|vreemdelingendocument\w*|vreemdelingenkaart\w*|document(?:nummer|nr)|reisdocument\w*"
    r"|vluchtelingenpaspoort\w*|taz?kera\w*|tazkira\w*|kimlik\w*|n[uü]fus\w*|visum\w*"
    r"|visa|w[- ]?document\w*|laissez[- ]?passer\w*|geboorteakte\w*|huwelijksakte\w*|unhcr[- ]?\w*|asielkaart"
    r"|passport|id[- ]?(?:nummer|nr|no|card)|shenasnameh|carte|permit"
    r"|kebele\w*|militair boekje|dienstboekje|zeemansboekje|familieboekje|kaartnummer|identiteitsnummer"
    r"|nationaal nummer|registratiekaart|vreemdelingenpas\w*"
)
_DOCUMENT_LETTERS: Final = "".join(sorted({word[0] for word in _DOCUMENT_WORDS.split("|")}))
_DOCUMENT_CUE: Final = re.compile(rf"\b(?=[{_DOCUMENT_LETTERS}])(?:{_DOCUMENT_WORDS})\b", re.IGNORECASE)
"""The first letter tells most words apart before they are compared with each of these."""
_DOCUMENT_TOKEN: Final = re.compile(
    r"(?<![\w-])(?=[A-Z0-9/-]{0,18}\d)[A-Z]{0,5}[-/ ]?\d[\dA-Z]{1,14}(?:[-/]\d[\dA-Z]{1,12}){0,4}(?![\w])"
    r"|(?<![\w-])[A-Z][A-Z0-9]{4,12}\d(?![\w-])"
)
_DOCUMENT_BARE: Final = re.compile(
    r"(?<![\w/:.-])(?:[A-Z]{1,2}\d{6,9}|[A-Z]\d{7,9}[A-Z]|[A-Z]{2}[A-NP-Z0-9]{6}\d|[A-Z]{1,2} \d{7,8})(?![\w/-])"
)
_DATE: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{4}-\d{2}-\d{2}")
_REACH: Final = 60

_MRZ: Final = re.compile(r"[A-Z0-9<«]{9,60}")
_LEAST_MRZ: Final = 24

_IBAN: Final = re.compile(r"(?<![\w])[A-Za-z]{2} ?\d{2}(?:[ .-]?[A-Za-z0-9]){11,30}(?![\w])")
_ACCOUNT_CUE: Final = re.compile(
    r"\b(?:iban|(?:bank)?rekening(?:nummer|nr)?|giro(?:nummer)?"
    r"|rek\.?(?:nr)?)\b\.?[^\d\n]{0,25}?\b([A-Z]{2}\d{2} ?[A-Z0-9]{4}(?: ?\d{1,4}){2,7}|\d(?:[ .]?\d){6,11})(?![\w])",
    re.IGNORECASE,
)
_CARD: Final = re.compile(r"(?<![\w.,/+-])[2-6]\d{3}(?:[ -]?\d){8,15}(?![\w])")

_PLATE: Final = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}"
    r"|[A-Z]{2}-[A-Z]{2}-\d{2}"
    r"|\d{2}-[A-Z]{2}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|\d-[A-Z]{3}-\d{2}|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}"
    r"|[A-Z]{3}-\d{2}-[A-Z]"
    r"|[A-Z]-\d{2}-[A-Z]{3}|\d-[A-Z]{2}-\d{3}|\d{3}-[A-Z]{2}-\d|\d-[A-Z]{3}-\d{3}|[A-Z]{2} ?\d{4} ?[A-Z]{2}"
    r"|[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{2,4})(?![\w-])"
)
_PLATE_CUE: Final = re.compile(
    r"\b(?i:kenteken(?:plaat|nummer)?|nummerbord|nummerplaat|gekentekend|plaat)\b[^\w\n]{0,4}(?:is|luidt|nummer"
    r"|met|:)?[^\w\n]{0,3}"
    r"((?=[A-ZÄÖÜ0-9 -]{0,11}\d)[A-ZÄÖÜ0-9]{1,6}(?:[ -]?[A-Z0-9]{1,4}){0,3})(?![\w-])"
)
_LABEL: Final = re.compile(r"\bV[- ]?(?:nrs?|nummers?)\b", re.IGNORECASE)
_OF_JUSTICE: Final = re.compile(r"(?:NL\d\d\.|PL\d{4}|AWB|ECLI)")


def find_labels(text: str) -> list[tuple[int, int]]:
    """Give the labels of numbers that look like names, `V-nr`, in a normal text."""
    return [found.span() for found in _LABEL.finditer(text)]


def find_numbers(text: str) -> Iterator[Spot]:
    """Find the numbers of a normal text; they may overlap."""
    if not _DIGITS.search(text) and "<<" not in text:
        return
    yield from _mrz(text)
    yield from _accounts(text)
    yield from _bsn(text)
    yield from _v_numbers(text)
    yield from _documents(text)
    for found in _CASE.finditer(text):
        yield Spot(*found.span(), Kind.CASE_NUMBER)
    for found in _CASE_CUE.finditer(text):
        if not _DATE.fullmatch(found[1]) and not _OF_JUSTICE.match(found[1]):
            yield Spot(*found.span(1), Kind.CASE_NUMBER)
    for found in _PLATE.finditer(text):
        yield Spot(*found.span(), Kind.LICENCE_PLATE)
    for found in _PLATE_CUE.finditer(text):
        yield Spot(*found.span(1), Kind.LICENCE_PLATE)


def _mrz(text: str) -> Iterator[Spot]:
    if "<<" not in text:
        return
    for found in _MRZ.finditer(text):
        if found[0].count("<") > 1 and len(found[0]) >= _LEAST_MRZ:
            yield Spot(*found.span(), Kind.MRZ)


def _accounts(text: str) -> Iterator[Spot]:
    for found in _IBAN.finditer(text):
        start, end = found.span()
        if not _has_accounts(found[0][:2].upper()):
            continue
        # Only how long it is and its proof count; what banks a country has is not for us to know.
        # Words that follow without a comma are taken along by the pattern; an account number is as long as it proves.
        while end - start > 14:  # noqa: PLR2004 - the shortest account number has 15 signs.
            if text[end - 1].isalnum() and iban.is_valid(text[start:end], check_country=False):
                yield Spot(start, end, Kind.IBAN)
                break
            end -= 1
    for found in _ACCOUNT_CUE.finditer(text):
        yield Spot(*found.span(1), Kind.IBAN, certain=False)
    for found in _CARD.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if len(digits) <= 19 and luhn.is_valid(digits) and len(set(digits)) > 1:  # noqa: PLR2004 - ISO/IEC 7812.
            yield Spot(*found.span(), Kind.PAYMENT_CARD)


@lru_cache
def _has_accounts(country: str) -> bool:
    """Tell whether a country has account numbers of this form: `op 12 januari` begins as one does."""
    return bool(numdb.get("iban").info(country)[0][1])


def _bsn(text: str) -> Iterator[Spot]:
    for found in _BSN_CUE.finditer(text):
        if not _is_number_of(found[1], 9):
            continue
        yield Spot(*found.span(1), Kind.BSN)
        following = _NEXT_BSN.match(text, found.end())
        while following:
            yield Spot(*following.span(1), Kind.BSN)
            following = _NEXT_BSN.match(text, following.end())
    for found in _NINE.finditer(text):
        if bsn.is_valid(re.sub(r"\D", "", found[0].replace("_", ""))) and not _is_other(text, found):
            yield Spot(*found.span(), Kind.BSN, certain=False)


def _v_numbers(text: str) -> Iterator[Spot]:
    for found in _V_CUE.finditer(text):
        if _is_number_of(found[1], 10):
            yield Spot(*found.span(1), Kind.V_NUMBER)
    for found in _V_WRITTEN.finditer(text):
        yield Spot(*found.span(), Kind.V_NUMBER)
    for found in _TEN.finditer(text):
        other = _OTHER_NUMBER.search(text[max(0, found.start() - 40) : found.start()])
        # A file of a foreigner is called by the V-number.
        named = other is not None and other[0].lower().startswith("dossier")
        if other is None or named:
            kind = Kind.TELEPHONE if not named and _is_telephone(found[0]) else Kind.V_NUMBER
            yield Spot(*found.span(), kind, certain=False)


def _is_telephone(digits: str) -> bool:
    """Tell whether ten digits are a number of the Dutch numbering plan that somebody answers."""
    return digits.startswith("0") and phonenumbers.is_valid_number(phonenumbers.parse(digits, "NL"))


def _is_number_of(written: str, length: int) -> bool:
    """Tell what a cue may call its number: no date; and over a line break only as long as such a number is."""
    broken = "\n" in written
    return not _DATE.fullmatch(written) and (not broken or sum(map(str.isdigit, written)) == length)


def _is_other(text: str, found: re.Match[str]) -> bool:
    """Tell a number by the words beside it as one of something else than a person."""
    before, after = text[max(0, found.start() - 40) : found.start()], text[found.end() : found.end() + 40]
    named = _OTHER_NUMBER.search(before) and not _IN_PATH.search(before)
    return bool(named or _OTHER_AFTER.search(after))


def _documents(text: str) -> Iterator[Spot]:
    for cue in _DOCUMENT_CUE.finditer(text):
        stop = text.find("\n", cue.end(), cue.end() + _REACH)
        stop = min(cue.end() + _REACH, len(text), stop if stop >= 0 else len(text))
        for found in _DOCUMENT_TOKEN.finditer(text, cue.end(), stop):
            # What the reach cut off belongs to the number.
            whole = _DOCUMENT_TOKEN.match(text, found.start())
            span = whole.span() if whole else found.span()
            if _is_document_number(text[span[0] : span[1]]):
                yield Spot(*span, Kind.DOCUMENT_NUMBER)
                break
    for found in _DOCUMENT_BARE.finditer(text):
        if _is_document_number(found[0]):
            yield Spot(*found.span(), Kind.DOCUMENT_NUMBER, certain=False)


def _is_document_number(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    if _DATE.fullmatch(word) or digits < 3:  # noqa: PLR2004 - `SPECI2014` has four.
        return False
    return len(word) >= 6 and (digits != len(word) or digits >= 6)  # noqa: PLR2004 - a year has four digits.
