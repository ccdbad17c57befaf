"""Builds what decides, minimises, seals and writes slips: what the service and its worker processes both need.

Nothing here loads a courier, the API or the event loop's libraries: every worker would carry them.
"""

import datetime as dt
import secrets
from collections.abc import Callable
from pathlib import Path

from gateway.bootstrap.blocking_work import BlockingWork
from gateway.bootstrap.channel_settings import ChainFacilitySettings
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.documents import ENGINE, SandboxedDocuments
from gateway.bootstrap.known_policies import KnownPolicies
from gateway.bootstrap.layout import SiteLayout, shipped
from gateway.bootstrap.registers import build_registers
from gateway.bootstrap.secrets_store import SiteSecrets, credentials_folder, read_secrets
from gateway.bootstrap.settings import ZONE, SiteSettings, read_site_settings
from gateway.bootstrap.watch import report, report_parser
from gateway.deliver.retry import RetryPolicy
from gateway.intake.entry_reading import Limits
from gateway.intake.outbox import DUTCH_FOLDERS, ENGLISH_FOLDERS, Outbox
from gateway.minimise.clamd import Clamd
from gateway.minimise.sandbox import Sandbox, SandboxLimits
from gateway.minimise.second_opinion import SecondOpinion
from gateway.package.errors import Code, SluisError
from gateway.package.ids import KeyKind, PackageId
from gateway.package.states import Channel
from gateway.parts import PipelineSettings, WayParts
from gateway.pipeline import Way
from gateway.policy.policy_copies import PolicyCopies
from gateway.policy.policy_files import load_policy_set
from gateway.policy.policy_set import PolicySet
from gateway.receipt.slip_files import SlipFiles
from gateway.receipt.templates import Templates
from gateway.seal.age import AgeSealer
from gateway.seal.certificate_files import CertificateFolder, CertificateTrust, SigningFiles
from gateway.seal.chain_port import ChainSealer
from gateway.seal.cms import CmsSealer
from gateway.seal.engines import Engines
from gateway.seal.landing import landed
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.port import Sealer
from gateway.seal.sealing import MailSettings, PostbusTerms
from gateway.spool.payloads import PayloadFolder
from gateway.spool.streams import KEY_BYTES, StreamName, encrypt
from gateway.spool.vault import SiteVault


def build_way(
    site: SiteLayout,
    settings: SiteSettings,
    keys: SiteSecrets,
    *,
    folder: PayloadFolder,
    policy: Callable[[], PolicySet],
    templates: Templates,
) -> Way:
    """Build the way from a package to ciphertext."""
    documents = build_documents(site, settings)
    return Way(
        WayParts(
            settings=pipeline_settings(settings, folder, keys),
            policy=policy,
            sealer=build_sealer(site, settings),
            letters=templates,
            open_channels=open_channels(settings),
            registers=build_registers(site, settings, files=documents),
            documents=documents,
            random=secrets.token_bytes,
            chain=_chain_sealer(site, settings, keys),
            postbus=_postbus_terms(settings),
        )
    )


def _postbus_terms(settings: SiteSettings) -> PostbusTerms | None:
    wanted = settings.postbus
    if wanted is None:
        return None
    return PostbusTerms(lasting=dt.timedelta(days=wanted.days), downloads=wanted.downloads, land=landed)


def _chain_sealer(site: SiteLayout, settings: SiteSettings, keys: SiteSecrets) -> ChainSealer | None:
    if settings.chain is None:
        return None
    from gateway.bootstrap import build_chain  # noqa: PLC0415 - megabytes in each worker that most sites do not need

    return build_chain.build_chain_sealer(site, settings, keys)


def build_documents(site: SiteLayout, settings: SiteSettings) -> SandboxedDocuments:
    """Build who reads documents and other foreign files; its sandbox starts at the first one."""
    wanted = settings.documents
    scanner = None
    if wanted.malware_scan is not None:
        address = wanted.malware_scan.address
        host, _, port = address.rpartition(":")
        where = Path(address) if address.startswith("/") else (host, int(port))
        scanner = Clamd(where, seconds=wanted.malware_scan.timeout_seconds)
    opinion = SecondOpinion(site.root / wanted.second_opinion) if wanted.second_opinion else None
    sandbox = Sandbox(
        limits=SandboxLimits(seconds=wanted.seconds),
        engine=ENGINE,
        told=report_parser,
        second_opinion=None if opinion is None else lambda texts: opinion.on(texts).spans,
    )
    return SandboxedDocuments(sandbox, scanner=scanner)


