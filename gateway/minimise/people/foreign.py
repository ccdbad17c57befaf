"""Finds the ordinary words of English, German and French where a text, or a part of it, is in that language.

No list of Dutch knows them, so that every one with a capital looked like a name. What people are called by stays
one.

Rules:
1. A part between empty lines is in another language when more words there are that language's than are Dutch; where it
   says too little, the whole text decides.
2. There, what every sentence is made of is no name, and what the list of such words has is none unless a list has it as
   a name; a form of address before it makes it one all the same.
3. Where a line begins with a label (`Current address:`), all of the label is none.
4. In German every noun has a capital: what ends as nouns end that stand for no person is none.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people.runs import Cue, cue_of
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.words import LISTED, Vocabulary


def _row(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DUTCH: Final = _row(
    "de het een van en is dat niet op te met voor zijn heeft aan bij die naar ik ze hij er om ook wordt werd maar dan"
    " nog uit als tot door"
)
_MARKS: Final = {
    mark: language
    for language, marks in {
        "en": "the and to from with by for that this these have has been were are not you your she his they our which"
        " who when on it if please will would does",
        "de": "und ist mit für von zu dem eine einer nicht wird wurde auf nach sie wir ich über im zum zur vom ihr sein"
        " hat dass",
        "fr": "les et est une dans pour que qui avec elle par je vous nous aux cette sont",
    }.items()
    for mark in marks.split()
}
_SENTENCE: Final = {
    "en": _row(
        "the a an and or but if not no yes of to in on at by for from with this that these those there here where when"
        " why how what which who he she it we you they me him her us them my your his its our their i am is are was"
        " were be been being do does did have has had can could might must should would all any both each other"
        " others such so also please yours dear kind regards mr mrs ms our"
    ),
    "de": _row(
        "der die das den dem des ein eine einer eines einem einen und oder aber nicht kein keine ist sind war waren"
        " wird werden wurde hat haben sein seine ihr ihre ihren ihnen wir uns unser sie er es ich mich mir von vom zu"
        " zur zum mit ohne bei nach vor für über unter auf an am im aus durch gegen um seit bis sehr damen herren"
    ),
    "fr": _row(
        "le la les un une des du et ou mais ne pas est sont il elle ils elles je tu nous vous on se ce cet cette ces"
        " que qui dans sur sous avec sans pour par chez entre depuis au aux à"
    ),
}
_NOUN: Final = re.compile(
    r"\w{4,}(?:ung|ungen|heit|heiten|keit|keiten|schaft|schaften|tion|tionen|tät|täten|nisse?|verband|verbandes|amt|amtes"
    r"|stelle|schein|nummer)$"
)
_VERBS: Final = frozenset({"will", "may"})
"""In small letters they are verbs, with a capital people."""
_EMPTY_LINE: Final = re.compile(r"\n[ \t>]*\n")
_LABEL: Final = re.compile(r"^[ \t>\d.)(-]*(?P<words>[A-Za-zÀ-ÿ'()]+(?: [A-Za-zÀ-ÿ'()]+){0,5}) ?:", re.MULTILINE)
_LEAST_OF_TEXT: Final = 4
_LEAST_OF_PART: Final = 2
_TOO_FEW: Final = 3


def find_foreign(text: str, tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Give the spans of a normal text that hold ordinary words of another language."""
    marks = dict.fromkeys(_SENTENCE, 0)
    dutch = _count(tokens, marks)
    language = max(marks, key=marks.__getitem__)
    if marks[language] < _LEAST_OF_TEXT:
        return
    of_text = language if marks[language] > dutch else ""
    first = 0
    for end in (*(found.start() for found in _EMPTY_LINE.finditer(text)), len(text)):
        last = first
        while last < len(tokens) and tokens[last].start < end:
            last += 1
        if spoken := _language_of(tokens[first:last], of_text):
            yield from _words(tokens, first, last, spoken, vocabulary)
            if first < last:
                yield from _labels(text, tokens[first].start, end, spoken, vocabulary)
        first = last


def _count(tokens: Sequence[Token], marks: dict[str, int]) -> int:
    """Count the marks of every language into `marks`, and give how many are Dutch."""
    dutch = 0
    for token in tokens:
        if token.shape is Shape.LOWER or token.opens:
            lower = token.text.lower()
            dutch += lower in _DUTCH
            if (language := _MARKS.get(lower)) is not None:
                marks[language] += 1
    return dutch


def _language_of(tokens: Sequence[Token], of_text: str) -> str:
    marks = dict.fromkeys(_SENTENCE, 0)
    dutch = _count(tokens, marks)
    language = max(marks, key=marks.__getitem__)
    if marks[language] >= _LEAST_OF_PART and marks[language] > dutch:
        return language
    return of_text if marks[language] + dutch < _TOO_FEW else ""


def _words(
    tokens: Sequence[Token], first: int, last: int, language: str, vocabulary: Vocabulary
) -> Iterator[tuple[int, int]]:
    for at in range(first, last):
        token = tokens[at]
        if token.shape is Shape.INITIAL or (at and cue_of(tokens[at - 1].text.lower()) is Cue.HONORIFIC):
            continue
        in_sentence = token.text.lower() in _SENTENCE[language] and not _stands_in_name(tokens, at, vocabulary)
        verb = token.shape is Shape.LOWER and language == "en" and token.text in _VERBS
        if verb or in_sentence or _is_ordinary(tokens, at, language, vocabulary):
            yield token.start, token.end


def _stands_in_name(tokens: Sequence[Token], at: int, vocabulary: Vocabulary) -> bool:
    """Tell `Tran An Binh`: within a sentence, a word that is a name as well, between or before other capitals."""
    if tokens[at].shape is not Shape.CAPITAL or tokens[at].opens or not vocabulary.sort(tokens[at].text) & LISTED:
        return False
    beside = [(each, right) for each, right in ((at - 1, at), (at + 1, at + 1)) if each >= 0 and right < len(tokens)]
    return any(tokens[right].gap == " " and tokens[each].shape is Shape.CAPITAL for each, right in beside)


def _is_ordinary(tokens: Sequence[Token], at: int, language: str, vocabulary: Vocabulary) -> bool:
    word = tokens[at].text
    if vocabulary.sort(word) & LISTED:
        return False
    if vocabulary.is_abroad(word):
        return True
    # `Stefan Hartung`: behind another capital it may be a surname.
    second = at > 0 and tokens[at].gap == " " and tokens[at - 1].shape in {Shape.CAPITAL, Shape.INITIAL}
    return language == "de" and not second and _NOUN.match(word) is not None


def _labels(text: str, start: int, end: int, language: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    for found in _LABEL.finditer(text, start, end):
        words = [word.removesuffix("'s") for word in re.findall(r"[A-Za-zÀ-ÿ']+", found["words"])]
        if all(word.lower() in _SENTENCE[language] or vocabulary.is_abroad(word) or word.islower() for word in words):
            yield found.span("words")
