"""A receiver of OTLP over HTTP with TLS, in a process of its own: it keeps what it takes, and behaves as a test says.

    python -m tests.logbook_receiver FOLDER PORT

In FOLDER lie `server.pem`, `client-ca.pem` when it asks for a certificate of ours, and, once it listens, `port`.
`spans.jsonl` has a line for each span that was kept, on disk before the answer goes; `bodies` holds every body that
came, a file each. `behaviour.json` is read at each request:

    {"as": "well"}                     takes everything
    {"as": "slow", "seconds": 0.3}     takes everything, and thinks about it first
    {"as": "status", "status": 503, "headers": {"Retry-After": "0"}, "times": 3}    keeps nothing, and then is well
    {"as": "page"}                     200 with a page to log in
    {"as": "cut"}                      reads half of it and hangs up
    {"as": "silent"}                   keeps it, and hangs up before the answer
    {"as": "stuck"}                    keeps it, and says nothing for ever
    {"as": "picky", "name": "…", "partly": false}    refuses what holds a record of that name: 400, or partly with 200
"""

import json
import os
import ssl
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Status

PATH = "/v1/traces"
_MEDIA = "application/x-protobuf"


class Receiver:
    """What one receiver keeps; spans of one request are on disk before it is answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._number = 0
        (folder / "bodies").mkdir(exist_ok=True)

    def behaviour(self) -> dict[str, Any]:
        """Give how to behave to this request, and count those that are counted."""
        path = self.folder / "behaviour.json"
        with self._lock:
            said: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {"as": "well"}
            times = said.get("times")
            if times is not None:
                left = said | {"times": times - 1} if times > 1 else {"as": "well"}
                path.with_suffix(".part").write_text(json.dumps(left))
                path.with_suffix(".part").rename(path)
        return said

    def came(self, body: bytes) -> None:
        """Keep the very bytes of a request."""
        with self._lock:
            self._number += 1
            (self.folder / "bodies" / f"{os.getpid()}-{self._number}").write_bytes(body)

    def keep(self, request: ExportTraceServiceRequest) -> None:
        """Keep the spans of a request."""
        lines = "".join(json.dumps(each) + "\n" for each in spans_in(request))
        with self._lock, (self.folder / "spans.jsonl").open("a") as target:
            target.write(lines)
            target.flush()
            os.fsync(target.fileno())


def spans_in(request: ExportTraceServiceRequest) -> Iterator[dict[str, Any]]:
    """Give the spans of a request, each with its resource."""
    for group in request.resource_spans:
        resource = {each.key: each.value.string_value for each in group.resource.attributes}
        for scoped in group.scope_spans:
            for span in scoped.spans:
                yield {
                    "trace": span.trace_id.hex(),
                    "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "name": span.name,
                    "status": Status.StatusCode.Name(span.status.code),
                    "message": span.status.message,
                    "start": span.start_time_unix_nano,
                    "end": span.end_time_unix_nano,
                    "attributes": {each.key: each.value.string_value for each in span.attributes},
                    "resource": resource,
                }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    receiver: Receiver

    def do_POST(self) -> None:
        said = self.receiver.behaviour()
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length // 2 if said["as"] == "cut" else length)
        self.receiver.came(body)
        if said["as"] == "cut":
            self.close_connection = True
        elif self.path != PATH or self.headers["Content-Type"] != _MEDIA:
            self._answer(404)
        elif self.headers["Authorization"] != "Bearer geheim-van-het-logboek":
            self._answer(401)
        else:
            self._behave(said, ExportTraceServiceRequest.FromString(body))

    def _behave(self, said: dict[str, Any], request: ExportTraceServiceRequest) -> None:
        kind, names = said["as"], [each["name"] for each in spans_in(request)]
        refused = names.count(said.get("name", ""))
        if kind == "slow":
            time.sleep(said["seconds"])
        if kind == "status":
            self._answer(said["status"], headers=said.get("headers"))
        elif kind == "page":
            self._answer(200, b"<h1>Aanmelden</h1>", media="text/html")
        elif kind == "picky" and refused:
            partly = ExportTraceServiceResponse()
            partly.partial_success.rejected_spans = refused
            self._answer(*((200, partly.SerializeToString()) if said["partly"] else (400,)))
        else:
            self.receiver.keep(request)
            if kind == "stuck":
                self.receiver.stopped.wait()
            if kind in ("silent", "stuck"):
                self.close_connection = True
                return
            self._answer(200)

    def _answer(
        self, status: int, body: bytes = b"", *, media: str = _MEDIA, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's own name.
        pass


def main() -> None:
    """Serve until killed."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    receiver = Receiver(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(folder / "server.pem")
    if (folder / "client-ca.pem").exists():
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(folder / "client-ca.pem")
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    # A handshake that fails is the client's right, and no news here.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # The library's own hook.
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    part = folder / "port.part"
    part.write_text(str(server.server_address[1]))
    part.rename(folder / "port")
    server.serve_forever(0.05)


if __name__ == "__main__":
    main()