def build_blocking_work(site: SiteLayout) -> BlockingWork:
    """Build what a worker process does. Raises SluisError as `open_house` does; nothing is opened for writing."""
    settings = read_site_settings(site.settings)
    keys = read_secrets(site.secrets, credentials=credentials_folder())
    folder = PayloadFolder(site.spool / "payloads")
    templates = build_templates(site)
    outbox = build_outbox(site, settings)
    outbox.look()
    policies = KnownPolicies(PolicyCopies(site.policy_copies), loaded=policy_lying_there(site))
    return BlockingWork(
        way=build_way(site, settings, keys, folder=folder, policy=policies.chosen, templates=templates),
        policies=policies,
        vault=build_vault(keys, folder),
        outbox=outbox,
        limits=_limits(settings),
        slips=_slip_files(outbox),
        templates=templates,
        report=report,
    )


def build_vault(keys: SiteSecrets, folder: PayloadFolder) -> SiteVault:
    """Build what encrypts and decrypts payloads under the site's key."""
    return SiteVault(site_key=keys.site_key, digest_key=keys.digest_key, folder=folder, random=secrets.token_bytes)


def build_templates(site: SiteLayout) -> Templates:
    """Build the templates: the site's own in place of shipped ones of the same name."""
    return Templates(folders=[site.templates, shipped("templates")])


def _slip_files(outbox: Outbox) -> SlipFiles:
    return SlipFiles(action_needed=outbox.action_needed, refused=outbox.refused, sent=outbox.sent)


def read_policy(site: SiteLayout) -> PolicySet:
    """Read the policy files and the recipient register. Raises SluisError `policy-invalid`."""
    return load_policy_set(site.policies, recipients=site.recipients)


def policy_lying_there(site: SiteLayout) -> PolicySet | None:
    """Read the set that lies in the site now, so that all share its memory; one with a fault is nobody's."""
    try:
        return read_policy(site)
    except SluisError:
        return None


def prepare_ciphers() -> None:
    """Use the spool's ciphers once: what the library sets up at first use, 0.8 MiB, is shared by all forked after."""
    name = StreamName(package=PackageId("none"), stream="none")
    for _ in encrypt((b"",), key=secrets.token_bytes(KEY_BYTES), name=name, random=secrets.token_bytes):
        pass


def build_outbox(site: SiteLayout, settings: SiteSettings) -> Outbox:
    """Build the outbox with the folder names that the settings chose."""
    folders = DUTCH_FOLDERS if settings.outbox.folders == "nl" else ENGLISH_FOLDERS
    root = site.root / settings.outbox.path
    # In a demonstration everybody is one operating-system user, and a file's owner tells nobody apart.
    private = settings.environment not in ("demo", "test")
    return Outbox(root=root, folders=folders, settle_seconds=settings.outbox.settle_seconds, private=private)


def build_sealer(site: SiteLayout, settings: SiteSettings) -> Engines:
    """Build an engine for each kind of key.

    Raises SluisError `fingerprint-invalid`, `program-missing`, `setting-invalid` for what the engine lacks.
    """
    openpgp: Sealer = build_openpgp(site, settings)
    others: dict[KeyKind, Sealer] = {}
    if settings.seal.engine == "sequoia":
        openpgp, others[KeyKind.OPENPGP_V6] = _build_sequoia(site, settings)
    others |= {KeyKind.X509: _build_cms(site, settings), KeyKind.AGE: AgeSealer(signer=openpgp)}
    return Engines(openpgp, others=others)


