"""The own secret key in a file, for the engine that can not ask gpg-agent: written on request, read at the start.

Rules:
1. Without `seal.engine: sequoia` no such file is looked for, and none is ever written unasked.
2. One file for each own key, `secrets/signing-FINGERPRINT.asc`, mode 0600: what one needs to sign and no more. A
   primary key that has a signing subkey stays behind in gpg's home.
3. A file that is missing, open to others or of another key is a refusal to start, never a reason to use another engine.
4. When a rotation ends, the file of the old key goes with its secret half.
"""

from pathlib import Path

from gateway.bootstrap.durable_files import storing, write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.package.ids import Fingerprint
from gateway.seal.keyring import export_secret


def signing_file(site: SiteLayout, key: Fingerprint) -> Path:
    """Give where the secret half of an own key lies, by its primary fingerprint."""
    return site.secrets / f"signing-{key}.asc"


def write_signing_file(site: SiteLayout, key: Fingerprint, *, signing: Fingerprint) -> Path:
    """Export what signs of an own key, itself or a subkey; an older file is replaced.

    Raises SluisError `disk-full`, `spool-unavailable`, `seal-timeout`, and `seal-failed` when gpg's agent does not give
    it: it has a pass-phrase, or lies on a card.
    """
    path = signing_file(site, key)
    content = export_secret(site.gnupg, signing, primary=signing == key)
    with storing(f"secrets/{path.name}"):
        # What was there keeps its mode when it is replaced, and it may have been open to others.
        path.unlink(missing_ok=True)
        write_durably(path, content, mode=0o600)
    return path


def remove_signing_file(site: SiteLayout, key: Fingerprint) -> None:
    """Remove the file of a key that signs nothing any more. Raises SluisError `spool-unavailable`."""
    with storing("secrets"):
        signing_file(site, key).unlink(missing_ok=True)
