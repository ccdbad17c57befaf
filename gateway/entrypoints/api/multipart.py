"""Reads multipart/form-data (RFC 7578) part by part as it arrives; nothing is held but what the connection read once.

The low-level parser is fed one piece at a time and only when the reader asks for more, so that a slow spool slows the
client down. The library's form and file classes are not used: they spool clear text to a temporary file.
"""

import unicodedata
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, NoReturn

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from gateway.package.errors import Code, SluisError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_MAX_PARTS = 510
_PLAIN_ENCODINGS = {b"", b"7bit", b"8bit", b"binary"}
_Headers = dict[bytes, bytes]


def boundary_of(content_type: str) -> bytes:
    """Give the boundary of a multipart Content-Type. Raises SluisError `request-invalid` without one."""
    boundary = parse_options_header(content_type)[1].get(b"boundary", b"")
    if not boundary:
        _refuse("Content-Type", "multipart/form-data with a boundary")
    return boundary


class Part:
    """One part: its name, its file name if any, its media type, and its bytes, which can be read once."""

    def __init__(self, headers: _Headers, reader: "MultipartReader") -> None:
        kind, options = parse_options_header(headers.get(b"content-disposition"))
        if kind != b"form-data" or headers.get(b"content-transfer-encoding", b"").lower() not in _PLAIN_ENCODINGS:
            _refuse("part", "Content-Disposition: form-data, without a transfer encoding")
        self.name = _utf8(options.get(b"name", b""))
        self.file_name = _utf8(options.get(b"filename", b""))
        self.media_type = parse_options_header(headers.get(b"content-type"))[0].decode("latin-1")
        self._reader = reader

    def __repr__(self) -> str:
        return "<Part>"

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the part's bytes in pieces; raises SluisError `request-invalid` when the body breaks off."""
        while (data := await self._reader.next_data()) is not None:
            yield data

    async def read(self, *, room: int, limit: int) -> bytes:
        """Give all bytes. Raises SluisError `body-too-large`, naming `limit`, when there are more than `room`."""
        content = bytearray()
        async for chunk in self.chunks():
            content += chunk
            if len(content) > room:
                raise SluisError(Code.BODY_TOO_LARGE, detail={"limit": limit})
        return bytes(content)


class MultipartReader:
    """Gives the parts of one body in their order; a part is read to its end before the next one comes."""

    def __init__(self, source: AsyncIterator[bytes], *, boundary: bytes) -> None:
        self._source = source
        self._events: deque[_Headers | bytes | None] = deque()
        self._lines: list[tuple[bytearray, bytearray]] = []
        self._in_part = False
        self._parts = 0
        try:
            self._parser = MultipartParser(boundary, self._callbacks())
        except FormParserError:
            _refuse("Content-Type", "multipart/form-data with a short boundary")

    async def next_part(self) -> Part | None:
        """Go to the next part; None at the end. Raises SluisError `request-invalid`."""
        while self._in_part:
            await self.next_data()
        event = await self._next_event()
        if event is None:
            return None
        if not isinstance(event, dict):
            _refuse("body", "parts with headers")
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise SluisError(Code.PACKAGE_TOO_MANY_FILES, detail={"limit": _MAX_PARTS})
        self._in_part = True
        return Part(event, self)

    async def next_data(self) -> bytes | None:
        """Give the next bytes of the part under way; None at its end."""
        event = await self._next_event() if self._in_part else None
        if isinstance(event, bytes):
            return event
        self._in_part = False
        return None

    async def _next_event(self) -> _Headers | bytes | None:
        while not self._events:
            chunk = await anext(self._source, None)
            if chunk is None:
                self._require_end()
                return None
            try:
                self._parser.write(chunk)
            except FormParserError:
                _refuse("body", "multipart/form-data as RFC 7578 writes it")
        return self._events.popleft()

    def _require_end(self) -> None:
        if self._in_part or self._parser.state != MultipartState.END:
            _refuse("body", "the whole body, to its closing boundary")

    def _callbacks(self) -> "MultipartCallbacks":
        def extend(index: int) -> Callable[[bytes, int, int], None]:
            return lambda data, start, end: self._lines[-1][index].extend(data[start:end])

        return {
            "on_part_begin": self._lines.clear,
            "on_header_begin": lambda: self._lines.append((bytearray(), bytearray())),
            "on_header_field": extend(0),
            "on_header_value": extend(1),
            "on_headers_finished": self._finish_headers,
            "on_part_data": lambda data, start, end: self._events.append(data[start:end]),
            "on_part_end": lambda: self._events.append(None),
        }

    def _finish_headers(self) -> None:
        self._events.append({bytes(name).lower(): bytes(value).strip() for name, value in self._lines})


def _utf8(name: bytes) -> str:
    try:
        return unicodedata.normalize("NFC", name.decode("utf-8"))
    except UnicodeDecodeError:
        _refuse("part", "names in UTF-8")


def _refuse(where: str, expected: str) -> NoReturn:
    raise SluisError(Code.REQUEST_INVALID, where=where, faults=((where, expected),)) from None
