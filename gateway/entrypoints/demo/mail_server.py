"""A real mail server with STARTTLS on loopback, in a process of its own: for the demo and the tests.

Rules:
1. It makes its own certificate authority at each start; the secret key of that never leaves the process.
2. It takes no mail before TLS.
3. A message lies in `DIR/new` as `NNNN.eml` only when it is whole, and its envelope lies beside it by then.
4. It ends by itself when its standard input closes, thus also when whoever started it has died.

`python -m gateway.entrypoints.demo.mail_server --dir DIR [--port 0]` prints one line of JSON once it listens.
"""

import argparse
import asyncio
import json
import os
import ssl
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
MAX_MESSAGE_BYTES = 50 * 1024 * 1024
_STOP_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """A message as it arrived: the envelope, the TLS version of the connection, and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    mail_options: tuple[str, ...]
    tls: str
    content: bytes = field(repr=False)


class MailServer:
    """Runs the mail server in a process of its own for as long as the context lasts.

    `host`, `port` and `ca_file` tell a client where it is and whom to trust.
    Raises RuntimeError when it does not start.
    """

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self.host = HOST
        self.port = port
        self.ca_file = directory / "ca.pem"
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", __name__, "--dir", os.fspath(self._directory), "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        output = self._process.stdout
        ready = output.readline() if output is not None else b""
        if not ready:
            self.stop()
            raise RuntimeError("the mail server did not start")
        self.port = int(json.loads(ready)["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Close its standard input, and wait until it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        with process:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def messages(self) -> list[ReceivedMail]:
        """Give what has arrived, in order of arrival."""
        return [_read(path) for path in sorted((self._directory / "new").glob("*.eml"))]


def _read(path: Path) -> ReceivedMail:
    envelope = json.loads(path.with_suffix(".json").read_bytes())
    return ReceivedMail(
        sender=envelope["from"],
        recipients=tuple(envelope["to"]),
        mail_options=tuple(envelope["mailOptions"]),
        tls=envelope["tls"],
        content=path.read_bytes(),
    )


class _Mailbox:
    """The handler that aiosmtpd calls: keeps each message with its envelope."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = len(list(folder.glob("*.eml")))

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name.
        """Keep one message, and only then say that it was taken."""
        self._count += 1
        name = f"{self._count:04}"
        facts = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "mailOptions": envelope.mail_options,
            "tls": _tls_version(server),
            "peer": session.peer,
        }
        _keep(self._folder / f"{name}.json", json.dumps(facts).encode())
        _keep(self._folder / f"{name}.eml", envelope.original_content or b"")
        return f"250 OK {name}"


def _tls_version(server: SMTP) -> str:
    transport = server.transport
    tls = transport.get_extra_info("ssl_object") if transport is not None else None
    return tls.version() if tls is not None else ""


def _keep(path: Path, content: bytes) -> None:
    part = path.with_suffix(f"{path.suffix}.part")
    part.write_bytes(content)
    part.rename(path)


def _server_context(ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA(organization_name="Sluis demo")
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    return context


async def _serve(directory: Path, *, port: int) -> None:
    smtp = partial(
        SMTP,
        _Mailbox(directory / "new"),
        hostname="mail.sluis.example",
        ident="Sluis demo mail server",
        tls_context=_server_context(directory / "ca.pem"),
        require_starttls=True,
        data_size_limit=MAX_MESSAGE_BYTES,
        loop=asyncio.get_running_loop(),
    )
    server = await asyncio.get_running_loop().create_server(smtp, HOST, port)
    async with server:
        sys.stdout.write(json.dumps({"host": HOST, "port": server.sockets[0].getsockname()[1]}) + "\n")
        sys.stdout.flush()
        await _end_of_input()


async def _end_of_input() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        continue


def main() -> None:
    """Read the arguments and serve until standard input closes."""
    parser = argparse.ArgumentParser(description="A mail server with STARTTLS on loopback, for demo and tests.")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    arguments.dir.mkdir(parents=True, exist_ok=True)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(arguments.dir, port=arguments.port))


if __name__ == "__main__":
    main()
