"""Keeps what was approved and what is proposed over a restart: `spool/policy-standing.json`.

Rules:
1. It is written aside, flushed, renamed, and the folder flushed: after a crash the old or the new one is there, whole.
2. It carries a MAC under a key made of the site's own secret. Whoever can write into the spool and not read `secrets/`
   can not approve anything by writing this file; an older file that was valid once is not told apart.
3. One that is not whole, or not ours, approves nothing.
"""

import datetime as dt
import hashlib
import hmac
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.bootstrap.durable_files import flush_folder, write_durably
from gateway.bootstrap.logging_library import structlog
from gateway.package.ids import PersonId
from gateway.policy.standing import Approval, Proposal, Standing

_log = structlog.get_logger()
_FORMAT = "sluis-policy-standing/1"
_KEY_BYTES = 32


class StandingFile:
    """The file of one site. `secret` is the site's digest key; a key of its own is made of it."""

    def __init__(self, path: Path, *, secret: bytes) -> None:
        self._path = path
        self._key = HKDFExpand(algorithm=SHA256(), length=_KEY_BYTES, info=_FORMAT.encode()).derive(secret)

    def read(self) -> Standing:
        """Read how things stand; nothing is approved when the file is not there, not whole or not ours."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return Standing()
        except OSError as error:
            _log.error("policy-standing-refused", exc_info=error)
            return Standing()
        try:
            return self._read(orjson.loads(content))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            _log.error("policy-standing-refused", exc_info=error)
            return Standing()

    def write(self, standing: Standing) -> None:
        """Make how things stand durable. Raises OSError, and the file is as it was."""
        body = {
            "format": _FORMAT,
            "approved": _plain(standing.approved, ("digest", "proposer", "approver")),
            "proposal": _plain(standing.proposal, ("digest", "proposer", "organisation", "uid")),
        }
        write_durably(self._path, orjson.dumps({**body, "mac": self._mac(body)}), mode=0o600)

    def forget(self) -> None:
        """Approve nothing any more. Raises OSError."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return
        flush_folder(self._path.parent)

    def _read(self, content: Mapping[str, Any]) -> Standing:
        body = {name: value for name, value in content.items() if name != "mac"}
        if body["format"] != _FORMAT or not hmac.compare_digest(self._mac(body), content["mac"]):
            raise ValueError("not written by this site")
        return Standing(approved=_made(Approval, body["approved"]), proposal=_made(Proposal, body["proposal"]))

    def _mac(self, body: Mapping[str, Any]) -> str:
        text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _plain(fact: Approval | Proposal | None, names: tuple[str, ...]) -> dict[str, object] | None:
    if fact is None:
        return None
    return {name: getattr(fact, name) for name in names} | {"at": fact.at.isoformat()}


def _made(kind: "Callable[..., Any]", plain: Mapping[str, Any] | None) -> Any:
    if plain is None:
        return None
    people = {name: PersonId(plain[name]) for name in ("proposer", "approver") if name in plain}
    return kind(**{**plain, **people, "at": dt.datetime.fromisoformat(plain["at"])})
