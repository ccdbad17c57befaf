"""The courier for the chain facility (BVV): HTTPS with mutual TLS, after the Digikoppeling REST profile.

    POST URL/deliveries          the sealed parcel, as `application/jose`; 201 (taken) or 200 (had it) with a receipt
    GET  URL/deliveries/KEY      asks after an earlier attempt; 200 with a receipt, or 404

Rules, in order:
1. The address is an OIN, and the site's settings say at which URL that organisation listens. Only what the other side
   proves in TLS makes it that organisation (`chain_trust`, `chain_connection`).
2. Each request has a UUIDv7 of its own in `Fsc-Transaction-Id`, and is in the transaction log before it goes.
   `traceparent` (W3C) is the package's trace and the attempt's span, `Idempotency-Key` the delivery's name.
3. Ciphertext is compared with what was sealed before a byte of it goes.
4. Delivered is what a receipt says (`chain_receipt`). A success without one leaves the outcome unknown.
5. A failure of the far side is a result. What its sentences say stays with it: they may quote anything.

What a status means: 409 (it still works on an earlier copy) and a failing server leave the outcome unknown, and it is
asked. 408, 425, 429 and 503 say that nothing was taken: later again. 401, 403, 404, 405, 407 and a redirect are about
how the two sides are set up, not about the parcel: again, until an administrator has mended it. Any other 4xx
is about the parcel, which stays as it is: for good.
"""

import asyncio
import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gateway.deliver.chain_connection import Answer, ChainError, Request, ask
from gateway.deliver.chain_log import Transaction, TransactionLog
from gateway.deliver.chain_receipt import Expected, NoReceiptError, verify
from gateway.deliver.chain_trust import ChainTrust
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.errors import Code, SluisError
from gateway.package.ids import new_uuid7
from gateway.package.oin import Oin, parse_oin
from gateway.package.states import Channel, Ciphertext, SealedParcel

