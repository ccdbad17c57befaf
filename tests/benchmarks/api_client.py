"""A small client of the API over its Unix socket, so that a benchmark measures the service and not its client."""

import http.client
import json
import socket
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_LIMIT_SECONDS = 120


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket, one connection kept open."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=_LIMIT_SECONDS)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_LIMIT_SECONDS)
        self.sock.connect(str(self._path))

    def ask(self, method: str, path: str, body: bytes = b"", *, media_type: str = "application/json") -> dict[str, Any]:
        """Make one request; raise RuntimeError with the problem's code when it is refused."""
        self.request(method, path, body or None, {"Content-Type": media_type} if body else {})
        answer = self.getresponse()
        content: dict[str, Any] = json.loads(answer.read())
        if answer.status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {answer.status} {content.get('code')}")
        return content


def submit(connection: SocketConnection, manifest: bytes, document: bytes | None) -> None:
    """Hand in one package, with its document in the same request; without it, it stays incomplete.

    Acknowledged it is all the same.
    """
    if document is None:
        connection.ask("POST", "/v1/packages", manifest)
        return
    body = b"".join(
        (
            b'--b\r\nContent-Disposition: form-data; name="manifest"\r\nContent-Type: application/json\r\n\r\n',
            manifest,
            b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="brief.txt"\r\n\r\n',
            document,
            b"\r\n--b--\r\n",
        )
    )
    connection.ask("POST", "/v1/packages", body, media_type="multipart/form-data; boundary=b")


def in_parallel(path: Path, jobs: Iterable[Callable[[SocketConnection], None]], *, clients: int) -> None:
    """Do jobs over as many connections as there are clients, each job once."""
    waiting = list(jobs)

    def client(number: int) -> None:
        connection = SocketConnection(path)
        for job in waiting[number::clients]:
            job(connection)
        connection.close()

    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(client, number) for number in range(clients)]:
            done.result()
