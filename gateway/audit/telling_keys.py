"""Tells the log what becomes of keys: builds events. Pure."""

from gateway.audit.events import Event, EventAction
from gateway.package.ids import Fingerprint, PersonId, RecipientId
from gateway.package.states import Channel, Submitter


def key_event(
    action: EventAction, key: Fingerprint, *, recipient: str, by: Submitter, proposer: PersonId | None = None
) -> Event:
    """Say what somebody does with a recipient's key, and whose wish it was when it took two."""
    return Event(
        action=action,
        key=key,
        recipient=RecipientId(recipient),
        person=by.person,
        proposer=proposer,
        organisation=by.organisation,
    )


def signing_key_rotated(key: Fingerprint, *, by: Submitter) -> Event:
    """Say that there is a new key of our own."""
    return Event(action=EventAction.SIGNING_KEY_ROTATED, key=key, person=by.person, organisation=by.organisation)


def pseudonym_key_rotated(key: str, *, by: Submitter) -> Event:
    """Say that somebody has another key drawn for the pseudonyms of this log."""
    return Event(
        action=EventAction.PSEUDONYM_KEY_ROTATED, pseudonym_key=key, person=by.person, organisation=by.organisation
    )


def recipient_tested(recipient: RecipientId, channel: Channel, *, by: Submitter, code: str | None = None) -> Event:
    """Say that a message without data is about to go to a recipient, or with a `code` (empty: well) what came of it."""
    started = code is None
    return Event(
        action=EventAction.RECIPIENT_TEST_STARTED if started else EventAction.RECIPIENT_TESTED,
        recipient=recipient,
        channel=channel.value,
        person=by.person,
        organisation=by.organisation,
        outcome="failure" if code else "success",
        codes=(code,) if code else (),
    )
