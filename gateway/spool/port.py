"""The ports of the spool: the state of packages, their payloads, and who is to be worked on when.

One row per package and one per delivery are the truth, fenced by an epoch. The embedded adapter is SQLite; the
port speaks of packages and never of SQL, so that PostgreSQL fits behind it.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.package.history import History
from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.states import (
    ByteReader,
    Channel,
    Contents,
    DeliveryState,
    PackageState,
    SealedParcel,
    Source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One encrypted stream at rest: either its sealed bytes or the name of a file below the payload folder.

    `size` is of the plaintext in bytes, `digest` a keyed digest of it (empty for what needs none).
    """

    stream: str
    size: int
    digest: str = ""
    sealed: bytes | None = field(default=None, repr=False)
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPackage:
    """What is needed to accept a package: everything becomes durable in one transaction.

    `claim` is the outbox claim's id, or empty; `uid` the operating-system user of the person; `content_digest` a keyed
    digest by which a repeated id is recognised; `content_key` and `record_key` are wrapped keys; `record` is encrypted
    under the record key.
    """

    id: PackageId
    claim: str
    state: PackageState
    source: Source
    person: PersonId
    organisation: str
    purpose: str
    recipients: tuple[RecipientId, ...]
    at: dt.datetime
    content_digest: str
    content_key: bytes = field(repr=False)
    record_key: bytes = field(repr=False)
    record: bytes = field(repr=False)
    payloads: tuple[Payload, ...]
    uid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRow:
    """One package as it stands in the spool; keys are None once they have been destroyed.

    `hold_stage` and `hold_told_at` (when people were told of that stage) are of a held package. `uid` is the
    operating-system user of the person then, None when there is none or an older version kept the package.
    """

    id: PackageId
    claim: str
    epoch: int
    state: PackageState
    source: Source
    person: PersonId
    organisation: str
    purpose: str
    recipients: tuple[RecipientId, ...]
    received_at: dt.datetime
    updated_at: dt.datetime
    content_digest: str
    content_key: bytes | None = field(repr=False)
    record_key: bytes | None = field(repr=False)
    record: bytes | None = field(repr=False)
    code: str
    attempt: int
    due: dt.datetime | None
    slip_due: bool
    hold_stage: HoldStage = HoldStage.WAITING
    hold_told_at: dt.datetime | None = None
    uid: int | None = None


