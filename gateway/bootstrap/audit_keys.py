"""The key of the audit log: what signs its checkpoints, and the file that tells outsiders by which keys to check.

`audit/vkeys` holds one public key per line as C2SP writes them: first the log's own, then its witnesses'. The name in
the first line is the log's origin, given once when the site is made. The secret half lies with the site's secrets, is
read by the service alone, and is never drawn anew: another key would look like somebody else's log.
"""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.notes import NoteError, NoteKey, NoteSigner, SignatureType, read_note_key
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secrets_store import create_secret, missing_file, read_secret
from gateway.package.errors import Code, SluisError

_NAME = "audit"
_FILE = "audit/vkeys"
VKEYS_EXPECTED: Final = (
    "this file out of a back-up expected; only a site that never had an audit log makes one, with 'sluis audit init'"
)


def own_origin() -> str:
    """Give what the log of this machine is called when nobody says otherwise."""
    return f"{socket.gethostname()}/audit/node-1"


def create_audit_key(site: SiteLayout, *, origin: str, random: Callable[[int], bytes]) -> None:
    """Draw the key of a new log and write down its public half. Raises FileExistsError when there is one.

    Raises NoteError when the origin has spaces or a plus sign.
    """
    _signer(origin, bytes(32)).public()
    create_secret(site.secrets, _NAME, random=random)
    signer = _signer(origin, read_secret(site.secrets, _NAME, credentials=None))
    descriptor = os.open(site.audit_keys, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(signer.public().as_text() + "\n")
        target.flush()
        os.fsync(descriptor)


def read_audit_signer(site: SiteLayout, *, credentials: Path | None) -> NoteSigner:
    """Read the key that signs, and prove that it is the one that outsiders know.

    Raises SluisError `setting-invalid` naming what is missing or does not fit, `read-forbidden`.
    """
    own, *_ = read_audit_keys(site)
    signer = _signer(own.name, read_secret(site.secrets, _NAME, credentials=credentials))
    if signer.public().as_text() != own.as_text():
        raise SluisError(Code.SETTING_INVALID, where=_FILE)
    return signer


def read_audit_keys(site: SiteLayout) -> list[NoteKey]:
    """Read the public keys, the log's own first. Raises SluisError `setting-invalid`, `read-forbidden`."""
    try:
        lines = site.audit_keys.read_text(encoding="utf-8").splitlines()
        keys = [read_note_key(line) for line in lines if line.strip()]
    except FileNotFoundError as error:
        raise missing_file(_FILE, VKEYS_EXPECTED) from error
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where=_FILE) from error
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise SluisError(Code.SETTING_INVALID, where=_FILE) from error
    if not keys or keys[0].type is not SignatureType.LOG:
        raise SluisError(Code.SETTING_INVALID, where=_FILE)
    return keys


def _signer(origin: str, secret: bytes) -> NoteSigner:
    return NoteSigner(origin, SignatureType.LOG, Ed25519PrivateKey.from_private_bytes(secret))
