"""Puts together what is known of every key: the register in force, the records, and the keyring. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.bootstrap.endings_ahead import EndAhead
from gateway.bootstrap.key_judging import KeyJudge
from gateway.bootstrap.key_records import KeyRecord, KeyRecords
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, RecipientId, kind_of
from gateway.package.key_views import KeyView
from gateway.package.states import Channel
from gateway.policy.policy_set import PolicySet, Recipient
from gateway.policy.register import fingerprints
from gateway.seal.key_description import KeyDescription, describe
from gateway.seal.key_health import KeyFacts, health_of, no_address_fits


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKeys:
    """All that is looked at; `policy` is None when no rules are in force, `signers` are the own keys.

    `judge` knows keys of other kinds than OpenPGP, of which the ring knows nothing; `ends` are own certificates and
    revocation lists that end soon.
    """

    policy: PolicySet | None
    records: Mapping[str, KeyRecords]
    ring: Mapping[Fingerprint, KeyFacts]
    signers: tuple[Fingerprint, ...]
    judge: KeyJudge
    now: dt.datetime
    ends: tuple[EndAhead, ...] = ()

    def views(self) -> tuple[KeyView, ...]:
        """List every key: the own ones, then by recipient; one that is pinned without a record too."""
        pinned = self.policy.recipients if self.policy else {}
        names = sorted({*self.records, *pinned})
        return (*map(self.own, self.signers), *(view for name in names for view in self._of(name)))

    def own(self, fingerprint: Fingerprint) -> KeyView:
        """Show a key that the gateway signs with."""
        record = KeyRecord(fingerprint=fingerprint, state="trusted")
        return self._view("", record, signs=True)

    def view(self, recipient: str, record: KeyRecord) -> KeyView:
        """Show one key of a recipient."""
        return self._view(recipient, record)

    def pinned(self, recipient: str) -> tuple[Fingerprint, ...]:
        """Give the keys that the rules in force encrypt to."""
        return fingerprints(self.policy, [recipient]) if self.policy else ()

    def channels(self, recipient: str, fingerprint: str) -> tuple[tuple[str, bool], ...]:
        """Give the channels on which a key is encrypted to, each with whether it is the only key there."""
        entries = (entry for name, entry in self.policy.recipients.items() if name == recipient) if self.policy else ()
        listed = (channel for entry in entries for channel in entry.channels)
        return tuple((each.channel.value, len(each.keys) == 1) for each in listed if fingerprint in each.keys)

    def entry(self, recipient: str) -> Recipient | None:
        """Give a recipient of the register in force."""
        return self.policy.recipients.get(RecipientId(recipient)) if self.policy else None

    def owner(self, fingerprint: Fingerprint, *, but: str) -> str:
        """Find another recipient that has a key, unless both are of one organisation; empty when there is none."""
        has = {
            str(name) for name in (self.policy.recipients if self.policy else {}) if fingerprint in self.pinned(name)
        }
        for name, records in self.records.items():
            record = records.find(fingerprint)
            if record is not None and record.state != "retired":
                has.add(name)
        return next((name for name in sorted(has - {but}) if not self._same_organisation(name, but)), "")

    def _same_organisation(self, one: str, other: str) -> bool:
        entries = (self.policy.recipients if self.policy else {}).items()
        found = {str(name): entry.organisation.casefold() for name, entry in entries if name in (one, other)}
        return len(found) > 1 and found[one] == found[other]

    def _of(self, recipient: str) -> Iterator[KeyView]:
        records: Iterable[KeyRecord] = self.records[recipient].keys if recipient in self.records else ()
        known = {each.fingerprint for each in records}
        without = (each for each in self.pinned(recipient) if each not in known)
        for record in (*records, *(KeyRecord(fingerprint=each, state="trusted") for each in without)):
            yield self._view(recipient, record)

    def health(self, recipient: str, fingerprint: Fingerprint) -> KeyHealth:
        """Tell whether a key of a recipient can be encrypted to."""
        if kind_of(fingerprint) is KeyKind.OPENPGP:
            return health_of(self.ring, fingerprint, now=self.now)
        return self.judge.health(fingerprint, self.entry(recipient), self.now)

    def _description(self, fingerprint: Fingerprint, *, signs: bool) -> KeyDescription | None:
        if kind_of(fingerprint) is not KeyKind.OPENPGP:
            return self.judge.describe(fingerprint)
        facts = self.ring.get(fingerprint)
        return describe(facts, now=self.now, signs=signs) if facts else None

    def _names_another(self, recipient: str, addresses: Iterable[str]) -> bool:
        """Tell whether a key bears mail addresses, and none is in a domain to which its recipient is mailed."""
        entry = self.entry(recipient)
        mailed = [each.address for each in entry.channels if each.channel is Channel.SECURE_MAIL] if entry else []
        return bool(mailed) and all(no_address_fits(addresses, address=each) for each in mailed)

    def _view(self, recipient: str, record: KeyRecord, *, signs: bool = False) -> KeyView:
        fingerprint = Fingerprint(record.fingerprint)
        facts = self.ring.get(fingerprint)
        told = self._description(fingerprint, signs=signs)
        waiting = record.waiting
        return KeyView(
            recipient=recipient,
            fingerprint=fingerprint,
            type=kind_of(fingerprint).value,
            state=record.state,
            health=facts.signing_health(self.now) if facts and signs else self.health(recipient, fingerprint),
            channels=tuple(channel for channel, _ in self.channels(recipient, fingerprint)),
            algorithm=told.algorithm if told else record.algorithm,
            bits=told.bits if told else record.bits,
            expires=told.expires if told else record.expires,
            days_left=told.days_left(self.now) if told else None,
            small=told.is_small() if told else False,
            addresses=told.addresses if told else (),
            names_another=self._names_another(recipient, told.addresses if told else ()),
            source=record.source,
            how=record.how,
            imported_by=record.imported_by,
            imported_at=record.imported_at,
            renewed_by=record.renewed_by,
            renewed_at=record.renewed_at,
            renewed_source=record.renewed_source,
            verified_by=record.verified_by,
            verified_at=record.verified_at,
            retired_by=record.retired_by,
            retired_at=record.retired_at,
            waits_for=waiting.what if waiting else "",
            asked_by=waiting.by if waiting else "",
        )