IN_ROW = 256 * 1024
"""Sealed bytes up to this size rest in the database: one flush for all, measured as fast as a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """One sealed parcel to be kept until its delivery has ended; `sealed` and `file` hold ciphertext only.

    It is kept as `sending` with attempt 1: the intent of the first attempt is committed with the parcel itself.
    """

    recipient: RecipientId
    channel: Channel
    name: str
    size: int
    sha256: str
    sealed: bytes | None = field(default=None, repr=False)
    file: str = ""
    manifest: bytes = b""
    signature: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One delivery as it stands in the spool. `attempt` counts intents that were committed.

    `sealed` is its ciphertext when that rests in the row; after the delivery has ended there is none. `receipt` is what
    the far side signed for it; it stays. `in_doubt` tells that an attempt was begun, or all of it given up, while one
    may have arrived: that stays too.
    """

    recipient: RecipientId
    channel: Channel
    state: DeliveryState
    name: str
    size: int
    sha256: str
    sealed: bytes | None = field(repr=False)
    file: str
    manifest: bytes
    signature: bytes
    attempt: int
    first_tried_at: dt.datetime | None
    due: dt.datetime | None
    code: str
    receipt: str = ""
    in_doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Everything that the spool holds of one package, read at one moment."""

    row: PackageRow
    payloads: tuple[Payload, ...]
    deliveries: tuple[DeliveryRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuestion:
    """What the wrong-recipient guard asks of the history; `subject` and `content` are keyed digests."""

    organisation: str
    recipients: tuple[RecipientId, ...]
    subject: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What the history keeps of one delivery: who sent what about whom to whom, by ids and keyed digests.

    `went` counts the fields and documents that go; what else the package holds stays behind.
    """

    recipient: RecipientId
    kind: str
    organisation: str
    subject: str
    content: str
    went: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """A change of a package's state.

    `destroy_content` forgets the content key and payloads in the same transaction. `slip` tells that a slip is to
    be written. `due` is when to look again, None for not by itself. `sendings` become history in the same transaction.
    """

    state: PackageState
    at: dt.datetime
    code: str = ""
    record: bytes | None = field(default=None, repr=False)
    due: dt.datetime | None = None
    slip: bool = False
    destroy_content: bool = False
    deliveries: tuple[NewDelivery, ...] = ()
    sendings: tuple[Sending, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChange:
    """A change of one delivery; `package` goes with it in the same transaction when that was the last one.

    `never_arrived` takes it out of the history, in the same transaction too: there is no doubt that nobody got it.
    A `receipt` stays with the delivery; without one, an earlier one does.
    """

    recipient: RecipientId
    state: DeliveryState
    at: dt.datetime
    code: str = ""
    due: dt.datetime | None = None
    intent: bool = False
    package: StateChange | None = None
    never_arrived: bool = False
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """How many deliveries of one channel wait for another attempt for one reason, and since when the oldest.

    `code` is empty for those that are tried again at this very moment.
    """

    channel: Channel
    code: str
    count: int
    since: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A package that somebody must work on, at once or at `due`."""

    id: PackageId
    person: str
    due: dt.datetime | None


Told = tuple[Any, ...]
"""Events that announce one change, in order: the audit log's own, and opaque here."""


class Journal(Protocol):
    """Where changes are announced before they are committed; blocking, called by whoever commits."""

    def write(self, told: Sequence[Told], /) -> Sequence[str | Exception]:
        """Make every announcement durable, by one flush for all.

        Gives for each the digest of its last event, or why it is not on disk; then its change must not happen.
        """
        ...


class Spool(Protocol):
    """The transactional state of every package.

    An implementer promises: each call is one transaction, durable when it returns; calls that wait together may
    share a flush; a change under another epoch than the row's raises SluisError `epoch-lost` and changes nothing;
    a failing disk raises `spool-unavailable` or `disk-full` and loses nothing that was acknowledged. What a change is
    `told` with is in the journal before the change is committed, and its digest in the row; when the journal fails,
    nothing is changed and its error (`audit-unavailable`) is raised.
    """

    async def accept(self, new: NewPackage, /, *, told: Told = ()) -> PackageRow | None:
        """Keep a new package; None when it is new, the row that is there when this id or claim came before."""
        ...

    async def add_payload(
        self, package: PackageId, payload: Payload, /, *, complete: bool, at: dt.datetime, told: Told = ()
    ) -> bool:
        """Add a document to an incomplete package; `complete` makes it received. False when it was there already."""
        ...

    async def find(self, package: PackageId, /) -> PackageRow | None:
        """Find one package."""
        ...

    async def find_claim(self, claim: str, /) -> PackageRow | None:
        """Find the package that an outbox claim became."""
        ...

    async def payloads(self, package: PackageId, /) -> tuple[Payload, ...]:
        """Give the package's payloads, with sealed bytes for those that rest in the database."""
        ...

    async def deliveries(self, package: PackageId, /) -> tuple[DeliveryRow, ...]:
        """Give the package's deliveries in the manifest's order."""
        ...

    async def load(self, package: PackageId, /) -> Stored | None:
        """Give everything of one package, read at one moment."""
        ...

    async def change(self, package: PackageId, epoch: int, change: StateChange, /, *, told: Told = ()) -> None:
        """Change a package's state."""
        ...

    async def change_held(self, package: PackageId, epoch: int, change: StateChange, /, *, told: Told = ()) -> None:
        """Change a held package by a person's word, and raise its epoch: whoever worked on it before has lost it.

        Raises SluisError `state-conflict` when it is not held under this epoch any more; then nothing is changed.
        """
        ...

    async def stop(self, package: PackageId, epoch: int, change: StateChange, /, *, told: Told = ()) -> None:
        """Change a package of which nothing is sealed yet by a person's word or by time, and raise its epoch.

        Raises SluisError `state-conflict` when it is not incomplete, received or held under this epoch any more.
        """
        ...

    async def withdraw_deliveries(
        self, package: PackageId, epoch: int, recipients: Sequence[RecipientId], change: StateChange, /, *, told: Told
    ) -> None:
        """Take deliveries back that wait, here or at the postbus, all or none, and change the package with them.

        Raises SluisError `state-conflict` when one of them does not wait any more; then nothing is changed.
        """
        ...

    async def tell_hold(
        self, package: PackageId, epoch: int, stage: HoldStage, /, *, at: dt.datetime, told: Told
    ) -> None:
        """Note that people are told of a hold, and that its slip is due again. The hold is as old as before.

        Raises SluisError `state-conflict` when it is not held any more, or has come to this stage already.
        """
        ...

    async def due_holds(
        self, stage: HoldStage, /, *, since: dt.datetime, told: dt.datetime, now: dt.datetime
    ) -> Sequence[PackageRow]:
        """List holds in a stage, oldest first: held no later than `since`, told of no later than `told` or after now.

        Not all when there are many; the rest follows once these have moved on.
        """
        ...

    async def unfinished(self, *, since: dt.datetime) -> Sequence[PackageRow]:
        """List submissions, some at a time, that have waited for a document from before this moment on."""
        ...

    async def delayed(self) -> Sequence[Delayed]:
        """Count the deliveries that were tried in vain and are tried again, by channel and reason."""
        ...

    async def at_postbus(self) -> Sequence[PackageId]:
        """List packages, done or under way to others, with a parcel at the postbus of which no end is known."""
        ...

    async def mailed(self, name: str, /) -> PackageId | None:
        """Find the package of a mail that the next hop took and of which nothing more is known, by the mail's name.

        So is one that was given up while another copy of it may have arrived (`in_doubt`).
        """
        ...

    async def hold_counts(self) -> dict[HoldStage, int]:
        """Count the holds in each stage."""
        ...

    async def change_delivery(
        self, package: PackageId, epoch: int, change: DeliveryChange, /, *, told: Told = ()
    ) -> None:
        """Change a delivery, and with it perhaps the package."""
        ...

    def note_slip(self, told: PackageRow, /) -> None:
        """Note that the slip of a package as it stood lies in the outbox; durable soon, and nobody waits for it.

        A slip may be written twice. A package that was changed in the meantime still waits for the slip of that change.
        """
        ...

    async def page(
        self, *, state: PackageState | None, before: PackageId | None, person: PersonId | None, limit: int
    ) -> Sequence[PackageRow]:
        """List packages, newest first, from before an id on; of one person only when given."""
        ...

    async def take_over(self) -> Sequence[Waiting]:
        """Raise the epoch of every package that is not at its end, and list those to work on."""
        ...

    async def counts(self) -> dict[PackageState, int]:
        """Count the packages per state."""
        ...

    async def oldest_under_way(self) -> dt.datetime | None:
        """Tell when the oldest package came in that is being decided on or delivered; None when there is none."""
        ...

    async def lapsed(self, *, content_before: dt.datetime, record_before: dt.datetime) -> Sequence[PackageRow]:
        """List ended packages whose content or record has rested past its retention and still has its key."""
        ...

    async def forget(self, package: PackageId, /, *, content: bool, record: bool, told: Told = ()) -> None:
        """Destroy a package's keys and with them what they protect; the bare row stays."""
        ...

    async def history(self, question: HistoryQuestion, /) -> History:
        """Say what was sent before about a subject, and to some recipients at all; in the order of recipients."""
        ...

    async def forget_history(self, *, before: dt.datetime) -> None:
        """Forget what was sent longer ago."""
        ...

    async def keep_token(self, digest: str, /, *, person: PersonId, scopes: str, expires_at: dt.datetime) -> None:
        """Keep the digest of a token that was given out."""
        ...

    async def find_token(self, digest: str, /, *, at: dt.datetime) -> tuple[PersonId, str] | None:
        """Find whom a token speaks for, and its scopes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageKeys:
    """The two data keys of one package, in clear and wrapped by the site key."""

    content: bytes = field(repr=False)
    record: bytes = field(repr=False)
    wrapped_content: bytes = field(repr=False)
    wrapped_record: bytes = field(repr=False)


class PayloadSink(Protocol):
    """Encrypts one package's streams on their way in; `payloads` are those that it has taken so far."""

    payloads: list[Payload]

    def put(self, stream: str, chunks: Iterable[bytes], /) -> Payload:
        """Encrypt a whole stream. Raises SluisError `disk-full` or `spool-unavailable`; nothing is left then."""
        ...

    def abandon(self) -> None:
        """Remove what was taken for a package that was not accepted."""
        ...


class PackageContents(Contents, Protocol):
    """The plaintext of one package, also of streams that are no documents."""

    def open_stream(self, stream: str, /) -> ByteReader:
        """Open a stream by its name. Raises `payload-corrupt` when it is not there."""
        ...


class Vault(Protocol):
    """What the site key protects. An implementer promises: plaintext and keys stay in memory."""

    def new_keys(self, package: PackageId, /) -> PackageKeys:
        """Draw the keys of a new package."""
        ...

    def sink(self, package: PackageId, keys: PackageKeys, /) -> PayloadSink:
        """Give the place where a new package's bytes go."""
        ...

    def sink_of(self, row: PackageRow, /) -> PayloadSink:
        """Give the place where further bytes of a known package go."""
        ...

    def contents(self, row: PackageRow, payloads: Iterable[Payload], /) -> PackageContents:
        """Give access to a package's plaintext. Raises `payload-corrupt` when its key has been destroyed."""
        ...

    def digest(self, purpose: str, content: bytes, /) -> str:
        """Digest plaintext under the site's digest key."""
        ...

    def digest_stream(self, stream: str, chunks: Iterable[bytes], /) -> str:
        """Digest a stream exactly as a sink would, keeping nothing of it."""
        ...

    def seal_record(self, package: PackageId, keys: PackageKeys, record: bytes, /) -> bytes:
        """Encrypt the record of a new package."""
        ...

    def seal_record_of(self, row: PackageRow, record: bytes, /) -> bytes:
        """Encrypt a new record of a known package."""
        ...

    def open_record(self, row: PackageRow, /) -> bytes | None:
        """Decrypt a package's record; None when it has been destroyed."""
        ...


class Parcels(Protocol):
    """Keeps ciphertext between seal and courier."""

    def keep(self, parcel: SealedParcel, /) -> NewDelivery:
        """Make a parcel's ciphertext ready for the transaction that names it. Raises `disk-full`."""
        ...

    def restore(self, row: DeliveryRow, /, *, address: str) -> SealedParcel:
        """Give the parcel back to a courier, who checks that it is what was sealed."""
        ...


Handler = Callable[[PackageId], Awaitable[None]]


class Dispatcher(Protocol):
    """Calls a handler for each package that is due.

    An implementer promises: never two calls for one package at once, and none is forgotten; one sender's packages never
    keep those of all others waiting.
    """

    def submit(self, package: PackageId, /, *, sender: str = "", at: dt.datetime | None = None) -> None:
        """Ask for a package to be worked on, now or later; asking again brings the time forward.

        `sender` is whose it is; of a package that is waiting or being worked on it is known already.
        """
        ...

    async def run(self, handler: Handler, /) -> None:
        """Work until cancelled; a handler's failure is its own affair and never stops the others."""
        ...
