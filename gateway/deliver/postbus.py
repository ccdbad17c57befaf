"""The courier for the postbus: brings ciphertext to the pick-up service, then mails the link. Asks; is never asked.

Rules, in order:
1. The connection, and why there is none, is `gateway.deliver.postbus_connection`'s. The service is asked after the
   parcel before that is brought, so that one that does not admit us, or is another one, gets no byte of it, and one
   where it lies already, after an attempt whose mail did not go, does not get it again.
2. The parcel lies there whole before the link is mailed, and the service's own report says so: an answer that is not
   understood is none. Bringing it twice changes nothing there.
3. The service gets ciphertext and its description. The mail gets the link and no name, number or code; the code goes
   by another road, and never passes here.
4. The link goes out under a deterministic Message-ID, so that one that had to be sent again is recognised, and within
   what the receiving domain gets of all our mail.
"""

import asyncio
import base64
import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Final

import httpx
from pydantic import ValidationError

from gateway.deliver.domain_limits import DomainLimitError, DomainLimits
from gateway.deliver.envelope import check_mailbox, result_of_message
from gateway.deliver.notice_mail import NoticeMail, NoticeMailer
from gateway.deliver.port import Lies, Standing
from gateway.deliver.postbus_connection import PostbusConnection, PostbusSettings, Report, fault_of_status
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.pickup import PickUp
from gateway.package.states import Channel, Language, SealedParcel

TEMPLATE: Final = "postbus-mail.txt.j2"
__all__ = ["PostbusCourier", "PostbusSettings"]

_TAKEN = frozenset({200, 201})
_REFUSED = frozenset({409, 413, 422})
_DELIVERED = DeliveryResult(outcome=DeliveryOutcome.DELIVERED)
_LINES: Final = 2

Render = Callable[[Language, Mapping[str, object]], str]


class PostbusCourier:
    """Implements the ports `Courier` and `Pickups`. Raises SluisError `setting-invalid` for files of no use.

    `render` writes the mail: its first line is the subject, the second is empty. `domains` are the limits of all mail.
    """

    def __init__(
        self,
        *,
        settings: PostbusSettings,
        mailer: NoticeMailer,
        domains: DomainLimits,
        render: Render,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._settings = settings
        self._mailer = mailer
        self._domains = domains
        self._render = render
        self._now = now
        self._service = PostbusConnection(settings)

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
            if failed := await self._see_to_it(parcel):
                return failed
        except SluisError as error:
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=error.code.value)
        return await self._announce(parcel.name, address=parcel.address, pickup=parcel.pickup)

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port: a receipt proves it; whether the link's mail has come can not be asked."""
        try:
            found = await self._report(parcel.name)
        except SluisError:
            return None
        return _DELIVERED if found is not None and found.receipts else None

    async def check(self) -> None:
        """See the port. Raises SluisError, one of `POSTBUS_FAULTS`."""
        answer = await self._service.ask("GET", "/v1")
        if answer.status_code != httpx.codes.OK or "sluis-pickup/1" not in answer.text:
            raise SluisError(fault_of_status(answer.status_code), where="postbus.pushUrl")

    async def aclose(self) -> None:
        """See the port."""
        await self._service.aclose()

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
            raise SluisError(Code.POSTBUS_NOT_AS_AGREED, where="postbus.pushUrl") from error
        return Standing(lies=lies, opened=found.opened, receipts=len(found.receipts), wrong=found.wrong)

    async def recall(self, parcel: str, /) -> bool:
        """See the port."""
        answer = await self._service.ask("DELETE", f"/v1/parcels/{parcel}")
        if answer.status_code == httpx.codes.NO_CONTENT:
            return True
        if answer.status_code == httpx.codes.CONFLICT or _is_not_there(answer):
            return False
        raise SluisError(fault_of_status(answer.status_code), where="postbus.pushUrl")

    async def remind(self, parcel: str, /, *, address: str, pickup: PickUp) -> bool:
        """See the port."""
        result = await self._announce(parcel, address=address, pickup=pickup, reminder=True)
        return result.outcome is not DeliveryOutcome.TRANSIENT

    # ---- shared ------------------------------------------------------------------------------------------------

    async def _see_to_it(self, parcel: SealedParcel) -> DeliveryResult | None:
        """Have a parcel lie there whole; give why it does not. Raises SluisError, one of `POSTBUS_FAULTS`."""
        if await self._lies_there(parcel):
            return None
        status = await self._bring(parcel)
        if status in _REFUSED:
            return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=Code.POSTBUS_REFUSED, status=status)
        if status not in _TAKEN:
            fault = fault_of_status(status).value
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=fault, status=status)
        if not await self._lies_there(parcel):
            raise SluisError(Code.POSTBUS_NOT_AS_AGREED)
        return None

    async def _lies_there(self, parcel: SealedParcel) -> bool:
        found = await self._report(parcel.name)
        return found is not None and found.sha256 == parcel.ciphertext.sha256

    async def _bring(self, parcel: SealedParcel) -> int:
        headers = {
            "Sluis-Description": base64.b64encode(parcel.manifest).decode("ascii"),
            "Content-Length": str(parcel.ciphertext.size),
        }
        if parcel.traceparent:
            headers["traceparent"] = parcel.traceparent
        content = _in_threads(parcel)
        answer = await self._service.ask("PUT", f"/v1/parcels/{parcel.name}", headers=headers, content=content)
        return answer.status_code

    async def _report(self, parcel: str) -> Report | None:
        """Ask how a parcel stands; None when it is not there. Raises SluisError, one of `POSTBUS_FAULTS`."""
        answer = await self._service.ask("GET", f"/v1/parcels/{parcel}")
        if _is_not_there(answer):
            return None
        if answer.status_code != httpx.codes.OK:
            raise SluisError(fault_of_status(answer.status_code), where="postbus.pushUrl")
        try:
            return Report.model_validate_json(answer.content)
        except ValidationError as error:
            raise SluisError(Code.POSTBUS_NOT_AS_AGREED, where="postbus.pushUrl") from error

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
        mail = NoticeMail(
            address=address,
            mark=f"postbus-{_mark(parcel, reminder=reminder)}",
            subject=subject,
            text=text,
            at=self._now(),
        )
        try:
            async with self._domains.turn(address):
                return _mailed(await self._mailer.deliver(mail))
        except DomainLimitError:
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_DOMAIN_LIMIT)


def _is_not_there(answer: httpx.Response) -> bool:
    """Tell whether the service itself says so: of another server's 404 a parcel is not gone."""
    return answer.status_code == httpx.codes.NOT_FOUND and answer.text == "unknown"


def _mailed(status: int | None) -> DeliveryResult:
    """Say what the mail server's answer to the link means for the delivery."""
    if status is None:
        return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=Code.MAIL_UNREACHABLE)
    result = result_of_message(status)
    in_doubt = result.outcome is DeliveryOutcome.UNCERTAIN
    return replace(result, code=Code.POSTBUS_OUTCOME_UNKNOWN.value) if in_doubt else result


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
