"""What is known of each recipient's keys: `keys/RECIPIENT.yaml`, written by Sluis and read by people.

Rules:
1. A record says where a key came from, who brought it, and who has verified it how. It seals nothing: what is encrypted
   to is the fingerprint in the recipient's entry, which two people stand behind.
2. Whoever wishes something that takes a second person is named under a MAC made of the site's own secret, so that a
   name that somebody changed in the file is not believed.
3. A record is written aside, flushed and renamed; nothing in it is ever taken away, only marked.
"""

import datetime as dt
import hashlib
import hmac
from pathlib import Path
from typing import Annotated, Literal

import orjson
import yaml
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from pydantic import AfterValidator, Field, StringConstraints

from gateway.bootstrap.durable_files import write_durably
from gateway.bootstrap.setting_types import Setting, Slug
from gateway.bootstrap.settings import read_setting_file
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, parse_key

_FORMAT = "sluis-keys/1"
_KEY_BYTES = 32
_HEAD = "# Written by Sluis; what counts for sealing is the fingerprint in recipients/. See: sluis keys show\n"

KeyState = Literal["proposed", "trusted", "retired"]
Words = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _canonical_key(text: str) -> str:
    """Take what pins a key in the register, as written there: it is compared and shown as it stands."""
    try:
        is_canonical = parse_key(text) == text
    except SluisError:
        is_canonical = False
    if not is_canonical:
        raise ValueError("a whole fingerprint, x509: and 64 digits, or an age1 key expected")
    return text


class Wish(Setting):
    """What somebody wants done with a key, and who that is; `leave_without` as it was said."""

    what: Literal["trust", "retire"]
    by: Slug
    organisation: str
    uid: int | None = None
    at: dt.datetime
    leave_without: bool = False
    mac: str = ""


class KeyRecord(Setting):
    """One key of one recipient, of any kind. `waiting` is a wish that another person has to repeat."""

    fingerprint: Annotated[str, AfterValidator(_canonical_key)]
    state: KeyState
    algorithm: str = ""
    bits: Annotated[int, Field(ge=0)] = 0
    expires: dt.datetime | None = None
    source: str = ""
    imported_by: str = ""
    imported_at: dt.datetime | None = None
    renewed_by: str = ""
    renewed_at: dt.datetime | None = None
    renewed_source: str = ""
    verified_by: str = ""
    verified_at: dt.datetime | None = None
    how: str = ""
    retired_by: str = ""
    retired_at: dt.datetime | None = None
    waiting: Wish | None = None


class KeyRecords(Setting):
    """All keys of one recipient, in the order in which they came."""

    format: Literal["sluis-keys/1"] = "sluis-keys/1"
    recipient: Slug
    keys: tuple[KeyRecord, ...] = ()

    def find(self, fingerprint: str) -> KeyRecord | None:
        """Find a key."""
        return next((each for each in self.keys if each.fingerprint == fingerprint), None)

    def with_record(self, record: KeyRecord) -> "KeyRecords":
        """Put a record in the place of the one of the same key, or behind the others."""
        others = [record if each.fingerprint == record.fingerprint else each for each in self.keys]
        return self.model_copy(update={"keys": tuple(others if self.find(record.fingerprint) else (*others, record))})


class KeyRecordFiles:
    """The records of one site. `secret` is the site's digest key; a key of its own is made of it."""

    def __init__(self, folder: Path, *, secret: bytes) -> None:
        self._folder = folder
        self._key = HKDFExpand(algorithm=SHA256(), length=_KEY_BYTES, info=_FORMAT.encode()).derive(secret)

    def read(self, recipient: str) -> KeyRecords:
        """Read a recipient's keys, none when nothing is recorded. Raises SluisError `setting-invalid`."""
        path = self._path(recipient)
        found = read_setting_file(path, KeyRecords) if path.exists() else KeyRecords(recipient=recipient)
        if found.recipient != recipient:
            raise SluisError(Code.SETTING_INVALID, where=path.name, faults=(("recipient", "the file's own name"),))
        return found

    def every(self) -> tuple[KeyRecords, ...]:
        """Read all of them, by recipient. Raises SluisError `setting-invalid`."""
        return tuple(self.read(path.stem) for path in sorted(self._folder.glob("*.yaml")))

    def write(self, records: KeyRecords) -> None:
        """Make them durable. Raises OSError, and the file is as it was."""
        plain = records.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
        body = {"format": _FORMAT, **plain}
        text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=200)
        write_durably(self._path(records.recipient), (_HEAD + text).encode())

    def signed(self, wish: Wish, *, recipient: str, fingerprint: Fingerprint) -> Wish:
        """Give a wish with its MAC."""
        return wish.model_copy(update={"mac": self._mac(wish, recipient, fingerprint)})

    def is_ours(self, wish: Wish, *, recipient: str, fingerprint: Fingerprint) -> bool:
        """Tell whether this site wrote a wish, for this key of this recipient."""
        return hmac.compare_digest(self._mac(wish, recipient, fingerprint), wish.mac)

    def _mac(self, wish: Wish, recipient: str, fingerprint: str) -> str:
        said = wish.model_dump(mode="json", exclude={"mac"})
        text = orjson.dumps([recipient, fingerprint, said], option=orjson.OPT_SORT_KEYS)
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()

    def _path(self, recipient: str) -> Path:
        return self._folder / f"{recipient}.yaml"
