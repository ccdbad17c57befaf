#!/usr/bin/env python3
"""A reference receiver for the chain facility: what a partner runs to try, or copies to build the real one.

    receiver.py --oin OIN --sender OIN --certificate F --key F --root F --crls DIR --store DIR
                [--listen HOST:PORT] [--path /sluis/v1] [--decryption-key F --sender-certificate F]

    POST PATH/deliveries        a JWE as application/jose; 201 the first time, 200 for the same again
    GET  PATH/deliveries/KEY    200 when it is here, 404 when not
    GET  PATH/openapi.json      what there is

What it holds itself to, in order:
1. Mutual TLS 1.2 or newer. The client's certificate leads to the pinned root, stands on no revocation list, and its
   subject's serialNumber is the OIN of a sender that was named. Lists are read again for each connection.
2. Each request is in the transaction log before it is worked on (FSC Logging 1.0.0), else it is refused with 500.
3. A body has a bound. With a decryption key, what can not be opened or was not signed by the sender is refused (400).
4. Idempotent by `Idempotency-Key`: the same content again gives a receipt and no second file; other content is refused
   (422). What was taken is on disk, flushed, before the receipt is signed.
5. A receipt is a JWS by the key of the TLS certificate, which stands in `x5c`, over the transaction that asks.
6. NL GOV API Design Rules: problem+json, API-Version, no trailing slash, security headers.

Needs Python 3.11 or newer, `cryptography` and `joserfc`; no part of Sluis.
"""

import argparse
import base64
import datetime as dt
import hashlib
import json
import os
import re
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

