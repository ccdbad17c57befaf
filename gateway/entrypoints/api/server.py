"""Serves the API inside a running event loop: on a Unix socket in a private folder, on loopback TCP when asked for.

1. The socket's folder is ours, with mode 0700, and so only those of the site reach the socket; its mode is 0600.
   With a group, its members pass through to it (0710, 0660): the kernel still says who each of them is.
2. A socket left by a service that died is removed; one on which somebody still listens never is.
3. TCP binds loopback addresses only.
4. Signals are left to whoever runs the loop: it sets `stop()` and waits for `run()` to return.
"""

import asyncio
import ipaddress
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.entrypoints.api.protocol import protocol_for
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.api.socket_path import short_path
from gateway.package.errors import Code, SluisError

_BACKLOG = 512
_WHERE_SOCKET = "run/api.sock"
_WHERE_TCP = "api.tcp"


class ApiServer:
    """One server on all its addresses; `started` is set when it answers."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        socket_path: Path | None,
        tcp: tuple[str, int] | None,
        settings: ApiSettings,
        socket_group: int | None = None,
        keep_alive_seconds: int = 30,
        shutdown_seconds: int = 10,
    ) -> None:
        if socket_path is None and tcp is None:
            raise ValueError("a server takes a socket, an address, or both")
        self._socket_path = socket_path
        self._socket_group = socket_group
        self._tcp = tcp
        self.started = asyncio.Event()
        self.tcp_address: tuple[str, int] | None = None
        config = uvicorn.Config(
            app,
            http=protocol_for(settings),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=_BACKLOG,
            timeout_keep_alive=keep_alive_seconds,
            timeout_graceful_shutdown=shutdown_seconds,
        )
        self._server = SignalFreeServer(config, self.started)

    async def run(self) -> None:
        """Serve until `stop()` or cancellation. Raises SluisError `setting-invalid` or `site-in-use`."""
        with ExitStack() as opened:
            sockets = []
            if self._socket_path is not None:
                sockets.append(opened.enter_context(listening_socket(self._socket_path, group=self._socket_group)))
            if self._tcp is not None:
                sockets.append(opened.enter_context(loopback_socket(*self._tcp)))
                self.tcp_address = sockets[-1].getsockname()[:2]
            await self._serve(sockets)

    async def _serve(self, sockets: list[socket.socket]) -> None:
        try:
            await self._server.serve(sockets=sockets)
        except asyncio.CancelledError:
            # Requests under way still get their answer within the shutdown time.
            await asyncio.shield(self._server.shutdown(sockets=sockets))
            raise

    def stop(self) -> None:
        """Ask the server to finish what is under way and return."""
        self._server.should_exit = True


class SignalFreeServer(uvicorn.Server):
    """uvicorn without its signal handlers, telling when it has started."""

    def __init__(self, config: uvicorn.Config, started: asyncio.Event) -> None:
        super().__init__(config)
        self._is_up = started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the loop."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets=sockets)
        self._is_up.set()


@contextmanager
def listening_socket(path: Path, *, group: int | None) -> Iterator[socket.socket]:
    """Make the socket in its private folder, for a group when asked, and remove it in the end. Raises SluisError."""
    _make_private(path.parent, group=group)
    with short_path(path) as short, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        place = Path(short)
        _remove_stale(place)
        listener.bind(short)
        own = _inode(place)
        place.chmod(stat.S_IRUSR | stat.S_IWUSR)
        if group is not None:
            _let_in(place, group, mode=stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IWGRP)
        try:
            yield listener
        finally:
            if _inode(place) == own:
                place.unlink()


def _make_private(folder: Path, *, group: int | None) -> None:
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    status = folder.stat()
    # A group may pass through to the socket, and neither list what lies there nor put something of its own there.
    refused = stat.S_IRWXO | (stat.S_IRWXG if group is None else stat.S_IRGRP | stat.S_IWGRP)
    if status.st_uid != os.geteuid() or status.st_mode & refused:
        fault = ("run", f"a folder of the service's own user, with mode {'0700' if group is None else '0710'}")
        raise SluisError(Code.SETTING_INVALID, where=_WHERE_SOCKET, faults=(fault,))
    if group is not None:
        _let_in(folder, group, mode=stat.S_IRWXU | stat.S_IXGRP)


def _let_in(place: Path, group: int, *, mode: int) -> None:
    """Give a group its right. The group comes first, so that no other one has it meanwhile."""
    try:
        os.chown(place, -1, group)
    except PermissionError as error:
        fault = ("api.group", "a group that the service's own user is a member of")
        raise SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,)) from error
    place.chmod(mode)


def _remove_stale(path: Path) -> None:
    """Remove the socket of a dead service. Raises SluisError `site-in-use`, `setting-invalid` when it is no socket."""
    if _inode(path) is None:
        return
    if not path.is_socket() or path.is_symlink():
        fault = (_WHERE_SOCKET, "a socket or nothing")
        raise SluisError(Code.SETTING_INVALID, where=_WHERE_SOCKET, faults=(fault,))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
            return
    raise SluisError(Code.SITE_IN_USE, where=_WHERE_SOCKET)


def _inode(place: Path) -> int | None:
    try:
        return place.lstat().st_ino
    except FileNotFoundError:
        return None


@contextmanager
def loopback_socket(host: str, port: int) -> Iterator[socket.socket]:
    """Bind a loopback address; port 0 takes a free one. Raises SluisError `setting-invalid` for any other address."""
    address = _loopback_address(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004 - IP versions are names
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((str(address), port))
        except (OSError, OverflowError) as error:
            fault = (_WHERE_TCP, "a free port of this machine")
            raise SluisError(Code.SETTING_INVALID, where=_WHERE_TCP, faults=(fault,)) from error
        yield listener


def _loopback_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    literal = "127.0.0.1" if host == "localhost" else host.strip("[]")
    try:
        address = ipaddress.ip_address(literal)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        fault = (_WHERE_TCP, "a loopback address: 127.0.0.1, [::1] or localhost")
        raise SluisError(Code.SETTING_INVALID, where=_WHERE_TCP, faults=(fault,))
    return address
