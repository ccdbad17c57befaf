"""Builds the second OpenPGP engine; loaded only where the settings ask for it, since most sites lack its library."""

import datetime as dt
from collections.abc import Callable

import pysequoia

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import SiteSettings
from gateway.bootstrap.signing_files import signing_file
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.sequoia import SequoiaSealer, signing_key_of
from gateway.seal.sequoia_v6 import SequoiaV6Sealer


def build_sequoia(
    site: SiteLayout, settings: SiteSettings, *, gpg: OpenPgpSealer, now: Callable[[], dt.datetime]
) -> SequoiaSealer:
    """Build it around gpg's engine. Raises SluisError `setting-invalid` for each fault of a key file."""
    files = {key: _read(site, key) for key in settings.seal.signers()}
    return SequoiaSealer(gpg=gpg, home=site.gnupg, signing_files=files, now=now)


def build_v6(site: SiteLayout, *, signer: SequoiaSealer, now: Callable[[], dt.datetime]) -> SequoiaV6Sealer:
    """Build the engine for recipients with a key of version 6."""
    return SequoiaV6Sealer(signer=signer, keys=site.keys, now=now)


def _read(site: SiteLayout, key: Fingerprint) -> pysequoia.Tsk:
    path = signing_file(site, key)
    where = f"secrets/{path.name}"
    if not path.exists():
        raise _invalid(where, "the own key's file expected: 'sluis keys export-signing' writes it")
    try:
        return signing_key_of(read_secret_file(path, where), expected=key)
    except ValueError as error:
        raise _invalid(where, str(error)) from error


def _invalid(where: str, expected: str) -> SluisError:
    return SluisError(Code.SETTING_INVALID, where=where, faults=((where, expected),))
