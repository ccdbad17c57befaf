"""Tells the language of every passage by the words that every sentence of it is made of.

A passage is what blank lines enclose. A line of another language within it counts for itself. Where no word tells, as
in a form, the passage before tells, also that of the text before; at the beginning the next one does.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

from gateway.minimise.people.one_of import OneOf
from gateway.minimise.people.tokens import Token

_LEAST: Final = 2


class Language(OneOf):
    """What a passage is written in; Dutch is what nothing else says."""

    DUTCH: ClassVar["Language"]
    ENGLISH: ClassVar["Language"]
    GERMAN: ClassVar["Language"]
    FRENCH: ClassVar["Language"]


# Only words that no other of these languages has, nor a name: no `de`, `die`, `la`, `von`.
_DUTCH: Final = """
aan achternaam adres bent betreft betrokkene bij dan dat deze dit door een gaat geachte geboortedatum geboren geen
haar hebben heeft hem het hij hun ik kenmerk maar met mijn naam naar niet nog om omdat onze ook op plaats te telefoon
tijdens toen tot uit uw van volgens voor voornaam wel werd wij worden wordt zich zij zijn
"""
_ENGLISH: Final = """
about address and applicant are at aunt be because been birth brother but by citizenship could dear does family father
first for forename forenames from given has have he hers his if interview it its itself letter mother mrs my
nationality our ours please regards she should signature sincerely sister surname that the their them there these they
this those to uncle were what when whether which who why with would written you your yours
"""
_GERMAN: Final = """
anschrift auch auf aus beim bitte bruder das dass dem durch ein eine einem einen einer frau für geburtsdatum
geburtsort geehrte geehrter haben hat herr ich ihnen ihr ihre ihren im ist mein meine meinen mit mutter nach nachname
nicht oder schwester sein seine seinen seit sich sie staatsangehörigkeit und unterschrift vater vom vorname wenn
werden wir wurde zu zum zur über
"""
_FRENCH: Final = """
adresse ainsi aux avec avez avons ces cette depuis est et frère il je lettre leur leurs lui madame mon monsieur mère
même naissance nationalité nom nos notre nous né née objet ont par pour prénom père que qui sans ses soeur sont suis
sur sœur une veuillez vos votre vous été
"""
_TELLING: Final = {
    word: language
    for language, words in {
        Language.DUTCH: _DUTCH,
        Language.ENGLISH: _ENGLISH,
        Language.GERMAN: _GERMAN,
        Language.FRENCH: _FRENCH,
    }.items()
    for word in words.split()
}


class Languages:
    """Reads the texts of a package in order, and keeps the language of the last passage that told."""

    def __init__(self) -> None:
        self._last = Language.DUTCH

    def read(self, tokens: Sequence[Token]) -> list[Language]:
        """Give the language of each token of a text."""
        lines = _lines_of(tokens)
        counts = [_count(tokens[first:last]) for first, last, _ in lines]
        passages: list[list[int]] = []
        for number, (_, _, begins) in enumerate(lines):
            if begins or not passages:
                passages.append([])
            passages[-1].append(number)
        told = [_most(_summed([counts[number] for number in passage])) for passage in passages]
        before = next((each for each in told if each), self._last)
        languages: list[Language] = []
        for passage, language in zip(passages, told, strict=True):
            before = language or before
            for number in passage:
                first, last, _ = lines[number]
                languages += [_of_line(counts[number], before)] * (last - first)
        self._last = before
        return languages


def _lines_of(tokens: Sequence[Token]) -> list[tuple[int, int, bool]]:
    """Give the lines: their first token, the one behind their last, and whether a blank line comes before them."""
    starts = [at for at, token in enumerate(tokens) if not at or "\n" in token.gap]
    ends = [*starts[1:], len(tokens)]
    return [(at, end, tokens[at].gap.count("\n") > 1) for at, end in zip(starts, ends, strict=False)]


def _count(tokens: Sequence[Token]) -> dict[Language, int]:
    counts: dict[Language, int] = {}
    for token in tokens:
        language = _TELLING.get(token.text.lower())
        if language is not None:
            counts[language] = counts.get(language, 0) + 1
    return counts


def _summed(counts: Sequence[dict[Language, int]]) -> dict[Language, int]:
    sums: dict[Language, int] = {}
    for each in counts:
        for language, count in each.items():
            sums[language] = sums.get(language, 0) + count
    return sums


def _most(counts: dict[Language, int]) -> Language | None:
    """Give the language that more words speak for than for any other; for all but Dutch more than one has to."""
    ordered = sorted(counts.items(), key=lambda each: -each[1])
    if not ordered or (len(ordered) > 1 and ordered[0][1] == ordered[1][1]):
        return None
    language, count = ordered[0]
    return language if language is Language.DUTCH or count >= _LEAST else None


def _of_line(counts: dict[Language, int], passage: Language) -> Language:
    told = _most(counts)
    alone = told is not None and passage not in counts and counts[told] >= _LEAST
    return told if told is not None and alone else passage
