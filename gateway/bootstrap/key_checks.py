"""Looks at keys without a service: those that are encrypted to, the own one, and that no secret one lies about.

Rules:
1. A key that can not be used now is an error; one that ends within 60 days, is small, names somebody else, or is not
   what its record says, is a doubt. The first doubt of this order is told: what ends soon stops packages.
2. No secret key but our own is on the ring, and none at all in `keys/`: whoever holds one of a recipient can read what
   only the recipient should, and nobody could say any more who has read it.
"""

import datetime as dt
from collections.abc import Iterator

from gateway.bootstrap.build_work import build_sealer
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.key_overview import KnownKeys
from gateway.bootstrap.key_records import KeyRecordFiles
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS
from gateway.package.ids import KeyKind, kind_of
from gateway.package.key_views import KeyView
from gateway.package.states import Channel
from gateway.policy.policy_set import PolicySet, Recipient
from gateway.seal.keyring import secret_keys
from gateway.seal.openpgp import OpenPgpSealer

_SECRET_MARKS = (b"PRIVATE KEY", b"AGE-SECRET-KEY-")


def known_keys(
    site: SiteLayout, settings: SiteSettings, *, policy: PolicySet, sealer: OpenPgpSealer, now: dt.datetime
) -> KnownKeys:
    """Read what is known of keys, by rules that lie on disk. Raises SluisError `setting-invalid`, `seal-failed`."""
    # Nothing is believed here that a MAC would have to prove.
    records = KeyRecordFiles(site.keys, secret=b"")
    return KnownKeys(
        policy=policy,
        records={each.recipient: each for each in records.every()},
        ring=sealer.facts(),
        signers=settings.seal.signers(),
        health=build_sealer(site, settings).health,
        now=now,
    )


def require_no_secret_keys(site: SiteLayout, settings: SiteSettings | None) -> None:
    """Refuse a secret key among the public ones: whoever put it there has given it away.

    Raises SluisError `key-secret-refused`, `seal-failed`.
    """
    for path in sorted(site.keys.glob("*")):
        if path.is_file() and any(mark in path.read_bytes() for mark in _SECRET_MARKS):
            raise SluisError(Code.KEY_SECRET_REFUSED, where="keys")
    if settings is not None and site.gnupg.is_dir():
        foreign = secret_keys(site.gnupg) - set(settings.seal.signers())
        if foreign:
            raise SluisError(Code.KEY_SECRET_REFUSED, where=f"gnupg {min(foreign)}")


def recipient_key_findings(known: KnownKeys, policy: PolicySet) -> Iterator[Finding]:
    """Look at every key that is encrypted to."""
    for view in known.views():
        # Certificates and age keys have checks of their own (`certificate_checks`).
        if view.recipient and view.channels and kind_of(view.fingerprint) is KeyKind.OPENPGP:
            entry = next(each for name, each in policy.recipients.items() if name == view.recipient)
            yield _finding("recipient key", view, _names_another(known, entry, view))


def record_findings(known: KnownKeys) -> Iterator[Finding]:
    """Find keys that a record calls trusted, and that the register does not name."""
    for view in known.views():
        if view.recipient and not view.channels and view.differs():
            error = SluisError(Code.KEY_RECORD_DIFFERS, where=view.recipient)
            yield Finding(name="key record", where=view.recipient, doubt=error)


def own_key_doubt(known: KnownKeys) -> SluisError | None:
    """Doubt the own key when it ends soon and no next one is there yet."""
    own = [view for view in known.views() if not view.recipient]
    return _ending(own[-1])


def _finding(name: str, view: KeyView, other: SluisError | None) -> Finding:
    code = KEY_REFUSALS.get(view.health)
    error = SluisError(code, where=view.recipient) if code else None
    doubt = None if error else other or _ending(view) or _small(view) or _differing(view)
    return Finding(name=name, where=view.recipient, error=error, doubt=doubt)


def _ending(view: KeyView) -> SluisError | None:
    return SluisError(Code.KEY_EXPIRES_SOON, where=view.recipient) if view.warned_days() is not None else None


def _small(view: KeyView) -> SluisError | None:
    return SluisError(Code.KEY_SMALL, where=view.recipient) if view.small else None


def _differing(view: KeyView) -> SluisError | None:
    return SluisError(Code.KEY_RECORD_DIFFERS, where=view.recipient) if view.differs() else None


def _names_another(known: KnownKeys, recipient: Recipient, view: KeyView) -> SluisError | None:
    """Doubt a key that bears mail addresses, but none in a domain to which this recipient's packages are mailed."""
    mailed = [each.address for each in recipient.channels if each.channel is Channel.SECURE_MAIL]
    if mailed and all(known.names_another(view.fingerprint, address=address) for address in mailed):
        return SluisError(Code.KEY_NAMES_ANOTHER, where=recipient.id)
    return None
