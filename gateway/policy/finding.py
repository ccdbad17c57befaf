"""What was found about a recipient: a reason, and whether it holds the package, refuses it, or says why it may go."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.package.states import Outcome, Reason


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason why a recipient does not get the package as it is, or, when the outcome is cleared, why it does.

    Only what would have been held otherwise is cleared with a reason: a person has decided on it.
    """

    outcome: Outcome
    reason: Reason


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Give the heaviest of some outcomes: refused, then held, then cleared."""
    seen = set(outcomes)
    if Outcome.REFUSED in seen:
        return Outcome.REFUSED
    return Outcome.HELD if Outcome.HELD in seen else Outcome.CLEARED


def weigh(findings: Iterable[Finding]) -> tuple[Outcome, tuple[Reason, ...]]:
    """Weigh all findings on one recipient; the reasons are those of the heaviest outcome, each once, in order."""
    found = tuple(findings)
    outcome = worst(finding.outcome for finding in found)
    return outcome, tuple(dict.fromkeys(finding.reason for finding in found if finding.outcome is outcome))
