"""Makes a rotation of the own signing key safe from a crash: what was begun is completed or undone, whole.

Rules:
1. Before a secret key is drawn or destroyed, a file in `gnupg/` says what is about to happen; it goes when all is done.
2. What is found of it later, by the next start or the next `sluis keys rotate`, is put right by what site.yaml says: it
   is written last when a key comes, and first when one goes. A key that it names stays. The new one that it does not
   name yet is destroyed, with what was written about it; the old one that it names no more is destroyed as well.
3. A new key is known by what only the drawing can have made: it was not there before, was not made earlier, and bears
   our own address. Whatever else lies in the keyring is somebody's fault, and stops the start as before.
4. Every step can be done twice, so that a crash while putting right is put right by the next one.
5. Who rotates or puts right holds a lock on the folder: a rotation that is alive is nobody's to undo.
"""

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from gateway.bootstrap.durable_files import flush_folder, storing, write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.setting_types import Setting
from gateway.bootstrap.settings import read_site_settings
from gateway.bootstrap.signing_files import remove_signing_file
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.hardened_gpg import HardenedGpg
from gateway.seal.key_health import read_listing
from gateway.seal.keyring import destroy_secret, secret_keys

_NAME: Final = "sluis-rotation.json"
_PATIENCE_SECONDS = 120.0
# gpg counts in whole seconds.
_SLACK = dt.timedelta(seconds=2)


class Intent(Setting):
    """What was about to happen: a key drawn beside the `known` ones, or the old one destroyed, which `known` names.

    A new key is one for `address`, made since `at`. `known` are all keys that had been drawn or announced before.
    """

    does: Literal["draw", "destroy"]
    at: dt.datetime
    address: str
    known: tuple[str, ...]


@contextmanager
def rotating(site: SiteLayout) -> Iterator[None]:
    """Hold the lock of rotations (5). Raises SluisError `rotation-under-way` while another process holds it."""
    descriptor = os.open(site.gnupg, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise SluisError(Code.ROTATION_UNDER_WAY) from error
    finally:
        os.close(descriptor)


def intend(site: SiteLayout, intent: Intent) -> None:
    """Write down what is about to happen (1). Raises SluisError `disk-full`, `spool-unavailable`."""
    with storing("gnupg"):
        write_durably(_path(site), intent.model_dump_json().encode(), mode=0o600)


def done(site: SiteLayout) -> None:
    """Say that all of it happened, or nothing. Raises SluisError as `intend`."""
    with storing("gnupg"):
        _path(site).unlink(missing_ok=True)
        flush_folder(site.gnupg)


def put_right(site: SiteLayout) -> None:
    """Complete or undo what a crash left (2); does nothing when nothing was left, or when its rotation is alive.

    Raises SluisError `setting-invalid`, `seal-failed`, `seal-timeout`, `disk-full`, `spool-unavailable`.
    """
    if not _path(site).exists():
        return
    with _leaving_the_living(), rotating(site):
        put_right_under_lock(site)


def put_right_under_lock(site: SiteLayout) -> None:
    """Do as `put_right` by whoever holds the lock. Raises as that."""
    intent = _read(site)
    if intent is not None:
        for key in sorted(left_by_crash(site)):
            # Its file first: the secret half in gpg's home is what the next start looks for.
            remove_signing_file(site, key)
            destroy_secret(site.gnupg, key)
        if intent.does == "draw":
            _withdraw_files(site, intent)
    done(site)


@contextmanager
def _leaving_the_living() -> Iterator[None]:
    """Leave a rotation alone that another process is at."""
    try:
        yield
    except SluisError as error:
        if error.code is not Code.ROTATION_UNDER_WAY:
            raise


def left_by_crash(site: SiteLayout) -> AbstractSet[Fingerprint]:
    """Give the secret keys that are there only because a rotation was cut off (3). Raises as `put_right`."""
    intent = _read(site)
    if intent is None:
        return frozenset()
    left = secret_keys(site.gnupg) - set(read_site_settings(site.settings).seal.signers())
    if intent.does == "destroy":
        return {key for key in left if key in intent.known}
    gpg = HardenedGpg(home=site.gnupg, patience_seconds=_PATIENCE_SECONDS)
    facts = read_listing(gpg.listing("--check-sigs", "--with-fingerprint", "--with-fingerprint"))
    since = (intent.at - _SLACK).timestamp()
    return {
        key
        for key in left - set(map(Fingerprint, intent.known))
        if key in facts and facts[key].addresses == (intent.address,) and facts[key].primary.created >= since
    }


def _withdraw_files(site: SiteLayout, intent: Intent) -> None:
    """Take away what was written about a new key that came to nothing."""
    stays = {*intent.known, *read_site_settings(site.settings).seal.signers()}
    for statement in sorted(site.keys.glob("*.rotation.txt")):
        key = statement.name.removesuffix(".rotation.txt")
        if key not in stays:
            # The statement goes last, as it came first: by its name the others are found.
            for path in (site.keys / f"{key}.asc", statement.with_name(f"{statement.name}.sig"), statement):
                path.unlink(missing_ok=True)


def _read(site: SiteLayout) -> Intent | None:
    """Read what was about to happen; what can not be read says nothing, and then nothing is destroyed."""
    with suppress(OSError, ValueError):
        return Intent.model_validate_json(_path(site).read_bytes())
    return None


def _path(site: SiteLayout) -> Path:
    return site.gnupg / _NAME
