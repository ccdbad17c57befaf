"""Makes minimised packages for tests: everything that a test does not name is ordinary and fine."""

import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.package.ids import Fingerprint, PackageId, PersonId, RecipientId
from gateway.package.manifest import Category, Manifest
from gateway.package.states import (
    Channel,
    Cleared,
    Decision,
    DocumentVerdict,
    Evidence,
    Examined,
    FieldVerdict,
    Language,
    Minimised,
    Outcome,
    Package,
    Parcel,
    ParcelDocument,
    Reason,
    RecipientDecision,
    RecipientKind,
    Source,
    Submitter,
    Verdict,
)
from gateway.seal.sealing import MailSettings

NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)
PACKAGE = PackageId("0199f3a0-0000-7000-8000-0123456789ab")
KEY = Fingerprint("A" * 40)
SETTINGS = MailSettings(
    from_address="sluis@afzender.example",
    from_name="Sluis DT&V",
    domain="afzender.example",
    message_id_key=bytes(range(32)),
)
RELEASED = Reason(rule_id="release", en="Permitted.", nl="Toegestaan.")
STRIPPED = Reason(rule_id="not-permitted", en="Not permitted.", nl="Niet toegestaan.")


class Reader(io.BytesIO):
    """A document's bytes, as the spool gives them."""


@dataclass
class File:
    """A document in memory that counts how often it is open."""

    content: bytes
    opened: list[Reader] = field(default_factory=list)

    def open(self) -> Reader:
        self.opened.append(Reader(self.content))
        return self.opened[-1]


def document(
    name: str = "verslag.txt", content: bytes = b"verslag", *, media_type: str = "text/plain", size: int | None = None
) -> ParcelDocument:
    said = len(content) if size is None else size
    return ParcelDocument(name=name, media_type=media_type, size=said, open=File(content).open)


def parcel(
    recipient: str = "gemeente-voorbeeld",
    *,
    channel: Channel | None = Channel.SECURE_MAIL,
    language: Language = Language.NL,
    address: str = "post@gemeente.example",
    keys: tuple[Fingerprint, ...] = (KEY,),
    outcome: Outcome = Outcome.CLEARED,
    tell_left_out: bool = True,
    data: bytes | None = b'{"name": "A. Voorbeeld"}',
    left_out: bytes | None = b'[{"path": "bsn"}]',
    documents: tuple[ParcelDocument, ...] = (),
    verdicts: tuple[DocumentVerdict, ...] | None = None,
) -> Parcel:
    decided = tuple(
        DocumentVerdict(number=number, kind="report", verdict=Verdict.RELEASE, reason=RELEASED)
        for number in range(1, len(documents) + 1)
    )
    decision = RecipientDecision(
        recipient=RecipientId(recipient),
        name="J. de Vries",
        organisation="Gemeente Voorbeeld",
        kind=RecipientKind.MUNICIPALITY,
        language=language,
        outcome=outcome,
        channel=channel,
        address=address,
        keys=keys,
        tell_left_out=tell_left_out,
        fields=(
            FieldVerdict(path="name", verdict=Verdict.RELEASE, reason=RELEASED),
            FieldVerdict(path="bsn", verdict=Verdict.STRIP, reason=STRIPPED, category=Category.ORDINARY),
        ),
        documents=decided if verdicts is None else verdicts,
    )
    return Parcel(recipient=decision, data=data, left_out=left_out, documents=documents)


def minimised(*parcels: Parcel, request: Mapping[str, object] | None = None) -> Minimised:
    manifest = Manifest.model_validate_json(_MANIFEST % (b"null" if request is None else b'{"reference": "Z-1"}'))
    package = Package(
        id=PACKAGE,
        source=Source.API,
        submitter=Submitter(person=PersonId("jan"), organisation="DT&V", roles=("caseworker",)),
        received_at=NOW,
        manifest=manifest,
        documents=(),
    )
    evidence = Evidence(
        today=NOW.date(), youngest=30, oldest=30, keys={}, documents={}, open_channels=frozenset(Channel), data=None
    )
    decision = Decision(
        outcome=Outcome.CLEARED,
        recipients=tuple(each.recipient for each in parcels),
        policy_digest="0" * 64,
        decided_at=NOW,
    )
    cleared = Cleared(examined=Examined(package=package, evidence=evidence), decision=decision)
    return Minimised(cleared=cleared, parcels=parcels)


_MANIFEST = b"""{
  "format": "sluis-package/1",
  "recipients": ["gemeente-voorbeeld"],
  "purpose": "return-support",
  "sender": {"organisation": "DT&V", "name": "Jan", "unit": "Team Noord"},
  "subject": {"name": "A. Voorbeeld"},
  "request": %s
}"""
