"""Who is asking, and whether that person may.

1. On the Unix socket the kernel says which operating-system user is at the other end (SO_PEERCRED, unix(7)); that
   cannot be forged by the client. When one user plays several people, a token says which.
2. On TCP nobody is known: a token is required, and the Host header must name this machine (DNS rebinding).
3. A token that is sent is believed or refused; a bad token never falls back to the user of the socket.
4. Forwarded headers (X-Forwarded-For and the like) are never read.
"""

import socket
import struct
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.types import Scope as AsgiScope

from gateway.entrypoints.api.port import GatewayPort
from gateway.entrypoints.api.scopes import Scope
from gateway.package.errors import Code, SluisError
from gateway.package.states import Submitter

PEER_KEY = "sluis.peer"
_UCRED = struct.Struct("3i")
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of the socket, as the kernel knows it."""

    pid: int
    uid: int
    gid: int


class _Socket(Protocol):
    @property
    def family(self) -> int: ...
    def getsockopt(self, level: int, name: int, size: int, /) -> bytes: ...


def peer_of(connection: _Socket) -> Peer | None:
    """Ask the kernel who is at the other end; None when that is not a Unix socket."""
    if connection.family != socket.AF_UNIX:
        return None
    return Peer(*_UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)))


def require_own_host(scope: AsgiScope) -> None:
    """Check on TCP that the request was addressed to this machine, so that no web page can reach it by a foreign name.

    Raises SluisError `host-refused`.
    """
    if scope.get(PEER_KEY) is not None:
        return
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1 or _without_port(hosts[0]) not in _LOOPBACK_NAMES:
        raise SluisError(Code.HOST_REFUSED)


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def bearer_token(scope: AsgiScope) -> str | None:
    """Give the token of the Authorization header (RFC 6750 section 2.1), None without such a header.

    Raises SluisError `not-authenticated` when the header is anything else than one Bearer token.
    """
    values: list[bytes] = [value for name, value in scope["headers"] if name == b"authorization"]
    if not values:
        return None
    scheme, _, token = values[0].decode("latin-1").partition(" ")
    if len(values) != 1 or scheme.lower() != "bearer" or not token.strip():
        raise SluisError(Code.NOT_AUTHENTICATED)
    return token.strip()


class Admission:
    """Lets a request in for somebody who is known and may do what is asked."""

    def __init__(self, gateway: GatewayPort) -> None:
        self._gateway = gateway

    async def admit(self, request: Request, scope: Scope) -> Submitter:
        """Find who asks. Raises SluisError `not-authenticated`, or `not-permitted` when the token lacks the scope."""
        token = bearer_token(request.scope)
        if token is None:
            return self._person_at_the_socket(request)
        grant = await self._gateway.token(token)
        if grant is None:
            raise SluisError(Code.NOT_AUTHENTICATED)
        if scope.value not in grant.scopes:
            raise SluisError(Code.NOT_PERMITTED, detail={"scope": scope.value})
        return grant.submitter

    def _person_at_the_socket(self, request: Request) -> Submitter:
        peer: Peer | None = request.scope.get(PEER_KEY)
        person = self._gateway.person_of_uid(peer.uid) if peer is not None else None
        if person is None:
            raise SluisError(Code.NOT_AUTHENTICATED)
        return person

    def peer(self, request: Request) -> Peer:
        """Give the process at the socket. Raises SluisError `not-permitted` on TCP."""
        peer: Peer | None = request.scope.get(PEER_KEY)
        if peer is None:
            raise SluisError(Code.NOT_PERMITTED)
        return peer

    async def admit_watcher(self, request: Request, scope: Scope) -> None:
        """Let in who can open the socket, whoever that is, and a token with the scope.

        Raises SluisError `not-authenticated`, or `not-permitted` when the token lacks the scope.
        """
        if bearer_token(request.scope) is not None:
            await self.admit(request, scope)
        elif request.scope.get(PEER_KEY) is None:
            raise SluisError(Code.NOT_AUTHENTICATED)

    async def is_known(self, request: Request) -> bool:
        """Tell whether the request comes over the socket, which only those of the site can open, or with a token."""
        token = bearer_token(request.scope)
        if token is not None:
            return await self._gateway.token(token) is not None
        return request.scope.get(PEER_KEY) is not None
