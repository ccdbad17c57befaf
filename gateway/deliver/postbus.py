"""The courier for the postbus: brings ciphertext to the pick-up service, then mails the link. Asks; is never asked.

Rules, in order:
1. HTTPS with a verified certificate, TLS 1.2 or newer, no redirect, no proxy; the token is shown to nobody else.
2. The parcel lies there whole before the link is mailed, and the service's own report says so: an answer that is not
   understood is none. Bringing it twice changes nothing there.
3. The service gets ciphertext and its description. The mail gets the link and no name, number or code; the code goes
   by another road, and never passes here.
4. The link goes out under a deterministic Message-ID, so that one that had to be sent again is recognised.
"""

import asyncio
import base64
import datetime as dt
import hashlib
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from gateway.deliver.envelope import check_mailbox, result_of_message
from gateway.deliver.notice_mail import NoticeMail, NoticeMailer
from gateway.deliver.port import Lies, Standing
from gateway.deliver.tls import harden
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.pickup import PickUp
from gateway.package.states import Channel, Language, SealedParcel

TEMPLATE: Final = "postbus-mail.txt.j2"
_TAKEN = frozenset({200, 201})
_REFUSED = frozenset({409, 413, 422})
_DELIVERED = DeliveryResult(outcome=DeliveryOutcome.DELIVERED)
_UNREACHABLE = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.POSTBUS_UNREACHABLE)
_LINES: Final = 2

