"""Registers that are asked over HTTPS: the case system by the ZGW Documenten API, and the register of the bar.

Rules:
1. What is not exactly the answer that was asked for is no answer: unreachable, so what needs it waits.
2. References and numbers are opaque text. They travel percent-encoded and stand in no log, error or event.
3. Nothing is remembered: each decision asks again. For the bar that is stricter than the thirty days of a snapshot.
"""

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from gateway.evidence.https_peer import NOT_FOUND, OK, HttpsPeer, UnansweredError
from gateway.evidence.papers import MAX_PAPER_BYTES
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Filing, Standing

_MOST_JSON_BYTES = 1024 * 1024
_MOST_RESULTS = 20
_SHA256 = re.compile("[0-9A-Fa-f]{64}")
_DRAFTS = ("in_bewerking", "ter_vaststelling")
_NOBODY = "sluis-check"
_STANDINGS = {each.value: each for each in (Standing.REGISTERED, Standing.SUSPENDED, Standing.STRUCK_OFF)}


def zgw_token(client_id: str, secret: bytes, *, clock: Callable[[], float] = time.time) -> str:
    """Write the header of the ZGW APIs: a JSON Web Token (RFC 7519) signed with HS256, fresh for each question.

    The `user_id` is the client's: no person asks here, and the other side's log need not know who hands in what.
    """
    head = {"typ": "JWT", "alg": "HS256", "client_identifier": client_id}
    said = {
        "iss": client_id,
        "iat": int(clock()),
        "client_id": client_id,
        "user_id": client_id,
        "user_representation": "Sluis",
    }
    parts = b".".join(_base64url(json.dumps(each).encode()) for each in (head, said))
    return "Bearer " + b".".join((parts, _base64url(hmac.digest(secret, parts, "sha256")))).decode()


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


class ZgwCaseSystem:
    """A case system with the ZGW Documenten API; `organisation` is its RSIN, when references are unique only there."""

    def __init__(self, peer: HttpsPeer, *, organisation: str = "") -> None:
        self._peer = peer
        self._organisation = organisation

    def filing(self, reference: str, /, *, sha256: str) -> Filing:
        """See the port `CaseSystem`. A draft is not filed: it may be another text tomorrow."""
        until = self._peer.deadline()
        try:
            found = any(self._is_it(each, sha256, until=until) for each in self._documents(reference, until=until))
        except UnansweredError:
            return Filing.UNREACHABLE
        return Filing.FILED if found else Filing.NOT_FILED

    def check(self) -> None:
        """Ask about a reference that nobody has. Raises SluisError `register-unreachable`."""
        if self.filing(_NOBODY, sha256="") is Filing.UNREACHABLE:
            raise SluisError(Code.REGISTER_UNREACHABLE, where="registers.caseSystem")

    def close(self) -> None:
        """Close the connections that are kept."""
        self._peer.close()

    def _documents(self, reference: str, *, until: float) -> Iterator[dict[str, Any]]:
        """Give the documents with exactly this reference, out of one page. Raises UnansweredError for more of them."""
        query = f"identificatie={_quoted(reference)}"
        if self._organisation:
            query += f"&bronorganisatie={_quoted(self._organisation)}"
        answer = self._peer.ask(f"/enkelvoudiginformatieobjecten?{query}", most=_MOST_JSON_BYTES, until=until)
        page = answer.json_object()
        results = page.get("results")
        if answer.status != OK or not isinstance(results, list) or len(results) > _MOST_RESULTS or page.get("next"):
            raise UnansweredError
        for each in results:
            # A system that does not know the filter gives everything: somebody else's document proves nothing.
            if not isinstance(each, dict) or each.get("identificatie") != reference:
                raise UnansweredError
            yield each

    def _is_it(self, document: dict[str, Any], sha256: str, *, until: float) -> bool:
        if document.get("status") in _DRAFTS:
            return False
        digest = _declared_digest(document)
        return (digest or self._digest_of(document, until=until)) == sha256

    def _digest_of(self, document: dict[str, Any], *, until: float) -> str:
        """Download a document and digest it; one that is larger than any paper here is another one."""
        url, size = document.get("inhoud"), document.get("bestandsomvang")
        if isinstance(size, int) and size > MAX_PAPER_BYTES:
            return ""
        if not isinstance(url, str):
            raise UnansweredError
        digest = hashlib.sha256()
        for piece in self._peer.download(url, most=MAX_PAPER_BYTES, until=until):
            digest.update(piece)
        return digest.hexdigest()


def _quoted(text: str) -> str:
    """Write opaque text as a part of an address. Raises UnansweredError for half a surrogate: nobody has that."""
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise UnansweredError from error


def _declared_digest(document: dict[str, Any]) -> str:
    """Give the SHA-256 that the case system itself has of a document; nothing when it has another digest, or none."""
    declared = document.get("integriteit")
    if not isinstance(declared, dict) or declared.get("algoritme") != "sha_256":
        return ""
    value = declared.get("waarde")
    return value.lower() if isinstance(value, str) and _SHA256.fullmatch(value) else ""


class BarOverHttps:
    """The register of the bar behind a service of the organisation: `GET /lawyers/NUMBER` gives `{number, status}`.

    The Nederlandse Orde van Advocaten publishes no such interface; docs/administrator.md describes ours.
    """

    def __init__(self, peer: HttpsPeer) -> None:
        self._peer = peer

    def standing(self, number: str, /, *, on: dt.date) -> Standing:  # noqa: ARG002 - it is asked now, for today.
        """See the port `BarRegister`."""
        if set(number) <= {"."}:
            # Would lead out of the folder `lawyers`, percent-encoded or not.
            return Standing.NOT_FOUND
        try:
            answer = self._peer.ask(f"/lawyers/{_quoted(number)}", most=_MOST_JSON_BYTES, until=self._peer.deadline())
            if answer.status == NOT_FOUND:
                return Standing.NOT_FOUND
            said = answer.json_object()
        except UnansweredError:
            return Standing.UNREACHABLE
        if answer.status != OK or said.get("number") != number:
            return Standing.UNREACHABLE
        return _STANDINGS.get(str(said.get("status")), Standing.UNREACHABLE)

    def check(self) -> None:
        """Ask about a number that nobody has. Raises SluisError `register-unreachable`."""
        if self.standing(_NOBODY, on=dt.date.min) is not Standing.NOT_FOUND:
            raise SluisError(Code.REGISTER_UNREACHABLE, where="registers.barService")

    def close(self) -> None:
        """Close the connections that are kept."""
        self._peer.close()
