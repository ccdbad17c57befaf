"""Settings of a witness: `witness.yaml` and `witness.key` in a folder of its own, at another organisation."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import AfterValidator, Field

from gateway.audit.notes import NoteError, NoteKey, NoteSigner, SignatureType, read_note_key
from gateway.bootstrap.pickup_settings import ListenSettings
from gateway.bootstrap.secrets_store import create_secret, read_secret
from gateway.bootstrap.setting_types import Setting
from gateway.bootstrap.settings import read_setting_file
from gateway.package.errors import Code, SluisError

FILE_NAME = "witness.yaml"
_KEY = "witness"
_FILE_EXPECTED: Final = "this file in the folder of the witness expected"
_KEY_EXPECTED: Final = "this file out of a back-up expected; only a new witness makes one, with --new-key"
EXPECTATIONS: Final = (_FILE_EXPECTED, _KEY_EXPECTED)


def _is_log_key(text: str) -> str:
    if read_note_key(text).type is not SignatureType.LOG:
        raise NoteError("the key of a log expected")
    return text


class WitnessSettings(Setting):
    """All of witness.yaml: what the witness is called, where it listens, and the logs that it knows by their keys."""

    format: Literal["sluis-witness/1"]
    name: Annotated[str, Field(pattern=r"^[^\s+\x00-\x1f]{1,200}$")]
    listen: ListenSettings
    logs: Annotated[tuple[Annotated[str, AfterValidator(_is_log_key)], ...], Field(min_length=1)]

    def keys(self) -> tuple[NoteKey, ...]:
        """Give the keys of the logs."""
        return tuple(map(read_note_key, self.logs))


def read_witness_settings(folder: Path) -> WitnessSettings:
    """Read them. Raises SluisError `setting-invalid` with every fault, `read-forbidden`."""
    try:
        return read_setting_file(folder / FILE_NAME, WitnessSettings)
    except SluisError as error:
        if error.code is not Code.SITE_MISSING:
            raise
        fault = (FILE_NAME, _FILE_EXPECTED)
        raise SluisError(Code.SETTING_INVALID, where=FILE_NAME, faults=(fault,)) from error


def witness_signer(folder: Path, name: str) -> NoteSigner:
    """Read the witness's own key. Raises SluisError `setting-invalid`, `read-forbidden`."""
    secret = read_secret(folder, _KEY, credentials=None, expected=_KEY_EXPECTED)
    return NoteSigner(name, SignatureType.COSIGNATURE, Ed25519PrivateKey.from_private_bytes(secret))


def create_witness_key(folder: Path, name: str, *, random: Callable[[int], bytes]) -> NoteKey:
    """Draw the key of a witness. Raises FileExistsError when there is one."""
    create_secret(folder, _KEY, random=random)
    return witness_signer(folder, name).public()
