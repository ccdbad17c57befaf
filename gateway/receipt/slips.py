"""Makes a slip out of the facts of an ending. Pure; the words come from the catalogues, the reasons from the policy.

In order:
1. How the package stands: its ending, and whether a person has to do something.
2. The four answers, from the codes that explain it, or from the ending when there are none.
3. Each recipient: what goes, what does not and why, and how the delivery stands.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

from gateway.package.errors import Code
from gateway.package.pickup import Texted
from gateway.package.problems import DID_YOU_MEAN, PROBLEMS, Helper
from gateway.package.reviews import FOR_A_PERSON_TO_SETTLE, ReviewReason
from gateway.package.states import (
    Decision,
    DeliveryState,
    PackageState,
    Reason,
)
from gateway.receipt import wording
from gateway.receipt.left_behind import (
    ask_about_left_behind,
    documents_not_sent,
    documents_to_ask_for,
    went_without_documents,
)
from gateway.receipt.port import SlipFacts
from gateway.receipt.slip_model import (
    Explanation,
    Slip,
    Texts,
    Words,
    printable,
)
from gateway.receipt.slip_recipients import ARRIVED, SlipRecipients
from gateway.receipt.slip_words import CODES, SlipWords
from gateway.receipt.whose_turn import FOR_THE_ADMINISTRATOR, is_decided_again
from gateway.receipt.wording import Ending

_STATES = {
    None: Ending.REJECTED,
    PackageState.INCOMPLETE: Ending.IN_PROGRESS,
    PackageState.RECEIVED: Ending.IN_PROGRESS,
    PackageState.HELD: Ending.HELD,
    PackageState.REFUSED: Ending.REFUSED,
    PackageState.WITHDRAWN: Ending.WITHDRAWN,
    PackageState.EXPIRED: Ending.EXPIRED,
}
_FOR_A_PERSON = frozenset(
    {Ending.REJECTED, Ending.HELD, Ending.STUCK, Ending.TO_UPLOAD, Ending.IN_DOUBT, Ending.UNDELIVERABLE}
)
_TO_UPLOAD = (DeliveryState.WAITING, Code.UPLOAD_WAITS.value)
_WENT = frozenset({Ending.DONE, Ending.PARTLY_DONE})
_NAMES_PRIVACY_OFFICE = frozenset({Ending.HELD, Ending.REFUSED, Ending.DONE, Ending.PARTLY_DONE, Ending.IN_DOUBT})
_ASKS_THE_RECIPIENT = frozenset({Code.MAIL_COPY_BOUNCED, Code.POSTBUS_OUTCOME_UNKNOWN, Code.POSTBUS_UNCONFIRMED})
"""Problems whose own remedy is what to do about a delivery that was given up in doubt."""
_SAYS_IN_AGAIN = frozenset(
    {
        Code.MAIL_REFUSED,
        Code.MAIL_BOUNCED,
        Code.CHAIN_REFUSED,
        Code.POSTBUS_REFUSED,
        Code.POSTBUS_LOCKED,
        Code.POSTBUS_EXPIRED,
        Code.DELIVERY_EXPIRED,
    }
)
"""Problems of a delivery whose own remedy ends with handing the package in again."""


def slip_of(facts: SlipFacts, *, texts: Texts) -> Slip:
    """Make the slip of a package as it stands; every state has one."""
    return _Writer(facts=facts, words=SlipWords(facts=facts, texts=texts)).slip()


def ending_of(facts: SlipFacts) -> Ending:
    """Tell how a package stands, from its state and its deliveries."""
    if facts.state in _STATES:
        return _STATES[facts.state]
    states = [state for state, _ in facts.deliveries.values()]
    if facts.state is PackageState.RELEASING:
        if _stuck(facts):
            return Ending.STUCK
        return Ending.TO_UPLOAD if _TO_UPLOAD in facts.deliveries.values() else Ending.RELEASING
    arrived = sum(state in ARRIVED for state in states)
    if not arrived and facts.in_doubt:
        return Ending.IN_DOUBT
    if not arrived:
        return Ending.WITHDRAWN if DeliveryState.WITHDRAWN in states else Ending.UNDELIVERABLE
    return Ending.DONE if arrived == _recipient_count(facts) else Ending.PARTLY_DONE


def _stuck(facts: SlipFacts) -> bool:
    """Tell whether a delivery waits for a person: one that failed, or whose problem does not pass by itself."""
    return any(
        state is DeliveryState.UNDELIVERABLE
        or (state not in ARRIVED and code in CODES and not PROBLEMS[CODES[code]].retryable)
        for state, code in facts.deliveries.values()
    )


def _recipient_count(facts: SlipFacts) -> int:
    decided = {each.recipient for each in facts.decision.recipients} if facts.decision else set()
    return len(decided | set(facts.deliveries))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes one slip."""

    facts: SlipFacts
    words: SlipWords

    def slip(self) -> Slip:
        facts, ending = self.facts, ending_of(self.facts)
        failed = [state for state, _ in facts.deliveries.values() if state is DeliveryState.UNDELIVERABLE]
        arrived = [state for state, _ in facts.deliveries.values() if state in ARRIVED]
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
            title=self._title(ending),
            not_sent=tuple(documents_not_sent(self.words, arrived=ARRIVED)),
            happened=self._happened(ending, sent=len(arrived)),
            why=self._why(ending),
            where=printable(facts.where),
            where_said=self.words.place(facts.where, kinds=str(facts.detail.get("kinds", "")).split()),
            faults=tuple((printable(where), printable(expected)) for where, expected in facts.faults),
            faults_said=tuple(self._fault(where, expected) for where, expected in facts.faults),
            now=(*self._now(ending), *self._waits()),
            help=self._help(ending),
            recipients=tuple(SlipRecipients(words=self.words, ending=ending).each()),
            expires_at=facts.expires_at,
        )

    def _title(self, ending: Ending) -> Words:
        if count := self._stayed_behind(ending):
            return self.words.count(wording.TITLE_WITHOUT_DOCUMENTS, count)
        return self.words.say(wording.TITLES[ending])

    def _stayed_behind(self, ending: Ending) -> int:
        """Count the documents of a package of which nothing but data went."""
        return went_without_documents(self.words, arrived=ARRIVED) if ending is Ending.DONE else 0

    # ---- the four answers --------------------------------------------------------------------------------------

    def _happened(self, ending: Ending, *, sent: int) -> Words:
        if count := self._stayed_behind(ending):
            return self.words.count(wording.HAPPENED_WITHOUT_DOCUMENTS, count)
        return self.words.say(wording.HAPPENED[ending], sent=sent, total=_recipient_count(self.facts))

    def _why(self, ending: Ending) -> tuple[Explanation, ...]:
        reasons = {reason.rule_id: reason for reason in _reasons_of(self.facts.decision)}
        found = tuple(
            self.words.explain(reasons[code]) if code in reasons else self.words.explain_code(code)
            for code in self.facts.codes
            if code in reasons or code in CODES
        )
        if self.facts.review_reason is not None:
            found += (self._why_refused(self.facts.review_reason),)
        return found or (Explanation(code="", words=self.words.say(self._general_why(ending))),)

    def _fault(self, where: str, expected: str) -> Words:
        place, said = self.words.place(where), self.words.expectation(expected)
        return Words(f"{place.nl}: {printable(said.nl)}", f"{place.en}: {printable(said.en)}")

    def _why_refused(self, reason: ReviewReason) -> Explanation:
        """Say which reason the reviewer chose; what the reviewer wrote is for the Privacy Office alone."""
        return Explanation(code=reason.value, words=self.words.say(wording.REVIEW_REASONS[reason]))

    def _general_why(self, ending: Ending) -> str:
        by_sender = self.facts.withdrawn_by_sender
        if ending is Ending.WITHDRAWN and by_sender is not None:
            return wording.WITHDRAWN_BY[by_sender]
        return wording.WHY[ending]

    def _now(self, ending: Ending) -> tuple[Words, ...]:
        remedies = list(self._remedies())
        if "names" in self.facts.detail:
            remedies.insert(0, self.words.say(DID_YOU_MEAN, **self.facts.detail))
        if ending is Ending.HELD and FOR_A_PERSON_TO_SETTLE.issuperset(self.facts.codes) and self.facts.codes:
            # Handed in again, it would go twice once both are released.
            return (self.words.say(wording.NOW_DECIDES_THE_PRIVACY_OFFICE),)
        if ending is Ending.HELD and is_decided_again(self.facts.codes):
            return self._is_mended_by_others(remedies)
        wanted = [self.words.say(wording.NOW_CALL)] if self._has_to_call() else []
        wanted += self._wanted() if ending in _WENT else ()
        if wanted:
            last = wording.NOW_BY_MISTAKE if ending is Ending.DONE else wording.NOW[ending]
            return _each_once([*remedies, *wanted, self.words.say(last)])
        general = self.words.say(wording.NOW[ending])
        # Of a package that waits for a problem to be mended, the problem says what to do; a rule leaves that to us.
        is_all = bool(remedies) and ending in (Ending.HELD, Ending.IN_DOUBT)
        is_all |= ending is Ending.UNDELIVERABLE and not _SAYS_IN_AGAIN.isdisjoint(self._codes())
        return _each_once(remedies if is_all else [*remedies, general])

    def _remedies(self) -> Iterator[Words]:
        """Say what to do about each problem; first about the doubt, since what is handed in again may go twice."""
        codes = self._codes()
        if self.facts.in_doubt and _ASKS_THE_RECIPIENT.isdisjoint(codes):
            yield self.words.say(wording.NOW[Ending.IN_DOUBT])
        # Of what was given up nothing is tried again, whatever its problem says of itself.
        given_up = {code for state, code in self.facts.deliveries.values() if state is DeliveryState.UNDELIVERABLE}
        for code in codes:
            if code not in given_up or code in _ASKS_THE_RECIPIENT or not PROBLEMS[code].retryable:
                yield self.words.say(PROBLEMS[code].remedy, **self.facts.detail)

    def _has_to_call(self) -> bool:
        """Tell whether somebody waits for a code, which only the sender can read out."""
        sent = (name for name, (state, _) in self.facts.deliveries.items() if state is DeliveryState.SENT)
        waiting = (self.facts.pickups[name] for name in sent if name in self.facts.pickups)
        return any(each.texted is not Texted.TAKEN for each in waiting)

    def _wanted(self) -> Iterator[Words]:
        """Say what to do about what stayed behind of a package that went; nothing when nothing can be done."""
        yield from ask_about_left_behind(self.words, arrived=ARRIVED)
        if count := documents_to_ask_for(self.words, arrived=ARRIVED):
            yield self.words.count(wording.NOW_WITHOUT_DOCUMENTS, count)

    def _is_mended_by_others(self, remedies: list[Words]) -> tuple[Words, ...]:
        """Say whom to ask; handed in again, it would go twice once that is mended."""
        if not FOR_THE_ADMINISTRATOR.isdisjoint(self.facts.codes):
            remedies.append(self.words.say(wording.NOW_ASKS_THE_ADMINISTRATOR))
        elif not remedies:
            remedies.append(self.words.say(wording.NOW_ASKS_THE_PRIVACY_OFFICE))
        return _each_once([*remedies, self.words.say(wording.NOW_IS_DECIDED_AGAIN)])

    def _waits(self) -> Iterator[Words]:
        """Say of a hold whether its people were told again, and until when it waits."""
        if self.facts.reminded:
            yield self.words.say(wording.REMINDED)
        if self.facts.expires_at is not None:
            day = _local_time(self.facts.expires_at)
            nl, en = (self.words.say(wording.KEPT_UNTIL, day=said.partition(" ")[0]) for said in (day.nl, day.en))
            yield Words(nl.nl, en.en)

    def _help(self, ending: Ending) -> tuple[Words, ...]:
        helpers = [PROBLEMS[code].helper for code in self._codes()]
        if ending is Ending.HELD and not FOR_THE_ADMINISTRATOR.isdisjoint(self.facts.codes):
            helpers.append(Helper.ADMINISTRATOR)
        if ending in _NAMES_PRIVACY_OFFICE or not helpers:
            helpers.append(Helper.PRIVACY_OFFICE)
        return _each_once([self._helper(helper) for helper in helpers])

    def _helper(self, helper: Helper) -> Words:
        office = self.facts.privacy_office or (self.facts.decision.privacy_office if self.facts.decision else None)
        if helper is Helper.PRIVACY_OFFICE and office is not None:
            return self.words.say(wording.NAMED_PRIVACY_OFFICE, organisation=office.organisation, email=office.email)
        return self.words.say(wording.HELPERS[helper])

    def _codes(self) -> list[Code]:
        """Give the problems of it that are not over; what is no problem is a rule, which has its own words."""
        codes = [*self.facts.codes, *(code for state, code in self.facts.deliveries.values() if state not in ARRIVED)]
        return [CODES[code] for code in dict.fromkeys(codes) if code in CODES]


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
