"""Looks at keys without a service: those that are encrypted to, the own one, and that no secret one lies about.

Rules:
1. A key that can not be used now is an error; one that ends within 60 days, is small, names somebody else, or is not
   what its record says, is a doubt. Of a key that can be used every doubt is told: one must not hide another.
2. No secret key but our own is on the ring, and none at all in `keys/`: whoever holds one of a recipient can read what
   only the recipient should, and nobody could say any more who has read it.
"""

import datetime as dt
from collections.abc import Iterator

from gateway.bootstrap.endings_ahead import ends_ahead
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.key_judging import build_key_judge
from gateway.bootstrap.key_overview import KnownKeys
from gateway.bootstrap.key_records import KeyRecordFiles
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.rotation_journal import left_by_crash
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS
from gateway.package.key_views import KeyView
from gateway.policy.policy_set import PolicySet
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
        judge=build_key_judge(site, settings),
        now=now,
        ends=ends_ahead(site, settings, now=now),
    )


def require_no_secret_keys(site: SiteLayout, settings: SiteSettings | None) -> None:
    """Refuse a secret key among the public ones: whoever put it there has given it away.

    Raises SluisError `key-secret-refused`, `seal-failed`.
    """
    for path in sorted(site.keys.glob("*")):
        if path.is_file() and any(mark in path.read_bytes() for mark in _SECRET_MARKS):
            raise SluisError(Code.KEY_SECRET_REFUSED, where="keys")
    if settings is not None and site.gnupg.is_dir():
        # What a rotation left that was cut off is put right by the next start, and is nobody's fault.
        foreign = secret_keys(site.gnupg) - set(settings.seal.signers()) - left_by_crash(site)
        if foreign:
            raise SluisError(Code.KEY_SECRET_REFUSED, where=f"gnupg {min(foreign)}")


def recipient_key_findings(known: KnownKeys) -> Iterator[Finding]:
    """Look at every key that is encrypted to, of any kind."""
    for view in known.views():
        if view.recipient and view.channels:
            yield key_finding(view)


def record_findings(known: KnownKeys) -> Iterator[Finding]:
    """Find keys that a record calls trusted, and that the register does not name."""
    for view in known.views():
        if view.recipient and not view.channels and view.differs():
            error = SluisError(Code.KEY_RECORD_DIFFERS, where=view.recipient)
            yield Finding(name="key record", where=view.recipient, key=view.fingerprint, doubts=(error,))


def own_key_findings(known: KnownKeys) -> Iterator[Finding]:
    """Doubt the own key when it ends soon and no next one is there yet."""
    own = [view for view in known.views() if not view.recipient]
    if own[-1].warned_days() is not None:
        doubt = SluisError(Code.KEY_EXPIRES_SOON)
        yield Finding(name="own key", key=own[-1].fingerprint, doubts=(doubt,))


def key_finding(view: KeyView) -> Finding:
    """Give what is found of one key: why it can not be used, else every doubt of it."""
    code = KEY_REFUSALS.get(view.health)
    error = SluisError(code, where=view.recipient) if code else None
    doubts = () if error else tuple(SluisError(each, where=view.recipient) for each in _doubts(view))
    return Finding(name="recipient key", where=view.recipient, key=view.fingerprint, error=error, doubts=doubts)


def _doubts(view: KeyView) -> Iterator[Code]:
    if view.names_another:
        yield Code.KEY_NAMES_ANOTHER
    if view.warned_days() is not None:
        yield Code.KEY_EXPIRES_SOON
    if view.small:
        yield Code.KEY_SMALL
    if view.differs():
        yield Code.KEY_RECORD_DIFFERS
