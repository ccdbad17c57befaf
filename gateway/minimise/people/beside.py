"""Finds ordinary words that are names because they stand in a row of names."""

from collections.abc import Iterator, Sequence

from gateway.minimise.people import cues
from gateway.minimise.people.names import Mention, is_function_word, mention_of
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape
from gateway.minimise.people.words import Sort


def find_listed_beside(runs: Runs, taken: Sequence[bool], named: Sequence[bool]) -> Iterator[Mention]:
    """Find ordinary words in a row of names, which capital and place make one: `Nardos, Nobel en Saba`.

    `named` tells which tokens stand in a name, `taken` which in anything found.
    """
    tokens = runs.tokens
    ended = -1
    for at in range(1, len(tokens)):
        if taken[at] or at <= ended or not _may_stand_in_row(runs, at):
            continue
        joined = tokens[at].gap == " " and tokens[at - 1].text == "en"
        before = at - 2 if joined else at - 1
        in_row = (joined and tokens[at - 1].gap == " ") or tokens[at].gap == ", "
        if not in_row or before < 0 or not (named[before] or before == ended):
            continue
        ended = at
        while ended + 1 < len(tokens) and tokens[ended + 1].gap == " " and not taken[ended + 1]:
            if not _may_stand_in_row(runs, ended + 1):
                break
            ended += 1
        yield mention_of(tokens, at, ended, certain=False)


def _may_stand_in_row(runs: Runs, at: int) -> bool:
    token = runs.tokens[at]
    if token.shape is not Shape.CAPITAL or token.opens or is_function_word(token.text) or runs.is_shouted(at):
        return False
    lower = token.text.lower()
    sort = runs.vocabulary.sort(token.text)
    return bool(sort & Sort.WORD) and not sort & (Sort.NOBODY | Sort.PLACE) and lower not in cues.TITLES