Render = Callable[[Language, Mapping[str, object]], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostbusSettings:
    """Where the service is: for recipients (`url`), and for us (`push_url`); its certificate is always verified."""

    url: str
    push_url: str
    ca_file: Path | None
    token: str = field(repr=False)
    timeout_seconds: float


class _Report(BaseModel):
    """What the service says of a parcel; anything else is no answer."""

    model_config = ConfigDict(extra="forbid", strict=True)

    ended: str
    opened: bool
    wrong: int
    receipts: list[str]
    sha256: str


class PostbusCourier:
    """Implements the ports `Courier` and `Pickups`. Raises SluisError `setting-invalid` for a CA file of no use.

    `render` writes the mail: its first line is the subject, the second is empty.
    """

    def __init__(
        self, *, settings: PostbusSettings, mailer: NoticeMailer, render: Render, now: Callable[[], dt.datetime]
    ) -> None:
        self._settings = settings
        self._mailer = mailer
        self._render = render
        self._now = now
        try:
            context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        except OSError as error:
            raise SluisError(Code.SETTING_INVALID, where="postbus.caFile") from error
        self._client = httpx.AsyncClient(
            base_url=settings.push_url,
            verify=harden(context),
            headers={"Authorization": f"Bearer {settings.token}"},
            timeout=settings.timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.POSTBUS

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port. Raises SluisError `payload-corrupt` when the ciphertext is not what was sealed."""
        if parcel.pickup is None:
            raise SluisError(Code.PAYLOAD_CORRUPT, where="postbus")
        try:
            check_mailbox(parcel.address)
        except SluisError as error:
            return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=error.code)
        await asyncio.to_thread(_require_as_sealed, parcel)
        try:
            status = await self._bring(parcel)
            if status in _REFUSED:
                return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.POSTBUS_REFUSED, status=status)
            if status not in _TAKEN:
                return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.POSTBUS_UNREACHABLE, status=status)
            found = await self._report(parcel.name)
        except (SluisError, httpx.HTTPError):
            return _UNREACHABLE
        if found is None or found.sha256 != parcel.ciphertext.sha256:
            return _UNREACHABLE
        return await self._announce(parcel.name, address=parcel.address, pickup=parcel.pickup)

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port: a receipt proves it; whether the link's mail has come can not be asked."""
        try:
            found = await self._report(parcel.name)
        except SluisError:
            return None
        return _DELIVERED if found is not None and found.receipts else None

    async def check(self) -> None:
        """See the port. Raises SluisError `postbus-unreachable`."""
        answer = await self._ask("GET", "/v1")
        if answer.status_code != httpx.codes.OK or "sluis-pickup/1" not in answer.text:
            raise SluisError(Code.POSTBUS_UNREACHABLE, where="postbus.pushUrl")

    async def aclose(self) -> None:
        """See the port."""
        await self._client.aclose()

    # ---- the port `Pickups` ------------------------------------------------------------------------------------

    async def standing(self, parcel: str, /) -> Standing:
        """See the port."""
        found = await self._report(parcel)
        if found is None:
            # It was brought, and is kept for weeks after its end: whoever runs the service took it away.
            return Standing(lies=Lies.EXPIRED, opened=True, receipts=0)
        try:
            lies = Lies(found.ended or Lies.WAITING)
        except ValueError as error:
            raise SluisError(Code.POSTBUS_UNREACHABLE, where="postbus.pushUrl") from error
        return Standing(lies=lies, opened=found.opened, receipts=len(found.receipts))

    async def recall(self, parcel: str, /) -> bool:
        """See the port."""
        answer = await self._ask("DELETE", f"/v1/parcels/{parcel}")
        if answer.status_code == httpx.codes.NO_CONTENT:
            return True
        if answer.status_code == httpx.codes.CONFLICT or _is_not_there(answer):
            return False
        raise SluisError(Code.POSTBUS_UNREACHABLE, where="postbus.pushUrl")

    async def remind(self, parcel: str, /, *, address: str, pickup: PickUp) -> bool:
        """See the port."""
        result = await self._announce(parcel, address=address, pickup=pickup, reminder=True)
        return result.outcome is not DeliveryOutcome.TRANSIENT

    # ---- shared ------------------------------------------------------------------------------------------------

    async def _bring(self, parcel: SealedParcel) -> int:
        headers = {
            "Sluis-Description": base64.b64encode(parcel.manifest).decode("ascii"),
            "Content-Length": str(parcel.ciphertext.size),
        }
        content = _in_threads(parcel)
        answer = await self._client.put(f"/v1/parcels/{parcel.name}", headers=headers, content=content)
        return answer.status_code

    async def _report(self, parcel: str) -> _Report | None:
        """Ask how a parcel stands; None when it is not there. Raises SluisError `postbus-unreachable`."""
        answer = await self._ask("GET", f"/v1/parcels/{parcel}")
        if _is_not_there(answer):
            return None
        try:
            if answer.status_code == httpx.codes.OK:
                return _Report.model_validate_json(answer.content)
        except ValidationError as error:
            raise SluisError(Code.POSTBUS_UNREACHABLE, where="postbus.pushUrl") from error
        raise SluisError(Code.POSTBUS_UNREACHABLE, where="postbus.pushUrl")

    async def _ask(self, method: str, path: str) -> httpx.Response:
        try:
            return await self._client.request(method, path)
        except httpx.HTTPError as error:
            raise SluisError(Code.POSTBUS_UNREACHABLE, where="postbus.pushUrl") from error

    async def _announce(self, parcel: str, *, address: str, pickup: PickUp, reminder: bool = False) -> DeliveryResult:
        """Mail the link to the recipient."""
        language = Language(pickup.language)
        link = f"{self._settings.url}/{language.value}/{parcel}#{pickup.fragment()}"
        context = {
            "link": link,
            "until": pickup.until.date(),
            "reference": pickup.reference,
            "reminder": reminder,
        }
        written = self._render(language, context)
        subject, _, text = written.split("\n", _LINES)
        status = await self._mailer.deliver(
            NoticeMail(
                address=address,
                mark=f"postbus-{_mark(parcel, reminder=reminder)}",
                subject=subject,
                text=text,
                at=self._now(),
            )
        )
        return _mailed(status)


def _is_not_there(answer: httpx.Response) -> bool:
    """Tell whether the service itself says so: of another server's 404 a parcel is not gone."""
    return answer.status_code == httpx.codes.NOT_FOUND and answer.text == "unknown"


def _mailed(status: int | None) -> DeliveryResult:
    """Say what the mail server's answer to the link means for the delivery."""
    if status is None:
        return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_UNREACHABLE)
    return result_of_message(status)


def _mark(parcel: str, *, reminder: bool) -> str:
    """Name the one mail about a parcel, or its reminder, without its id: mail servers log Message-IDs."""
    return hashlib.sha256(f"{parcel} {reminder}".encode()).hexdigest()[:32]


def _require_as_sealed(parcel: SealedParcel) -> None:
    """Compare what rests in the spool with what was sealed. Raises SluisError `payload-corrupt`."""
    digest, size = hashlib.sha256(), 0
    for piece in parcel.ciphertext.chunks():
        digest.update(piece)
        size += len(piece)
    if (size, digest.hexdigest()) != (parcel.ciphertext.size, parcel.ciphertext.sha256):
        raise SluisError(Code.PAYLOAD_CORRUPT, where="postbus")


async def _in_threads(parcel: SealedParcel) -> AsyncIterator[bytes]:
    """Read the ciphertext away from the event loop, a piece at a time."""
    pieces = parcel.ciphertext.chunks()
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece
