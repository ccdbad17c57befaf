"""Representation: is this lawyer on the register, or does this representative hold a mandate? Wegwijzer step 1.

Who has a number on the register of the bar is looked up there. Who has none is no lawyer, and shows a mandate of the
subject with date, name and signature; a digital signature in it has to hold, and to be the signer's. A mandate that
has ended refuses both.
"""

from collections.abc import Iterator

from gateway.package.facts import Paper, PaperSignature, Standing
from gateway.package.question import Question, Signer
from gateway.package.states import Outcome
from gateway.policy.policy_set import Recipient
from gateway.policy.rules import RuleId

_Found = Iterator[tuple[Outcome, RuleId]]
_STANDINGS = {
    Standing.SUSPENDED: (Outcome.HELD, RuleId.BAR_REGISTER_SUSPENDED),
    Standing.NOT_FOUND: (Outcome.HELD, RuleId.BAR_REGISTER_NOT_FOUND),
    Standing.UNREACHABLE: (Outcome.HELD, RuleId.BAR_REGISTER_UNREACHABLE),
    Standing.STRUCK_OFF: (Outcome.REFUSED, RuleId.BAR_REGISTER_STRUCK_OFF),
}
_SIGNATURE_RULES = {
    PaperSignature.BROKEN: RuleId.MANDATE_SIGNATURE_BROKEN,
    PaperSignature.UNTRUSTED: RuleId.MANDATE_SIGNATURE_UNTRUSTED,
    PaperSignature.OTHER_NAME: RuleId.MANDATE_SIGNATURE_OTHER_NAME,
}


def examine_representation(asked: Question, *, recipient: Recipient) -> _Found:
    """Give everything that stands against this recipient acting for the subject."""
    if _has_ended(asked):
        yield Outcome.REFUSED, RuleId.MANDATE_ENDED
    if recipient.bar_number is None:
        yield from _mandate(asked)
        return
    standing = asked.facts.bar.get(recipient.id, Standing.UNREACHABLE)
    if standing is not Standing.REGISTERED:
        yield _STANDINGS[standing]


def _has_ended(asked: Question) -> bool:
    mandate = asked.mandate
    return mandate is not None and mandate.ends_on is not None and mandate.ends_on < asked.facts.today


def _mandate(asked: Question) -> _Found:
    mandate = asked.mandate
    if mandate is None:
        yield Outcome.HELD, RuleId.MANDATE_MISSING
        return
    today = asked.facts.today
    if mandate.signed_on is None or mandate.signer is Signer.UNNAMED or asked.facts.mandate is Paper.MISSING:
        yield Outcome.HELD, RuleId.MANDATE_INCOMPLETE
    if asked.facts.mandate is Paper.UNREADABLE:
        yield Outcome.HELD, RuleId.MANDATE_UNREADABLE
    if asked.facts.mandate_signature in _SIGNATURE_RULES:
        yield Outcome.HELD, _SIGNATURE_RULES[asked.facts.mandate_signature]
    if mandate.signed_on is not None and mandate.signed_on > today:
        yield Outcome.HELD, RuleId.MANDATE_FUTURE
    if mandate.signer is Signer.VARIANT:
        yield Outcome.HELD, RuleId.MANDATE_NAME_VARIANT
    if mandate.signer is Signer.OTHER:
        yield Outcome.HELD, RuleId.MANDATE_NAME_DIFFERS