_NAME = re.compile(r"[0-9a-f]{40}\Z")
_NOBODYS_NAME: Final = "0" * 40
_MEDIA_TYPE: Final = "application/jose"
_NOT_FOUND: Final = 404
_LATER: Final = frozenset({408, 425, 429, 503})
_SET_UP: Final = frozenset({401, 403, 404, 405, 407})
_UNKNOWN: Final = frozenset({409})
_ABSENT = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT)
_NO_RECEIPT = DeliveryResult(outcome=DeliveryOutcome.UNCERTAIN, code=Code.CHAIN_RECEIPT_INVALID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainPeer:
    """A chain partner: where it listens, and what FSC's log says of the service there."""

    url: str
    service_name: str = ""
    grant_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainSettings:
    """Who we are and whom we know; durations in seconds."""

    own_oin: Oin
    peers: Mapping[Oin, ChainPeer]
    connections: int = 4
    connect_seconds: float = 20
    timeout_seconds: float = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What a request is about: a delivery by its name, digest and size."""

    name: str
    sha256: str = ""
    size: int = 0
    content: bytes = field(default=b"", repr=False)
    traceparent: str = ""

    @classmethod
    def of(cls, parcel: SealedParcel, content: bytes = b"") -> "_Sent":
        if not _NAME.match(parcel.name):
            raise ValueError("a parcel with a name for the chain facility expected")
        sealed = parcel.ciphertext
        return cls(
            name=parcel.name,
            sha256=sealed.sha256,
            size=sealed.size,
            content=content,
            traceparent=parcel.traceparent,
        )


class ChainCourier:
    """Implements the port `Courier` for the chain facility.

    `deliver` raises SluisError `payload-corrupt` when the ciphertext is not what was sealed; nothing has gone then.
    `probe` answers TRANSIENT without a code when the partner does not have the parcel: send it again.

    Args:
        settings: whom it may reach.
        trust: makes the TLS context of each connection.
        log: holds each request before it goes.
        now: the clock by which requests are named and logged.
        random: chance, for ids; as many bytes as it is asked for.
    """

    def __init__(
        self,
        *,
        settings: ChainSettings,
        trust: ChainTrust,
        log: TransactionLog,
        now: Callable[[], dt.datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._settings = settings
        self._trust = trust
        self._log = log
        self._now = now
        self._random = random
        self._places = asyncio.Semaphore(settings.connections)

    @property
    def channel(self) -> Channel:
        """See the port."""
        return Channel.CHAIN_FACILITY

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        """See the port."""
        async with self._places:
            content = await asyncio.to_thread(_whole, parcel.ciphertext)
            return await self._result("POST", parcel.address, _Sent.of(parcel, content), of=_of_post)

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        """See the port."""
        return await self._result("GET", parcel.address, _Sent.of(parcel), of=_of_get)

    async def check(self) -> None:
        """See the port: ask each partner after a delivery that nobody ever made."""
        for oin in sorted(self._settings.peers):
            result = await self._result("GET", oin, _Sent(name=_NOBODYS_NAME), of=_of_get)
            if result != _ABSENT:
                detail = {} if result.status is None else {"status": result.status}
                code = Code(result.code) if result.code else Code.CHAIN_RECEIPT_INVALID
                raise SluisError(code, where=oin, detail=detail)

    async def aclose(self) -> None:
        """See the port; no connection outlives its request."""

    async def _result(
        self, method: str, address: str, sent: _Sent, *, of: Callable[[Answer], DeliveryResult | None]
    ) -> DeliveryResult:
        """Make one request, and say what it came to; `of` reads an answer, None when a receipt has to say it."""
        try:
            oin = parse_oin(address)
        except SluisError as error:
            return DeliveryResult(outcome=DeliveryOutcome.PERMANENT, code=error.code)
        try:
            transaction, answer = await self._ask(method, oin, sent)
        except SluisError as error:
            return DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=error.code)
        except ChainError as error:
            in_doubt = error.begun and method == "POST"
            outcome = DeliveryOutcome.UNCERTAIN if in_doubt else DeliveryOutcome.TRANSIENT
            return DeliveryResult(outcome=outcome, code=error.code)
        return of(answer) or self._by_receipt(transaction, oin, sent, answer)

    async def _ask(self, method: str, oin: Oin, sent: _Sent) -> tuple[str, Answer]:
        """Log and make one request; give its transaction id and the answer. Raises SluisError, ChainError."""
        peer = self._settings.peers.get(oin)
        if peer is None:
            raise SluisError(Code.CHAIN_PEER_UNKNOWN)
        now = self._now()
        transaction = new_uuid7(unix_ms=int(now.timestamp() * 1000), random=self._random(10))
        handshake = await asyncio.to_thread(self._trust.handshake)
        # Before the request, and durable (FSC Logging 1.0.0): no record, no release.
        line = Transaction(
            id=transaction,
            source=self._settings.own_oin,
            destination=oin,
            service_name=peer.service_name,
            grant_hash=peer.grant_hash,
            at=now,
            method=method,
            name=sent.name,
            sha256=sent.sha256,
        )
        await asyncio.to_thread(self._log.record, line)
        posts = method == "POST"
        request = Request(
            method=method,
            url=f"{peer.url.rstrip('/')}/deliveries" + ("" if posts else f"/{sent.name}"),
            receiver=oin,
            headers=self._headers(transaction, sent) | ({"Content-Type": _MEDIA_TYPE} if posts else {}),
            content=sent.content,
            connect_seconds=self._settings.connect_seconds,
            timeout_seconds=self._settings.timeout_seconds,
        )
        return transaction, await ask(request, handshake=handshake)

    def _headers(self, transaction: str, sent: _Sent) -> dict[str, str]:
        return {
            "Accept": _MEDIA_TYPE,
            "Fsc-Transaction-Id": transaction,
            "Idempotency-Key": sent.name,
            # Without a package's trace: one for a delivery, one span for a request.
            "traceparent": sent.traceparent or f"00-{sent.name[:31]}1-{self._random(7).hex()}01-01",
        }

    def _by_receipt(self, transaction: str, oin: Oin, sent: _Sent, answer: Answer) -> DeliveryResult:
        expected = Expected(
            transactionId=transaction,
            idempotencyKey=sent.name,
            sha256=sent.sha256,
            size=sent.size,
            sender=self._settings.own_oin,
            receiver=oin,
        )
        try:
            receipt = verify(answer.body or b"", signer=answer.certificate, expected=expected)
        except NoReceiptError:
            return _NO_RECEIPT
        return DeliveryResult(outcome=DeliveryOutcome.DELIVERED, status=answer.status, receipt=receipt)


def _whole(ciphertext: Ciphertext) -> bytes:
    """Read it all, which the size limit of sealing bounds. Raises SluisError `payload-corrupt`."""
    content = b"".join(ciphertext.chunks())
    # The digest of what is at hand, not of what is said to be: a changed byte on disk ends here.
    if (len(content), hashlib.sha256(content).hexdigest()) != (ciphertext.size, ciphertext.sha256):
        raise SluisError(Code.PAYLOAD_CORRUPT, where="chain")
    return content


def _of_post(answer: Answer) -> DeliveryResult | None:
    status = answer.status
    if 200 <= status < 300:  # noqa: PLR2004 - the class of successes.
        return None
    if status in _LATER:
        return _failed(DeliveryOutcome.TRANSIENT, Code.CHAIN_DEFERRED, answer)
    if status in _SET_UP or status < 400:  # noqa: PLR2004 - redirects, and what came before its time.
        return _failed(DeliveryOutcome.TRANSIENT, Code.CHAIN_NOT_ADMITTED, answer)
    if status in _UNKNOWN or status >= 500:  # noqa: PLR2004 - the class of failing servers.
        return _failed(DeliveryOutcome.UNCERTAIN, Code.CHAIN_OUTCOME_UNKNOWN, answer)
    return _failed(DeliveryOutcome.PERMANENT, Code.CHAIN_REFUSED, answer)


def _of_get(answer: Answer) -> DeliveryResult | None:
    """Read the answer to a question; no failure of it says that the parcel is not there."""
    if answer.status == _NOT_FOUND and answer.is_problem:
        return _ABSENT
    found = _of_post(answer)
    if found is None or found.code == Code.CHAIN_NOT_ADMITTED:
        return found
    return _failed(DeliveryOutcome.TRANSIENT, Code.CHAIN_DEFERRED, answer)


def _failed(outcome: DeliveryOutcome, code: Code, answer: Answer) -> DeliveryResult:
    return DeliveryResult(
        outcome=outcome, code=code, status=answer.status, retry_after_seconds=answer.retry_after_seconds
    )
