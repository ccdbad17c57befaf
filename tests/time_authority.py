"""A time-stamping authority (RFC 3161): `openssl ts -reply` behind a small HTTP server on loopback."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIGURATION = """
[req]
distinguished_name = name
prompt = no
[name]
CN = x
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[authority_of_time]
serial = {folder}/serial
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256, sha512
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class TimeAuthority:
    """The authority. `chain` sends its issuers along, which OpenSSL 3.0 puts in an order that DER forbids."""

    folder: Path
    url: str = ""
    chain: bool = False
    change: Callable[[bytes], bytes] = field(default=lambda reply: reply)
    asked: list[bytes] = field(default_factory=list)

    @property
    def roots(self) -> Path:
        return self.folder / "root.pem"

    def prepare(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "openssl.cnf").write_text(_CONFIGURATION.format(folder=self.folder), encoding="utf-8")
        (self.folder / "serial").write_text("01\n")
        self._issue("root", "authority", by=None)
        self._issue("issuer", "authority", by="root")
        self._issue("tsa", "stamping", by="issuer")
        names = [self.folder / f"{name}.pem" for name in ("issuer", "root")]
        (self.folder / "chain.pem").write_bytes(b"".join(path.read_bytes() for path in names))

    def _issue(self, name: str, extensions: str, *, by: str | None) -> None:
        key, made = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        issuer = ["-CA", self.folder / f"{by}.pem", "-CAkey", self.folder / f"{by}.key"] if by else []
        subject = f"/CN={'A time-stamping authority of long standing, ' if by == 'root' else ''}{name}"
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        request = ["req", "-new", "-key", key, "-subj", subject, "-config", self.folder / "openssl.cnf"]
        self._openssl(*request, "-out", self.folder / "request")
        own = ["-CAcreateserial"] if by else ["-signkey", key]
        extended = ["-extfile", self.folder / "openssl.cnf", "-extensions", extensions, "-days", "30"]
        self._openssl("x509", "-req", "-in", self.folder / "request", *issuer, *own, *extended, "-out", made)

    def reply(self, query: bytes, *, signer: str = "tsa") -> bytes:
        """Stamp as openssl does."""
        (self.folder / "query").write_bytes(query)
        stamped = ["ts", "-reply", "-queryfile", self.folder / "query", "-out", self.folder / "reply"]
        signing = ["-signer", self.folder / f"{signer}.pem", "-inkey", self.folder / f"{signer}.key"]
        chain = ["-chain", self.folder / ("chain.pem" if self.chain else "issuer.pem")]
        section = ["-config", self.folder / "openssl.cnf", "-section", "authority_of_time"]
        self._openssl(*stamped, *signing, *chain, *section)
        return (self.folder / "reply").read_bytes()

    def _openssl(self, *words: object) -> None:
        command = ["openssl", *map(str, words)]
        subprocess.run(command, check=True, capture_output=True)


def openssl_accepts(reply: Path, data: Path, roots: Path) -> bool:
    """Tell whether `openssl ts -verify` accepts a reply over some data."""
    command = ["openssl", "ts", "-verify", "-in", str(reply), "-data", str(data), "-CAfile", str(roots)]
    return 0 == subprocess.run(command, capture_output=True, check=False).returncode


@contextmanager
def time_authority(folder: Path) -> Iterator[TimeAuthority]:
    """Run an authority until the end of the block."""
    authority = TimeAuthority(folder)
    authority.prepare()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            authority.asked.append(query)
            reply = authority.change(authority.reply(query))
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.end_headers()
            if reply == b"drip":
                while not ended.wait(0.02):
                    self.wfile.write(b"x")
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # Who hangs up on a drip may.
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield authority
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
