"""Exports the own signing keys once, on a person's request (`gateway.bootstrap.signing_files`)."""

from pathlib import Path

from gateway.bootstrap.build_work import build_openpgp
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.bootstrap.signing_files import write_signing_file
from gateway.package.errors import Code, SluisError


def export_signing_keys(site: SiteLayout) -> list[Path]:
    """Write a file for each own key that the settings name, and give them; no file is written when one can not sign.

    Raises SluisError `setting-invalid`, `signing-key-unusable`, and as `write_signing_file`.
    """
    settings = read_site_settings(site.settings)
    ring, now = build_openpgp(site, settings).facts(), clock_of(settings)()
    signing = {key: facts.signing_key(now) for key in settings.seal.signers() if (facts := ring.get(key))}
    usable = {key: found for key, found in signing.items() if found is not None}
    if len(usable) < len(settings.seal.signers()):
        raise SluisError(Code.SIGNING_KEY_UNUSABLE)
    return [write_signing_file(site, key, signing=found) for key, found in usable.items()]
