"""The bodies of keys: what is asked about a recipient's key, and how one is shown."""

import base64
import binascii
import datetime as dt
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from gateway.entrypoints.api.schemas import Body
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import PINNED_KEY, SLUG, Fingerprint
from gateway.package.key_views import KeyImport, KeyView, PseudonymKeyView, RecipientTest, Rotation

RecipientName = Annotated[str, StringConstraints(pattern=SLUG)]
FingerprintText = Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{40}$")]
KeyText = Annotated[str, StringConstraints(pattern=PINNED_KEY)]
Words = Annotated[str, StringConstraints(min_length=3, max_length=500, pattern=r"^[^\u0000-\u001f\u007f]*$")]


class _Asked(Body):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


class KeyImportRequest(_Asked):
    """A file with a recipient's public key or certificate, in base64; `fingerprint` says which one of several.

    With an `address` only a key counts that bears it.
    """

    recipient: RecipientName
    source: Words
    # Its length is bounded by that of a body, and then by that of a key file.
    content: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
    fingerprint: KeyText | None = None
    address: Annotated[str, StringConstraints(max_length=320, pattern=r"^[!-~]*$")] = ""

    def brought(self) -> KeyImport:
        """Give what was brought. Raises SluisError `request-invalid`."""
        try:
            content = base64.b64decode(self.content, validate=True)
        except binascii.Error as error:
            fault = ("content", "base64")
            raise SluisError(Code.REQUEST_INVALID, where="body", faults=(fault,)) from error
        fingerprint = Fingerprint(self.fingerprint) if self.fingerprint else None
        return KeyImport(
            recipient=self.recipient, content=content, source=self.source, fingerprint=fingerprint, address=self.address
        )


class KeyTrustRequest(_Asked):
    """Which key is trusted, and how it was verified that it is the recipient's own."""

    recipient: RecipientName
    fingerprint: KeyText
    how: Words


class KeyRetirementRequest(_Asked):
    """Which key is retired; `leave_without` also when it is the only one of a channel."""

    recipient: RecipientName
    fingerprint: KeyText
    leave_without: bool = False


class KeyRotationRequest(_Asked):
    """From which day on the next own key signs, in 30 days when it is not said; or that the rotation is finished."""

    starts: Annotated[dt.date | None, Field(strict=False)] = None
    finish: bool = False


class PseudonymKeyRequest(_Asked):
    """That another key is wanted for the pseudonyms of the audit log; `again` also within 30 days of the last one."""

    again: bool = False


class PseudonymKeyBody(Body):
    """The number of the key that was drawn, and its file below the site. It takes over at the next start."""

    key: str
    file: str


class KeyRotationBody(Body):
    """The own signing key before and after, and the files that recipients get, below the site."""

    before: FingerprintText
    after: FingerprintText
    starts: dt.date
    files: list[str]
    done: bool


class RecipientTestBody(Body):
    """A test that was sent; `reference` is the number that the recipient must see, `code` what went wrong."""

    recipient: str
    channel: str
    reference: str
    keys: list[KeyText]
    signed_by: KeyText
    outcome: DeliveryOutcome
    code: str


class KeyBody(Body):
    """A public key; `recipient` is empty for the gateway's own. `channels` are those for which it is encrypted to."""

    recipient: str
    fingerprint: KeyText
    type: str
    state: Literal["proposed", "trusted", "retired"]
    health: KeyHealth
    channels: list[str]
    algorithm: str
    bits: int
    expires: dt.datetime | None
    days_left: int | None
    small: bool
    addresses: list[str]
    names_another: Annotated[bool, Field(description="It bears mail addresses, and none in a domain of the recipient")]
    source: str
    how: str
    imported_by: str
    imported_at: dt.datetime | None
    renewed_by: Annotated[str, Field(description="Who brought a newer copy of it last")]
    renewed_at: dt.datetime | None
    renewed_source: str
    verified_by: str
    verified_at: dt.datetime | None
    retired_by: str
    retired_at: dt.datetime | None
    waits_for: Literal["", "trust", "retire"]
    asked_by: str
    record_differs: Annotated[bool, Field(description="Its record says something else than the rules in force")]


class BroughtKeyBody(KeyBody):
    """A key that was brought; `changed` is false when it was there already, just as it came."""

    changed: bool


class KeyList(Body):
    """Every public key, the gateway's own first."""

    keys: list[KeyBody]


def render_key(view: KeyView) -> KeyBody:
    """Write one key."""
    return KeyBody.model_validate(_members(view))


def render_brought(view: KeyView, *, changed: bool) -> BroughtKeyBody:
    """Write a key that was brought."""
    return BroughtKeyBody.model_validate(_members(view) | {"changed": changed})


def _members(view: KeyView) -> dict[str, object]:
    return {
        "recipient": view.recipient,
        "fingerprint": view.fingerprint,
        "type": view.type,
        "state": view.state,
        "health": view.health,
        "channels": list(view.channels),
        "algorithm": view.algorithm,
        "bits": view.bits,
        "expires": view.expires,
        "days_left": view.days_left,
        "small": view.small,
        "addresses": list(view.addresses),
        "names_another": view.names_another,
        "source": view.source,
        "how": view.how,
        "imported_by": view.imported_by,
        "imported_at": view.imported_at,
        "renewed_by": view.renewed_by,
        "renewed_at": view.renewed_at,
        "renewed_source": view.renewed_source,
        "verified_by": view.verified_by,
        "verified_at": view.verified_at,
        "retired_by": view.retired_by,
        "retired_at": view.retired_at,
        "waits_for": view.waits_for,
        "asked_by": view.asked_by,
        "record_differs": view.differs() and not view.waits_for,
    }


def render_pseudonym_key(drawn: PseudonymKeyView) -> PseudonymKeyBody:
    """Write a key of the pseudonyms that was drawn."""
    return PseudonymKeyBody(key=drawn.key, file=drawn.file)


def render_rotation(rotation: Rotation) -> KeyRotationBody:
    """Write a rotation."""
    return KeyRotationBody(
        before=rotation.before,
        after=rotation.after,
        starts=rotation.starts,
        files=list(rotation.files),
        done=rotation.done,
    )


def render_test(test: RecipientTest) -> RecipientTestBody:
    """Write a test of a recipient."""
    return RecipientTestBody(
        recipient=test.recipient,
        channel=test.channel,
        reference=test.reference,
        keys=list(test.keys),
        signed_by=test.signed_by,
        outcome=DeliveryOutcome(test.outcome),
        code=test.code,
    )
