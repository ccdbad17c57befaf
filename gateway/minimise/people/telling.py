"""Tells names by what the words around them say of them, whatever the lists say of the word itself.

Rules:
1. Who is called so, who is said to be kin, whose child or parent one is called: `iemand die Lala heette`,
   `Soran is mijn neef`, `wedi Keren`.
2. Who passes something on, and of whom more is said behind a role: `geld via Movsar`, `een handelaar, Karma, die …`.
3. Capitals alone behind the last sentence of a note are the initials of who wrote it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from gateway.minimise.people import cues
from gateway.minimise.people.cueing import Cue, cue_of
from gateway.minimise.people.runs import Runs
from gateway.minimise.people.tokens import Shape, Token
from gateway.minimise.people.word_rows import words_row
from gateway.minimise.people.words import LISTED, Sort

_LOOK_BACK: Final = 6
_LONGEST_SIGNATURE: Final = 3
_LAST_HEADING: Final = "H"


KUNYAS: Final = words_row("wedi gual umm um em abu abou aboe oum aabo hooyo")
"""Father, mother or child of: with the word behind it what somebody is called, also when that is a place."""

SENDING: Final = words_row(
    "geld stuur stuurt stuurde sturen gestuurd bericht berichten gehoord hoorde vernomen contact ontving ontvangen"
    " gekregen betaald betaalde overgemaakt geregeld gevonden kennis nummer"
)
"""With `via` behind it somebody who passes it on: `stuur geld via Movsar`."""

PASSENGERS: Final = frozenset({"MR", "MRS", "MS", "MSTR", "CHD", "INF"})
"""Behind the name of who flies."""


def told_name(runs: Runs, first: int, last: int) -> tuple[int, int] | None:
    """Give where a name begins and ends that the words beside it tell; None when they do not."""
    tokens = runs.tokens
    if tokens[last].shape is not Shape.CAPITAL or not first or tokens[last].text.lower() in cues.FUNCTION_WORDS:
        return None
    if first + 1 == last and tokens[first].text in KUNYAS:
        return first, last
    if first != last:
        return None
    if tokens[first].gap == " " and tokens[first - 1].text in KUNYAS:
        return first - 1, last
    if _is_called_so(tokens, first) or _is_said_to_be_kin(runs, first):
        return first, last
    return None


def _is_called_so(tokens: Sequence[Token], at: int) -> bool:
    """Tell a name by the word behind it: `iemand die Lala heette`."""
    if at + 1 >= len(tokens):
        return False
    after = tokens[at + 1]
    return after.gap == " " and after.text in cues.HOW_CALLED and tokens[at - 1].text.lower() in cues.WHO


def _is_said_to_be_kin(runs: Runs, at: int) -> bool:
    """Tell a name by the kin that somebody is said to be: `Soran is mijn neef`, not `Wie is de vader`."""
    said = runs.tokens[at + 1 : at + 4]
    return (
        len(said) == 3  # noqa: PLR2004 - the verb, whose, and the kin.
        and all(token.gap == " " for token in said)
        and said[0].text in {"is", "was"}
        and (said[1].text in cues.OWN or said[1].text in {"de", "een"})
        and cue_of(said[2].text) is Cue.KIN
        and runs.tokens[at].text.lower() not in cues.FUNCTION_WORDS
        and not runs.vocabulary.sort(runs.tokens[at].text) & Sort.WORD
    )


def is_sent_by(tokens: Sequence[Token], at: int) -> bool:
    """Tell who passes something on: `stuur geld via Movsar`, not `via Omhajer naar Soedan`."""
    if tokens[at - 1].text.lower() != "via":
        return False
    return any(word.text.lower() in SENDING for word in tokens[max(0, at - _LOOK_BACK) : at])


def goes_on_as_person(runs: Runs, first: int, last: int) -> bool:
    """Tell two words with capitals between commas, of whom more is said: `een handelaar, Karma Sherpa, die …`."""
    tokens = runs.tokens
    if last + 1 >= len(tokens) or first == last or tokens[first].gap != ", " or tokens[last + 1].gap != ", ":
        return False
    capitals = all(token.shape is Shape.CAPITAL for token in tokens[first : last + 1])
    return capitals and tokens[last + 1].text in {"die", "hij", "zij", "ze"}


def is_apposed_to_kin(tokens: Sequence[Token], place: int, at: int) -> bool:
    """Tell who stands behind a word for kin and where that one is: `een achterneef in Luik, Mussie, bij wie`.

    `place`: the last word of the place.
    """
    if tokens[at].gap != ", ":
        return False
    while place > 0 and tokens[place].shape is not Shape.LOWER and tokens[place].gap == " ":
        place -= 1
    located = place > 0 and tokens[place].text in {"in", "uit", "te"}
    return located and cue_of(tokens[place - 1].text) in {Cue.KIN, Cue.ROLE}


def is_numbered_heading(tokens: Sequence[Token], at: int, sort: int) -> bool:
    """Tell a heading behind its letter: `B. Gegevens van uw partner`, not `B. Zonnebloem`. `sort`: of the word."""
    letter = tokens[at - 1]
    if not letter.opens or letter.text > _LAST_HEADING or sort & LISTED or not sort & Sort.WORD:
        return False
    return at + 1 < len(tokens) and tokens[at + 1].gap == " " and tokens[at + 1].shape is Shape.LOWER


def find_signatures(runs: Runs, taken: Sequence[bool]) -> Iterator[int]:
    """Give the words that are the initials of who wrote a note, behind its last sentence: `… met broertje. LV`."""
    tokens = runs.tokens
    for at in range(1, len(tokens)):
        token = tokens[at]
        if token.shape is not Shape.UPPER or taken[at] or len(token.text) > _LONGEST_SIGNATURE:
            continue
        ends = at + 1 >= len(tokens) or tokens[at + 1].gap.lstrip(" .)]")[:1] == "\n"
        if (
            ends
            and token.gap in {". ", "! ", "? "}
            and not runs.vocabulary.sort(token.text) & (Sort.WORD | Sort.NOBODY)
        ):
            yield at


def with_initials_behind(tokens: Sequence[Token], last: int) -> int:
    """Take the initials along that stand behind a surname: `Kassem, M.`, not `Kassem, M. Bakker`."""
    at = last + 1
    if at >= len(tokens) or tokens[at].gap != ", " or tokens[at].shape is not Shape.INITIAL:
        return last
    while at + 1 < len(tokens) and tokens[at + 1].gap in {".", ". "} and tokens[at + 1].shape is Shape.INITIAL:
        at += 1
    goes_on = (
        at + 1 < len(tokens)
        and tokens[at + 1].gap == ". "
        and tokens[at + 1].shape in frozenset({Shape.CAPITAL, Shape.UPPER})
    )
    return last if goes_on else at
