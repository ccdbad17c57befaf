"""File operations on a WebDAV server (RFC 4918), over HTTPS.

Rules, in order:
1. TLS as `gateway.deliver.tls` says, the certificate verified; no redirect, no proxy, no HTTP/2. The log-in (RFC 7617)
   is shown to nobody else.
2. An answer is believed only if it is one that WebDAV knows for the question: a log-in page with status 200 is no
   answer. What was refused with a status that says so was not done; of all else nobody knows.
3. Every wait has a deadline, and every answer a size. What is on its way for longer than the slowest line would take
   stands still.
4. A new file is told by its size, and only by it: the last piece goes out once all pieces are known to be what was
   sealed, so that a server can not take the rest for the whole.
5. A file gets its name by MOVE with `Overwrite: F` (section 9.9.3), which never overwrites.
"""

import asyncio
import hashlib
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from gateway.deliver.tls import Opening, harden
from gateway.formats.hardened_xml import XmlFaultError, parse_xml
from gateway.formats.unreadable import UnreadableError
from gateway.package.errors import Code, SluisError

_READ_INLINE: Final = 256 * 1024
_SLOWEST_BYTES_PER_SECOND: Final = 64 * 1024
_LARGEST_ANSWER: Final = 64 * 1024
_LARGEST_LISTING: Final = 64 * 1024 * 1024
# Longer than the longest name that is looked for.
_LONGEST_NAME: Final = 512
# More digits than the largest file has; of very many, Python makes no number.
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_PART: Final = re.compile(rb"[A-Za-z0-9._-]+\.part")

_CREATED: Final = frozenset({201, 204})
_GONE: Final = frozenset({404, 410})
_MULTI_STATUS: Final = 207
_CODES: Final = {
    401: Code.WEBDAV_LOGIN_REFUSED,
    403: Code.WEBDAV_FORBIDDEN,
    404: Code.WEBDAV_FOLDER_MISSING,
    405: Code.WEBDAV_FORBIDDEN,
    409: Code.WEBDAV_FOLDER_MISSING,
    412: Code.WEBDAV_NOT_STORED,
    413: Code.WEBDAV_NOT_STORED,
    423: Code.WEBDAV_FORBIDDEN,
    507: Code.WEBDAV_NOT_STORED,
}
"""What a server says that it did not do, and why (RFC 4918 sections 9.7.1, 9.9.4 and 11)."""

_ASK_LENGTH: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>'
    b'<propfind xmlns="DAV:"><prop><getcontentlength/><resourcetype/></prop></propfind>'
)
_ASK_NAMES: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'
)
_XML: Final = "application/xml"
# How the library waits, and how a connection ends.
_NO_FAULT_OF_TLS: Final = (
    ssl.SSLWantReadError,
    ssl.SSLWantWriteError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
    ssl.SSLSyscallError,
)


