"""A gateway for text messages as organisations have one: JSON over HTTPS, on loopback."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme


@dataclass
class TextServer:
    """What it answers, and what it was asked: bodies, and the header that says who asks."""

    port: int = 0
    status: int = 202
    hangs: bool = False
    location: str = "/elsewhere"
    asked: list[dict[str, Any]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/v1/messages"


@contextmanager
def text_server(authority: trustme.CA | None) -> Iterator[TextServer]:
    """Run one; without an authority it speaks no TLS."""
    server = TextServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.asked.append(json.loads(body))
            server.shown.append(self.headers["Authorization"])
            if server.hangs:
                # One byte now and then: no answer, and no silence either.
                while not server.over.is_set():
                    self.wfile.write(b"H")
                    time.sleep(0.1)
            self.send_response(server.status)
            self.send_header("Location", server.location)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        if authority is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            listening.socket = context.wrap_socket(listening.socket, server_side=True, do_handshake_on_connect=False)
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            listening.shutdown()
            thread.join()
