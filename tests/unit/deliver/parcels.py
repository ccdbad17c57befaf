"""Parcels for the tests of deliver: sealed bytes out of memory, addressed to `*.example`."""

import datetime as dt
import hashlib
from collections.abc import Iterator

from gateway.package.ids import RecipientId
from gateway.package.pickup import ParcelDescription, PickUp
from gateway.package.states import Channel, SealedParcel

MESSAGE = (
    b"From: verzending@sluis.example\r\nTo: loket@ngo.example\r\nSubject: ...\r\nMessage-ID: <1.ngo@sluis.example>\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
    b"wEwDAAAAAAAAAAABAf9\r\n"
)


class SealedBytes:
    """Ciphertext out of memory, in chunks of any size; satisfies `Ciphertext`."""

    def __init__(self, content: bytes, *, chunk: int = 1 << 20) -> None:
        self.size = len(content)
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.content = content
        self._chunk = chunk

    def chunks(self) -> Iterator[bytes]:
        return (self.content[at : at + self._chunk] for at in range(0, len(self.content), self._chunk))


def tampered(content: bytes) -> SealedBytes:
    """Give ciphertext of which one byte was changed after it was sealed."""
    sealed = SealedBytes(content)
    sealed.content = content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]
    return sealed


def mail_parcel(
    content: bytes = MESSAGE, *, address: str = "loket@ngo.example", sealed: SealedBytes | None = None
) -> SealedParcel:
    return SealedParcel(
        recipient=RecipientId("ngo"),
        channel=Channel.SECURE_MAIL,
        address=address,
        name="0f1e.ngo@sluis.example",
        ciphertext=sealed or SealedBytes(content),
    )


POSTBUS_UNTIL = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def postbus_parcel(
    content: bytes = MESSAGE, *, address: str = "loket@ngo.example", sealed: SealedBytes | None = None
) -> SealedParcel:
    ciphertext = sealed or SealedBytes(content)
    description = ParcelDescription(
        file_name="sluis-0f1e0f1e.zip",
        size=ciphertext.size,
        sha256=ciphertext.sha256,
        verifier="5e" * 32,
        link_verifier="6e" * 32,
        until=POSTBUS_UNTIL,
        downloads=1,
    )
    return SealedParcel(
        recipient=RecipientId("ngo"),
        channel=Channel.POSTBUS,
        address=address,
        name="0f1e" * 10,
        ciphertext=ciphertext,
        manifest=description.as_json(),
        pickup=PickUp(secret="0f" * 32, code="ABCDE23456", until=POSTBUS_UNTIL),
    )


def drop_parcel(
    content: bytes = b"\x85\x01\x0c\x03sealed", *, address: str = "ngo", sealed: SealedBytes | None = None
) -> SealedParcel:
    return SealedParcel(
        recipient=RecipientId("ngo"),
        channel=Channel.FILE_DROP,
        address=address,
        name="0f1e.ngo.tar.pgp",
        ciphertext=sealed or SealedBytes(content),
        manifest=b'{"format": "sluis-drop/1"}\n',
        signature=b"\x88\x75signature",
    )


def chain_parcel(
    content: bytes = b"eyJhbGciOiJFQ0RILUVTK0EyNTZLVyJ9.a.b.c.d",
    *,
    address: str = "00000099000000002000",
    sealed: SealedBytes | None = None,
) -> SealedParcel:
    return SealedParcel(
        recipient=RecipientId("ngo"),
        channel=Channel.CHAIN_FACILITY,
        address=address,
        name="0f1e" * 10,
        ciphertext=sealed or SealedBytes(content),
    )
