"""What people do about recipients' keys: bring one, trust it, retire it. Four eyes, and nothing replaced in silence.

Rules, in order:
1. To bring a key is to propose it: a privacy officer or an administrator, never an application. It goes into `keys/`
   and the keyring, and nothing is encrypted to it.
2. To trust it puts its fingerprint into the recipient's entry, behind those that are there, and that one change of the
   register into force. With four eyes that is another person's act, who is a privacy officer of the organisation that
   runs the site: who brought the key proposes the change, who trusts it approves it, exactly as with other rules.
3. The keys that stood there stay until each is retired. With four eyes a retirement takes two people as well, who both
   type it; the last key of a channel stays unless both say that the channel is to be left without.
4. A newer copy of a known key (a longer life, a revocation) is taken at once: the fingerprint is the pin, only its
   owner can make one, and a revocation can only stop. A copy that holds nothing new is no act, and alarms nobody. The
   first copy of a key that was pinned by hand counts as newer: with it, packages begin to be encrypted to that key.
5. Each act is in the audit log before it is done.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Protocol

from gateway.audit.events import Event, EventAction
from gateway.audit.telling_keys import key_event
from gateway.bootstrap.current_policy import CurrentPolicy
from gateway.bootstrap.durable_files import storing, write_durably
from gateway.bootstrap.endings_ahead import EndAhead
from gateway.bootstrap.key_judging import KeyJudge
from gateway.bootstrap.key_overview import KnownKeys
from gateway.bootstrap.key_records import KeyRecord, KeyRecordFiles, Wish
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.rule_changes import require_role
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS, KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, PersonId, key_file, kind_of
from gateway.package.key_views import KeyImport, KeyView
from gateway.package.states import Submitter
from gateway.policy.policy_set import Recipient
from gateway.policy.register_edits import add_key, remove_key
from gateway.policy.standing import Proposal
from gateway.seal.key_description import ReadKey
from gateway.seal.key_files import adds_nothing, read_key_file
from gateway.seal.key_health import KeyFacts
from gateway.seal.keyring import export_public, import_pinned

_APPROVER = "privacy-officer"
_PROPOSERS = (_APPROVER, "administrator")
_LOOKERS = (*_PROPOSERS, "security")
_Ring = Callable[[], Mapping[Fingerprint, KeyFacts]]


class _Recorder(Protocol):
    async def record(self, event: Event, /) -> str: ...


class KeyDesk:
    """The keys of one site, which `organisation` runs.

    `ring` reads the keyring, `judge` knows keys of other kinds, `ends` tells what of the site's own certificates
    and lists ends soon, `signers` are the own keys.
    """

    def __init__(
        self,
        site: SiteLayout,
        *,
        current: CurrentPolicy,
        records: KeyRecordFiles,
        ring: _Ring,
        judge: KeyJudge,
        ends: Callable[[dt.datetime], tuple[EndAhead, ...]],
        signers: tuple[Fingerprint, ...],
        audit: _Recorder,
        people: PeopleRegister,
        organisation: str,
        four_eyes: bool,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._site, self._current, self._records = site, current, records
        self._ring, self._judge, self._signers, self._audit = ring, judge, signers, audit
        self._people, self._organisation, self._four_eyes = people, organisation, four_eyes
        self._now, self._ends = now, ends
        self._turn = asyncio.Lock()

    async def list(self, *, person: Submitter) -> tuple[KeyView, ...]:
        """List every key. Raises SluisError `not-permitted`, `setting-invalid`, `seal-failed`."""
        require_role(person, _LOOKERS)
        return (await asyncio.to_thread(self.known)).views()

    def known(self) -> KnownKeys:
        """Read all that is known; blocking."""
        policy = self._current.policy() if self._current.in_force() else None
        return KnownKeys(
            policy=policy,
            records={each.recipient: each for each in self._records.every()},
            ring=self._ring(),
            signers=self._signers,
            judge=self._judge,
            now=self._now(),
            ends=self._ends(self._now()),
        )

    async def bring(self, brought: KeyImport, *, person: Submitter) -> tuple[KeyView, bool]:
        """Take a key as proposed, or a newer copy of a known one, and tell whether that changed anything.

        Raises SluisError `not-permitted`, `recipient-unknown`, what `read_key_file` raises, `key-of-another`,
        `key-other-oin`, the code of `KEY_REFUSALS` for what can not be encrypted to, `audit-unavailable`, `disk-full`.
        """
        require_role(person, _PROPOSERS)
        async with self._turn:
            reading = partial(
                read_key_file, brought.content, now=self._now(), wanted=brought.fingerprint, address=brought.address
            )
            known = await asyncio.to_thread(self.known)
            entry = known.entry(brought.recipient)
            if entry is None:
                raise SluisError(Code.RECIPIENT_UNKNOWN, where="recipient")
            read = self._judged(await asyncio.to_thread(reading), entry)
            key = read.description.fingerprint
            if owner := known.owner(key, but=brought.recipient):
                raise SluisError(Code.KEY_OF_ANOTHER, where=key, detail={"name": owner})
            record = self._records.read(brought.recipient).find(key)
            is_known = key in known.pinned(brought.recipient) or (record is not None and record.state != "retired")
            if not (is_known and read.health is KeyHealth.REVOKED):
                read.require_usable()
            if is_known and not await asyncio.to_thread(self._is_new, read):
                # What was lost of it from `keys/` by hand lies there again.
                await asyncio.to_thread(self._keep_key, read)
                return known.view(brought.recipient, record or KeyRecord(fingerprint=key, state="trusted")), False
            action = EventAction.KEY_RENEWED if is_known else EventAction.KEY_PROPOSED
            await self._audit.record(key_event(action, key, recipient=brought.recipient, by=person))
            await asyncio.to_thread(self._keep_key, read)
            taken = self._renewed(record, read, brought, person) if is_known else self._proposed(read, brought, person)
            return await self._write(brought.recipient, taken), True

    async def trust(self, recipient: str, key: Fingerprint, *, how: str, person: Submitter) -> KeyView:
        """Put a proposed key into force, behind those that are.

        Raises SluisError `not-permitted`, `key-unknown`, `key-not-proposed`, `approval-own-proposal`, `key-expired` and
        its like, and what `CurrentPolicy.amend` raises.
        """
        self._require_approver(person)
        async with self._turn:
            record = self._records.read(recipient).find(key)
            if record is None:
                raise SluisError(Code.KEY_UNKNOWN, where=key)
            wish = self._wish(record, recipient, "trust")
            if record.state != "proposed" or wish is None:
                raise SluisError(Code.KEY_NOT_PROPOSED, where=key)
            self._require_another(wish, person)
            known = await asyncio.to_thread(self.known)
            refusal = KEY_REFUSALS.get(known.health(recipient, key))
            if refusal is not None:
                raise SluisError(refusal, where=key)
            await self._amend(recipient, partial(add_key, key=key), wish, person)
            await self._audit.record(
                key_event(EventAction.KEY_TRUSTED, key, recipient=recipient, by=person, proposer=PersonId(wish.by))
            )
            changes = {"verified_by": person.person, "verified_at": self._now(), "how": how}
            return await self._write(
                recipient, record.model_copy(update={"state": "trusted", "waiting": None, **changes})
            )

    async def retire(self, recipient: str, key: Fingerprint, *, leave_without: bool, person: Submitter) -> KeyView:
        """Take a key out of force; with four eyes the first of two people only wishes for it.

        Raises SluisError `not-permitted`, `key-unknown`, `key-retired`, `key-last-of-channel`, `approval-own-proposal`,
        and what `CurrentPolicy.amend` raises.
        """
        require_role(person, _PROPOSERS)
        async with self._turn:
            known = await asyncio.to_thread(self.known)
            record, channels = self._records.read(recipient).find(key), known.channels(recipient, key)
            if not channels and (record is None or record.state == "retired"):
                raise SluisError(Code.KEY_UNKNOWN if record is None else Code.KEY_RETIRED, where=key)
            last = [channel for channel, only in channels if only]
            if last and not leave_without:
                raise SluisError(Code.KEY_LAST_OF_CHANNEL, where=key, detail={"channel": ", ".join(last)})
            record = record or KeyRecord(fingerprint=key, state="trusted")
            own = self._new_wish("retire", recipient, key, person, leave_without=leave_without)
            wish = self._wish(record, recipient, "retire")
            if not channels or not self._four_eyes:
                wish = own
            elif wish is None or wish.leave_without != leave_without:
                action = EventAction.KEY_RETIREMENT_PROPOSED
                await self._audit.record(key_event(action, key, recipient=recipient, by=person))
                return await self._write(recipient, record.model_copy(update={"waiting": own}))
            else:
                self._require_approver(person)
                self._require_another(wish, person)
            if channels:
                await self._amend(recipient, partial(remove_key, key=key), wish, person)
            proposer = PersonId(wish.by) if wish is not own else None
            event = key_event(EventAction.KEY_RETIRED, key, recipient=recipient, by=person, proposer=proposer)
            await self._audit.record(event)
            changes = {"state": "retired", "waiting": None, "retired_by": person.person, "retired_at": self._now()}
            return await self._write(recipient, record.model_copy(update=changes))

    def _judged(self, read: ReadKey, entry: Recipient) -> ReadKey:
        """Ask of a certificate who vouches for it, and whose it is. Raises SluisError `key-other-oin`."""
        certificate = read.certificate
        if certificate is None:
            return read
        if self._judge.is_on_other_oin(certificate, entry):
            raise SluisError(Code.KEY_OTHER_OIN, where=read.description.fingerprint)
        return replace(read, health=self._judge.health_of(certificate, entry, self._now()))

    def _require_approver(self, person: Submitter) -> None:
        require_role(person, (_APPROVER,) if self._four_eyes else _PROPOSERS)
        if self._four_eyes and person.organisation.casefold() != self._organisation.casefold():
            raise SluisError(Code.NOT_PERMITTED, where="organisation")

    def _require_another(self, wish: Wish, person: Submitter) -> None:
        if not self._four_eyes:
            return
        by = PersonId(wish.by)
        if by == person.person or self._people.are_one_user(by, person.person, uid=wish.uid):
            raise SluisError(Code.APPROVAL_OWN_PROPOSAL)

    def _wish(self, record: KeyRecord, recipient: str, what: str) -> Wish | None:
        """Give what waits, if this site wrote it."""
        wish = record.waiting
        ours = wish is not None and self._records.is_ours(
            wish, recipient=recipient, fingerprint=Fingerprint(record.fingerprint)
        )
        return wish if wish is not None and ours and wish.what == what else None

    def _new_wish(
        self, what: str, recipient: str, key: Fingerprint, person: Submitter, *, leave_without: bool = False
    ) -> Wish:
        wish = Wish.model_validate(
            {
                "what": what,
                "by": person.person,
                "organisation": person.organisation,
                "uid": person.uid,
                "at": self._now(),
                "leave_without": leave_without,
            }
        )
        return self._records.signed(wish, recipient=recipient, fingerprint=key)

    async def _amend(self, recipient: str, edit: Callable[[bytes], bytes], wish: Wish, person: Submitter) -> None:
        proposal = Proposal(
            digest="", proposer=PersonId(wish.by), organisation=wish.organisation, at=wish.at, uid=wish.uid
        )
        entry = f"recipients/{recipient}.yaml"
        await self._current.amend(entry, edit, wish=proposal, approver=person, at=self._now())

    def _proposed(self, read: ReadKey, brought: KeyImport, person: Submitter) -> KeyRecord:
        told = read.description
        return KeyRecord(
            fingerprint=told.fingerprint,
            state="proposed",
            algorithm=told.algorithm,
            bits=told.bits,
            expires=told.expires,
            source=brought.source,
            imported_by=person.person,
            imported_at=self._now(),
            waiting=self._new_wish("trust", brought.recipient, told.fingerprint, person),
        )

    def _renewed(self, record: KeyRecord | None, read: ReadKey, brought: KeyImport, person: Submitter) -> KeyRecord:
        """Note that a newer copy came, and from where; who brought and who verified the key stays what it was."""
        expires, now = read.description.expires, self._now()
        if record is None:
            return KeyRecord(
                fingerprint=read.description.fingerprint,
                state="trusted",
                expires=expires,
                source=brought.source,
                imported_by=person.person,
                imported_at=now,
            )
        renewed = {"renewed_by": person.person, "renewed_at": now, "renewed_source": brought.source}
        return record.model_copy(update={"expires": expires, **renewed})

    def _is_new(self, read: ReadKey) -> bool:
        """Tell whether a copy of a known key holds anything that is not there yet."""
        key = read.description.fingerprint
        name = key_file(key)
        if name is None:
            return False
        if kind_of(key) is KeyKind.OPENPGP:
            return key not in self._ring() or not adds_nothing(read.armored, to=export_public(self._site.gnupg, key))
        path = self._site.keys / name
        with_others = read.certificate is not None and bool(read.certificate.chain)
        return not path.exists() or (with_others and path.read_bytes() != read.armored)

    def _keep_key(self, read: ReadKey) -> None:
        key, content = read.description.fingerprint, read.armored
        name = key_file(key)
        if name is None:
            return
        if kind_of(key) is KeyKind.OPENPGP:
            import_pinned(self._site.gnupg, content, expected=key)
            # What the ring has now: an older copy takes no revocation away that came before it.
            content = export_public(self._site.gnupg, key)
        elif read.certificate is not None and not read.certificate.chain and (self._site.keys / name).exists():
            # A copy without its issuers takes away none that came with it before.
            return
        with storing("keys"):
            write_durably(self._site.keys / name, content)

    async def _write(self, recipient: str, record: KeyRecord) -> KeyView:
        def write() -> KeyView:
            with storing("keys"):
                self._records.write(self._records.read(recipient).with_record(record))
            return self.known().view(recipient, record)

        return await asyncio.to_thread(write)
