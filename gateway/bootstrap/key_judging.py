"""Judges keys that gpg knows nothing of, certificates and age keys, for one recipient of the register.

Rules:
1. A certificate is judged by what it says itself, and by whom the site trusts: for the chain facility its root with a
   list of today of each issuer, for mail and the drop `seal.certificateTrust`. Of a recipient with both, both count.
2. For the chain facility it has to be on the OIN at which the recipient is registered.
3. An age key is its own text: there is nothing to judge but that it is one.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.bootstrap.build_work import build_certificate_trust, build_partner_trust
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import SiteSettings
from gateway.formats.certificates import oin_of
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, KeyKind, kind_of
from gateway.package.states import Channel
from gateway.policy.policy_set import Recipient
from gateway.seal.certificate_files import CertificateFolder, CertificateTrust
from gateway.seal.certificates import Certificate, first_fault
from gateway.seal.key_description import KeyDescription, describe_age, describe_certificate

_BY_CERTIFICATE = (Channel.SECURE_MAIL, Channel.FILE_DROP)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyJudge:
    """Reads and judges such keys. `folder` looks at digests only; None for whom the settings do not name.

    `version6` judges OpenPGP keys of version 6; without the engine that reads them there is none.
    """

    folder: CertificateFolder
    mail: CertificateTrust | None
    chain: CertificateTrust | None
    version6: Callable[[Fingerprint, dt.datetime], KeyHealth] | None = None

    def describe(self, key: Fingerprint) -> KeyDescription | None:
        """Give the facts of a key; None when it is not there."""
        if kind_of(key) is KeyKind.AGE:
            return describe_age(key)
        found = self.folder.find(key)
        return describe_certificate(found) if found else None

    def health(self, key: Fingerprint, recipient: Recipient | None, now: dt.datetime) -> KeyHealth:
        """Tell whether a key of a recipient can be encrypted to at a moment."""
        if kind_of(key) is KeyKind.AGE:
            return KeyHealth.USABLE
        if kind_of(key) is KeyKind.OPENPGP_V6:
            return self.version6(key, now) if self.version6 else KeyHealth.MISSING
        found = self.folder.find(key)
        return KeyHealth.MISSING if found is None else self.health_of(found, recipient, now)

    def health_of(self, certificate: Certificate, recipient: Recipient | None, now: dt.datetime) -> KeyHealth:
        """Tell whether a certificate can be encrypted to for a recipient, wherever it lies."""
        found = certificate.health(now)
        for trust in self._trusts(recipient):
            found = first_fault(found, trust.health(certificate, now))
        return found

    def is_on_other_oin(self, certificate: Certificate, recipient: Recipient) -> bool:
        """Tell whether a certificate is not on the OIN at which a recipient is on the chain facility (2)."""
        oins = [each.address for each in recipient.channels if each.channel is Channel.CHAIN_FACILITY]
        return any(oin_of(certificate.content) != each for each in oins)

    def _trusts(self, recipient: Recipient | None) -> Iterable[CertificateTrust]:
        channels = {each.channel for each in recipient.channels} if recipient else set(_BY_CERTIFICATE)
        if self.chain and Channel.CHAIN_FACILITY in channels:
            yield self.chain
        if self.mail and channels & set(_BY_CERTIFICATE):
            yield self.mail


def build_key_judge(site: SiteLayout, settings: SiteSettings) -> KeyJudge:
    """Build the judge of a site."""
    return KeyJudge(
        folder=CertificateFolder(site.keys),
        mail=build_certificate_trust(site, settings),
        chain=build_partner_trust(site, settings.chain) if settings.chain else None,
        version6=_version6_judge(site) if settings.seal.engine == "sequoia" else None,
    )


def _version6_judge(site: SiteLayout) -> Callable[[Fingerprint, dt.datetime], KeyHealth]:
    from gateway.seal.sequoia_v6 import health_in  # noqa: PLC0415 - an extra most sites lack

    return lambda key, now: health_in(site.keys, key, now)
