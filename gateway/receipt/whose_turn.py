"""Tells of what holds a package whether its sender has to do something, or somebody else. Pure.

A closed list names what others do: a second person who decides, and who keeps registers, permissions and channels. All
else has to be mended in the package, which only its sender can.
"""

from collections.abc import Iterable
from typing import Final

from gateway.package.errors import Code
from gateway.package.facts import KEY_REFUSALS
from gateway.package.problems import PROBLEMS, Helper
from gateway.package.reviews import FOR_A_PERSON_TO_SETTLE
from gateway.receipt.slip_words import CODES

FOR_OTHERS_TO_MEND: Final = frozenset(
    {
        "permission.review-due",
        "consent.withdrawals-unreachable",
        "consent.case-system-unreachable",
        "bar-register.suspended",
        "bar-register.unreachable",
        "channel.not-connected",
    }
)
FOR_THE_ADMINISTRATOR: Final = frozenset(
    {
        "consent.withdrawals-unreachable",
        "consent.case-system-unreachable",
        "bar-register.unreachable",
        "channel.not-connected",
    }
)
"""What no change of the package mends, and no decision of a second person either."""
_DECIDED_AGAIN: Final = FOR_OTHERS_TO_MEND | {code.value for code in KEY_REFUSALS.values()}
_IN_THE_PACKAGE: Final = frozenset({Code.RESIDUE_FOUND, Code.DATA_UNREADABLE, Code.DATA_AMBIGUOUS})


def waits_for_sender(codes: Iterable[str]) -> bool:
    """Tell whether one of these rules or problems waits for the sender; as long as it does, nothing else helps."""
    return any(map(_is_for_sender, codes))


def is_decided_again(codes: Iterable[str]) -> bool:
    """Tell whether a package with these is decided on again by itself once others have mended what they can."""
    waits = set(codes)
    return not waits.isdisjoint(_DECIDED_AGAIN) and waits <= _DECIDED_AGAIN | FOR_A_PERSON_TO_SETTLE


def _is_for_sender(code: str) -> bool:
    if code in CODES:
        return CODES[code] in _IN_THE_PACKAGE or PROBLEMS[CODES[code]].helper is Helper.SENDER
    return code not in FOR_A_PERSON_TO_SETTLE and code not in FOR_OTHERS_TO_MEND
