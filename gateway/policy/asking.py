"""From an examined package to the question that is decided: the one place where the policy looks at values.

Each value becomes what the decision needs to know of it: whether it is there, whose it is, whether it is the same.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from gateway.package.folding import words_of
from gateway.package.ids import RecipientId
from gateway.package.law_articles import names_an_article
from gateway.package.manifest import Consent, FileRole, Mandate, Manifest, Subject
from gateway.package.paths import iter_leaves
from gateway.package.question import AskedConsent, AskedDocument, AskedMandate, GivenReview, Question, Signer
from gateway.package.reviews import Review
from gateway.package.states import Channel, Evidence, Examined, Facts
from gateway.policy.guard import lookalikes_of
from gateway.policy.likeness import names_within
from gateway.policy.necessity import is_written_necessity
from gateway.policy.policy_set import PolicySet
from gateway.policy.same_person import all_about
from gateway.policy.value_forms import misfits

_SHORTEST_REFERENCE: Final = 6


def ask(examined: Examined, *, policy: PolicySet, now: dt.datetime) -> Question:
    """Leave every value out of an examined package; `now` is an aware time."""
    package, evidence = examined.package, examined.evidence
    # Looked through once, for the three questions that are asked of them.
    rows = tuple(tuple(iter_leaves(row)) for row in evidence.data.rows) if evidence.data else ()
    manifest = package.manifest
    return Question(
        recipients=tuple(map(RecipientId, manifest.recipients)),
        purpose=manifest.purpose,
        partial=manifest.partial == "allowed",
        wish=Channel(manifest.channel) if manifest.channel else None,
        submitter=package.submitter.person,
        organisation=package.submitter.organisation,
        paths=tuple(dict.fromkeys(path for row in rows for path, _ in row)),
        misfits=tuple(sorted(misfits(rows, forms=policy.forms))),
        about_subject=all_about(rows, subject=manifest.subject, identifying=policy.identifying),
        documents=tuple(
            AskedDocument(number=each.number, kind=each.kind, declared_categories=each.declared_categories)
            for each in package.documents
            if each.role is FileRole.DOCUMENT
        ),
        necessity=is_written_necessity(manifest.necessity, rule=policy.necessity),
        secret_address=manifest.subject.secret_address,
        guardianship=manifest.guardianship is not None,
        consent=_consent(manifest.consent, manifest=manifest, policy=policy) if manifest.consent else None,
        mandate=_mandate(manifest.mandate, subject=manifest.subject) if manifest.mandate else None,
        other_named=tuple(_other_named(manifest, policy=policy)),
        facts=_facts(evidence),
        reviews=tuple(map(_review, evidence.reviews)),
        at=now,
    )


def _facts(evidence: Evidence) -> Facts:
    return Facts(**{each.name: getattr(evidence, each.name) for each in fields(Facts)})


def _signer(signed_by: str | None, *, subject: Subject) -> Signer:
    if signed_by is None:
        return Signer.UNNAMED
    # Equal but for case, diacritics, spelling of characters and order of the parts.
    signed = sorted(words_of(signed_by))
    # A name without a letter or digit is nobody's, or two of them would be the same person.
    if not signed:
        return Signer.OTHER
    if signed == sorted(words_of(subject.name)):
        return Signer.SUBJECT
    # The sender lists the variants, so another person's name could stand among them: a second person looks.
    is_variant = any(signed == sorted(words_of(name)) for name in subject.name_variants)
    return Signer.VARIANT if is_variant else Signer.OTHER


def _looks_like_reference(proof: str) -> bool:
    """Tell whether a proof names something that can be looked up: "nee" and "paspoort" do not."""
    signs = [char for char in proof if char.isalnum()]
    lettered, numbered = any(map(str.isalpha, signs)), any(map(str.isdecimal, signs))
    return lettered and numbered and len(signs) >= _SHORTEST_REFERENCE


def _consent(consent: Consent, *, manifest: Manifest, policy: PolicySet) -> AskedConsent:
    return AskedConsent(
        signed_on=consent.signed_on,
        signer=_signer(consent.signed_by, subject=manifest.subject),
        signer_role=consent.signer_role,
        valid_until=consent.valid_until,
        addressed=consent.recipient is not None,
        names=_named(consent.recipient or "", manifest=manifest, policy=policy),
        categories=tuple(consent.categories),
        proven=_looks_like_reference(consent.proof or ""),
        has_reference=consent.case_reference is not None,
    )


def _named(name: str, *, manifest: Manifest, policy: PolicySet) -> tuple[RecipientId, ...]:
    """Give the recipients whose organisation or name this is, by the register."""
    words = words_of(name)
    entries = (policy.recipients.get(RecipientId(each)) for each in manifest.recipients)
    return tuple(
        entry.id for entry in entries if entry and words in (words_of(entry.organisation), words_of(entry.name))
    )


def _other_named(manifest: Manifest, *, policy: PolicySet) -> Iterator[RecipientId]:
    """Give the recipients of which the consent or the request names a lookalike, and not the recipient itself."""
    chosen = tuple(map(RecipientId, manifest.recipients))
    told = [manifest.consent.recipient if manifest.consent else None]
    told.append(manifest.request.requested_by if manifest.request else None)
    for recipient in filter(policy.recipients.__contains__, chosen):
        lookalikes = lookalikes_of(recipient, chosen=chosen, policy=policy)
        entries = [policy.recipients[each] for each in (recipient, *lookalikes)]
        named = [names_within(text, entries) for text in told if text is not None] if lookalikes else []
        if any(each and recipient not in each for each in named):
            yield recipient


def _mandate(mandate: Mandate, *, subject: Subject) -> AskedMandate:
    return AskedMandate(
        signed_on=mandate.signed_on, signer=_signer(mandate.signed_by, subject=subject), ends_on=mandate.ends_on
    )


def _review(review: Review) -> GivenReview:
    return GivenReview(
        reviewer=review.reviewer,
        deputy_for=review.deputy_for,
        organisation=review.organisation,
        verdict=review.opinion.verdict,
        grounded=names_an_article(review.opinion.ground),
        rule_ids=review.rule_ids,
        policy_digest=review.policy_digest,
        edits=review.opinion.edits,
    )
