"""Looks at what is sealed for certificates and age keys, and at the own signing certificate.

A certificate that can not be used now is an error; one that is small or names somebody else is a doubt, in this order.
What is pinned for a chain facility that the settings name has a check of its own (`chain_checks`). The own signing
certificate is looked at when the settings name it, and when a recipient needs it.
"""

from collections.abc import Callable, Iterator

from gateway.bootstrap.build_work import build_certificate_trust, build_certificates
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KEY_REFUSALS
from gateway.package.ids import Fingerprint, KeyKind, kind_of
from gateway.package.states import Channel
from gateway.policy.policy_set import PolicySet, Recipient
from gateway.policy.register import chain_keys, fingerprints
from gateway.seal.certificate_files import CertificateFolder
from gateway.seal.engines import Engines


def certificate_findings(
    site: SiteLayout, settings: SiteSettings, *, policy: PolicySet, sealer: Engines
) -> Iterator[Finding]:
    """Look at the trust folder, the own signing certificate, and every key that is not OpenPGP's."""
    trust = build_certificate_trust(site, settings)
    if trust is not None:
        yield _tried("certificate trust", trust.check)
    elsewhere = chain_keys(policy) if settings.chain else frozenset()
    keys = {recipient: _others(policy, recipient, elsewhere) for recipient in sorted(policy.recipients)}
    needed = any(kind_of(key) is KeyKind.X509 for found in keys.values() for key in found)
    if needed or settings.seal.certificate_file:
        yield _tried("signing certificate", lambda: sealer.check_signer_of(KeyKind.X509))
    folder = build_certificates(site, settings)
    for recipient, found in keys.items():
        for key in found:
            code = KEY_REFUSALS.get(sealer.health(key))
            error = SluisError(code, where=recipient) if code else None
            doubt = None if error else _doubt(policy.recipients[recipient], key, sealer=sealer, folder=folder)
            yield Finding(name="recipient key", where=recipient, error=error, doubt=doubt)


def _tried(name: str, look: Callable[[], None]) -> Finding:
    try:
        look()
    except SluisError as error:
        return Finding(name=name, error=error)
    return Finding(name=name)


def _others(policy: PolicySet, recipient: str, elsewhere: frozenset[Fingerprint]) -> tuple[Fingerprint, ...]:
    found = (key for key in fingerprints(policy, [recipient]) if key not in elsewhere)
    return tuple(key for key in found if kind_of(key) is not KeyKind.OPENPGP)


def _doubt(recipient: Recipient, key: Fingerprint, *, sealer: Engines, folder: CertificateFolder) -> SluisError | None:
    mailed = [each.address for each in recipient.channels if each.channel is Channel.SECURE_MAIL]
    if mailed and all(sealer.names_another(key, address=address) for address in mailed):
        return SluisError(Code.KEY_NAMES_ANOTHER, where=recipient.id)
    certificate = folder.find(key)
    if certificate is not None and certificate.is_small():
        return SluisError(Code.KEY_SMALL, where=recipient.id)
    return None
