"""Consent: may this recipient have these data today, by the package's authorisation? Wegwijzer step 1, GDPR art. 7.

    1 there is one, with date, name and signature; a digital signature in it holds, and is the signer's
    2 it is dated neither in the future nor too long ago, has not ended, and was not withdrawn
    3 the subject signed it as an adult, or a guardian with a proof, or a parent with a proof for one who may be a minor
    4 it names this recipient, and covers the categories that would go
    5 it is filed in the case system under its reference

Every point is looked at, so that a sender hears all at once. Only a withdrawal refuses; everything else can be mended.
"""

from collections.abc import Iterator

from gateway.package.facts import Filing, Paper, PaperSignature
from gateway.package.manifest import Category
from gateway.package.question import AskedConsent, Question, Signer
from gateway.package.states import Outcome
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
    asked: Question, *, recipient: Recipient, going: frozenset[Category], policy: PolicySet
) -> Iterator[Finding]:
    """Give everything that stands against relying on the package's authorisation for this recipient.

    `going` are the categories of every field and document that would go.
    """
    consent = asked.consent
    if consent is None:
        yield Finding(Outcome.HELD, policy.reasons[RuleId.CONSENT_MISSING])
        return
    if asked.facts.consent is not None and asked.facts.consent.withdrawn:
        yield Finding(Outcome.REFUSED, policy.reasons[RuleId.CONSENT_WITHDRAWN])
    for rule_id in (
        *_form(consent, asked=asked),
        *_term(consent, asked=asked, rule=policy.consent),
        *_signer(consent, asked=asked),
        *_reach(consent, recipient=recipient, going=going),
        *_filing(consent, asked=asked),
    ):
        yield Finding(Outcome.HELD, policy.reasons[rule_id])


def _form(consent: AskedConsent, *, asked: Question) -> Iterator[RuleId]:
    if consent.signed_on is None:
        yield RuleId.CONSENT_NO_DATE
    if consent.signer is Signer.UNNAMED:
        yield RuleId.CONSENT_NO_NAME
    facts = asked.facts.consent
    if facts is None or facts.paper is Paper.MISSING:
        yield RuleId.CONSENT_NO_SIGNATURE
    elif facts.paper is Paper.UNREADABLE:
        yield RuleId.CONSENT_UNREADABLE
    elif facts.signature in _SIGNATURE_RULES:
        yield _SIGNATURE_RULES[facts.signature]
    if facts is None or facts.withdrawn is None:
        yield RuleId.CONSENT_WITHDRAWALS_UNREACHABLE


def _term(consent: AskedConsent, *, asked: Question, rule: ConsentRule) -> Iterator[RuleId]:
    today = asked.facts.today
    if consent.signed_on is not None and consent.signed_on > today:
        yield RuleId.CONSENT_FUTURE
    if consent.valid_until is not None:
        if consent.valid_until < today:
            yield RuleId.CONSENT_LAPSED
    elif consent.signed_on is not None and consent.signed_on <= today and rule.last_day(consent.signed_on) < today:
        yield RuleId.CONSENT_LAPSED


def _signer(consent: AskedConsent, *, asked: Question) -> Iterator[RuleId]:
    before_birth = _is_before_birth(consent, asked=asked)
    if before_birth:
        yield RuleId.CONSENT_BEFORE_BIRTH
    if consent.signer_role in ("guardian", "parent"):
        yield from _signed_for(consent, asked=asked)
        return
    # Whoever could have been a minor when signing counts as one, also when that was long ago.
    youngest = _youngest_then(consent, asked=asked)
    if not before_birth and (youngest is None or youngest < ADULT_AGE):
        yield RuleId.CONSENT_SIGNED_BY_MINOR
    if consent.signer is Signer.VARIANT:
        yield RuleId.CONSENT_NAME_VARIANT
    if consent.signer is Signer.OTHER:
        yield RuleId.CONSENT_NAME_DIFFERS


def _signed_for(consent: AskedConsent, *, asked: Question) -> Iterator[RuleId]:
    if not consent.proven:
        yield RuleId.CONSENT_SIGNER_UNPROVEN
    if consent.signer in (Signer.SUBJECT, Signer.VARIANT):
        # Nobody is one's own guardian or parent: this is the subject's own signature.
        yield RuleId.CONSENT_SIGNED_BY_MINOR
    # A guardian may be an adult's; a parent's authority ends on the 18th birthday (BW boek 1 art. 245).
    youngest = asked.facts.youngest
    if consent.signer_role == "parent" and youngest is not None and youngest >= ADULT_AGE:
        yield RuleId.CONSENT_SIGNED_FOR_ADULT


def _youngest_then(consent: AskedConsent, *, asked: Question) -> int | None:
    """Give the youngest age that the subject can have had when signing; without a day of signing that of today."""
    if consent.signed_on is None or asked.facts.consent is None:
        return asked.facts.youngest
    return asked.facts.consent.youngest


def _is_before_birth(consent: AskedConsent, *, asked: Question) -> bool:
    facts = asked.facts
    if consent.signed_on is None or facts.consent is None or facts.youngest is None:
        return False
    return facts.consent.youngest is None


def _reach(consent: AskedConsent, *, recipient: Recipient, going: frozenset[Category]) -> Iterator[RuleId]:
    if not consent.addressed:
        yield RuleId.CONSENT_RECIPIENT_NOT_NAMED
    elif recipient.id not in consent.names:
        yield RuleId.CONSENT_OTHER_RECIPIENT
    if not going <= ({*consent.categories} or {Category.ORDINARY}):
        yield RuleId.CONSENT_CATEGORY_NOT_COVERED


def _filing(consent: AskedConsent, *, asked: Question) -> Iterator[RuleId]:
    if not consent.has_reference:
        yield RuleId.CONSENT_NO_CASE_REFERENCE
        return
    filing = asked.facts.consent.filing if asked.facts.consent else Filing.UNREACHABLE
    if filing is not Filing.FILED:
        yield _FILING_RULES[filing]
