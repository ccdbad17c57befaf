"""One connection to an SFTP server: its host key pinned, then one session of file operations.

Rules, in order:
1. The server proves one of the host keys of the settings, or nothing else is said to it. There is no first use on
   trust, no file of known hosts that grows, and no certificate authority.
2. AES-GCM only, key agreement and signatures without SHA-1, and the log-in by a key. No setting changes that (NCSC
   guideline for TLS by analogy; RFC 9142; CBC and ChaCha20-Poly1305 are left out after Terrapin, CVE-2023-48795).
   Nothing of this machine's own ssh is read: no configuration, no agent, no key.
3. Every wait has a deadline.
4. A file gets its name by `hardlink@openssh.com`, which never overwrites. Where that is not offered or not possible, by
   the plain rename of SFTP 3, which refuses a name that exists (draft-ietf-secsh-filexfer-02 section 6.5).
   `posix-rename@openssh.com` overwrites and is never asked for.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeVar, cast

import asyncssh

from gateway.deliver.sftp_packets import LeanConnection
from gateway.package.errors import Code, SluisError

_KEY_EXCHANGES: Final = (
    "mlkem768x25519-sha256",
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp521",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp256",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group16-sha512",
)
_CIPHERS: Final = ("aes256-gcm@openssh.com", "aes128-gcm@openssh.com")
# Never used with AES-GCM, but the library wants a list.
_MACS: Final = ("hmac-sha2-512-etm@openssh.com", "hmac-sha2-256-etm@openssh.com")
_SIGNATURES: Final = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
# So much is on its way at once: enough for a fast line over a long distance, and what a delivery takes of memory.
_WINDOW_BYTES: Final = 4 << 20
_LARGEST_PIECE: Final = 1 << 20
_READ_INLINE: Final = 256 * 1024
_AHEAD: Final = 16
_MOST_NAMES: Final = 100_000
_FAREWELL_SECONDS: Final = 5
# The recipient's programs read by group; nobody else does. The server's own umask may take away more.
_NEW: Final = asyncssh.SFTPAttrs(permissions=0o640)

FAILURES: Final = (asyncssh.Error, OSError, TimeoutError)
"""What a broken connection or an unwilling server can raise; anything else is a fault of our own."""
LOST: Final = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.DisconnectError, OSError, TimeoutError)
"""What leaves the connection unusable, or nobody knows in which state."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpSettings:
    """Where one server is and how to speak to it; durations in seconds.

    `name` is what addresses call it by. `host_keys` are those that it may prove. `folder` is the one below which the
    recipients' folders lie, empty for the one in which a session begins. Raises SluisError `setting-invalid`.
    """

    name: str
    host: str
    user: str
    host_keys: tuple[asyncssh.SSHKey, ...]
    key: asyncssh.SSHKey = field(repr=False)
    port: int = 22
    folder: str = ""
    connections: int = 2
    connect_timeout_seconds: float = 20
    timeout_seconds: float = 60
    recheck_seconds: float = 10
    idle_seconds: float = 60

    def __post_init__(self) -> None:
        durations = (self.connect_timeout_seconds, self.timeout_seconds)
        if not self.host or not self.host_keys or self.connections < 1 or min(durations) <= 0:
            raise SluisError(Code.SETTING_INVALID, where=self.where)

    @property
    def where(self) -> str:
        """Say where in the settings this server stands."""
        return f"sftp.{self.name}"


_CODES: Final[tuple[tuple[tuple[type[BaseException], ...], Code], ...]] = (
    ((asyncssh.HostKeyNotVerifiable,), Code.SFTP_HOST_KEY_CHANGED),
    ((asyncssh.KeyExchangeFailed, asyncssh.ProtocolNotSupported), Code.SFTP_OUTDATED),
    ((asyncssh.PermissionDenied, asyncssh.IllegalUserName), Code.SFTP_LOGIN_REFUSED),
    (LOST, Code.SFTP_UNREACHABLE),
    ((asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPNotADirectory), Code.SFTP_FOLDER_MISSING),
    ((asyncssh.SFTPPermissionDenied, asyncssh.SFTPWriteProtect), Code.SFTP_FORBIDDEN),
    ((asyncssh.SFTPError,), Code.SFTP_NOT_STORED),
)


def code_of(error: BaseException) -> Code:
    """Say what a failure means, by its kind alone: texts of a server are left where they are."""
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), Code.SFTP_UNREACHABLE)


