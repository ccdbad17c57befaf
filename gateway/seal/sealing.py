"""The stage that ends plaintext: each parcel becomes ciphertext for exactly its recipient, or nothing goes.

In order, for every parcel:
1. The letter is written; it says what is in the parcel and, where policy allows, what was left out. The data are
   written once more as a table for people.
2. Secure mail becomes one PGP/MIME or S/MIME message under a deterministic Message-ID, so that a mail that had to be
   sent again is recognised. A file drop becomes one encrypted tar with a signed manifest. Which of the containers it
   is, the kind of the recipient's pinned keys says. The chain facility gets the same tar, signed and encrypted by
   JOSE. The postbus becomes one zip, encrypted under a secret and a code that are drawn here (`gateway.seal.pickup`).
3. All or none: when one parcel fails, the files made for the others are removed and the error goes on.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from gateway.package.errors import Code, SluisError
from gateway.package.ids import JOSE, KeyKind, PackageId, RecipientId, short_id
from gateway.package.labels import NO_LABELS, Labels
from gateway.package.pickup import PARCEL_ID_CHARACTERS, ParcelDescription, PickUp
from gateway.package.states import (
    Channel,
    Ciphertext,
    Language,
    Minimised,
    Outcome,
    Parcel,
    ParcelDocument,
    RecipientDecision,
    Sealed,
    SealedParcel,
)
from gateway.seal.chain_port import ChainSealer
from gateway.seal.ciphertexts import BytesCiphertext
from gateway.seal.container import Entry, document_pieces, manifest_of, tar_pieces
from gateway.seal.engines import common_kind
from gateway.seal.letter import NumberedDocument, letter_context, numbered_documents
from gateway.seal.mime import Attachment, Envelope, inner_entity, outer_message
from gateway.seal.pickup import SALT_BYTES, derive, encrypted_pieces, new_code, new_secret
from gateway.seal.port import LetterWriter, Sealer
from gateway.seal.readable import readable_records
from gateway.seal.smime import smime_message
from gateway.seal.zipping import letter_page, zip_pieces

LETTER_TEMPLATE = "letter.txt.j2"
DATA_TEMPLATE = "data.html.j2"
_MEDIA_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8"}
_SUBJECTS = MappingProxyType(
    {Language.NL: "Gegevens over een persoon, kenmerk {id}", Language.EN: "Data about a person, reference {id}"}
)
_ENDINGS = MappingProxyType(
    {KeyKind.OPENPGP: "pgp", KeyKind.OPENPGP_V6: "pgp", KeyKind.X509: "p7m", KeyKind.AGE: "age"}
)
_IN_MEMORY = 1024 * 1024
_NAME_BYTES = 16
_BOUNDARY_BYTES = 18
_SHORTEST_KEY = 32
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Land = Callable[[Iterable[bytes], Path], Ciphertext]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """What the site decides about its mail; sizes in bytes.

    An empty `from_address` means that this site sends no mail: that channel is then unavailable.
    `domain` ends the Message-IDs, `message_id_key` (32 bytes or more) makes them unguessable. `subjects` holds one
    for each language, with `{id}` for the package's short id; they travel encrypted. Raises SluisError
    `address-invalid` for what could break a header field, ValueError for a short key or a missing language.
    """

    from_address: str
    from_name: str
    domain: str
    message_id_key: bytes = field(repr=False)
    subjects: Mapping[Language, str] = field(default_factory=lambda: _SUBJECTS)
    max_mail_bytes: int = 25 * 1024 * 1024

    def __post_init__(self) -> None:
        if len(self.message_id_key) < _SHORTEST_KEY:
            raise ValueError(f"a key of at least {_SHORTEST_KEY} bytes expected")
        if set(self.subjects) != set(Language):
            raise ValueError("a subject for each language expected")
        for language in Language if self.from_address else ():
            self.envelope(to_address=self.from_address, date=_EPOCH, message_id=f"0@{self.domain}", language=language)

    def envelope(
        self, *, to_address: str, date: dt.datetime, message_id: str, language: Language, reference: str = ""
    ) -> Envelope:
        """Address one mail. Raises SluisError `address-invalid`."""
        return Envelope(
            from_address=self.from_address,
            from_name=self.from_name,
            to_address=to_address,
            date=date,
            message_id=message_id,
            subject=self.subjects[language].replace("{id}", reference),
        )

    def message_id(self, package: PackageId, recipient: RecipientId) -> str:
        """Name the one mail of this package to this recipient: the same each time, and telling nothing of either."""
        digest = hmac.new(self.message_id_key, f"{package}\x00{recipient}".encode(), hashlib.sha256)
        return f"{digest.hexdigest()[:40]}@{self.domain}"

    def parcel_id(self, package: PackageId, recipient: RecipientId) -> str:
        """Name the one parcel of this package for this recipient at the postbus, in the same way."""
        digest = hmac.new(self.message_id_key, f"postbus\x00{package}\x00{recipient}".encode(), hashlib.sha256)
        return digest.hexdigest()[:PARCEL_ID_CHARACTERS]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostbusTerms:
    """What the site decides about parcels at the postbus: how long each lies there, and how often it can be fetched.

    `land` writes ciphertext to a new file, whole or not at all. Raises SluisError `disk-full`, `seal-failed`.
    """

    lasting: dt.timedelta
    downloads: int
    land: Land


@runtime_checkable
class _OnDisk(Protocol):
    """Ciphertext in a file that nobody keeps yet."""

    def discard(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """One recipient's plaintext on its way into the engine."""

    package: PackageId
    parcel: Parcel
    letter: str = field(repr=False)
    readable: str | None = field(repr=False)
    documents: tuple[NumberedDocument, ...]

    def size(self) -> int:
        """Give the size in bytes of all of it, without what wraps it."""
        return (
            len(self.letter.encode("utf-8"))
            + sum(map(len, self.files().values()))
            + sum(each.document.size for each in self.documents)
        )

    def members(self) -> tuple[tuple[str, ParcelDocument], ...]:
        """Give the documents under their names in a container."""
        return tuple((f"documents/{each.name}", each.document) for each in self.documents)

    def files(self) -> dict[str, bytes]:
        """Give the files that are in memory already, by name."""
        readable = None if self.readable is None else self.readable.encode("utf-8")
        made = {"data.json": self.parcel.data, "data.html": readable, "left-out.json": self.parcel.left_out}
        return {name: content for name, content in made.items() if content is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealing:
    """One run of the stage: what it is given, once."""

    sealer: Sealer
    now: dt.datetime
    random: Callable[[int], bytes]
    staging: Path
    settings: MailSettings
    chain: ChainSealer | None
    postbus: PostbusTerms | None

    def seal(self, contents: _Contents) -> SealedParcel:
        """Seal one parcel by the channel that was decided."""
        recipient = contents.parcel.recipient
        if recipient.outcome is not Outcome.CLEARED:
            raise ValueError("only what was cleared is sealed")
        if not recipient.keys and recipient.channel is not Channel.POSTBUS:
            raise SluisError(Code.KEY_MISSING)
        match recipient.channel:
            case Channel.SECURE_MAIL:
                return self._mail(contents)
            case Channel.FILE_DROP:
                return self._drop(contents)
            case Channel.CHAIN_FACILITY:
                return self._chain(contents)
            case Channel.POSTBUS:
                return self._postbus(contents)
            case _:
                raise SluisError(Code.CHANNEL_UNAVAILABLE)

    def _mail(self, contents: _Contents) -> SealedParcel:
        recipient = contents.parcel.recipient
        if not self.settings.from_address:
            raise SluisError(Code.CHANNEL_UNAVAILABLE)
        message_id = self.settings.message_id(contents.package, recipient.recipient)
        envelope = self.settings.envelope(
            to_address=recipient.address,
            date=self.now,
            message_id=message_id,
            language=recipient.language,
            reference=short_id(contents.package),
        )
        kind = common_kind(recipient.keys)
        if kind is KeyKind.AGE:
            raise SluisError(Code.CHANNEL_UNAVAILABLE)
        # Base64 makes four bytes of three, in S/MIME twice; a mail that can not fit is not even read.
        self._require_fit(contents.size() * 16 // 9 if kind is KeyKind.X509 else contents.size() * 4 // 3)
        inner = inner_entity(
            envelope, letter=contents.letter, attachments=_attachments(contents), boundary=self._boundary()
        )
        armored = self.sealer.encrypt_bytes(inner, recipients=recipient.keys, armor=True)
        if kind is KeyKind.X509:
            message = smime_message(envelope, enveloped=armored)
        else:
            message = outer_message(envelope, armored=armored, boundary=self._boundary())
        self._require_fit(len(message))
        ciphertext = BytesCiphertext(message)
        return _sealed(contents, name=message_id, ciphertext=ciphertext, sealer=kind.value)

    def _drop(self, contents: _Contents) -> SealedParcel:
        recipient = contents.parcel.recipient
        kind = common_kind(recipient.keys)
        name = f"{contents.package}.{recipient.recipient}.tar.{_ENDINGS[kind]}"
        ciphertext = self._drop_file(contents)
        try:
            manifest = manifest_of(name=name, ciphertext=ciphertext, recipient=recipient.recipient, sealed_at=self.now)
            signature = self.sealer.sign_detached(manifest, readers=recipient.keys)
        except BaseException:
            _discard(ciphertext)
            raise
        return _sealed(
            contents,
            name=name,
            ciphertext=ciphertext,
            manifest=manifest,
            signature=signature,
            sealer=kind.value,
        )

    def _chain(self, contents: _Contents) -> SealedParcel:
        recipient = contents.parcel.recipient
        if self.chain is None:
            raise SluisError(Code.CHANNEL_UNAVAILABLE)
        if contents.size() > self.chain.max_bytes:
            raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": self.chain.max_bytes})
        with closing(_container(contents)) as pieces:
            ciphertext = BytesCiphertext(self.chain.seal(pieces, recipients=recipient.keys, address=recipient.address))
        name = self.chain.name_of(contents.package, recipient.recipient)
        return _sealed(contents, name=name, ciphertext=ciphertext, sealer=JOSE)

    def _drop_file(self, contents: _Contents) -> Ciphertext:
        keys = contents.parcel.recipient.keys
        with closing(_container(contents)) as pieces:
            if contents.size() <= _IN_MEMORY:
                plaintext = b"".join(pieces)
                return BytesCiphertext(self.sealer.encrypt_bytes(plaintext, recipients=keys, armor=False))
            output = self.staging / self.random(_NAME_BYTES).hex()
            return self.sealer.encrypt_stream(pieces, recipients=keys, output=output)

    def _postbus(self, contents: _Contents) -> SealedParcel:
        """Seal for whoever has the link and the code; both are drawn anew for each parcel."""
        if self.postbus is None:
            raise SluisError(Code.CHANNEL_UNAVAILABLE)
        recipient = contents.parcel.recipient
        name = self.settings.parcel_id(contents.package, recipient.recipient)
        pickup = PickUp(
            secret=new_secret(self.random),
            code=new_code(self.random),
            until=self.now + self.postbus.lasting,
            reference=short_id(contents.package),
            language=recipient.language.value,
        )
        derived = derive(secret=pickup.secret, code=pickup.code, parcel=name)
        ciphertext = self._postbus_file(contents, key=derived.content, land=self.postbus.land)
        description = ParcelDescription(
            file_name=f"sluis-{short_id(contents.package)}.zip",
            size=ciphertext.size,
            sha256=ciphertext.sha256,
            verifier=derived.verifier(),
            link_verifier=derived.link_verifier(),
            until=pickup.until,
            downloads=self.postbus.downloads,
        )
        sealed = _sealed(contents, name=name, ciphertext=ciphertext, manifest=description.as_json())
        return replace(sealed, pickup=pickup)

    def _postbus_file(self, contents: _Contents, *, key: bytes, land: Land) -> Ciphertext:
        letter, language = contents.letter, contents.parcel.recipient.language
        files = {
            "letter.html": letter_page(letter, language=language),
            # As Windows' own programs expect a text.
            "letter.txt": letter.replace("\n", "\r\n").encode("utf-8-sig"),
            **contents.files(),
        }
        with closing(zip_pieces(_entries(files), documents=contents.members())) as pieces:
            encrypted = encrypted_pieces(pieces, key=key, salt=self.random(SALT_BYTES))
            if contents.size() <= _IN_MEMORY:
                return BytesCiphertext(b"".join(encrypted))
            return land(encrypted, self.staging / self.random(_NAME_BYTES).hex())

    def _boundary(self) -> str:
        return self.random(_BOUNDARY_BYTES).hex()

    def _require_fit(self, size: int) -> None:
        if size > self.settings.max_mail_bytes:
            raise SluisError(Code.PACKAGE_TOO_LARGE, detail={"limit": self.settings.max_mail_bytes})


def seal(
    minimised: Minimised,
    *,
    sealer: Sealer,
    letters: LetterWriter,
    now: dt.datetime,
    random: Callable[[int], bytes],
    staging: Path,
    settings: MailSettings,
    chain: ChainSealer | None = None,
    postbus: PostbusTerms | None = None,
    labels: Labels = NO_LABELS,
) -> Sealed:
    """Encrypt every parcel for its recipient. Blocking; all parcels or none.

    Raises SluisError: `channel-unavailable`, `address-invalid`, `package-too-large` for mail and chain,
    `payload-corrupt` and what the engines raise (`key-…`, `signing-key-unusable`, `seal-failed`, `seal-timeout`,
    `disk-full`).
    """
    sealing = _Sealing(
        sealer=sealer, now=now, random=random, staging=staging, settings=settings, chain=chain, postbus=postbus
    )
    package = minimised.cleared.examined.package.id
    done: list[SealedParcel] = []
    try:
        for parcel in minimised.parcels:
            documents = numbered_documents(parcel)
            context = letter_context(minimised, parcel, documents=documents, labels=labels)
            letter = letters.render(LETTER_TEMPLATE, language=parcel.recipient.language, context=context)
            readable = _readable(parcel, letters, package=package, labels=labels)
            contents = _Contents(package=package, parcel=parcel, letter=letter, readable=readable, documents=documents)
            done.append(sealing.seal(contents))
    except BaseException:
        for each in done:
            _discard(each.ciphertext)
        raise
    return Sealed(id=package, parcels=tuple(done))


def _readable(parcel: Parcel, letters: LetterWriter, *, package: PackageId, labels: Labels) -> str | None:
    """Write the data as a table for people; nothing where no data go."""
    if parcel.data is None:
        return None
    language = parcel.recipient.language
    records = readable_records(parcel.data, labels=labels, language=language)
    return letters.render(DATA_TEMPLATE, language=language, context={"package_id": package, "records": records})


def seal_letter(
    recipient: RecipientDecision,
    letter: str,
    /,
    *,
    package: PackageId,
    sealer: Sealer,
    now: dt.datetime,
    random: Callable[[int], bytes],
    staging: Path,
    settings: MailSettings,
    chain: ChainSealer | None = None,
) -> SealedParcel:
    """Encrypt a letter alone, without data about anybody, as a parcel for its recipient. Raises as `seal`."""
    sealing = _Sealing(
        sealer=sealer, now=now, random=random, staging=staging, settings=settings, chain=chain, postbus=None
    )
    parcel = Parcel(recipient=recipient, data=None, left_out=None, documents=())
    return sealing.seal(_Contents(package=package, parcel=parcel, letter=letter, readable=None, documents=()))


def _container(contents: _Contents) -> Generator[bytes, None, None]:
    """Give the one tar of everything that a recipient gets."""
    files = {"letter.txt": contents.letter.encode("utf-8"), **contents.files()}
    return tar_pieces(_entries(files), documents=contents.members())


def _entries(files: Mapping[str, bytes]) -> tuple[Entry, ...]:
    return tuple(Entry(name=name, content=content) for name, content in files.items())


def _attachments(contents: _Contents) -> tuple[Attachment, ...]:
    files = [
        Attachment(name=name, media_type=_MEDIA_TYPES[name.rpartition(".")[2]], content=content)
        for name, content in contents.files().items()
    ]
    documents = [
        Attachment(
            name=each.name, media_type=each.document.media_type, content=b"".join(document_pieces(each.document))
        )
        for each in contents.documents
    ]
    return (*files, *documents)


def _sealed(
    contents: _Contents,
    *,
    name: str,
    ciphertext: Ciphertext,
    manifest: bytes = b"",
    signature: bytes = b"",
    sealer: str = "",
) -> SealedParcel:
    recipient = contents.parcel.recipient
    if recipient.channel is None:
        raise ValueError("what was cleared has a channel")
    return SealedParcel(
        recipient=recipient.recipient,
        channel=recipient.channel,
        address=recipient.address,
        name=name,
        ciphertext=ciphertext,
        manifest=manifest,
        signature=signature,
        sealer=sealer,
    )


def _discard(ciphertext: Ciphertext) -> None:
    if isinstance(ciphertext, _OnDisk):
        ciphertext.discard()
