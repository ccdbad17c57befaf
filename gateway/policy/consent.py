"""Consent: may this recipient have these data today, by the package's authorisation? Wegwijzer step 1, GDPR art. 7.

    1 there is one, with date, name and signature; a digital signature in it holds, and is the signer's
    2 it is dated neither in the future nor too long ago, has not ended, and was not withdrawn
    3 the subject signed it, or a guardian or parent with a proof for one who may be a minor
    4 it names this recipient, and covers the categories that would go
    5 it is filed in the case system under its reference

Every point is looked at, so that a sender hears all at once. Only a withdrawal refuses; everything else can be mended.
"""

from collections.abc import Iterator

from gateway.package.facts import Filing, Paper, PaperSignature
from gateway.package.folding import words_of
from gateway.package.manifest import Category, Consent, Subject
from gateway.package.states import Examined, Outcome
from gateway.policy.ages import ADULT_AGE
from gateway.policy.finding import Finding
from gateway.policy.policy_set import ConsentRule, PolicySet, Recipient
from gateway.policy.rules import RuleId

_FILING_RULES = {
    Filing.NOT_FILED: RuleId.CONSENT_NOT_FILED,
    Filing.UNREACHABLE: RuleId.CONSENT_CASE_SYSTEM_UNREACHABLE,
}
_SIGNATURE_RULES = {
    PaperSignature.BROKEN: RuleId.CONSENT_SIGNATURE_BROKEN,
    PaperSignature.UNTRUSTED: RuleId.CONSENT_SIGNATURE_UNTRUSTED,
    PaperSignature.OTHER_NAME: RuleId.CONSENT_SIGNATURE_OTHER_NAME,
}


def examine_consent(
    examined: Examined, *, recipient: Recipient, going: frozenset[Category], policy: PolicySet
) -> Iterator[Finding]:
    """Give everything that stands against relying on the package's authorisation for this recipient.

    `going` are the categories of every field and document that would go.
    """
    consent = examined.package.manifest.consent
    if consent is None:
        yield Finding(Outcome.HELD, policy.reasons[RuleId.CONSENT_MISSING])
        return
    if examined.evidence.consent is not None and examined.evidence.consent.withdrawn:
        yield Finding(Outcome.REFUSED, policy.reasons[RuleId.CONSENT_WITHDRAWN])
    for rule_id in (
        *_form(consent, examined=examined),
        *_term(consent, examined=examined, rule=policy.consent),
        *_signer(consent, examined=examined),
        *_reach(consent, recipient=recipient, going=going),
        *_filing(consent, examined=examined),
    ):
        yield Finding(Outcome.HELD, policy.reasons[rule_id])


def same_person(signed_by: str, subject: Subject) -> bool:
    """Tell whether a name is the subject's: equal but for case, diacritics, spelling of characters and order."""
    signed = sorted(words_of(signed_by))
    # A name without a letter or digit is nobody's, or two of them would be the same person.
    return bool(signed) and any(signed == sorted(words_of(name)) for name in (subject.name, *subject.name_variants))


def _form(consent: Consent, *, examined: Examined) -> Iterator[RuleId]:
    if consent.signed_on is None:
        yield RuleId.CONSENT_NO_DATE
    if consent.signed_by is None:
        yield RuleId.CONSENT_NO_NAME
    facts = examined.evidence.consent
    if facts is None or facts.paper is Paper.MISSING:
        yield RuleId.CONSENT_NO_SIGNATURE
    elif facts.paper is Paper.UNREADABLE:
        yield RuleId.CONSENT_UNREADABLE
    elif facts.signature in _SIGNATURE_RULES:
        yield _SIGNATURE_RULES[facts.signature]
    if facts is None or facts.withdrawn is None:
        yield RuleId.CONSENT_WITHDRAWALS_UNREACHABLE


def _term(consent: Consent, *, examined: Examined, rule: ConsentRule) -> Iterator[RuleId]:
    today = examined.evidence.today
    if consent.signed_on is not None and consent.signed_on > today:
        yield RuleId.CONSENT_FUTURE
    if consent.valid_until is not None:
        if consent.valid_until < today:
            yield RuleId.CONSENT_LAPSED
    elif consent.signed_on is not None and consent.signed_on <= today and rule.last_day(consent.signed_on) < today:
        yield RuleId.CONSENT_LAPSED


def _signer(consent: Consent, *, examined: Examined) -> Iterator[RuleId]:
    if consent.signer_role in ("guardian", "parent"):
        if not consent.proof or not any(char.isalnum() for char in consent.proof):
            yield RuleId.CONSENT_SIGNER_UNPROVEN
        if consent.signed_by is not None and same_person(consent.signed_by, examined.package.manifest.subject):
            # Nobody is one's own guardian or parent: this is the subject's own signature.
            yield RuleId.CONSENT_SIGNED_BY_MINOR
        return
    # Whoever could still be a minor counts as one for signing alone.
    youngest = examined.evidence.youngest
    if youngest is None or youngest < ADULT_AGE:
        yield RuleId.CONSENT_SIGNED_BY_MINOR
    if consent.signed_by is not None and not same_person(consent.signed_by, examined.package.manifest.subject):
        yield RuleId.CONSENT_NAME_DIFFERS


def _reach(consent: Consent, *, recipient: Recipient, going: frozenset[Category]) -> Iterator[RuleId]:
    if consent.recipient is None:
        yield RuleId.CONSENT_RECIPIENT_NOT_NAMED
    elif words_of(consent.recipient) not in [words_of(name) for name in (recipient.organisation, recipient.name)]:
        yield RuleId.CONSENT_OTHER_RECIPIENT
    if not going <= ({*consent.categories} or {Category.ORDINARY}):
        yield RuleId.CONSENT_CATEGORY_NOT_COVERED


def _filing(consent: Consent, *, examined: Examined) -> Iterator[RuleId]:
    if consent.case_reference is None:
        yield RuleId.CONSENT_NO_CASE_REFERENCE
        return
    filing = examined.evidence.consent.filing if examined.evidence.consent else Filing.UNREACHABLE
    if filing is not Filing.FILED:
        yield _FILING_RULES[filing]