class Connection:
    """A connection that is logged in and has a session; made by `connect`. Paths are the server's own.

    Every operation raises what the library raises. `idle_since` is as `IdleConnections` wants it.
    """

    def __init__(self, ssh: asyncssh.SSHClientConnection, sftp: asyncssh.SFTPClient, settings: SftpSettings) -> None:
        self.idle_since = asyncio.get_running_loop().time()
        self._ssh = ssh
        self._sftp = sftp
        self._seconds = settings.timeout_seconds
        self._recheck_seconds = settings.recheck_seconds
        self._folders_sync = True

    async def still_there(self) -> None:
        """Ask whether the server is there, when nothing was heard of it for a while."""
        if self._ssh.is_closed():
            raise asyncssh.ConnectionLost("connection lost")
        if asyncio.get_running_loop().time() - self.idle_since > self._recheck_seconds:
            await self._timed(self._sftp.realpath(b"."))

    async def names(self, folder: bytes) -> list[bytes]:
        """Give the names in a folder; of a folder that never ends, the first hundred thousand."""
        return await self._timed(self._names(folder))

    async def _names(self, folder: bytes) -> list[bytes]:
        found: list[bytes] = []
        async for entry in self._sftp.scandir(folder):
            name = entry.filename
            found.append(name if isinstance(name, bytes) else name.encode())
            if len(found) == _MOST_NAMES:
                break
        return found

    async def size(self, path: bytes) -> int | None:
        """Give the size of a file in bytes, -1 for what is no ordinary file; None when nothing has the name."""
        try:
            found = await self._timed(self._sftp.lstat(path))
        except asyncssh.SFTPNoSuchFile:
            return None
        ordinary = found.type == asyncssh.FILEXFER_TYPE_REGULAR
        return found.size if ordinary and found.size is not None else -1

    async def digest(self, path: bytes, *, size: int) -> str:
        """Read a file of this size back, and give its SHA-256."""
        digest, at = hashlib.sha256(), 0
        piece = max(1, min(self._sftp.limits.max_read_len, _LARGEST_PIECE))
        async with self._opened(path, "rb") as file:
            while at < size and (content := await self._timed(file.read(piece, at))):
                digest.update(cast("bytes", content))
                at += len(content)
        return digest.hexdigest()

    async def write_new(self, path: bytes, chunks: Iterator[bytes], *, size: int) -> None:
        """Write a file that was not there, whole and on the server's disk where it offers that.

        Of a small `size` in bytes, the chunks are read here; what is large is read and hashed in a thread. Raises also
        what they raise.
        """
        async with self._opened(path, "xb") as file:
            await self._write(file, chunks, inline=size <= _READ_INLINE)
            # No such extension, no promise: what the server says is written is then all that can be known.
            with suppress(asyncssh.SFTPOpUnsupported):
                await self._timed(file.fsync())

    async def name(self, part: bytes, path: bytes) -> None:
        """Give a file its final name, if nothing has it; it may or may not keep the other one."""
        try:
            await self._timed(self._sftp.link(part, path))
        except LOST:
            raise
        except asyncssh.SFTPError:
            if await self.size(path) is not None:
                raise
            # A file system without hard links.
            await self._timed(self._sftp.rename(part, path))

    async def refuses_second_name(self, part: bytes, path: bytes) -> bool:
        """Tell whether a name that exists is refused, by every way by which this asks for one."""
        for ask in (self._sftp.link, self._sftp.rename):
            try:
                await self._timed(ask(part, path))
            except LOST:
                raise
            except asyncssh.SFTPError:
                continue
            return False
        return True

    async def remove(self, path: bytes) -> None:
        """Take a file away, if it is there."""
        with suppress(asyncssh.SFTPNoSuchFile):
            await self._timed(self._sftp.remove(path))

    async def sync_folder(self, folder: bytes) -> None:
        """Bring new names to the server's disk, where it can: OpenSSH opens a folder as a file, others do not."""
        if not self._folders_sync:
            return
        try:
            async with self._opened(folder, "rb") as opened:
                await self._timed(opened.fsync())
        except LOST:
            raise
        except asyncssh.SFTPError:
            self._folders_sync = False

    def drop(self) -> None:
        """Close without a word: for a connection in an unknown state."""
        self._ssh.abort()

    def dismiss(self) -> None:
        """Say goodbye and close, without waiting."""
        self._sftp.exit()
        self._ssh.close()

    async def quit(self) -> None:
        """Say goodbye and close; the socket is closed when this returns."""
        self.dismiss()
        with suppress(*FAILURES):
            async with asyncio.timeout(_FAREWELL_SECONDS):
                await self._ssh.wait_closed()
        self.drop()
        # The loop closes an aborted transport in its next turn.
        await asyncio.sleep(0)

    async def _write(self, file: asyncssh.SFTPClientFile, chunks: Iterator[bytes], *, inline: bool) -> None:
        """Keep a window of writes on their way; the first that fails ends the others."""
        piece = max(1, min(self._sftp.limits.max_write_len, _LARGEST_PIECE))
        places = asyncio.Semaphore(max(1, _WINDOW_BYTES // piece))

        async def write(content: memoryview, at: int) -> None:
            try:
                # The library only ever puts it behind something else, which is the copy that there has to be.
                await self._timed(file.write(cast("bytes", content), at))
            finally:
                places.release()

        pieces = pieces_of(chunks, piece)

        async def following() -> list[memoryview]:
            return await asyncio.to_thread(list, islice(pieces, _AHEAD)) if not inline else list(pieces)

        at = 0
        try:
            async with asyncio.TaskGroup() as group:
                batch = await following()
                while batch:
                    # The next ones are read and hashed while these are encrypted and sent.
                    upcoming = group.create_task(following())
                    for content in batch:
                        await places.acquire()
                        group.create_task(write(content, at))
                        at += len(content)
                    batch = await upcoming
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from failures

    @asynccontextmanager
    async def _opened(self, path: bytes, mode: str) -> AsyncIterator[asyncssh.SFTPClientFile]:
        attributes = _NEW if mode == "xb" else asyncssh.SFTPAttrs()
        # A size of 0 is how the library is told that we cut into pieces ourselves: its own tasks outlive a failure.
        file = await self._timed(self._sftp.open(path, mode, attributes, block_size=0))
        try:
            yield file
        except BaseException:
            # What failed is what is told; a connection that does not answer is not waited for here.
            with suppress(*FAILURES):
                async with asyncio.timeout(_FAREWELL_SECONDS):
                    await file.close()
            raise
        await self._timed(file.close())

    async def _timed(self, operation: Awaitable[_T]) -> _T:
        """Wait for an operation; at the deadline the connection is dropped, which ends whatever waits on it.

        Cancelling the operation would not do: the library says goodbye to handles then, and waits for the answer.
        """
        deadline = asyncio.get_running_loop().call_later(self._seconds, self._ssh.abort)
        try:
            return await operation
        finally:
            deadline.cancel()


def pieces_of(chunks: Iterator[bytes], size: int) -> Iterator[memoryview]:
    """Give a stream in pieces of just this size, the last one shorter; only what lies across two chunks is copied."""
    rest = memoryview(b"")
    for chunk in chunks:
        view = memoryview(chunk)
        if rest:
            missing = size - len(rest)
            rest, view = memoryview(b"".join((rest, view[:missing]))), view[missing:]
            if len(rest) < size:
                continue
            yield rest
        whole = len(view) - len(view) % size
        yield from (view[at : at + size] for at in range(0, whole, size))
        rest = view[whole:]
    if rest:
        yield rest


async def connect(settings: SftpSettings) -> Connection:
    """Connect, have the server prove itself, log in and begin a session, all within the connect time-out.

    Raises what the library raises, and TimeoutError.
    """
    async with asyncio.timeout(settings.connect_timeout_seconds):
        ssh = await asyncssh.connect(settings.host, settings.port, options=_options(settings))
        # The library makes the object itself; it has the same fields.
        ssh.__class__ = LeanConnection
        try:
            return Connection(ssh, await ssh.start_sftp_client(), settings)
        except BaseException:
            ssh.abort()
            raise


def _options(settings: SftpSettings) -> asyncssh.SSHClientConnectionOptions:
    # The library tells host, user and file names at its lower levels; ours is the only log.
    asyncssh.set_log_level(logging.CRITICAL)
    asyncssh.set_sftp_log_level(logging.CRITICAL)
    return asyncssh.SSHClientConnectionOptions(
        config=None,
        username=settings.user,
        known_hosts=([*settings.host_keys], [], []),
        client_keys=[settings.key],
        client_certs=(),
        agent_path=None,
        preferred_auth=["publickey"],
        password_auth=False,
        kbdint_auth=False,
        host_based_auth=False,
        gss_host=None,
        gss_kex=False,
        gss_auth=False,
        x509_trusted_certs=None,
        kex_algs=_KEY_EXCHANGES,
        encryption_algs=_CIPHERS,
        mac_algs=_MACS,
        server_host_key_algs=_host_key_algorithms(settings),
        signature_algs=_SIGNATURES,
        compression_algs=None,
        connect_timeout=settings.connect_timeout_seconds,
        login_timeout=settings.connect_timeout_seconds,
    )


def _host_key_algorithms(settings: SftpSettings) -> list[str]:
    """Ask first for the kinds of key that are pinned; others follow, so that a change of kind is told as a change."""
    pinned = {each.decode() for key in settings.host_keys for each in key.sig_algorithms}
    return sorted(_SIGNATURES, key=lambda each: each not in pinned)


def read_host_key(line: str) -> asyncssh.SSHKey:
    """Read one line of a server's public key (`ssh-ed25519 AAAA…`). Raises ValueError for one that is not accepted."""
    key = asyncssh.import_public_key(line.encode())
    _require_modern(key)
    return key


def read_own_key(content: bytes) -> asyncssh.SSHKey:
    """Read a private key without a pass-phrase. Raises ValueError for one that is not accepted."""
    key = asyncssh.import_private_key(content)
    _require_modern(key)
    return key


_SMALLEST_RSA: Final = 3072


def _require_modern(key: asyncssh.SSHKey) -> None:
    """Refuse DSA, keys of other kinds than we sign or verify with, and RSA below 3072 bits."""
    if not {each.decode() for each in key.sig_algorithms} & set(_SIGNATURES):
        raise ValueError("a key for one of the accepted signatures expected")
    size = getattr(key.pyca_key, "key_size", _SMALLEST_RSA)
    if key.algorithm == b"ssh-rsa" and size < _SMALLEST_RSA:
        raise ValueError("an RSA key of at least 3072 bits expected")
