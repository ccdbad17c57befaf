"""Decides whose a number, an address or a birth date is, by who was spoken of.

Rules, in this order:
1. What the package gives as the subject's is the subject's. Where it gives a V-number, a BSN or a birth date, another
   one is somebody else's. The case number beside the number of the page is that of the file, so the subject's.
2. `… van de echtgenote` and `… ten name van N. Bondarenko` right behind it name the owner.
3. What a hearing asks the subject for (`uw paspoort`) is the subject's, where the answer names nobody beside it; so is
   what a letter to the subject calls the reader's, the number of the file, and a number of a document below a heading.
4. The address where the subject lives with somebody is the subject's too.
5. Else whoever was spoken of last before it: a name, or a word such as "betrokkene" or "zijn broer".
6. Else whoever is spoken of next: the number above a name in the head of a report.
7. What belongs to nobody known is somebody else's, and not certain; a name on the internet too, unless it is made of
   the subject's name or the text says whose it is.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.findings import Kind, Whose
from gateway.minimise.people.spots import Spot
from gateway.minimise.people.tokens import Shape, Token

_REACH_BACK: Final = 400
_REACH_AHEAD: Final = 120
_OF: Final = re.compile(
    r"[\s,]{0,3}\(?(?:(?:die |dat |welke? )?(?:staat |stond |is |was |staan )?(?:van|t\.?n\.?v\.?|ten name van"
    r"|op naam van|op naam gesteld van|ten name gesteld van|in gebruik bij)|(?:be|toebe)?hoort? (?:toe )?aan"
    r"|toebehorend aan)\s",
    re.IGNORECASE,
)
_IN_BRACKETS: Final = re.compile(r" ?\((?:de |zijn |haar |uw |hun |mijn |van (?:de |zijn |haar ))?([A-Za-zë-]{3,20})\)")
"""`EP1234567 (echtgenote)`."""
_REACH_OF: Final = 30
_WRITES: Final = re.compile(r"\b(?:ik heet|mijn naam is|ik,|ondergetekende,?) $", re.IGNORECASE)
_OF_WRITER: Final = re.compile(r"\b(?:mijn|mij|ik)\b[^\n;]{0,30}$", re.IGNORECASE)
_FROM_OTHERS: Final = re.compile(
    r"(?:\b(?:bericht(?:en|je)?|gebeld|belde|appte|mailde|ontving|ontvangen|contact|stuurde|gestuurd|verstuurd"
    r"|doorgestuurd|cc|overgemaakt|overmaken|gestort|betaald|betaalde|gestald)\b[^\n.]{0,60})$",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"\b(?:(?:verblijft|verbleef|woont|woonde|logeert|slaapt|inwonend|woonachtig|ingeschreven) (?:sinds \w+ )?bij\b"
    r"[^\n;]{0,80},? (?:op|aan|in|te)(?: de| het)? $|bij (?:mij|ons) (?:in)?woont (?:op|aan|in)(?: de| het)? $)",
    re.IGNORECASE,
)
_WITH_WHOM: Final = re.compile(r"\b(?:met|bij) wie (?:hij|zij|ze)(?: samen)? (?:in|te|op|aan)(?: de| het)? $")
_REACH_WITH: Final = 130
_ANSWERS: Final = re.compile(r"\s{0,3}\n(?:- )?(?:Antwoord|Antw|A|R)\s?[:.]")
_THEIRS: Final = re.compile(r"\b(?:zijn|haar|hun|diens|van hem)\b", re.IGNORECASE)
_ASKED_FOR: Final = {
    kind: re.compile(rf"\b[Uu]w (?:\w+ ){{0,2}}(?:{words})|\b(?:{verbs}) u\b")
    for kinds, words, verbs in (
        (
            (Kind.DOCUMENT_NUMBER,),
            r"(?:paspoort|identiteits|id-?kaart|ID|document|rijbewijs|ta[zs]kera|reisdocument)\w*",
            "(?!)",
        ),
        ((Kind.TELEPHONE,), r"(?:telefoon|mobiel|nummer|tel)\w*", r"bereiken (?:wij|we)"),
        ((Kind.EMAIL, Kind.ONLINE), r"(?:e-?mail|mail|account|facebook|profiel)\w*", "(?!)"),
        ((Kind.ADDRESS, Kind.POSTCODE, Kind.TOWN), r"(?:woon|verblijf|post)?adres", "woont|verblijft|slaapt|woonde"),
        ((Kind.BIRTH_DATE,), r"geboortedatum", r"bent"),
        ((Kind.V_NUMBER, Kind.BSN, Kind.CASE_NUMBER), r"(?:v-?nummer|bsn|nummer|zorgnummer)\w*", "(?!)"),
        ((Kind.IBAN,), r"(?:bank)?rekening\w*", "(?!)"),
    )
    for kind in kinds
}
"""What a hearing asks the subject for, by kind; the second words stand before `u`."""
_OF_READER: Final = re.compile(r"\b(?:uw|jouw|je|your)\b[^\n;.]{0,50}$", re.IGNORECASE)
_GREETING: Final = re.compile(
    r"^[> ]{0,9}(?:geachte|beste|dear|hoi|hallo|dag|lieve)\b[^\n]{0,60}", re.MULTILINE | re.IGNORECASE
)
_REACH_READER: Final = 60
_OF_FILE: Final = re.compile(r"(?:^|\n) {0,9}dossier(?:nr|nummer)?\.? {0,9}: {0,9}$", re.IGNORECASE)
_HEADING: Final = re.compile(r"(?:^|\n)[ \t]{0,40}\d{1,2}[.)]? {1,4}[A-ZÀ-Þ][A-ZÀ-Þ /&-]{3,50}(?=\n)")
_OF_SUBJECT: Final = frozenset({Kind.DOCUMENT_NUMBER, Kind.V_NUMBER, Kind.BSN, Kind.CASE_NUMBER})
_PAGE: Final = re.compile(r"\b(?:pagina|pag|blz|blad|bladzijde|page|seite)\b\.? ?\d", re.IGNORECASE)
_LONGEST_FOOT: Final = 160
_PLACES: Final = frozenset({Kind.ADDRESS, Kind.POSTCODE, Kind.TOWN})
_CONTACTS: Final = frozenset({Kind.TELEPHONE, Kind.EMAIL, Kind.IBAN, Kind.ONLINE, Kind.PAYMENT_CARD})
_GOVERNMENT: Final = re.compile(
    r"@(?:[\w-]+\.)*(?:ind|coa|politie|minjenv|minvenj|dtv|djii?|om|rechtspraak|nidos|rijksoverheid|overheid"
    r"|gemeente[\w-]*|[\w-]*gemeente|raadvanstate|mindef|minbuza|belastingdienst)\.(?:nl|example)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Somebody who is spoken of, from `start` to `end` of a normal text."""

    start: int
    end: int
    whose: Whose


