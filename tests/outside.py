"""A system outside on loopback TLS, which answers as a test says: well, badly, slowly or not at all."""

import base64
import hmac
import json
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import trustme


@dataclass(frozen=True)
class Said:
    """One answer. With `drip` its bytes, the head included, come one by one, for ever; with `cut` it ends too soon."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    drip: str = ""
    cut: bool = False


@dataclass
class Outside:
    """The system, its address, and what it was asked."""

    url: str
    ca_file: Path
    answer: Callable[[str], Said]
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)


def said(content: object, status: int = 200, **headers: str) -> Said:
    return Said(status=status, body=json.dumps(content).encode(), headers=headers)


def outdated(context: ssl.SSLContext) -> None:
    """Let a server speak nothing newer than TLS 1.1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1


def phased_out(context: ssl.SSLContext) -> None:
    """Let a server speak TLS 1.2 without AEAD."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES256-SHA384:AES256-SHA256")


@contextmanager
def outside(
    folder: Path,
    answer: Callable[[str], Said],
    *,
    authority: trustme.CA | None = None,
    certificate: Any = None,
    weaken: Callable[[ssl.SSLContext], None] = lambda _: None,
) -> Iterator[Outside]:
    """Serve until the end of the block."""
    authority = authority or trustme.CA()
    ca_file = folder / "outside-ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (certificate or authority.issue_cert("127.0.0.1")).configure_cert(tls)
    weaken(tls)
    system = Outside("", ca_file, answer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(system))
    # A handshake that fails is the client's right, and no news here.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # The library's own hook.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    system.url = f"https://127.0.0.1:{server.server_address[1]}/api/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield system
    finally:
        system.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(system: Outside) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def do_GET(self) -> None:
            system.asked.append((self.path, dict(self.headers)))
            answer = system.answer(self.path)
            if answer.drip == "head":
                self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(answer.body) + (1000 if answer.drip or answer.cut else 0)))
            self.end_headers()
            self.wfile.write(answer.body)
            if answer.drip:
                self._drip(b"")
            self.close_connection = answer.cut or bool(answer.drip)

        def _drip(self, begin: bytes) -> None:
            self.wfile.write(begin)
            while not system.stopped.wait(0.05):
                self.wfile.write(b"x")
                self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name.
            pass

    return Handler


def token_of(headers: Mapping[str, str], secret: bytes) -> dict[str, Any]:
    """Open the bearer token as the other side does, signature first (RFC 7515 section 5.2)."""
    head, claims, signature = headers["Authorization"].removeprefix("Bearer ").split(".")
    expected = base64.urlsafe_b64encode(hmac.digest(secret, f"{head}.{claims}".encode(), "sha256")).rstrip(b"=")
    assert expected.decode() == signature
    opened: dict[str, Any] = json.loads(base64.urlsafe_b64decode(claims + "=="))
    return {**json.loads(base64.urlsafe_b64decode(head + "==")), **opened}


def query_of(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query)
