"""What a word can be: ordinary Dutch, a name, a town, an organisation, or nothing that any list knows."""

import re
from typing import Final

from gateway.minimise.people import cues, things
from gateway.minimise.people.lists import Lists, folded

_LEAST_NAME: Final = 3
_MOST_PARTS: Final = 4
_LEAST_PART: Final = 4
_LEAST_COMPOUND: Final = 9
_LONGEST_COMPOUND: Final = 45
_CACHED: Final = 100_000
_ENDINGS: Final = ("'s", "s", "'", "e", "en", "je", "jes", "tje", "se", "er", "ers")
_NOT_DUTCH: Final = re.compile(r"[^\x00-\x7fáéíóúàèìòùäëïöü]")
_GENITIVE: Final = re.compile(r"(?:'s|s|')$")
_PEOPLES: Final = re.compile(
    r"(?:isch|ische|ees|ese|ezen|eses|eer|eers|ier|iers|aan|anen|aans|aanse|se|iet|ieten|ist|isten)$"
)
_MEDICINE: Final = re.compile(
    r"(?:azine|apine|idone|azole?|prazol|olol|pril|sartan|statine?|cilline|mycine|oxacine|cycline|fenac|profen"
    r"|methasone?|solone?|epam|olam|xetine|traline|pram|faxine|tidine|tadine|formine|glutide|thiazide|terol|parine|codon"
    r"|tanil|caine|scopie|grafie|metrie|ectomie|otomie|plastie|itis|pathie|emie|urie|thorax|pnoe|zepine|xaban|oxine|thazine|pidem|zopine|setron|semide|zumab|ximab|lumab|triptan|gliptine|gliflozine|lukast|barbital|zolam|pamil|dipine)$"
)
_THING: Final = re.compile(
    r"(?:straat|plein|kade|gracht|singel|dreef|park|kazerne|poort|polder|kanaal|tunnel|school|college|moskee"
    r"|ziekenhuis|hospital|krankenhaus|kliniek|(?<=-)kerk|stichting|fonds|prijs|beker|bank|beweging|partij|protocol|verdrag|akkoord|arrest|richtlijn"
    r"|verordening|museum|dag)$"
)
_PRODUCT: Final = re.compile(
    r"[A-Z][a-z]*[A-Z]{2,}[a-z]|[A-Z]{2,}[a-z]{1,3}[A-Z]{2,}|[A-Z][a-z]+[A-Z]{2,}$|^[A-Z][a-z]{1,4}[A-Z]$"
)
_TIED: Final = frozenset(
    {
        "al",
        "el",
        "ul",
        "ur",
        "ad",
        "ar",
        "as",
        "ash",
        "at",
        "an",
        "az",
        "d",
        "o",
        "t",
        "bin",
        "ibn",
        "abd",
        "van",
        "de",
        "der",
        "den",
        "ten",
        "ter",
        "le",
        "la",
    }
)


class Sort:
    """What lists say of a word, as bits of a number: more than one may be true.

    Plain numbers, since every word is asked for them many times, and the operators of an enum are slow.
    """

    WORD: Final = 1 << 0
    """Ordinary Dutch in lower case."""
    NAME: Final = 1 << 1
    """In a list of names of many origins."""
    FIRST: Final = 1 << 2
    SURNAME: Final = 1 << 3
    PLACE: Final = 1 << 4
    NOBODY: Final = 1 << 5
    """An organisation, people, language, law, country, month."""
    PROPER: Final = 1 << 6
    """A Dutch word with a capital, of which no more is known."""

    UNKNOWN: Final = 0


LISTED: Final = Sort.NAME | Sort.FIRST | Sort.SURNAME
"""Any list of names."""