def anchors_of(tokens: Sequence[Token], named: Sequence[bool], mentions: Sequence[Anchor]) -> list[Anchor]:
    """Give everybody who is spoken of in a text, in order: names, and the words for kin, roles and the subject."""
    anchors = list(mentions)
    for at, token in enumerate(tokens):
        if named[at] or token.shape is Shape.INITIAL or len(token.text) < 2:  # noqa: PLR2004 - a letter.
            continue
        cue = cue_of(token.text.lower())
        if cue is Cue.SUBJECT:
            anchors.append(Anchor(token.start, token.end, Whose.SUBJECT))
        elif cue in {Cue.KIN, Cue.ROLE} and token.text not in {"vrouw", "man", "persoon", "kind", "jongen", "meisje"}:
            anchors.append(Anchor(token.start, token.end, Whose.THIRD_PARTY))
        elif cue is Cue.OFFICIAL:
            anchors.append(Anchor(token.start, token.end, Whose.OFFICIAL))
        elif (
            cue in {Cue.KIN, Cue.ROLE}
            and at
            and tokens[at - 1].text.lower() in {"zijn", "haar", "mijn", "diens", "de", "een", "uw"}
        ):
            anchors.append(Anchor(token.start, token.end, Whose.THIRD_PARTY))
    return _without_owners(sorted(anchors, key=lambda each: each.start), tokens)


def _without_owners(anchors: list[Anchor], tokens: Sequence[Token]) -> list[Anchor]:
    """Leave out `betrokkene` of `de moeder van betrokkene`: the mother is spoken of."""
    kept: list[Anchor] = []
    starts = [token.start for token in tokens]
    for anchor in anchors:
        if kept and anchor.whose is Whose.SUBJECT and kept[-1].whose is not Whose.SUBJECT:
            first = bisect_left(starts, kept[-1].end)
            last = bisect_left(starts, anchor.start)
            between = [token.text for token in tokens[first:last]]
            if between and between[0] == "van" and len(between) <= 3:  # noqa: PLR2004 - `van de heer`.
                continue
        kept.append(anchor)
    return kept


