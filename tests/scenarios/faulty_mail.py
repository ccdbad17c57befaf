"""A mail relay that fails as a test says, in a thread of its own, with a certificate authority that outlives it."""

import asyncio
import ssl
import threading
from pathlib import Path

import trustme

from tests.integration.deliver.scripted_relay import HOST, Relay, running

EXTENSIONS = ("SIZE 50000000", "8BITMIME")


class FaultyMail:
    """The relay; `start` and `stop` as often as wanted, always on the same port."""

    def __init__(self, ca_file: Path) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(ca_file)
        self.good = server_context(authority)
        self.foreign = server_context(trustme.CA())
        self.relay = Relay(script={}, extensions=EXTENSIONS, context=self.good)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()

    def start(self) -> None:
        listening = threading.Event()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(listening)))
        self._thread.start()
        assert listening.wait(10)

    def stop(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            thread.join()

    def mend(self) -> None:
        """Make it an honest relay, whatever it was."""
        self.relay.script.clear()
        self.relay.context = self.good
        if self._thread is None:
            self.start()

    def copies_of(self, message_id: str) -> list[bytes]:
        return [message for message in self.relay.messages if message_id.encode() in message]

    async def _serve(self, listening: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        async with running(self.relay):
            listening.set()
            await self._end.wait()


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, "localhost").configure_cert(context)
    return context
