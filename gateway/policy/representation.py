"""Representation: is this lawyer on the register, or does this representative hold a mandate? Wegwijzer step 1.

Who has a number on the register of the bar is looked up there. Who has none is no lawyer, and shows a mandate of the
subject with date, name and signature; a digital signature in it has to hold, and to be the signer's. A mandate that
has ended refuses both.
"""

from collections.abc import Iterator

from gateway.package.facts import Paper, PaperSignature, Standing
from gateway.package.states import Examined, Outcome
from gateway.policy.consent import same_person
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


def examine_representation(examined: Examined, *, recipient: Recipient) -> _Found:
    """Give everything that stands against this recipient acting for the subject."""
    if _has_ended(examined):
        yield Outcome.REFUSED, RuleId.MANDATE_ENDED
    if recipient.bar_number is None:
        yield from _mandate(examined)
        return
    standing = examined.evidence.bar.get(recipient.id, Standing.UNREACHABLE)
    if standing is not Standing.REGISTERED:
        yield _STANDINGS[standing]


def _has_ended(examined: Examined) -> bool:
    mandate = examined.package.manifest.mandate
    return mandate is not None and mandate.ends_on is not None and mandate.ends_on < examined.evidence.today


def _mandate(examined: Examined) -> _Found:
    mandate = examined.package.manifest.mandate
    if mandate is None:
        yield Outcome.HELD, RuleId.MANDATE_MISSING
        return
    today = examined.evidence.today
    if mandate.signed_on is None or mandate.signed_by is None or examined.evidence.mandate is Paper.MISSING:
        yield Outcome.HELD, RuleId.MANDATE_INCOMPLETE
    if examined.evidence.mandate is Paper.UNREADABLE:
        yield Outcome.HELD, RuleId.MANDATE_UNREADABLE
    if examined.evidence.mandate_signature in _SIGNATURE_RULES:
        yield Outcome.HELD, _SIGNATURE_RULES[examined.evidence.mandate_signature]
    if mandate.signed_on is not None and mandate.signed_on > today:
        yield Outcome.HELD, RuleId.MANDATE_FUTURE
    if mandate.signed_by is not None and not same_person(mandate.signed_by, examined.package.manifest.subject):
        yield Outcome.HELD, RuleId.MANDATE_NAME_DIFFERS