API_VERSION = "1.0.0"
MAX_BODY_BYTES = 160 * 1024 * 1024
PATIENCE_SECONDS = 60
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:@SECLEVEL=2"
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
HEADERS = {
    "API-Version": API_VERSION,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Large(jwe.JWERegistry):
    """The library's own bounds are for tokens; ours is that of the body."""

    max_ciphertext_length = MAX_BODY_BYTES


class LargeSigned(jws.JWSRegistry):
    """The same for what is inside."""

    max_payload_length = MAX_BODY_BYTES


class ProblemError(Exception):
    """An answer that is a problem."""

    def __init__(self, status: HTTPStatus, code: str, detail: str) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail


def algorithm_of(certificate: x509.Certificate) -> str:
    """Give the JWS algorithm of a certificate's key."""
    key = certificate.public_key()
    return "PS256" if isinstance(key, RSAPublicKey) else CURVES[key.curve.name]


def private_key(path: Path) -> RSAKey | ECKey:
    """Read a private key."""
    pem = path.read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    return RSAKey.import_key(pem) if isinstance(key.public_key(), RSAPublicKey) else ECKey.import_key(pem)


def public_key(certificate: x509.Certificate) -> RSAKey | ECKey:
    """Give the public key of a certificate."""
    public = certificate.public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return RSAKey.import_key(pem) if isinstance(public, RSAPublicKey) else ECKey.import_key(pem)


def moment() -> str:
    """Tell the time in UTC."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flushed(path: Path, content: bytes) -> None:
    """Put a file there, whole and on disk, or not at all."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True)
class Opener:
    """Opens what comes in: decrypts, and verifies the sender's signature."""

    key: RSAKey | ECKey
    sender: x509.Certificate

    def open(self, sealed: bytes) -> bytes:
        """Give the content. Raises ProblemError."""
        algorithms = ["RSA-OAEP-256", "ECDH-ES+A256KW", "A256GCM"]
        signing = [algorithm_of(self.sender)]
        try:
            signed = jwe.decrypt_compact(sealed, self.key, registry=Large(algorithms=algorithms)).plaintext
            content = jws.deserialize_compact(
                signed or b"", public_key(self.sender), registry=LargeSigned(algorithms=signing)
            )
        except (JoseError, ValueError, TypeError) as error:
            detail = "The content can not be opened, or was not signed by the sender."
            raise ProblemError(HTTPStatus.BAD_REQUEST, "content-invalid", detail) from error
        return bytes(content.payload)


@dataclass(frozen=True)
class Place:
    """Everything that the receiver is started with."""

    oin: str
    senders: frozenset[str]
    certificate: Path
    key: Path
    root: Path
    crls: Path
    store: Path
    path: str
    opener: Opener | None
    lock: threading.Lock

    def context(self) -> ssl.SSLContext:
        """Make the TLS context of one connection (1)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(SUITES)
        context.load_cert_chain(self.certificate, self.key)
        context.verify_mode = ssl.CERT_REQUIRED
        context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
        lists = b"\n".join(path.read_bytes() for path in sorted(self.crls.glob("*.pem")))
        with tempfile.NamedTemporaryFile() as trusted:
            trusted.write(self.root.read_bytes() + b"\n" + lists)
            trusted.flush()
            context.load_verify_locations(trusted.name)
        return context

    def log(self, transaction: str, source: str, method: str) -> None:
        """Write one line of the transaction log, durable (2)."""
        line = {
            "transaction_id": transaction,
            "direction": "DIRECTION_INCOMING",
            "source": source,
            "destination": self.oin,
            "service_name": "sluis-deliveries",
            "created_at": moment(),
            "method": method,
        }
        try:
            with self.lock, (self.store / "fsc-transactions.jsonl").open("ab") as file:
                file.write(json.dumps(line).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            detail = "The transaction could not be logged, so nothing was done."
            raise ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "TRANSACTION_LOG_WRITE_ERROR", detail) from error

    def take(self, sender: str, key: str, sealed: bytes) -> tuple[Mapping[str, Any], bool]:
        """Keep a delivery (4); give what is said of it, and whether it is new."""
        digest = hashlib.sha256(sealed).hexdigest()
        folder = self.store / sender
        with self.lock:
            known = self.find(sender, key)
            if known is not None:
                if known["sha256"] != digest:
                    detail = "Another delivery came in under this Idempotency-Key."
                    raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", detail)
                return known, False
            content = self.opener.open(sealed) if self.opener else None
            folder.mkdir(exist_ok=True)
            flushed(folder / f"{key}.jose", sealed)
            if content is not None:
                flushed(folder / f"{key}.tar", content)
            said = {"sha256": digest, "size": len(sealed), "receivedAt": moment()}
            # The last of them: what has no such file never came in.
            flushed(folder / f"{key}.json", json.dumps(said).encode())
            return said, True

    def find(self, sender: str, key: str) -> Mapping[str, Any] | None:
        """Give what is said of a delivery, None when it never came in."""
        try:
            said: Mapping[str, Any] = json.loads((self.store / sender / f"{key}.json").read_bytes())
        except FileNotFoundError:
            return None
        return said

    def receipt(self, said: Mapping[str, Any], *, sender: str, key: str, transaction: str) -> bytes:
        """Sign a receipt (5)."""
        certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        own = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        claims = {
            "format": "sluis-receipt/1",
            "transactionId": transaction,
            "idempotencyKey": key,
            "sender": sender,
            "receiver": self.oin,
            **said,
        }
        algorithm = algorithm_of(certificate)
        header = {"alg": algorithm, "x5c": [own]}
        registry = LargeSigned(algorithms=[algorithm])
        registry.max_header_length = MAX_BODY_BYTES
        return jws.serialize_compact(header, json.dumps(claims), private_key(self.key), registry=registry).encode()


class Handler(BaseHTTPRequestHandler):
    """One connection, one request."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "receiver", ""
    timeout = PATIENCE_SECONDS
    server: "Receiver"
    unread = True

    def setup(self) -> None:
        """Speak TLS first, in this connection's own thread, and see who it is."""
        self.request.settimeout(PATIENCE_SECONDS)
        self.request = self.server.place.context().wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        """Close the TLS connection, which is not the socket that the server knows of."""
        super().finish()
        self.request.close()

    def do_POST(self) -> None:
        """Take a delivery."""
        self._answer(self._post)

    def do_GET(self) -> None:
        """Say whether a delivery is here."""
        self._answer(self._get)

    def _post(self, sender: str, transaction: str) -> tuple[HTTPStatus, bytes, dict[str, str]]:
        if self.path != f"{self.server.place.path}/deliveries":
            raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here.")
        if self.headers.get("Content-Type") != "application/jose":
            detail = "A JWE as application/jose is expected."
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media-type-unsupported", detail)
        key = self._key(self.headers.get("Idempotency-Key", ""))
        said, is_new = self.server.place.take(sender, key, self._body())
        receipt = self.server.place.receipt(said, sender=sender, key=key, transaction=transaction)
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return status, receipt, {"Location": f"{self.server.place.path}/deliveries/{key}"}

    def _get(self, sender: str, transaction: str) -> tuple[HTTPStatus, bytes, dict[str, str]]:
        place = self.server.place
        folder, _, key = self.path.rpartition("/")
        if self.path == f"{place.path}/openapi.json":
            return HTTPStatus.OK, json.dumps(openapi(place.path)).encode(), {"Content-Type": "application/json"}
        said = place.find(sender, key) if folder == f"{place.path}/deliveries" and KEY.match(key) else None
        if said is None:
            raise ProblemError(HTTPStatus.NOT_FOUND, "not-found", "There is nothing here.")
        return HTTPStatus.OK, place.receipt(said, sender=sender, key=key, transaction=transaction), {}

    def _answer(self, work: Any) -> None:
        try:
            status, body, headers = work(*self._who())
        except ProblemError as problem:
            self._problem(problem)
        except Exception as error:  # noqa: BLE001 - whatever it was, the client gets a problem and no detail.
            sys.stderr.write(f"{type(error).__name__}\n")
            detail = "Something went wrong here; what was sent may or may not have been kept."
            self._problem(ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail))
        else:
            self._send(status, body, {"Content-Type": "application/jose", **headers})

    def _who(self) -> tuple[str, str]:
        """Give the sender's OIN and the transaction, which is logged by now."""
        subject = self.request.getpeercert()["subject"]
        numbers = [value for part in subject for name, value in part if name == "serialNumber"]
        if len(numbers) != 1 or numbers[0] not in self.server.place.senders:
            raise ProblemError(HTTPStatus.FORBIDDEN, "sender-unknown", "This OIN is not admitted here.")
        transaction = self.headers.get("Fsc-Transaction-Id", "")
        if not UUID7.match(transaction):
            detail = "A UUIDv7 is expected in Fsc-Transaction-Id."
            raise ProblemError(HTTPStatus.BAD_REQUEST, "transaction-invalid", detail)
        self.server.place.log(transaction, numbers[0], self.command)
        return numbers[0], transaction

    def _key(self, text: str) -> str:
        if not KEY.match(text):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "key-invalid", "16 to 64 letters or digits are expected.")
        return text

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            raise ProblemError(HTTPStatus.LENGTH_REQUIRED, "length-required", "A Content-Length is expected.")
        if int(length) > MAX_BODY_BYTES:
            raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", "The body is too large.")
        self.unread = False
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "body-incomplete", "The body is not complete.")
        return body

    def _drain(self) -> None:
        """Read what was sent and is not wanted: else the connection is reset, and the client never sees why."""
        left = min(int(self.headers.get("Content-Length", "0") or 0), MAX_BODY_BYTES) if self.unread else 0
        while left > 0 and (piece := self.rfile.read(min(left, 65_536))):
            left -= len(piece)

    def _problem(self, problem: ProblemError) -> None:
        self._drain()
        body = {
            "type": f"https://sluis.example/problems/{problem.code}",
            "title": problem.status.phrase,
            "status": problem.status.value,
            "detail": problem.detail,
            "code": problem.code,
        }
        self._send(problem.status, json.dumps(body).encode(), {"Content-Type": "application/problem+json"})

    def _send(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
        self.close_connection = True
        self.send_response(status)
        for name, value in {**HEADERS, **headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing of a request: its path holds a key."""


class Receiver(ThreadingHTTPServer):
    """The server; a connection that fails says its kind of error, and nothing of what came over it."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], place: Place) -> None:
        self.place = place
        super().__init__(address, Handler)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:  # noqa: ARG002 - the library's.
        """Say what kind of error it was."""
        sys.stderr.write(f"{type(sys.exception()).__name__}\n")


def openapi(path: str) -> dict[str, Any]:
    """Describe the interface (OpenAPI 3.0)."""
    problem = {"description": "A problem (RFC 9457).", "content": {"application/problem+json": {}}}
    receipt = {"description": "A receipt as JWS.", "content": {"application/jose": {"schema": {"type": "string"}}}}
    answers = {"200": receipt, "400": problem, "403": problem, "404": problem, "500": problem}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Sluis deliveries", "version": API_VERSION},
        "servers": [{"url": path}],
        "paths": {
            "/deliveries": {"post": {"responses": {**answers, "201": receipt, "422": problem}}},
            "/deliveries/{key}": {"get": {"responses": answers}},
        },
    }


def main() -> None:
    """Read the command line and serve until stopped."""
    parser = argparse.ArgumentParser(description="A reference receiver for the chain facility.")
    parser.add_argument("--listen", default="127.0.0.1:8443")
    parser.add_argument("--path", default="/sluis/v1")
    parser.add_argument("--oin", required=True)
    parser.add_argument("--sender", action="append", required=True)
    for name in ("certificate", "key", "root", "crls", "store"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--decryption-key", type=Path)
    parser.add_argument("--sender-certificate", type=Path)
    told = parser.parse_args()
    opener = None
    if told.decryption_key and told.sender_certificate:
        sender = x509.load_pem_x509_certificate(told.sender_certificate.read_bytes())
        opener = Opener(private_key(told.decryption_key), sender)
    told.store.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = Place(
        oin=told.oin,
        senders=frozenset(told.sender),
        certificate=told.certificate,
        key=told.key,
        root=told.root,
        crls=told.crls,
        store=told.store,
        path=told.path.rstrip("/"),
        opener=opener,
        lock=threading.Lock(),
    )
    host, _, port = told.listen.rpartition(":")
    with Receiver((host, int(port)), place) as server:
        sys.stdout.write(f"listening on {host}:{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
