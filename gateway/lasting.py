"""Looks again at what a delivery rests on before each attempt but the first, which follows its decision at once.

Rules:
1. While a mail server is down a person turns 18 or takes a consent back, a recipient moves or leaves the register. What
   waits is decided again: by the rules in force, with the facts of this day (`gateway.policy.lasting`).
2. What no longer holds ends the delivery, also one of which nobody knows whether it arrived: nothing more is tried.
   What nobody can tell now waits as for a mail server that does not answer.
3. What can not be looked at again, since another version kept it, does not go.
4. Blocking work is done in a thread; nothing is written.
"""

import asyncio
from dataclasses import replace

from gateway.deliver.port import Courier
from gateway.deliver.settling import IN_DOUBT
from gateway.evidence.ages import ages_on
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.encoding import RestsOn
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import PartialDate
from gateway.package.question import decode_question
from gateway.package.states import Facts, SealedParcel
from gateway.parts import Journey, Parts
from gateway.policy.lasting import Lapse, lapse_of
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import bar_numbers, fingerprints
from gateway.spool.port import DeliveryRow, PackageRow

_LAPSED = Lapse()


async def instead_of_another(
    parts: Parts, journey: Journey, delivery: DeliveryRow, *, courier: Courier, parcel: SealedParcel
) -> DeliveryResult | None:
    """Give what is known without another attempt: it has arrived, a person has to say, or it may not go any more."""
    if delivery.state in IN_DOUBT:
        found = await courier.probe(parcel)
        if found is not None and found.outcome in (DeliveryOutcome.SENT, DeliveryOutcome.DELIVERED):
            return found
        if not parts.settings.may_go_again(delivery):
            # A crash came between the intent and the result; whether it goes again is for a person to say.
            return DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.MAIL_OUTCOME_UNKNOWN)
    return await _look_again(parts, journey, delivery)


async def _look_again(parts: Parts, journey: Journey, delivery: DeliveryRow) -> DeliveryResult | None:
    """Give what another attempt would come to when it may not be made, or not now; None when it may be made."""
    try:
        lapse = await asyncio.to_thread(_look, parts, journey, delivery)
    except SluisError as error:
        if error.code is not Code.DECISION_NOT_KEPT:
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=error.code.value)
        lapse = _LAPSED
    if lapse is None:
        return None
    if lapse.passing:
        code = Code.REGISTER_UNREACHABLE.value
        return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=code, rule_ids=lapse.rule_ids)
    code = Code.BASIS_LAPSED.value
    return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=code, rule_ids=lapse.rule_ids)


def _look(parts: Parts, journey: Journey, delivery: DeliveryRow) -> Lapse | None:
    record, policy = journey.record, parts.policy()
    decided = record.decision.recipients if record.decision else ()
    sealed = next((each for each in decided if each.recipient == delivery.recipient), None)
    if sealed is None or not record.decided or delivery.recipient not in policy.recipients:
        return _LAPSED
    now = parts.now()
    asked = replace(decode_question(record.decided[-1].question), at=now)
    facts = facts_of_today(parts, journey.row, asked.facts, rests_on=record.rests_on, policy=policy)
    return lapse_of(sealed, asked=asked, facts=facts, policy=policy)


def facts_of_today(parts: Parts, row: PackageRow, facts: Facts, *, rests_on: RestsOn, policy: PolicySet) -> Facts:
    """Gather again what a day can change; what was found in the papers and documents stays as it was."""
    today = parts.now().astimezone(parts.settings.zone).date()
    known = [each for each in row.recipients if each in policy.recipients]
    youngest, oldest = facts.youngest, facts.oldest
    if rests_on.born:
        youngest, oldest = ages_on(today, PartialDate.parse(rests_on.born))
    consent = facts.consent
    if consent is not None:
        withdrawn = parts.registers.withdrawals.withdrawn(rests_on.case_reference, on=today)
        consent = replace(consent, withdrawn=withdrawn)
    lawyers = bar_numbers(policy, known).items()
    return replace(
        facts,
        today=today,
        youngest=youngest,
        oldest=oldest,
        keys={each: parts.key_health(each) for each in fingerprints(policy, known)},
        open_channels=frozenset(parts.couriers),
        consent=consent,
        bar={each: parts.registers.bar.standing(number, on=today) for each, number in lawyers},
    )
