"""The one place that says which TLS our couriers speak; no setting changes it.

Rules (NCSC guideline for TLS, 2025-05; Digikoppeling TLS003, TLS004 and TLSCIPH001):
1. TLS 1.2 or newer, with forward secrecy and AEAD. No compression, no renegotiation.
2. The certificate and the host name of the other side are verified, always.
3. What an administrator's environment asks for debugging would hold the keys of every connection: it is not kept.
"""

import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

from gateway.package.errors import Code, SluisError

# "Sufficient" of the NCSC guideline for TLS 1.2; the suites of TLS 1.3 are all good or sufficient by default.
_SUITES_TLS_1_2 = ":".join(
    f"ECDHE-{certificate}-{cipher}"
    for cipher in ("AES256-GCM-SHA384", "CHACHA20-POLY1305", "AES128-GCM-SHA256")
    for certificate in ("ECDSA", "RSA")
)
# Security level 2 of OpenSSL refuses keys below 112 bits (RSA 2048) and SHA-1 signatures.
_SECURITY_LEVEL = "@SECLEVEL=2"

# What OpenSSL calls the far side's refusal of a certificate of ours.
_ABOUT_OUR_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")
_HANDSHAKE_RECORD: Final = 22
_CERTIFICATE_REQUEST: Final = 13


def harden(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a client's context do nothing less than the rules say; give it back."""
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{_SUITES_TLS_1_2}:{_SECURITY_LEVEL}")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.keylog_filename = None  # type: ignore[assignment]  # None is how Python is told that there is none.
    return context


class Handshake:
    """A TLS context, and whether the other side asked for our certificate in a handshake. Raises `setting-invalid`."""

    def __init__(self, context: ssl.SSLContext, *, where: str) -> None:
        self.context = context
        self.was_asked = False
        if not hasattr(context, "_msg_callback"):
            # Python's own name for it, used by its tests; without it nobody could tell, so nothing goes.
            raise SluisError(Code.SETTING_INVALID, where=where)
        context._msg_callback = self._message  # noqa: SLF001 - Python has no other way to see the request.

    def _message(self, _connection: Any, direction: str, _version: Any, kind: Any, message: Any, _data: bytes) -> None:
        if direction == "read" and (int(kind), int(message)) == (_HANDSHAKE_RECORD, _CERTIFICATE_REQUEST):
            self.was_asked = True


class Opening:
    """Closes a connection of httpx that is given up in the handshake: the library forgets one that is cancelled there.

    `async with` it around the request, and give `trace` as the extension of that name.
    """

    def __init__(self) -> None:
        self._socket: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.aclose()

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take one event of the library (httpcore)."""
        if event == "connection.connect_tcp.complete":
            self._socket = info["return_value"]
        elif event == "connection.start_tls.complete":
            self._socket = None


def is_about_our_certificate(error: ssl.SSLError) -> bool:
    """Tell whether the far side refused a certificate of ours, or missed one."""
    reason = error.reason or ""
    return "ALERT" in reason and any(word in reason for word in _ABOUT_OUR_CERTIFICATE)


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what it came from, which libraries hide below errors of their own."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        yield error
        error = error.__cause__ or error.__context__