class Owners:
    """Tells the owners of what was found in one text. `before` is who was spoken of last in the texts before it."""

    def __init__(self, text: str, anchors: Sequence[Anchor], before: Whose | None) -> None:
        self._text = text
        self._anchors = anchors
        self._starts = [anchor.start for anchor in anchors]
        self._before = before
        self._writer = self._writer_of()
        self._greetings = [found.span() for found in _GREETING.finditer(text)]

    def owner(self, spot: Spot) -> tuple[Whose, bool]:
        """Give whose a spot is, and how certain."""
        if spot.kind is Kind.EMAIL and _GOVERNMENT.search(self._text[spot.start : spot.end]):
            return Whose.OFFICIAL, True
        told = self._named_after(spot)
        if told is None and (
            (spot.kind is Kind.CASE_NUMBER and self._is_beside_page_number(spot))
            or self._is_asked_of_subject(spot)
            or self._is_readers(spot)
            or self._is_of_file(spot)
            or (spot.kind in _PLACES and self._subject_lives_with_others(spot))
        ):
            told = Whose.SUBJECT
        if told is not None:
            return told, True
        if self._writer is not None and _OF_WRITER.search(self._text, max(0, spot.start - _REACH_OF), spot.start):
            return self._writer, True
        return self._by_nearness(spot)

    def _by_nearness(self, spot: Spot) -> tuple[Whose, bool]:
        if spot.kind is Kind.ONLINE:
            # In a row of messages everybody's name on the internet stands beside everybody else's.
            return Whose.THIRD_PARTY, False
        at = bisect_left(self._starts, spot.start)
        if at and spot.start - self._anchors[at - 1].end <= _REACH_BACK:
            return self._spoken_of(spot, self._anchors[at - 1])
        if self._before is not None:
            return self._before, self._before is Whose.THIRD_PARTY
        return self._named_next(spot, at)

    def _is_beside_page_number(self, spot: Spot) -> bool:
        """Tell whether a spot stands at the head or foot of a page: `Dossier: Z1-88204410329     Pagina 4 van 4`."""
        start = self._text.rfind("\n", max(0, spot.start - _LONGEST_FOOT), spot.start) + 1
        end = self._text.find("\n", spot.end, spot.end + _LONGEST_FOOT)
        line = self._text[start : end if end >= 0 else spot.end + _LONGEST_FOOT]
        return len(line) <= _LONGEST_FOOT and _PAGE.search(line) is not None

    def in_row(self, spot: Spot, start: int, end: int) -> Whose | None:
        """Give who is named in the row from `start` to `end` that holds a spot: before it, or else behind it."""
        if spot.kind is Kind.EMAIL and _GOVERNMENT.search(self._text[spot.start : spot.end]):
            return Whose.OFFICIAL
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        if first == last:
            return None
        return self._anchors[max(first, bisect_left(self._starts, spot.start) - 1)].whose

    def _is_asked_of_subject(self, spot: Spot) -> bool:
        """Tell what a hearing asked for: `Waar is uw paspoort?`, in whose answer nobody else has one.

        Who is asked is the subject, whoever the answer speaks of before: the sentence that holds it names nobody.
        """
        asked = _ASKED_FOR.get(spot.kind)
        begin = max(0, spot.start - _REACH_BACK)
        mark = self._text.rfind("?", begin, spot.start)
        if asked is None or mark < 0 or not _ANSWERS.match(self._text, mark + 1):
            return False
        line = self._text.rfind("\n", begin, mark) + 1
        if not asked.search(self._text, line, mark + 1) or self._anchors_within(line, mark):
            return False
        # A number to reach somebody at may be anybody's who stands in the answer: `Bel mijn broer. Het is …`.
        sentence = max(mark + 1, *(self._text.rfind(sign, mark, spot.start) + 1 for sign in (". ", "\n", "; ")))
        begin = mark if spot.kind in _CONTACTS else sentence
        return not self._anchors_within(begin, spot.start) and not _THEIRS.search(self._text, sentence, spot.start)

    def _is_readers(self, spot: Spot) -> bool:
        """Tell what is the reader's (`your date of birth`) in a letter to the subject, with nobody else between."""
        found = _OF_READER.search(self._text, max(0, spot.start - _REACH_READER), spot.start)
        if found is None or self._anchors_within(found.start(), spot.start):
            return False
        before = bisect_left(self._greetings, (spot.start, 0))
        if not before:
            return False
        first, last = (bisect_left(self._starts, at) for at in self._greetings[before - 1])
        return first < last and all(anchor.whose is Whose.SUBJECT for anchor in self._anchors[first:last])

    def _is_of_file(self, spot: Spot) -> bool:
        """Tell a number of the file, or one below a heading behind which nobody has been spoken of yet.

        Only numbers that a file has of its subject: who can be reached below a heading may be anybody.
        """
        if spot.kind not in _OF_SUBJECT:
            return False
        if spot.kind is Kind.CASE_NUMBER and _OF_FILE.search(self._text, max(0, spot.start - _REACH_OF), spot.start):
            return True
        at = bisect_left(self._starts, spot.start)
        after = self._anchors[at - 1].end if at else 0
        return at > 0 and _HEADING.search(self._text, after, spot.start) is not None

    def _anchors_within(self, start: int, end: int) -> bool:
        """Tell whether somebody else than the subject is spoken of in a stretch of the text."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return any(anchor.whose is not Whose.SUBJECT for anchor in self._anchors[first:last])

    def _subject_lives_with_others(self, spot: Spot) -> bool:
        """Tell the address that the subject shares: `Betrokkene verblijft bij haar tante, mw. Wolde, aan de …`."""
        found = _WITH.search(self._text, max(0, spot.start - _REACH_WITH), spot.start)
        if found is None:
            return self._lives_with_whom(spot)
        at = bisect_left(self._starts, found.start())
        before = self._anchors[at - 1] if at else None
        return before is not None and before.whose is Whose.SUBJECT and found.start() - before.end <= _REACH_OF

    def _lives_with_whom(self, spot: Spot) -> bool:
        """Tell `Eiser is afhankelijk van zijn partner, met wie hij in Sittard woont`: who the sentence is about."""
        found = _WITH_WHOM.search(self._text, max(0, spot.start - _REACH_OF), spot.start)
        if found is None:
            return False
        begin = max(0, *(self._text.rfind(sign, 0, found.start()) + 1 for sign in (". ", "\n")))
        at = bisect_left(self._starts, begin)
        return (
            at < len(self._anchors)
            and self._anchors[at].start < found.start()
            and (self._anchors[at].whose is Whose.SUBJECT)
        )

    def _named_next(self, spot: Spot, at: int) -> tuple[Whose, bool]:
        """Give whose a spot is by who comes next: on a line of its own, as in the head of a report."""
        own_case = spot.kind is Kind.CASE_NUMBER
        if at < len(self._anchors) and self._anchors[at].start - spot.end <= _REACH_AHEAD:
            ahead = self._anchors[at]
            if "\n" in self._text[spot.end : ahead.start] or (ahead.whose is not Whose.SUBJECT and not own_case):
                return ahead.whose, True
        return (Whose.SUBJECT if own_case else Whose.THIRD_PARTY), False

    def last(self) -> Whose | None:
        """Give who is spoken of last in this text."""
        return self._anchors[-1].whose if self._anchors else self._before

    def _writer_of(self) -> Whose | None:
        """Give who says "I" in this text: `Ik heet …`, `Mijn naam is …`."""
        for anchor in self._anchors:
            if _WRITES.search(self._text, max(0, anchor.start - _REACH_OF), anchor.start):
                return anchor.whose
        return None

    def _named_after(self, spot: Spot) -> Whose | None:
        bracket = _IN_BRACKETS.match(self._text, spot.end)
        if bracket and cue_of(bracket[1].lower()) in {Cue.KIN, Cue.ROLE}:
            return Whose.THIRD_PARTY
        found = _OF.match(self._text, spot.end)
        if not found:
            return None
        at = bisect_left(self._starts, found.end() - 1)
        if at < len(self._anchors) and self._anchors[at].start - found.end() <= _REACH_OF:
            between = self._text[found.end() : self._anchors[at].start]
            if not re.search(r"[.;\n]", between):
                return self._anchors[at].whose
        return None

    def _spoken_of(self, spot: Spot, anchor: Anchor) -> tuple[Whose, bool]:
        between = self._text[anchor.end : spot.start]
        if anchor.whose is Whose.SUBJECT and spot.kind in _CONTACTS and _FROM_OTHERS.search(between):
            return Whose.THIRD_PARTY, False
        return anchor.whose, True