class Vocabulary:
    """Judges words by the lists, and remembers what it judged."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self._sorts: dict[str, int] = {}
        self._folds: dict[str, str] = {}
        self._heads = lists.not_people.heads()
        self._town_openers = lists.towns.openers()
        self._things: dict[str, bool] = {}

    def fold(self, word: str) -> str:
        """Fold a word, remembered."""
        known = self._folds.get(word)
        if known is None:
            if len(self._folds) >= _CACHED:
                self._folds.clear()
            known = self._folds[word] = folded(word)
        return known

    def sort(self, word: str) -> int:
        """Judge a word as it is written, with a capital, in capitals or without."""
        known = self._sorts.get(word)
        if known is None:
            if len(self._sorts) >= _CACHED:
                self._sorts.clear()
            known = self._sorts[word] = self._judge(word)
        return known

    def is_thing(self, word: str) -> bool:
        """Tell a word that ends as a building, a street or a medicine ends, or is written as a product is."""
        known = self._things.get(word)
        if known is None:
            if len(self._things) >= _CACHED:
                self._things.clear()
            known = self._things[word] = self._ends_as_thing(word)
        return known

    def _ends_as_thing(self, word: str) -> bool:
        if _PRODUCT.search(word):
            return True
        lower = word.lower()
        thing = _THING.search(lower)
        if lower in things.THINGS or (thing is not None and thing.start() >= _LEAST_NAME):
            # `Willem-Alexanderkade`: the last part tells.
            return not self.sort(word.rsplit("-", 1)[-1]) & LISTED
        return _MEDICINE.search(lower) is not None and not self.sort(word) & (LISTED | Sort.WORD)

    def is_word(self, word: str) -> bool:
        """Tell whether a word is ordinary Dutch."""
        return bool(self.sort(word) & Sort.WORD)

    def is_place(self, row: str) -> bool:
        """Tell whether a row of words is a town or region."""
        row = self.fold(row)
        return row in self.lists.towns or row in self.lists.places

    def is_dutch_town(self, row: str) -> bool:
        """Tell whether a row of words is a town of the Netherlands."""
        return self.fold(row) in self.lists.towns

    def is_nobody(self, row: str) -> bool:
        """Tell whether a row of words is listed as an organisation, people, language, law or country."""
        return self.fold(row) in self.lists.not_people

    def is_given(self, word: str) -> bool:
        """Tell whether a word is a given name by a list, and no place or organisation."""
        sort = self.sort(word)
        return bool(sort & (Sort.NAME | Sort.FIRST)) and not sort & (Sort.NOBODY | Sort.PLACE)

    def begins_nobody(self, word: str) -> bool:
        """Tell whether a listed row of two words or more begins with a word."""
        return self.fold(word).partition(" ")[0] in self._heads

    def begins_town(self, word: str) -> bool:
        """Tell whether a town of the Netherlands begins with a word."""
        return self.fold(word).partition(" ")[0] in self._town_openers

    def _judge(self, word: str) -> int:
        fold = self.fold(word)
        sort = self._listed(fold)
        if not word.isascii() and sort & Sort.NOBODY and self._is_proper(word):
            # `Georgië` is a country; who is called Georgie has no such sign.
            sort &= ~LISTED
        bare = _GENITIVE.sub("", word)
        if not sort & LISTED and bare != word and len(bare) >= _LEAST_NAME:
            sort |= self._listed(self.fold(bare)) & (LISTED | (Sort.UNKNOWN if sort else Sort.NOBODY | Sort.PLACE))
        lower = word.lower()
        if sort & LISTED:
            # A name that only looks like an inflection of a word (`Habibi`, `Hendriks`) is a name.
            sort |= Sort.WORD if lower in self.lists.words else Sort.UNKNOWN
        elif self._is_dutch(lower) or ("-" in word and self._is_dutch_compound(lower)):
            sort |= Sort.WORD
        if "-" in word and not sort & Sort.NOBODY:
            # What is listed whole is not read by its parts: `Chavez-Vilchez`.
            sort |= self._parts(word)
        if self._is_of_a_people(word, fold):
            sort |= Sort.NOBODY | Sort.PROPER
        if not sort and self._is_proper(word):
            sort |= Sort.PROPER
        return sort

    def _listed(self, fold: str) -> int:
        lists = self.lists
        sort = Sort.UNKNOWN
        if fold in lists.names:
            sort |= Sort.NAME
        if fold in lists.first_names:
            sort |= Sort.FIRST
        if fold in lists.surnames:
            sort |= Sort.SURNAME
        if fold in lists.towns or fold in lists.places:
            sort |= Sort.PLACE
        if fold in lists.not_people:
            sort |= Sort.NOBODY
        return sort

    def _parts(self, word: str) -> int:
        """Judge a word with hyphens by its parts: `Jan-Willem`, `Al-Jabouri`, `IND-medewerker`, `Ahmadi-moslim`."""
        parts = [part for part in word.split("-") if part]
        if not parts or len(parts) > _MOST_PARTS:
            return Sort.UNKNOWN
        last = parts[-1]
        heading = word.isupper() and len(parts[0]) < _LEAST_PART + 1 and not self._listed(self.fold(parts[0])) & LISTED
        ordinary = (last[0].islower() or heading) and len(last) >= _LEAST_NAME and last not in cues.PARTICLES
        if len(parts) > 1 and ordinary and self.is_word(last):
            return Sort.WORD
        sorts = [self.sort(part) for part in parts if part.lower() not in _TIED]
        sort = Sort.UNKNOWN
        for each in sorts:
            sort |= each & LISTED
        idle = Sort.NOBODY | Sort.PLACE | (Sort.WORD if any(each & Sort.NOBODY for each in sorts) else Sort.NOBODY)
        if sorts and all(each & idle for each in sorts) and not sort:
            # `Eritrees-Orthodoxe`: a people, and a word that says what of it.
            sort |= Sort.NOBODY
        return sort

    def _is_of_a_people(self, word: str, fold: str) -> bool:
        """Tell a nationality or an adjective of a place: a Dutch word with a capital and such an ending."""
        return (
            _PEOPLES.search(fold) is not None
            and self._is_proper(word)
            and not (fold in self.lists.names or fold in self.lists.first_names or fold in self.lists.surnames)
        )

    def _is_proper(self, word: str) -> bool:
        proper = self.lists.proper
        return word in proper or (word.isupper() and word.capitalize() in proper)

    def _is_dutch(self, lower: str) -> bool:
        words = self.lists.words
        if lower in words:
            return True
        if not lower.isascii() and not _NOT_DUTCH.search(lower) and self.fold(lower).replace(" ", "") in words:
            # `één`, `vóór`: accents for emphasis. Other signs are another language's: `Zîn` is no `zin`.
            return True
        for ending in _ENDINGS:
            if lower.endswith(ending) and len(lower) - len(ending) >= _LEAST_PART and lower[: -len(ending)] in words:
                return ending not in {"er", "ers"} or len(lower) > _LEAST_COMPOUND
        return _LEAST_COMPOUND <= len(lower) <= _LONGEST_COMPOUND and self._is_compound(lower)

    def _is_compound(self, lower: str) -> bool:
        """Tell whether a word is made of two that the list knows, the way Dutch makes words without end."""
        words = self.lists.words
        for cut in range(_LEAST_PART, len(lower) - _LEAST_PART + 1):
            tail = lower[cut:]
            if tail in words:
                head = lower[:cut]
                if head in words or (head[-1] == "s" and len(head) > _LEAST_PART and head[:-1] in words):
                    return True
                if len(head) >= _LEAST_COMPOUND and self._is_compound(head):
                    return True
                if head.capitalize() in self.lists.proper and len(head) >= _LEAST_PART + 2:
                    return True
                if head in self.lists.not_people:
                    return True
        return False

    def _is_dutch_compound(self, lower: str) -> bool:
        parts = [part for part in lower.split("-") if part]
        return bool(parts) and all(part in self.lists.words or self._is_dutch(part) for part in parts)
