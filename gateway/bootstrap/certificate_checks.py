"""Looks at who vouches for certificates, and at the own signing certificate.

The own signing certificate is looked at when the settings name it, and when a recipient needs it. Certificates of
recipients are looked at like all other keys (`key_checks`).
"""

from collections.abc import Callable, Iterator

from gateway.bootstrap.build_work import build_certificate_trust
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import SluisError
from gateway.package.ids import KeyKind, kind_of
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import chain_keys, fingerprints
from gateway.seal.engines import Engines


def certificate_findings(
    site: SiteLayout, settings: SiteSettings, *, policy: PolicySet, sealer: Engines
) -> Iterator[Finding]:
    """Look at the trust folder and the own signing certificate."""
    trust = build_certificate_trust(site, settings)
    if trust is not None:
        yield _tried("certificate trust", trust.check)
    # What is pinned for the chain facility is signed with the certificate of that.
    elsewhere = chain_keys(policy) if settings.chain else frozenset()
    needed = any(
        kind_of(key) is KeyKind.X509 for key in fingerprints(policy, policy.recipients) if key not in elsewhere
    )
    if needed or settings.seal.certificate_file:
        yield _tried("signing certificate", lambda: sealer.check_signer_of(KeyKind.X509))


def _tried(name: str, look: Callable[[], None]) -> Finding:
    try:
        look()
    except SluisError as error:
        return Finding(name=name, error=error)
    return Finding(name=name)
