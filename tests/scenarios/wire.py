"""A wire between the service and a server, run beside the test; and bytes read as TLS records."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

# RFC 8446 section 5.1: change_cipher_spec, alert, handshake, application_data.
_RECORD_TYPES = frozenset({20, 21, 22, 23})
_HEADER = 5
_LARGEST_RECORD = 2**14 + 256


_Wire = TypeVar("_Wire")


@contextmanager
def in_a_thread(wire: AbstractAsyncContextManager[_Wire]) -> Iterator[_Wire]:
    """Run a wire in a thread of its own, since the service and the test do not share a loop."""
    loop = asyncio.new_event_loop()
    ready, seen = threading.Event(), list[_Wire]()
    ended = asyncio.Event()

    async def stand_between() -> None:
        async with wire as running:
            seen.append(running)
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(stand_between(),))
    thread.start()
    try:
        assert ready.wait(30)
        yield seen[0]
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        loop.close()


def tls_records(stream: bytes) -> list[int]:
    """Give the types of the TLS records that a stream consists of; anything else in it is an AssertionError."""
    types, at = [], 0
    while at < len(stream):
        header = stream[at : at + _HEADER]
        length = int.from_bytes(header[3:5], "big")
        assert _HEADER == len(header)
        assert header[0] in _RECORD_TYPES
        assert b"\x03" == header[1:2]
        assert 0 < length <= _LARGEST_RECORD
        types.append(header[0])
        at += _HEADER + length
    assert at == len(stream), "the stream ends inside a record"
    return types