class WebDavError(Exception):
    """The server said that it did not do what was asked; `code` says why, `status` is its own."""

    def __init__(self, code: Code, *, status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class WebDavLostError(WebDavError):
    """There is no answer, or none that is understood: nobody knows what the server did, or will do yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDavSettings:
    """Where one server is and how to speak to it; durations in seconds.

    `name` is what addresses call it by, `url` the collection below which the recipients' lie.
    Raises SluisError `setting-invalid`.
    """

    name: str
    url: str
    user: str
    password: bytes = field(repr=False)
    ca_file: Path | None = None
    connections: int = 2
    connect_timeout_seconds: float = 20
    timeout_seconds: float = 60

    def __post_init__(self) -> None:
        durations = (self.connect_timeout_seconds, self.timeout_seconds)
        if not self.url.startswith("https://") or self.connections < 1 or min(durations) <= 0:
            raise SluisError(Code.SETTING_INVALID, where=self.where)

    @property
    def where(self) -> str:
        """Say where in the settings this server stands."""
        return f"webdav.{self.name}"


class WebDavServer:
    """Implements the port `Place`: a path is what follows the server's `url`. Raises SluisError `setting-invalid`."""

    def __init__(self, settings: WebDavSettings) -> None:
        self._base = settings.url.rstrip("/")
        self._seconds = settings.timeout_seconds
        try:
            context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
        except OSError as error:
            raise SluisError(Code.SETTING_INVALID, where=f"{settings.where}.caFile") from error
        self._client = httpx.AsyncClient(
            verify=harden(context),
            auth=httpx.BasicAuth(settings.user, settings.password),
            headers={"Accept-Encoding": "identity"},
            timeout=httpx.Timeout(settings.timeout_seconds, connect=settings.connect_timeout_seconds),
            limits=httpx.Limits(max_connections=settings.connections, max_keepalive_connections=settings.connections),
            follow_redirects=False,
            trust_env=False,
            http2=False,
        )

    async def names(self, folder: bytes, /) -> list[bytes]:
        """Give the names in a folder that end with `.part`: those that the answer holds, however it is written.

        They are plain, so that they stand in it as they are; of a folder without end, those of the first 64 MiB.
        """
        found: dict[bytes, None] = {}
        async with self._asked("PROPFIND", folder + b"/", headers=_depth("1"), content=_ASK_NAMES) as answer:
            _require(answer, {_MULTI_STATUS})
            size, kept = 0, b""
            async for piece in answer.aiter_raw():
                kept += piece
                found.update(dict.fromkeys(_PART.findall(kept)))
                kept = kept[-_LONGEST_NAME:]
                size += len(piece)
                if size > _LARGEST_LISTING:
                    break
        return list(found)

    async def size(self, path: bytes, /) -> int | None:
        """Give the size of a file in bytes, -1 for what is no ordinary file; None when nothing has the name."""
        async with self._asked("PROPFIND", path, headers=_depth("0"), content=_ASK_LENGTH) as answer:
            if answer.status_code in _GONE:
                return None
            _require(answer, {_MULTI_STATUS})
            return _length_in(await _bounded(answer))

    async def digest(self, path: bytes, /, *, size: int) -> str:
        """Read a file of this size back, and give its SHA-256; of a longer one, that of somewhat more than the size."""
        digest, read = hashlib.sha256(), 0
        async with self._asked("GET", path, size=size) as answer:
            _require(answer, {httpx.codes.OK})
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise WebDavLostError(Code.WEBDAV_NOT_UNDERSTOOD)
            async for piece in answer.aiter_raw():
                # Small pieces, as they come: a thread for each would cost more than the hash does.
                digest.update(piece)
                read += len(piece)
                if read > size:
                    break
        return digest.hexdigest()

    async def write_new(self, path: bytes, chunks: Iterator[bytes], /, *, size: int) -> None:
        """Write a file that was not there, whole: its size is asked for afterwards. Raises also what the chunks raise.

        Of a small `size` in bytes, the chunks are read here; what is large is read and hashed in a thread.
        """
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream", "If-None-Match": "*"}
        content = _held_back(chunks, inline=size <= _READ_INLINE)
        async with self._asked("PUT", path, headers=headers, content=content, size=size) as answer:
            _require(answer, _CREATED)
            await _bounded(answer)
        if await self.size(path) != size:
            raise WebDavError(Code.WEBDAV_NOT_STORED)

    async def name(self, part: bytes, path: bytes, /) -> None:
        """Give a file its final name, if nothing has it."""
        headers = {"Destination": self._url(path), "Overwrite": "F"}
        async with self._asked("MOVE", part, headers=headers) as answer:
            _require(answer, _CREATED)
            await _bounded(answer)

    async def refuses_second_name(self, part: bytes, path: bytes, /) -> bool:
        """Tell whether a name that exists is refused."""
        try:
            await self.name(part, path)
        except WebDavLostError:
            raise
        except WebDavError as error:
            return error.status == httpx.codes.PRECONDITION_FAILED
        return False

    async def remove(self, path: bytes, /) -> None:
        """Take a file away, if it is there."""
        async with self._asked("DELETE", path) as answer:
            _require(answer, {httpx.codes.OK, httpx.codes.NO_CONTENT, *_GONE})
            await _bounded(answer)

    async def sync_folder(self, folder: bytes, /) -> None:
        """Do nothing: WebDAV has no word for a disk, and what the server says is written is all that can be known."""

    async def look(self) -> None:
        """Prove that the server's collection is there, and lets us in."""
        if await self.size(b"/") is None:
            raise WebDavError(Code.WEBDAV_FOLDER_MISSING)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    def _url(self, path: bytes) -> str:
        return f"{self._base}/{path.decode('ascii').lstrip('/')}"

    @asynccontextmanager
    async def _asked(
        self,
        method: str,
        path: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        size: int = 0,
    ) -> AsyncIterator[httpx.Response]:
        """Ask, and give the answer while it comes; `size` is how many bytes go to and fro. Raises WebDavError."""
        opening = Opening()
        request = self._client.stream(
            method, self._url(path), headers=headers, content=content, extensions={"trace": opening.trace}
        )
        until = asyncio.timeout(self._seconds + size / _SLOWEST_BYTES_PER_SECOND)
        try:
            async with opening, until, request as answer:
                yield answer
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, TimeoutError) as error:
            # The library reads where a redirect goes that it does not follow, and may find that it is no address.
            raise WebDavLostError(_fault(error)) from error


