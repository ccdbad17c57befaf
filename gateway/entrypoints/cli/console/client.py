"""The way from the command line to the service: the site's Unix socket, and nothing else.

1. Proxies of the environment are ignored; nothing leaves the machine.
2. A connection that breaks is tried again: nearly every request here may be repeated, because the package has its id
   before it is handed in. `post_once` is for those that may not.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.api.socket_path import short_path, socket_of_site
from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.problems import ApiProblem
from gateway.entrypoints.cli.console.sites import require_site
from gateway.package.errors import Code, SluisError

Body = dict[str, Any]
Chunks = Callable[[], Iterator[bytes]]
_TIMEOUT = httpx.Timeout(120.0, connect=5.0)
_PAUSES_SECONDS = (0.2, 1.0)
_FIRST_ERROR = 400


class Client:
    """Speaks with one service; made by `connected`."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, **query: str) -> Body:
        """Look something up. Raises ApiProblem, or SluisError `service-unreachable`."""
        return self._again(lambda: self._http.get(path, params=query))

    def find(self, path: str) -> Body | None:
        """Look something up that may not be there yet."""
        try:
            return self.get(path)
        except ApiProblem as problem:
            if problem.body["code"] == Code.NOT_FOUND.value:
                return None
            raise

    def health(self) -> Body:
        """Give the health of the service, also when it is not ready."""
        body = _content(self._once(lambda: self._http.get("/health/ready")))
        if "ready" not in body:
            raise ApiProblem(body)
        return body

    def post(self, path: str, json_text: bytes) -> Body:
        """Send a JSON body."""
        headers = {"Content-Type": "application/json"}
        return self._again(lambda: self._http.post(path, content=json_text, headers=headers))

    def post_once(self, path: str, json_text: bytes) -> Body:
        """Send a JSON body that may not be repeated: of a decision, the second would be answered with a conflict."""
        headers = {"Content-Type": "application/json"}
        return _checked(self._once(lambda: self._http.post(path, content=json_text, headers=headers)))

    def post_parts(self, path: str, json_text: bytes, files: Mapping[str, bytes]) -> Body:
        """Send a manifest with files, as a form."""
        parts: list[tuple[str, tuple[str | None, bytes, str]]] = [("manifest", (None, json_text, "application/json"))]
        parts += [("file", (name, content, "application/octet-stream")) for name, content in files.items()]
        return self._again(lambda: self._http.post(path, files=parts))

    def put_document(self, package: str, number: int, chunks: Chunks) -> Body:
        """Bring one file; `chunks` gives it from its beginning, each time it is asked."""
        path = f"/v1/packages/{package}/documents/{number}"
        headers = {"Content-Type": "application/octet-stream"}
        for pause in (*_PAUSES_SECONDS, None):
            try:
                return _checked(self._http.put(path, content=chunks(), headers=headers))
            except httpx.TransportError as error:
                view = self._after(error, pause, package)
                if all(each["number"] != number for each in view["expected"]):
                    return view
        raise SluisError(Code.SERVICE_UNREACHABLE)

    def _after(self, error: httpx.TransportError, pause: float | None, package: str) -> Body:
        """Wait after a broken connection, then look whether the file had arrived."""
        if pause is None:
            raise SluisError(Code.SERVICE_UNREACHABLE) from error
        time.sleep(pause)
        return self.get(f"/v1/packages/{package}")

    def _again(self, ask: Callable[[], httpx.Response]) -> Body:
        for pause in _PAUSES_SECONDS:
            try:
                return _checked(ask())
            except httpx.ConnectError as error:
                raise SluisError(Code.SERVICE_UNREACHABLE) from error
            except httpx.TransportError:
                time.sleep(pause)
        return _checked(self._once(ask))

    def _once(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            return ask()
        except httpx.TransportError as error:
            raise SluisError(Code.SERVICE_UNREACHABLE) from error


@contextmanager
def connected(invocation: Invocation) -> Iterator[Client]:
    """Open the way to the service of the site. Raises SluisError `site-missing` or `service-unreachable`."""
    site = invocation.required_site()
    socket = socket_of_site(site)
    headers = {"Accept-Language": invocation.language.value}
    if invocation.token:
        headers["Authorization"] = f"Bearer {invocation.token}"
    try:
        there = socket.is_socket()
    except PermissionError as error:
        raise SluisError(Code.SERVICE_UNREACHABLE) from error
    if not there:
        require_site(SiteLayout(site))
        raise SluisError(Code.SERVICE_UNREACHABLE)
    with (
        short_path(socket) as name,
        httpx.Client(
            transport=httpx.HTTPTransport(uds=name),
            base_url="http://localhost",
            headers=headers,
            timeout=_TIMEOUT,
            trust_env=False,
        ) as http,
    ):
        yield Client(http)


def _checked(response: httpx.Response) -> Body:
    body = _content(response)
    if response.status_code >= _FIRST_ERROR:
        raise ApiProblem(body)
    return body


def _content(response: httpx.Response) -> Body:
    try:
        body = response.json()
    except ValueError as error:
        raise SluisError(Code.SERVICE_UNREACHABLE) from error
    if not isinstance(body, dict):
        raise SluisError(Code.SERVICE_UNREACHABLE)
    return body
