"""Builds the two ends of the chain facility out of a site's settings: what seals for it, and what brings it there."""

from gateway.bootstrap.build_work import build_partner_trust
from gateway.bootstrap.channel_settings import ChainFacilitySettings
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.secrets_store import SiteSecrets
from gateway.bootstrap.settings import SiteSettings
from gateway.deliver.chain_trust import ChainFiles, ChainTrust
from gateway.package.errors import Code, SluisError
from gateway.package.oin import Oin
from gateway.seal.certificate_files import CertificateFolder
from gateway.seal.jose import JoseSealer, OwnCertificate


def build_chain_sealer(site: SiteLayout, settings: SiteSettings, keys: SiteSecrets) -> JoseSealer | None:
    """Build what signs and encrypts for the chain; None without `chain`. Raises `setting-invalid`, `signing-key-…`."""
    chain = settings.chain
    if chain is None:
        return None
    try:
        certificate = (site.root / chain.certificate_file).read_bytes()
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where="chain.certificateFile") from error
    return JoseSealer(
        own=OwnCertificate.read(certificate, read_secret_file(site.root / chain.key_file, "chain.keyFile")),
        find=CertificateFolder(site.keys).find,
        trusted=build_partner_trust(site, chain).health,
        name_key=keys.message_id_key,
        max_bytes=chain.max_content_bytes,
        now=clock_of(settings),
    )


def build_trust(site: SiteLayout, settings: SiteSettings, chain: ChainFacilitySettings) -> ChainTrust:
    """Build what says whom the chain facility trusts."""
    files = ChainFiles(
        certificate=site.root / chain.certificate_file,
        key=site.root / chain.key_file,
        root=site.root / chain.root_file,
        lists=site.root / chain.crl_folder,
    )
    return ChainTrust(files=files, own_oin=Oin(chain.own_oin), now=clock_of(settings))
