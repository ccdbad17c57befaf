"""How it stands with each recipient of a slip: what goes, what does not and why, and how the delivery stands. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.package.facts import Kind
from gateway.package.pickup import PickUp, Texted
from gateway.package.states import (
    DeliveryState,
    DocumentVerdict,
    FieldVerdict,
    Language,
    Outcome,
    Reason,
    RecipientDecision,
    Verdict,
)
from gateway.receipt import wording
from gateway.receipt.slip_model import GOES, MAX_SHOWN, SlipDocument, SlipField, SlipRecipient, Words, printable
from gateway.receipt.slip_words import CODES, SlipWords
from gateway.receipt.whose_turn import waits_for_sender
from gateway.receipt.wording import Ending

ARRIVED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})
_GONE = frozenset({DeliveryState.UNDELIVERABLE, DeliveryState.WITHDRAWN})
_OVER = frozenset({Ending.REFUSED, Ending.WITHDRAWN, Ending.EXPIRED})
_MIGHT_HAVE_GONE = frozenset({Verdict.RELEASE, Verdict.REDACT, Verdict.HOLD})


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipRecipients:
    """Writes the recipients of one slip."""

    words: SlipWords
    ending: Ending

    def each(self) -> Iterator[SlipRecipient]:
        """Give every recipient, also of a delivery whose decision is no longer kept."""
        facts = self.words.facts
        decided = facts.decision.recipients if facts.decision else ()
        for decision in decided:
            yield self._recipient(decision)
        known = {decision.recipient for decision in decided}
        for recipient, (state, code) in facts.deliveries.items():
            if recipient not in known:
                yield self._undecided(str(recipient), state, code)

    def _recipient(self, decision: RecipientDecision) -> SlipRecipient:
        words = self.words
        state, code = words.facts.deliveries.get(decision.recipient, (None, ""))
        channel = decision.channel
        # Before its link is sent nobody can use the code, and after it was fetched nobody needs it.
        pickup = words.facts.pickups.get(decision.recipient) if state is DeliveryState.SENT else None
        hidden = len(decision.fields) - MAX_SHOWN
        never_sent = wording.NEVER_SENT.get(self.ending) if state is None else None
        return SlipRecipient(
            id=decision.recipient,
            name=printable(decision.name),
            organisation=printable(decision.organisation),
            channel=channel,
            channel_said=words.say(wording.CHANNELS[channel] if channel else wording.NO_CHANNEL),
            state=state.value if state else self.ending.value if never_sent else decision.outcome.value,
            state_said=words.say(self._standing(decision, state, never_sent)),
            arrived=state in ARRIVED,
            listed=never_sent is None,
            closed=self._is_closed(decision, state),
            outcome=decision.outcome,
            problem=words.explain_code(code) if code in CODES and state not in ARRIVED else None,
            reasons=tuple(words.explain(reason) for reason in decision.reasons),
            warnings=tuple(words.explain(reason) for reason in decision.warnings),
            fields=tuple(self._field(each, decision, state) for each in decision.fields),
            documents=tuple(self._document(each, decision, state) for each in decision.documents),
            more=words.say(wording.AND_MORE, count=hidden) if hidden > 0 else None,
            pickup=self._pickup(pickup) if pickup else None,
            pickup_code=pickup.spoken() if pickup else "",
        )

    def _standing(self, decision: RecipientDecision, state: DeliveryState | None, never_sent: str | None) -> str:
        """Say how a delivery stands, or why there is none."""
        if decision.recipient in self.words.facts.in_doubt:
            return wording.ENDED_IN_DOUBT
        return wording.DELIVERIES[state] if state else never_sent or self._outcome(decision)

    def _pickup(self, pickup: PickUp) -> Words:
        """Say which code the sender reads out to the recipient, and until when."""
        until = pickup.until.date()
        day = until.strftime("%d-%m-%Y")
        how = wording.PICKUP_TEXTED if pickup.texted is Texted.TAKEN else wording.PICKUP_CODE
        said = [self.words.say(how, code=pickup.spoken(), reference=pickup.reference, day=day)]
        said += [self.words.say(wording.PICKUP_NOT_TEXTED)] if pickup.texted is Texted.NOT_TAKEN else []
        said += [self.words.say(wording.PICKUP_ENDS)] if pickup.reminded else []
        nl, en = (" ".join(each[language] for each in said) for language in Language)
        return Words(nl, en)

    def _undecided(self, recipient: str, state: DeliveryState, code: str) -> SlipRecipient:
        """Show a delivery whose decision is no longer kept."""
        words = self.words
        return SlipRecipient(
            id=recipient,
            name=recipient,
            organisation="",
            channel=None,
            channel_said=words.say(wording.NO_CHANNEL),
            state=state.value,
            state_said=words.say(
                wording.ENDED_IN_DOUBT if recipient in words.facts.in_doubt else wording.DELIVERIES[state]
            ),
            arrived=state in ARRIVED,
            closed=state in _GONE,
            outcome=None,
            problem=words.explain_code(code) if code in CODES and state not in ARRIVED else None,
            reasons=(),
        )

    def _field(self, each: FieldVerdict, decision: RecipientDecision, state: DeliveryState | None) -> SlipField:
        return SlipField(
            path=printable(each.path),
            name=self.words.label(self.words.facts.labels.field(each.path)),
            verdict=each.verdict,
            said=self._verdict(each.verdict, each.reason, decision, state),
            reason=self.words.explain(each.reason),
            category=each.category,
        )

    def _document(
        self, each: DocumentVerdict, decision: RecipientDecision, state: DeliveryState | None
    ) -> SlipDocument:
        return SlipDocument(
            number=each.number,
            kind=each.kind,
            kind_said=self.words.label(self.words.facts.labels.document(each.kind)),
            verdict=each.verdict,
            said=self._verdict(each.verdict, each.reason, decision, state),
            reason=self.words.explain(each.reason),
            redacted=self._redacted(each),
            counted=each.redacted,
            edits=each.edits,
        )

    def _redacted(self, document: DocumentVerdict) -> Words | None:
        """Say what is taken out of a document and how often, most first, and last what a reviewer added."""
        counts = Counter[Kind]()
        for each in document.redacted:
            counts[each.kind] += each.count
        said = [(self.words.count(wording.KINDS[kind], count), count) for kind, count in counts.most_common()]
        if document.edits is not None and document.edits.added:
            added = document.edits.added
            said.append((self.words.count(wording.ADDED_IN_REVIEW, added), added))
        if not said:
            return None
        nl, en = (", ".join(f"{count} {words[language]}" for words, count in said) for language in Language)
        return Words(nl, en)

    def _verdict(
        self, verdict: Verdict, reason: Reason, decision: RecipientDecision, state: DeliveryState | None
    ) -> Words:
        if verdict in GOES and state in ARRIVED:
            return self.words.say(wording.SENT_REDACTED if verdict is Verdict.REDACT else wording.SENT_VERDICT)
        if verdict in _MIGHT_HAVE_GONE and self._is_closed(decision, state):
            is_doubted = verdict in GOES and decision.recipient in self.words.facts.in_doubt
            return self.words.say(wording.ENDED_IN_DOUBT if is_doubted else wording.NOT_SENT_VERDICT)
        if verdict is Verdict.HOLD and waits_for_sender([reason.rule_id]):
            return self.words.say(wording.WAITS_FOR_SENDER)
        return self.words.say(wording.VERDICTS[verdict])

    def _is_closed(self, decision: RecipientDecision, state: DeliveryState | None) -> bool:
        """Tell whether nothing goes to a recipient any more, so that nothing is said to be allowed or to wait."""
        return state in _GONE or (state is None and (self.ending in _OVER or decision.outcome is Outcome.REFUSED))

    def _outcome(self, decision: RecipientDecision) -> str:
        """Say what was decided for a recipient, and of what waits for whom."""
        codes = [reason.rule_id for reason in decision.reasons]
        if decision.outcome is Outcome.CLEARED:
            # Allowed, and stopped for what was found when it was made ready to go.
            codes = list(self.words.facts.codes) if self.ending is Ending.HELD else []
        elif decision.outcome is Outcome.REFUSED:
            codes = []
        return wording.WAITS_FOR_SENDER if waits_for_sender(codes) else wording.OUTCOMES[decision.outcome]
