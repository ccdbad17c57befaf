"""Finds the ordinary words of English, German and French passages, which are nobody's, whatever their capital.

Rules:
1. A word is judged by the list of the language of its passage; German and French also by how their words end.
2. German writes every noun with a capital: what stands behind `einer`, `im` or `zum` is one, listed or not.
3. A name stays one: what lists of names have, unless every sentence is made of it; what stands behind a form of address
   or a word for kin; an ordinary word behind a name (`Farshid Baker`).
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.foreign_words import CALENDAR, SENTENCE_WORDS, VIRTUES
from gateway.minimise.people.languages import Language
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Sort, Vocabulary

_CAPITALS: Final = frozenset({Shape.CAPITAL, Shape.UPPER})
_ADDRESSED: Final = frozenset({Cue.KIN, Cue.ROLE, Cue.NAMED})
_ELIDED: Final = re.compile(r"^(?:[ldjnmstc]|qu)'(?=.{3})", re.IGNORECASE)
_ELIDED_SMALL: Final = re.compile(r"^(?:[LDJNMSTC]|Qu)'[aeiouyhà-ÿ]|^(?:[ldjnmstc]|qu)'[A-Z]{2,}$")
"""`J'espère`, `l'OFPRA`."""
_ENDS: Final = {
    Language.GERMAN: re.compile(
        r"(?:.{3}(?:ungen|ung|heit|heiten|keit|keiten|schaft|schaften|tion|tionen|itat|itaten|ismus|nisse|nissen|nahme"
        r"|behorde|behorden|verfahrens?|verband(?:e?s)?|verbande|ubertritt|ausweis|antrags?|bescheide?s?|gericht(?:e?s)?"
        r"|nummer|zeichen|titel|stelle|dienst(?:e?s)?|lager|heim(?:e?s)?|amt(?:e?s)?|gesetz(?:e?s)?|suche|hilfe|frage"
        r"|fragen|anschrift|akte|akten|schein|termin|zentrum|staat(?:en)?|kreis|stadt|tage?s?|tagen|jahre?s?|jahren))$"
    ),
    Language.FRENCH: re.compile(
        r".{3}(?:tions?|sions?|ments?|ites?|ances?|ences?|euses?|aires?|iques?|ismes?|tures?)$"
    ),
}
_DETERMINERS: Final = """
des das ein eine einer einem einen eines kein keine keinem keinen keiner keines im ins am ans zum zur beim vom dieses
diesem diesen dieser diese jede jeder jedem jeden jedes welche welcher welches welchem welchen
"""
_LED: Final = frozenset(_DETERMINERS.split())
_ADJECTIVE: Final = re.compile(r".{3}(?:e|en|er|es|em)$")
_BEFORE_DAY: Final = frozenset(
    {
        "on",
        "in",
        "until",
        "till",
        "since",
        "last",
        "next",
        "every",
        "this",
        "before",
        "early",
        "am",
        "im",
        "seit",
        "bis",
        "ab",
        "ende",
    }
)
_LEAST_NOUN: Final = 4
_LEAST_HEAD: Final = 3
_LEAST_TAIL: Final = 6
_BELONGS: Final = re.compile(r"'s?$")


def find_foreign(
    tokens: Sequence[Token], languages: Sequence[Language], vocabulary: Vocabulary
) -> Iterator[tuple[int, int]]:
    """Give the spans of the ordinary words."""
    reader = _Reader(tokens, languages, vocabulary)
    for at, token in enumerate(tokens):
        if reader.judge(at):
            yield token.start, token.end


class _Reader:
    def __init__(self, tokens: Sequence[Token], languages: Sequence[Language], vocabulary: Vocabulary) -> None:
        self._tokens = tokens
        self._languages = languages
        self._vocabulary = vocabulary
        self._ordinary = -1

    def judge(self, at: int) -> bool:
        """Tell whether a word is an ordinary one of another language; to be asked in order."""
        language = self._languages[at]
        if self._tokens[at].shape not in _CAPITALS:
            return language is not Language.DUTCH and self._is_small(at, language)
        titled = self._cue(at) is Cue.HONORIFIC and self._tokens[at].gap in {" ", ". "}
        ordinary = language is not Language.DUTCH and not titled and self._is_ordinary(at, language)
        if ordinary:
            self._ordinary = at
        return ordinary

    def _is_small(self, at: int, language: Language) -> bool:
        """Tell an ordinary word in small letters, so that it is no part of the name beside it: `you see Siva`."""
        token = self._tokens[at]
        if token.shape is not Shape.LOWER or token.text in cues.PARTICLES:
            return False
        if token.text in SENTENCE_WORDS[language]:
            return True
        if self._vocabulary.sort(token.text) & LISTED or self._is_told(at):
            return False
        # Of German and French few words are listed; what no list of names has is no name in small letters.
        return language is not Language.ENGLISH or self._knows(token.text, language)

    def _is_ordinary(self, at: int, language: Language) -> bool:
        token = self._tokens[at]
        word = token.text.lower()
        if word in SENTENCE_WORDS[language]:
            # `Le Thi Hoa`: some of them are names too.
            return not (self._is_given(at) and self._has_beside(at, at + 1) and self._is_given(at + 1))
        if language is Language.FRENCH and _ELIDED_SMALL.match(token.text):
            return True
        if not self._knows(word, language):
            return language is Language.GERMAN and self._is_led(at)
        told = token.shape is Shape.CAPITAL and self._is_told(at)
        if told or ((self._is_given(at) or word in VIRTUES) and not self._is_day(at)):
            return False
        if self._vocabulary.sort(token.text) & Sort.SURNAME:
            return token.opens and not self._has_beside(at, at + 1)
        return not self._follows_name(at, language)

    def _is_told(self, at: int) -> bool:
        """Tell whether the word before says that somebody is named."""
        return self._tokens[at].gap == " " and self._cue(at) in _ADDRESSED | {Cue.HONORIFIC}

    def _is_day(self, at: int) -> bool:
        """Tell a day or a month, which somebody may be called by, by the word before: `on Monday`."""
        before = self._tokens[at - 1].text.lower() if at else ""
        return self._tokens[at].text.lower() in CALENDAR and before in _BEFORE_DAY

    def _is_given(self, at: int) -> bool:
        return bool(self._vocabulary.sort(self._tokens[at].text) & (Sort.NAME | Sort.FIRST))

    def _knows(self, word: str, language: Language) -> bool:
        lists = self._vocabulary.lists
        word = _BELONGS.sub("", word)
        if language is Language.FRENCH and (bare := _ELIDED.sub("", word)) != word:
            return bare in lists.english or self._knows(bare, language)
        if all(part in lists.english for part in word.split("-")):
            return True
        if language is Language.ENGLISH:
            return word.replace("iz", "is") in lists.english or (word.endswith("er") and word[:-1] in lists.english)
        fold = self._vocabulary.fold(word)
        known = lists.german if language is Language.GERMAN else lists.french
        if fold in known or _ENDS[language].search(fold) is not None:
            return True
        # `Gemeinschaftsunterkunft`: the last part of a compound is a word of its own; short ones end surnames too.
        tails = range(_LEAST_HEAD, len(fold) - _LEAST_TAIL + 1) if language is Language.GERMAN else ()
        return any(fold[cut:] in known for cut in tails)

    def _is_led(self, at: int) -> bool:
        """Tell a German noun by what stands before it: `einer Kontaktaufnahme`, `ihre neue Bleibe`."""
        token = self._tokens[at]
        alone = at > 0 and token.gap == " " and not self._has_beside(at, at + 1)
        if not alone or token.shape is not Shape.CAPITAL or len(token.text) < _LEAST_NOUN:
            return False
        if self._vocabulary.sort(token.text) & LISTED:
            return False
        before = self._tokens[at - 1]
        if before.text.lower() in _LED:
            return True
        return (
            at > 1
            and before.gap == " "
            and before.shape is Shape.LOWER
            and _ADJECTIVE.match(before.text) is not None
            and self._tokens[at - 2].text.lower() in _LED
        )

    def _follows_name(self, at: int, language: Language) -> bool:
        """Tell an ordinary word that is the surname behind a given name; no German noun, which may stand there too."""
        token = self._tokens[at]
        if not at or token.gap != " " or token.shape is not Shape.CAPITAL or self._ordinary == at - 1:
            return False
        before = self._tokens[at - 1]
        if before.shape is Shape.INITIAL:
            return True
        named = self._is_given(at - 1) or not self._vocabulary.sort(before.text)
        return before.shape is Shape.CAPITAL and named and language is not Language.GERMAN

    def _has_beside(self, at: int, other: int) -> bool:
        """Tell whether a word with a capital stands right behind a word."""
        if other >= len(self._tokens) or self._tokens[other].gap != " ":
            return False
        return at < other and self._tokens[other].shape in _CAPITALS

    def _cue(self, at: int) -> Cue:
        return cue_of(self._tokens[at - 1].text.lower()) if at else Cue.NONE
