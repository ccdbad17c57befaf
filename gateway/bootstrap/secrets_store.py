"""The site's own secrets: the site key that wraps every data key, and the digest key that keeps digests unguessable.

Rules: 32 random bytes each, drawn once, mode 0600 in a folder of mode 0700 apart from the spool, or handed over by
systemd as credentials `sluis-site-key` and `sluis-digest-key`. A missing or readable-by-others key is a refusal to
start, never a new key: a new one would make everything in the spool unreadable.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from gateway.package.errors import Code, SluisError

FILE_EXPECTED: Final = "this file out of a back-up expected"
"""What is said of a file that is not there and is never made anew: no setting is at fault."""

_BYTES = 32
_NAMES = ("site", "digest", "message-id")


@dataclass(frozen=True, slots=True)
class SiteSecrets:
    """The secrets in memory."""

    site_key: bytes = field(repr=False)
    digest_key: bytes = field(repr=False)
    message_id_key: bytes = field(repr=False)


def create_secrets(folder: Path, *, random: Callable[[int], bytes]) -> None:
    """Draw the secrets of a new site. Raises FileExistsError when there are any."""
    folder.mkdir(mode=0o700)
    for name in _NAMES:
        create_secret(folder, name, random=random)


def create_secret(folder: Path, name: str, *, random: Callable[[int], bytes]) -> None:
    """Draw one secret. Raises FileExistsError when there is one of that name."""
    descriptor = os.open(folder / f"{name}.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        target.write(random(_BYTES))
        target.flush()
        os.fsync(descriptor)


def read_secrets(folder: Path, *, credentials: Path | None) -> SiteSecrets:
    """Read the secrets.

    Raises SluisError `setting-invalid` naming the key that is missing, short or open to others, `read-forbidden`.
    """
    return SiteSecrets(*(read_secret(folder, name, credentials=credentials) for name in _NAMES))


def read_secret(folder: Path, name: str, *, credentials: Path | None, expected: str = FILE_EXPECTED) -> bytes:
    """Read one secret. Raises as `read_secrets` does, and says what is expected where there is none."""
    handed = credentials / f"sluis-{name}-key" if credentials else None
    path = handed if handed and handed.is_file() else folder / f"{name}.key"
    try:
        status = path.stat()
        content = path.read_bytes()
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where=f"secrets/{name}.key") from error
    except FileNotFoundError as error:
        raise missing_file(f"secrets/{name}.key", expected) from error
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where=f"secrets/{name}.key") from error
    if len(content) != _BYTES or (path != handed and status.st_mode & 0o077):
        raise SluisError(Code.SETTING_INVALID, where=f"secrets/{name}.key")
    return content


def missing_file(name: str, expected: str = FILE_EXPECTED) -> SluisError:
    """Make the error of a file that is not there, with what is to be put there."""
    return SluisError(Code.SETTING_INVALID, where=name, faults=((name, expected),))


def credentials_folder() -> Path | None:
    """Give the folder in which systemd hands secrets over, if it does."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None