def _require(answer: httpx.Response, expected: frozenset[int] | set[int]) -> None:
    """Raise WebDavError for a status that was not expected (2)."""
    status = answer.status_code
    if status in expected:
        return
    if status in _CODES:
        raise WebDavError(_CODES[status], status=status)
    if httpx.codes.is_client_error(status):
        raise WebDavError(Code.WEBDAV_NOT_UNDERSTOOD, status=status)
    code = Code.WEBDAV_UNREACHABLE if httpx.codes.is_server_error(status) else Code.WEBDAV_NOT_UNDERSTOOD
    raise WebDavLostError(code, status=status)


def _fault(error: BaseException | None) -> Code:
    """Say why there is no answer: what TLS refused stands among the causes of what the library raises."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, ssl.SSLError) and not isinstance(error, _NO_FAULT_OF_TLS):
            return Code.WEBDAV_TLS_FAILED
        seen.append(error)
        error = error.__cause__ or error.__context__
    return Code.WEBDAV_UNREACHABLE


def _depth(depth: str) -> dict[str, str]:
    return {"Depth": depth, "Content-Type": _XML}


async def _bounded(answer: httpx.Response) -> bytes:
    """Read an answer, as it came; one that is too large is not understood."""
    body = bytearray()
    async for piece in answer.aiter_raw():
        body += piece
        if len(body) > _LARGEST_ANSWER:
            raise WebDavLostError(Code.WEBDAV_NOT_UNDERSTOOD)
    return bytes(body)


def _length_in(body: bytes) -> int | None:
    """Read the size out of a multi-status about one file (RFC 4918 sections 13, 15.4 and 15.9)."""
    try:
        root = parse_xml(body)
    except (XmlFaultError, UnreadableError) as error:
        raise WebDavLostError(Code.WEBDAV_NOT_UNDERSTOOD) from error
    if root.tag != "{DAV:}multistatus" or len(root.findall("{DAV:}response")) != 1:
        raise WebDavLostError(Code.WEBDAV_NOT_UNDERSTOOD)
    if any(f" {gone} " in f"{root.findtext('{DAV:}response/{DAV:}status')} " for gone in _GONE):
        return None
    if root.find(".//{DAV:}collection") is not None:
        return -1
    length = (root.findtext(".//{DAV:}getcontentlength") or "").strip()
    if not _LENGTH.fullmatch(length):
        raise WebDavLostError(Code.WEBDAV_NOT_UNDERSTOOD)
    return int(length)


async def _held_back(chunks: Iterator[bytes], *, inline: bool) -> AsyncIterator[bytes]:
    """Give the chunks, each only when the next is known: the last goes out after the check of them all (4)."""
    held = b""
    while (chunk := next(chunks, None) if inline else await asyncio.to_thread(next, chunks, None)) is not None:
        yield held
        held = chunk
    yield held
