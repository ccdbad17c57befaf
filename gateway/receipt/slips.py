"""Makes a slip out of the facts of an ending. Pure; the words come from the catalogues, the reasons from the policy.

In order:
1. How the package stands: its ending, and whether a person has to do something.
2. The four answers, from the codes that explain it, or from the ending when there are none.
3. Each recipient: what goes, what does not and why, and how the delivery stands.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from gateway.package.errors import Code
from gateway.package.problems import DID_YOU_MEAN, PROBLEMS, Helper, Problem, sentence
from gateway.package.reviews import FOR_A_PERSON_TO_SETTLE
from gateway.package.states import (
    Decision,
    DeliveryState,
    DocumentVerdict,
    FieldVerdict,
    Language,
    PackageState,
    Reason,
    RecipientDecision,
    Verdict,
)
from gateway.receipt import wording
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_model import (
    MAX_SHOWN,
    Explanation,
    Slip,
    SlipDocument,
    SlipField,
    SlipRecipient,
    Texts,
    Words,
    printable,
)
from gateway.receipt.wording import Ending

_CODES = {code.value: code for code in Code}
_ARRIVED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})
_STATES = {
    None: Ending.REJECTED,
    PackageState.INCOMPLETE: Ending.IN_PROGRESS,
    PackageState.RECEIVED: Ending.IN_PROGRESS,
    PackageState.HELD: Ending.HELD,
    PackageState.REFUSED: Ending.REFUSED,
    PackageState.WITHDRAWN: Ending.WITHDRAWN,
    PackageState.EXPIRED: Ending.EXPIRED,
}
_FOR_A_PERSON = frozenset({Ending.REJECTED, Ending.HELD, Ending.STUCK, Ending.UNDELIVERABLE})
_NAMES_PRIVACY_OFFICE = frozenset({Ending.HELD, Ending.REFUSED, Ending.DONE, Ending.PARTLY_DONE})


def slip_of(facts: SlipFacts, *, texts: Texts) -> Slip:
    """Make the slip of a package as it stands; every state has one."""
    return _Writer(facts=facts, texts=texts).slip()


def ending_of(facts: SlipFacts) -> Ending:
    """Tell how a package stands, from its state and its deliveries."""
    if facts.state in _STATES:
        return _STATES[facts.state]
    states = [state for state, _ in facts.deliveries.values()]
    if facts.state is PackageState.RELEASING:
        return Ending.STUCK if _stuck(facts) else Ending.RELEASING
    arrived = sum(state in _ARRIVED for state in states)
    if not arrived:
        return Ending.WITHDRAWN if DeliveryState.WITHDRAWN in states else Ending.UNDELIVERABLE
    return Ending.DONE if arrived == _recipient_count(facts) else Ending.PARTLY_DONE


def _stuck(facts: SlipFacts) -> bool:
    """Tell whether a delivery waits for a person: one that failed, or whose problem does not pass by itself."""
    return any(
        state is DeliveryState.UNDELIVERABLE
        or (state not in _ARRIVED and code in _CODES and not PROBLEMS[_CODES[code]].retryable)
        for state, code in facts.deliveries.values()
    )


def _recipient_count(facts: SlipFacts) -> int:
    decided = {each.recipient for each in facts.decision.recipients} if facts.decision else set()
    return len(decided | set(facts.deliveries))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes one slip."""

    facts: SlipFacts
    texts: Texts
    explained: dict[tuple[str, str], Explanation] = field(default_factory=dict)

    def slip(self) -> Slip:
        facts, ending = self.facts, ending_of(self.facts)
        failed = [state for state, _ in facts.deliveries.values() if state is DeliveryState.UNDELIVERABLE]
        arrived = [state for state, _ in facts.deliveries.values() if state in _ARRIVED]
        return Slip(
            id=facts.id,
            entry=printable(facts.entry),
            at=facts.at,
            at_said=_local_time(facts.at),
            ending=ending,
            state=facts.state.value if facts.state else "rejected",
            code=facts.codes[0] if facts.codes else "",
            needs_person=ending in _FOR_A_PERSON or bool(failed),
            sent_something=bool(arrived),
            title=self._words(wording.TITLES[ending]),
            happened=self._words(wording.HAPPENED[ending], sent=len(arrived), total=_recipient_count(facts)),
            why=self._why(ending),
            where=printable(facts.where),
            faults=tuple((printable(where), printable(expected)) for where, expected in facts.faults),
            now=(*self._now(ending), *self._waits()),
            help=self._help(ending),
            recipients=tuple(self._recipients()),
            expires_at=facts.expires_at,
        )

    # ---- the four answers --------------------------------------------------------------------------------------

    def _why(self, ending: Ending) -> tuple[Explanation, ...]:
        reasons = {reason.rule_id: reason for reason in _reasons_of(self.facts.decision)}
        found = tuple(
            self._explain(reasons[code]) if code in reasons else self._explain_code(code)
            for code in self.facts.codes
            if code in reasons or code in _CODES
        )
        return found or (Explanation(code="", words=self._words(wording.WHY[ending])),)

    def _now(self, ending: Ending) -> tuple[Words, ...]:
        remedies = [self._words(problem.remedy, **self.facts.detail) for problem in self._problems()]
        if "names" in self.facts.detail:
            remedies.insert(0, self._words(DID_YOU_MEAN, **self.facts.detail))
        if ending is Ending.HELD and FOR_A_PERSON_TO_SETTLE.issuperset(self.facts.codes) and self.facts.codes:
            # Handed in again, it would go twice once both are released.
            return (self._words(wording.NOW_DECIDES_THE_PRIVACY_OFFICE),)
        general = self._words(wording.NOW[ending])
        # Of a package that waits for a problem to be mended, the problem says what to do; a rule leaves that to us.
        return _each_once(remedies if remedies and ending is Ending.HELD else [*remedies, general])

    def _waits(self) -> Iterator[Words]:
        """Say of a hold whether its people were told again, and until when it waits."""
        if self.facts.reminded:
            yield self._words(wording.REMINDED)
        if self.facts.expires_at is not None:
            day = _local_time(self.facts.expires_at)
            nl, en = (self._words(wording.KEPT_UNTIL, day=said.partition(" ")[0]) for said in (day.nl, day.en))
            yield Words(nl.nl, en.en)

    def _help(self, ending: Ending) -> tuple[Words, ...]:
        helpers = [problem.helper for problem in self._problems()]
        if ending in _NAMES_PRIVACY_OFFICE or not helpers:
            helpers.append(Helper.PRIVACY_OFFICE)
        return _each_once([self._helper(helper) for helper in helpers])

    def _helper(self, helper: Helper) -> Words:
        office = self.facts.privacy_office or (self.facts.decision.privacy_office if self.facts.decision else None)
        if helper is Helper.PRIVACY_OFFICE and office is not None:
            return self._words(wording.NAMED_PRIVACY_OFFICE, organisation=office.organisation, email=office.email)
        return self._words(wording.HELPERS[helper])

    def _problems(self) -> list[Problem]:
        codes = [*self.facts.codes, *(code for state, code in self.facts.deliveries.values() if state not in _ARRIVED)]
        return [PROBLEMS[_CODES[code]] for code in dict.fromkeys(codes) if code in _CODES]

    # ---- recipients --------------------------------------------------------------------------------------------

    def _recipients(self) -> Iterator[SlipRecipient]:
        decided = self.facts.decision.recipients if self.facts.decision else ()
        for decision in decided:
            yield self._recipient(decision)
        known = {decision.recipient for decision in decided}
        for recipient, (state, code) in self.facts.deliveries.items():
            if recipient not in known:
                yield self._undecided(str(recipient), state, code)

    def _recipient(self, decision: RecipientDecision) -> SlipRecipient:
        state, code = self.facts.deliveries.get(decision.recipient, (None, ""))
        channel = decision.channel
        hidden = len(decision.fields) - MAX_SHOWN
        return SlipRecipient(
            id=decision.recipient,
            name=printable(decision.name),
            organisation=printable(decision.organisation),
            channel=channel,
            channel_said=self._words(wording.CHANNELS[channel] if channel else wording.NO_CHANNEL),
            state=state.value if state else decision.outcome.value,
            state_said=self._words(wording.DELIVERIES[state] if state else wording.OUTCOMES[decision.outcome]),
            arrived=state in _ARRIVED,
            outcome=decision.outcome,
            problem=self._explain_code(code) if code in _CODES and state not in _ARRIVED else None,
            reasons=tuple(self._explain(reason) for reason in decision.reasons),
            warnings=tuple(self._explain(reason) for reason in decision.warnings),
            fields=tuple(self._field(each, arrived=state in _ARRIVED) for each in decision.fields),
            documents=tuple(self._document(each, arrived=state in _ARRIVED) for each in decision.documents),
            more=self._words(wording.AND_MORE, count=hidden) if hidden > 0 else None,
        )

    def _undecided(self, recipient: str, state: DeliveryState, code: str) -> SlipRecipient:
        """Show a delivery whose decision is no longer kept."""
        return SlipRecipient(
            id=recipient,
            name=recipient,
            organisation="",
            channel=None,
            channel_said=self._words(wording.NO_CHANNEL),
            state=state.value,
            state_said=self._words(wording.DELIVERIES[state]),
            arrived=state in _ARRIVED,
            outcome=None,
            problem=self._explain_code(code) if code in _CODES and state not in _ARRIVED else None,
            reasons=(),
        )

    def _field(self, each: FieldVerdict, *, arrived: bool) -> SlipField:
        return SlipField(
            path=printable(each.path),
            verdict=each.verdict,
            said=self._verdict(each.verdict, arrived=arrived),
            reason=self._explain(each.reason),
            category=each.category,
        )

    def _document(self, each: DocumentVerdict, *, arrived: bool) -> SlipDocument:
        return SlipDocument(
            number=each.number,
            kind=each.kind,
            verdict=each.verdict,
            said=self._verdict(each.verdict, arrived=arrived),
            reason=self._explain(each.reason),
        )

    def _verdict(self, verdict: Verdict, *, arrived: bool) -> Words:
        sent = arrived and verdict is Verdict.RELEASE
        return self._words(wording.SENT_VERDICT if sent else wording.VERDICTS[verdict])

    # ---- words -------------------------------------------------------------------------------------------------

    def _explain(self, reason: Reason) -> Explanation:
        """Give a reason in both languages: a rule brings its own, a problem has the catalogue's."""
        key = (reason.rule_id, reason.en)
        found = self.explained.get(key)
        if found is None:
            found = Explanation(
                code=reason.rule_id,
                words=Words(reason.nl, reason.en) if reason.nl else self._problem_words(reason),
                step=reason.step,
                article=reason.article,
            )
            self.explained[key] = found
        return found

    def _problem_words(self, reason: Reason) -> Words:
        if reason.rule_id not in _CODES:
            return self._words(reason.en)
        return self._words(PROBLEMS[_CODES[reason.rule_id]].title, **self.facts.detail)

    def _explain_code(self, code: str) -> Explanation:
        return Explanation(code=code, words=self._words(PROBLEMS[_CODES[code]].title, **self.facts.detail))

    def _words(self, message: str, **places: str | int) -> Words:
        dutch = self.texts.text(message, language=Language.NL)
        english = self.texts.text(message, language=Language.EN)
        if "{" not in message:
            return Words(dutch, english)
        return Words(sentence(dutch, places), sentence(english, places))


def _reasons_of(decision: Decision | None) -> Iterator[Reason]:
    """Give every reason of a decision; those of whole recipients last, so that they win over a field's."""
    recipients = decision.recipients if decision else ()
    for recipient in recipients:
        yield from (each.reason for each in recipient.fields)
        yield from (each.reason for each in recipient.documents)
    for recipient in recipients:
        yield from recipient.reasons


def _each_once(words: Iterable[Words]) -> tuple[Words, ...]:
    return tuple(dict.fromkeys(words))


def _local_time(at: dt.datetime) -> Words:
    local = at.astimezone(_amsterdam())
    return Words(local.strftime("%d-%m-%Y %H:%M"), local.strftime("%Y-%m-%d %H:%M"))


@cache
def _amsterdam() -> ZoneInfo:
    return ZoneInfo("Europe/Amsterdam")
