"""Facts of every kind of ending, about a fictitious package with two recipients."""

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

from gateway.package.errors import Code
from gateway.package.ids import PackageId, RecipientId
from gateway.package.manifest import Category
from gateway.package.states import (
    Channel,
    Decision,
    DeliveryState,
    DocumentVerdict,
    FieldVerdict,
    Language,
    Outcome,
    PackageState,
    PrivacyOffice,
    Reason,
    RecipientDecision,
    RecipientKind,
    Verdict,
)
from gateway.receipt.port import SlipFacts
from gateway.receipt.templates import Templates

SHIPPED = Path(__file__).parents[3] / "templates"
AT = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
NUMBER = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab")
NGO, TOWN = RecipientId("vluchtelingenhulp-voorbeeld"), RecipientId("gemeente-voorbeeld")

ALLOWED = Reason(
    rule_id="field.permitted",
    nl="Dit veld is nodig voor het doel.",
    en="This field is needed for the purpose.",
    step=3,
    article="AVG art. 5 lid 1 onder c",
)
STRATEGY = Reason(
    rule_id="field.not-needed",
    nl="Dit veld is niet nodig voor het doel. Daarom gaat het niet mee.",
    en="This field is not needed for the purpose, so it does not leave.",
    step=3,
    article="AVG art. 5 lid 1 onder c",
)
CONSENT = Reason(
    rule_id="consent.missing",
    nl="Deze ontvanger heeft toestemming van de persoon nodig. Voeg de machtiging toe.",
    en="This recipient needs the person's consent. Add the authorisation.",
    step=1,
    article="AVG art. 6 lid 1 onder a",
)
WARNING = Reason(
    rule_id="guard.first-time",
    nl="Uw organisatie stuurt voor het eerst iets naar deze ontvanger.",
    en="Your organisation has never sent anything to this recipient.",
    step=4,
    article="AVG art. 5 lid 1 onder f",
)


def field(path: str, verdict: Verdict, reason: Reason) -> FieldVerdict:
    return FieldVerdict(path=path, verdict=verdict, reason=reason, category=Category.ORDINARY)


FIELDS = (
    field("name", Verdict.RELEASE, ALLOWED),
    field("address.street", Verdict.RELEASE, ALLOWED),
    field("departureStrategy", Verdict.STRIP, STRATEGY),
    field("familyMembers[].name", Verdict.BLOCK, STRATEGY),
)
DOCUMENTS = (
    DocumentVerdict(number=1, kind="letter", verdict=Verdict.RELEASE, reason=ALLOWED),
    DocumentVerdict(number=2, kind="interview-report", verdict=Verdict.STRIP, reason=STRATEGY),
)


def recipient(name: RecipientId, outcome: Outcome, *reasons: Reason) -> RecipientDecision:
    return RecipientDecision(
        recipient=name,
        name="Afdeling Inkomend" if name == TOWN else "Vluchtelingenhulp Voorbeeld",
        organisation="Gemeente Voorbeeld" if name == TOWN else "Vluchtelingenhulp Voorbeeld",
        kind=RecipientKind.MUNICIPALITY if name == TOWN else RecipientKind.NGO,
        language=Language.NL,
        outcome=outcome,
        channel=(Channel.FILE_DROP if name == TOWN else Channel.SECURE_MAIL) if outcome is Outcome.CLEARED else None,
        address="inkomend@voorbeeld.example",
        fields=FIELDS,
        documents=DOCUMENTS,
        reasons=reasons,
    )


def decision(outcome: Outcome, *recipients: RecipientDecision) -> Decision:
    return Decision(
        outcome=outcome,
        recipients=recipients,
        policy_digest="a" * 64,
        decided_at=AT,
        privacy_office=PrivacyOffice(organisation="DT&V", email="privacy@dtv.example"),
    )


BOTH = decision(Outcome.CLEARED, recipient(NGO, Outcome.CLEARED), recipient(TOWN, Outcome.CLEARED))
HELD = decision(Outcome.HELD, recipient(NGO, Outcome.HELD, CONSENT))
REFUSED = decision(Outcome.REFUSED, recipient(NGO, Outcome.REFUSED, CONSENT))
IN_PART = decision(Outcome.CLEARED, recipient(NGO, Outcome.REFUSED, CONSENT), recipient(TOWN, Outcome.CLEARED))


