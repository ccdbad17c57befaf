"""Sends a recipient a message without data about anybody, so that it can say whether it opens: `sluis recipients test`.

Rules:
1. It goes the way of a package: sealed for the keys that the rules in force name, signed by the own one, over the real
   channel. Nothing weaker is there to fall back to.
2. It says who sends it, a number and what to do; it holds nothing out of any package.
3. An event is in the log before it leaves, and another one after. It is tried once: whoever asked sees the answer.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from gateway.audit.events import Event
from gateway.audit.telling_keys import recipient_tested
from gateway.bootstrap.rule_changes import require_role
from gateway.deliver.port import Courier
from gateway.deliver.settling import doubt_of
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, PackageId, RecipientId, new_package_id, short_id
from gateway.package.key_views import RecipientTest
from gateway.package.states import Channel, Language, Outcome, RecipientDecision, SealedParcel, Submitter
from gateway.policy.policy_set import PolicySet, Recipient, RecipientChannel
from gateway.seal.chain_port import ChainSealer
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.sealing import MailSettings, seal_letter

TEMPLATE = "test-message.txt.j2"
_ROLES = ("administrator", "privacy-officer")
_SUBJECTS = MappingProxyType({Language.NL: "Testbericht, kenmerk {id}", Language.EN: "Test message, reference {id}"})
_ID_BYTES = 10


class _Recorder(Protocol):
    async def record(self, event: Event, /) -> str: ...


class RecipientTests:
    """Sends tests from one site.

    `signer` gives the own key that signs on a channel at a moment; `staging` is for large files only.
    """

    def __init__(
        self,
        *,
        policy: Callable[[], PolicySet],
        sealer: Sealer,
        signer: Callable[[RecipientChannel, dt.datetime], Fingerprint],
        letters: LetterWriter,
        couriers: Mapping[Channel, Courier],
        mail: MailSettings,
        organisation: str,
        audit: _Recorder,
        now: Callable[[], dt.datetime],
        random: Callable[[int], bytes],
        staging: Path,
        chain: ChainSealer | None,
    ) -> None:
        self._policy, self._sealer, self._signer, self._letters = policy, sealer, signer, letters
        self._couriers, self._mail, self._organisation = couriers, replace(mail, subjects=_SUBJECTS), organisation
        self._audit, self._now, self._random, self._staging = audit, now, random, staging
        self._chain = chain

    async def send(self, name: str, *, person: Submitter) -> RecipientTest:
        """Send one test by the first channel of the recipient that is connected; the postbus has no key to test.

        Raises SluisError `not-permitted`, `recipient-unknown`, `channel-unavailable`, `key-missing` and the like,
        `signing-key-unusable`, `audit-unavailable`.
        """
        require_role(person, _ROLES)
        entry = self._policy().recipients.get(RecipientId(name))
        if entry is None:
            raise SluisError(Code.RECIPIENT_UNKNOWN, where="recipient")
        tested = [each for each in entry.channels if each.channel is not Channel.POSTBUS]
        channel = next((each for each in tested if each.channel in self._couriers), None)
        if channel is None:
            raise SluisError(Code.CHANNEL_UNAVAILABLE, where=name)
        now = self._now()
        number = new_package_id(unix_ms=int(now.timestamp() * 1000), random=self._random(_ID_BYTES))
        signer = self._signer(channel, now)
        parcel = await asyncio.to_thread(self._seal, entry, channel, number, signer=signer, now=now)
        await self._audit.record(recipient_tested(entry.id, channel.channel, by=person))
        result = await self._couriers[channel.channel].deliver(parcel)
        arrived = result.outcome in (DeliveryOutcome.SENT, DeliveryOutcome.DELIVERED)
        code = "" if arrived else result.code or doubt_of(channel.channel).value
        await self._audit.record(recipient_tested(entry.id, channel.channel, by=person, code=code))
        return RecipientTest(
            recipient=name,
            channel=channel.channel.value,
            reference=short_id(number),
            keys=channel.keys,
            signed_by=signer,
            outcome=result.outcome.value,
            code=code,
        )

    def _seal(
        self, entry: Recipient, channel: RecipientChannel, number: PackageId, *, signer: Fingerprint, now: dt.datetime
    ) -> SealedParcel:
        context: Mapping[str, object] = {
            "recipient_name": entry.name,
            "recipient_organisation": entry.organisation,
            "sender_organisation": self._organisation,
            "reference": short_id(number),
            "signed_by": signer,
            "date": now,
        }
        letter = self._letters.render(TEMPLATE, language=entry.language, context=context)
        recipient = RecipientDecision(
            recipient=entry.id,
            name=entry.name,
            organisation=entry.organisation,
            kind=entry.kind,
            language=entry.language,
            outcome=Outcome.CLEARED,
            channel=channel.channel,
            address=channel.address,
            keys=channel.keys,
        )
        return seal_letter(
            recipient,
            letter,
            package=number,
            sealer=self._sealer,
            now=now,
            random=self._random,
            staging=self._staging,
            settings=self._mail,
            chain=self._chain,
        )