def _build_sequoia(site: SiteLayout, settings: SiteSettings) -> tuple[Sealer, Sealer]:
    """Build the second engine around gpg's, and the one for keys that gpg can not read."""
    try:
        from gateway.bootstrap.build_sequoia import build_sequoia, build_v6  # noqa: PLC0415 - an extra most sites lack
    except ModuleNotFoundError as error:
        fault = (
            "seal.engine",
            "the engine's library expected: .venv/bin/pip install pysequoia",
        )
        raise SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,)) from error
    now = clock_of(settings)
    sealer = build_sequoia(site, settings, gpg=build_openpgp(site, settings), now=now)
    return sealer, build_v6(site, signer=sealer, now=now)


def build_certificate_trust(site: SiteLayout, settings: SiteSettings) -> CertificateTrust | None:
    """Build who vouches for certificates; None when the settings name nobody, and the pin alone counts."""
    folder = settings.seal.certificate_trust
    if not folder:
        return None
    return CertificateTrust(
        site.root / folder,
        lists=site.root / folder,
        place="seal.certificateTrust",
        named=tuple(f"{name}.crl" for name in settings.seal.revocation_lists or ()),
    )


def build_partner_trust(site: SiteLayout, chain: ChainFacilitySettings) -> CertificateTrust:
    """Build who vouches for the certificates of partners: the one root, with a list of today of every issuer."""
    return CertificateTrust(
        site.root / chain.root_file,
        lists=site.root / chain.crl_folder,
        place="chain.crlFolder",
        required=True,
        between=site.root / chain.certificate_file,
    )


def build_certificates(site: SiteLayout, settings: SiteSettings) -> CertificateFolder:
    """Build where the recipients' certificates lie."""
    return CertificateFolder(site.keys, trust=build_certificate_trust(site, settings))


def _build_cms(site: SiteLayout, settings: SiteSettings) -> CmsSealer:
    """Build the engine for recipients with a certificate; without a certificate of its own it seals nothing."""
    wanted, trust = settings.seal, build_certificate_trust(site, settings)
    signing = SigningFiles(
        certificate=site.root / wanted.certificate_file if wanted.certificate_file else None,
        key=site.root / wanted.certificate_key_file if wanted.certificate_key_file else None,
        trust=trust,
    )
    return CmsSealer(recipients=build_certificates(site, settings), signing=signing, now=clock_of(settings))


def build_openpgp(site: SiteLayout, settings: SiteSettings) -> OpenPgpSealer:
    """Build the OpenPGP engine on the site's own GNUPGHOME. Raises `fingerprint-invalid`, `program-missing`."""
    signer, *following = settings.seal.signers()
    return OpenPgpSealer(
        home=site.gnupg,
        signer=signer,
        successor=(following[0], settings.seal.follows_at()) if following else None,
        timeout_seconds=settings.seal.timeout_seconds,
        now=clock_of(settings),
    )


def _limits(settings: SiteSettings) -> Limits:
    return Limits(
        package_bytes=settings.limits.package_bytes,
        documents=settings.limits.documents,
        fields=settings.limits.fields,
    )


def pipeline_settings(settings: SiteSettings, folder: PayloadFolder, keys: SiteSecrets) -> PipelineSettings:
    """Translate the settings that the pipeline needs."""
    mail = settings.mail
    retry = settings.retry
    return PipelineSettings(
        zone=ZONE,
        search_limit=settings.limits.search_bytes,
        staging=folder.staging,
        mail=MailSettings(
            from_address=mail.from_address if mail else "",
            from_name=(mail.from_name if mail else "") or settings.organisation,
            domain=mail.from_address.partition("@")[2] if mail else "",
            max_mail_bytes=mail.max_message_bytes if mail else 0,
            message_id_key=keys.message_id_key,
        ),
        retry=RetryPolicy(
            first_seconds=retry.first_seconds,
            factor=retry.factor,
            max_seconds=retry.max_seconds,
            give_up_after_seconds=retry.give_up_after_seconds,
        ),
        resend_uncertain_mail=mail is None or mail.when_uncertain == "resend",
    )


def open_channels(settings: SiteSettings) -> frozenset[Channel]:
    """Say which channels the settings connect."""
    connected = {
        Channel.CHAIN_FACILITY: settings.chain is not None,
        Channel.FILE_DROP: settings.file_drop,
        Channel.SECURE_MAIL: settings.mail is not None,
        Channel.POSTBUS: settings.postbus is not None,
    }
    return frozenset(channel for channel, is_open in connected.items() if is_open)