def facts(state: PackageState | None, *codes: str, decided: Decision | None = None) -> SlipFacts:
    return SlipFacts(id=NUMBER, entry="Aanvraag 12", at=AT, state=state, codes=codes, decision=decided)


def delivering(
    state: PackageState, first: DeliveryState, second: DeliveryState, *, code: str = "", decided: Decision = BOTH
) -> SlipFacts:
    return replace(facts(state, decided=decided), deliveries={NGO: (first, code), TOWN: (second, "")})


ENDINGS: dict[str, SlipFacts] = {
    "rejected": replace(
        facts(None, Code.MANIFEST_INVALID.value),
        faults=(("recipients", "at least one expected"), ("sender", "missing")),
    ),
    "rejected-with-count": replace(
        facts(None, Code.PACKAGE_TOO_MANY_FILES.value), detail={"limit": 500}, where="line 3"
    ),
    "incomplete": facts(PackageState.INCOMPLETE),
    "received": facts(PackageState.RECEIVED),
    "held-by-rule": facts(PackageState.HELD, CONSENT.rule_id, decided=HELD),
    "held-by-problem": facts(PackageState.HELD, Code.KEY_EXPIRED.value),
    "refused": facts(PackageState.REFUSED, CONSENT.rule_id, decided=REFUSED),
    "releasing": delivering(PackageState.RELEASING, DeliveryState.SENDING, DeliveryState.SENT),
    "releasing-later": delivering(
        PackageState.RELEASING, DeliveryState.WAITING, DeliveryState.SENT, code=Code.MAIL_UNREACHABLE.value
    ),
    "releasing-uncertain": delivering(
        PackageState.RELEASING, DeliveryState.UNCERTAIN, DeliveryState.SENT, code=Code.MAIL_OUTCOME_UNKNOWN.value
    ),
    "stuck": delivering(
        PackageState.RELEASING, DeliveryState.WAITING, DeliveryState.SENT, code=Code.DROP_NAME_TAKEN.value
    ),
    "to-upload": delivering(
        PackageState.RELEASING, DeliveryState.WAITING, DeliveryState.SENT, code=Code.UPLOAD_WAITS.value
    ),
    "done": delivering(PackageState.DONE, DeliveryState.SENT, DeliveryState.DELIVERED),
    "partly-delivered": delivering(
        PackageState.DONE, DeliveryState.UNDELIVERABLE, DeliveryState.DELIVERED, code=Code.MAIL_REFUSED.value
    ),
    "partly-allowed": replace(facts(PackageState.DONE, decided=IN_PART), deliveries={TOWN: (DeliveryState.SENT, "")}),
    "in-doubt": replace(
        delivering(
            PackageState.DONE,
            DeliveryState.UNDELIVERABLE,
            DeliveryState.UNDELIVERABLE,
            code=Code.MAIL_COPY_BOUNCED.value,
        ),
        in_doubt=frozenset({NGO}),
    ),
    "given-up-in-doubt": replace(
        delivering(
            PackageState.DONE,
            DeliveryState.UNDELIVERABLE,
            DeliveryState.DELIVERED,
            code=Code.MAIL_OUTCOME_UNKNOWN.value,
        ),
        in_doubt=frozenset({NGO}),
    ),
    "undeliverable": delivering(
        PackageState.DONE, DeliveryState.UNDELIVERABLE, DeliveryState.UNDELIVERABLE, code=Code.DELIVERY_EXPIRED.value
    ),
    "withdrawn": facts(PackageState.WITHDRAWN, decided=HELD),
    "expired": facts(PackageState.EXPIRED, decided=HELD),
    "forgotten": replace(facts(PackageState.DONE), deliveries={NGO: (DeliveryState.SENT, "")}),
}


@cache
def shipped() -> Templates:
    """Compile the shipped templates once; what renders them changes nothing."""
    return Templates(folders=[SHIPPED])
