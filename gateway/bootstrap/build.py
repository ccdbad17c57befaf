"""Builds the house out of a site: settings, adapters, pipeline. The only place that knows the adapters.

Build opens what has to be opened; whether the outside world answers is looked at in `gateway.bootstrap.checking`.
"""

import os
import random
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway import __version__
from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.blocking_work import BlockingWork
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.current_policy import CurrentPolicy
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.hold_notices import HoldNotices
from gateway.bootstrap.known_policies import KnownPolicies
from gateway.bootstrap.layout import SiteLayout, shipped
from gateway.bootstrap.outbox_door import DoorParts, OutboxDoor
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.registers import build_registers
from gateway.bootstrap.replays import Replays
from gateway.bootstrap.rule_changes import RuleChanges
from gateway.bootstrap.secrets_store import SiteSecrets, read_secrets
from gateway.bootstrap.settings import ZONE, SiteSettings, read_people, read_site_settings
from gateway.bootstrap.standing_file import StandingFile
from gateway.bootstrap.submissions import Submissions
from gateway.bootstrap.watch import Watch, report
from gateway.bootstrap.workers import Workers
from gateway.deliver.drop import DropCourier
from gateway.deliver.notice_mail import NoticeMailer
from gateway.deliver.port import Courier
from gateway.deliver.retry import RetryPolicy
from gateway.deliver.smtp import SmtpCourier, SmtpSettings
from gateway.endings import Endings
from gateway.intake.entry_reading import Limits
from gateway.intake.outbox import DUTCH_FOLDERS, ENGLISH_FOLDERS, Outbox
from gateway.package.errors import Code, SluisError
from gateway.package.ids import parse_fingerprint
from gateway.package.states import Channel
from gateway.parts import Hands, Parts, PipelineSettings, WayParts
from gateway.pipeline import Pipeline, Way
from gateway.policy.policy_copies import PolicyCopies
from gateway.policy.policy_files import load_policy_set
from gateway.policy.policy_set import PolicySet
from gateway.receipt.slip_files import SlipFiles
from gateway.receipt.slips import slip_of
from gateway.receipt.templates import Templates
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.sealing import MailSettings
from gateway.spool.dispatching import LocalDispatcher
from gateway.spool.parcels import ParcelFolder
from gateway.spool.payloads import PayloadFolder
from gateway.spool.sqlite import SqliteSpool
from gateway.spool.vault import SiteVault


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that a running service consists of."""

    site: SiteLayout
    settings: SiteSettings
    gateway: Gateway
    pipeline: Pipeline
    parts: Parts
    endings: Endings
    notices: HoldNotices
    door: OutboxDoor
    outbox: Outbox
    way: Way
    dispatcher: LocalDispatcher
    spool: SqliteSpool
    audit: AuditLogFiles
    templates: Templates
    watch: Watch
    workers: Workers
    policy: CurrentPolicy


@asynccontextmanager
async def open_house(site: SiteLayout) -> AsyncIterator[House]:
    """Build the house, open its log and spool, and close them in the end.

    Raises SluisError: `site-missing`, `setting-invalid`, `policy-invalid`, `site-in-use`, `audit-unavailable`,
    `spool-unavailable`, `program-missing`.
    """
    settings = read_site_settings(site.settings)
    async with AsyncExitStack() as opened:
        house = _build(site, settings)
        house.audit.open()
        opened.callback(house.audit.close)
        # Closed before the log: what still waits to be committed is announced first.
        opened.callback(house.spool.close)
        await house.spool.open()
        opened.push_async_callback(house.workers.aclose)
        await house.workers.start()
        for courier in house.parts.couriers.values():
            opened.push_async_callback(courier.aclose)
        house.outbox.prepare()
        yield house


def _build(site: SiteLayout, settings: SiteSettings) -> House:
    keys, now = read_secrets(site.secrets, credentials=credentials_folder()), clock_of(settings)
    audit = AuditLogFiles(
        directory=site.audit_log, clock=now, random=secrets.token_bytes, version=__version__, host=socket.gethostname()
    )
    spool = SqliteSpool(
        site.spool,
        folder=PayloadFolder(site.spool / "payloads"),
        journal=audit,
        min_free_bytes=settings.min_free_bytes,
    )
    watch = Watch(spool=spool, audit=audit, now=now)
    dispatcher = LocalDispatcher(workers=settings.workers, now=now, failed=watch.failed)
    watch.again = lambda package, at: dispatcher.submit(package, at=at)
    outbox = build_outbox(site, settings)
    templates = build_templates(site)
    approvals = StandingFile(site.policy_standing, secret=keys.digest_key)
    current = CurrentPolicy(site, audit=audit, approvals=approvals, four_eyes=settings.needs_four_eyes())
    watch.policy_problem = current.problem
    workers = Workers(site.root, hold=spool.lock_file, policy=current.digest)
    watch.workers_fail = workers.problem
    parts = _parts(
        site, settings, keys, spool=spool, audit=audit, dispatcher=dispatcher, hands=workers, policy=current.policy
    )
    pipeline = Pipeline(parts)
    way = _way(site, settings, keys, folder=spool.folder, policy=current.policy, templates=templates)
    submissions = Submissions(pipeline, parts, way=way, limits=settings.limits)
    endings = Endings(pipeline, parts, failed=watch.failed)
    people = PeopleRegister(read_people(site.people), one_user_plays_all=settings.environment in ("demo", "test"))
    door = _door_parts(outbox, workers=workers, people=people, folder=spool.folder, watch=watch)
    return House(
        site=site,
        settings=settings,
        gateway=Gateway(
            pipeline=pipeline,
            parts=parts,
            submissions=submissions,
            endings=endings,
            people=people,
            rules=RuleChanges(current, people=people, organisation=settings.organisation, now=now),
            replays=Replays(pipeline, parts, log=site.audit_log, copies=PolicyCopies(site.policy_copies)),
            token_seconds=settings.api.token_seconds,
            slip_json=lambda facts: slip_of(facts, texts=templates).as_json(),
            problems=watch.problems,
        ),
        pipeline=pipeline,
        parts=parts,
        endings=endings,
        notices=HoldNotices(people=people, texts=templates, now=now, mailer=build_mailer(site, settings)),
        door=OutboxDoor(pipeline, parts, submissions, door),
        outbox=outbox,
        way=way,
        dispatcher=dispatcher,
        spool=spool,
        audit=audit,
        templates=templates,
        watch=watch,
        workers=workers,
        policy=current,
    )


def _door_parts(
    outbox: Outbox, *, workers: Workers, people: PeopleRegister, folder: PayloadFolder, watch: Watch
) -> DoorParts:
    return DoorParts(
        outbox=outbox,
        hands=workers,
        people=people,
        abandon=lambda payloads: folder.remove(each.file for each in payloads if each.file),
        monotonic=time.monotonic,
        tell_stuck=watch.tell_stuck,
    )


def _parts(
    site: SiteLayout,
    settings: SiteSettings,
    keys: SiteSecrets,
    *,
    spool: SqliteSpool,
    audit: AuditLogFiles,
    dispatcher: LocalDispatcher,
    hands: Hands,
    policy: Callable[[], PolicySet],
) -> Parts:
    return Parts(
        settings=_pipeline_settings(settings, spool.folder, keys),
        spool=spool,
        vault=_vault(keys, spool.folder),
        parcels=ParcelFolder(spool.folder, random=secrets.token_bytes),
        dispatcher=dispatcher,
        audit=audit,
        hands=hands,
        couriers=build_couriers(site, settings),
        policy=policy,
        now=clock_of(settings),
        random=secrets.token_bytes,
        jitter=random.SystemRandom().random,
    )


def _way(
    site: SiteLayout,
    settings: SiteSettings,
    keys: SiteSecrets,
    *,
    folder: PayloadFolder,
    policy: Callable[[], PolicySet],
    templates: Templates,
) -> Way:
    return Way(
        WayParts(
            settings=_pipeline_settings(settings, folder, keys),
            policy=policy,
            sealer=build_sealer(site, settings),
            letters=templates,
            open_channels=_open_channels(settings),
            registers=build_registers(site, settings),
            random=secrets.token_bytes,
        )
    )


def build_blocking_work(site: SiteLayout) -> BlockingWork:
    """Build what a worker process does. Raises SluisError as `open_house` does; nothing is opened for writing."""
    settings = read_site_settings(site.settings)
    keys = read_secrets(site.secrets, credentials=credentials_folder())
    folder = PayloadFolder(site.spool / "payloads")
    templates = build_templates(site)
    outbox = build_outbox(site, settings)
    outbox.look()
    policies = KnownPolicies(PolicyCopies(site.policy_copies), loaded=_lying_there(site))
    return BlockingWork(
        way=_way(site, settings, keys, folder=folder, policy=policies.chosen, templates=templates),
        policies=policies,
        vault=_vault(keys, folder),
        outbox=outbox,
        limits=_limits(settings),
        slips=_slip_files(outbox),
        templates=templates,
        report=report,
    )


def _vault(keys: SiteSecrets, folder: PayloadFolder) -> SiteVault:
    return SiteVault(site_key=keys.site_key, digest_key=keys.digest_key, folder=folder, random=secrets.token_bytes)


def build_templates(site: SiteLayout) -> Templates:
    """Build the templates: the site's own in place of shipped ones of the same name."""
    return Templates(folders=[site.templates, shipped("templates")])


def _slip_files(outbox: Outbox) -> SlipFiles:
    return SlipFiles(action_needed=outbox.action_needed, refused=outbox.refused, sent=outbox.sent)


def read_policy(site: SiteLayout) -> PolicySet:
    """Read the policy files and the recipient register. Raises SluisError `policy-invalid`."""
    return load_policy_set(site.policies, recipients=site.recipients)


def _lying_there(site: SiteLayout) -> PolicySet | None:
    """Read the set that lies in the site now, so that workers share its memory; one with a fault is nobody's."""
    try:
        return read_policy(site)
    except SluisError:
        return None


def build_outbox(site: SiteLayout, settings: SiteSettings) -> Outbox:
    """Build the outbox with the folder names that the settings chose."""
    folders = DUTCH_FOLDERS if settings.outbox.folders == "nl" else ENGLISH_FOLDERS
    root = site.root / settings.outbox.path
    return Outbox(root=root, folders=folders, settle_seconds=settings.outbox.settle_seconds)


def build_sealer(site: SiteLayout, settings: SiteSettings) -> OpenPgpSealer:
    """Build the OpenPGP engine on the site's own GNUPGHOME. Raises `fingerprint-invalid`, `program-missing`."""
    return OpenPgpSealer(
        home=site.gnupg,
        signer=parse_fingerprint(settings.seal.signing_key),
        timeout_seconds=settings.seal.timeout_seconds,
        now=clock_of(settings),
    )


def _limits(settings: SiteSettings) -> Limits:
    return Limits(
        package_bytes=settings.limits.package_bytes,
        documents=settings.limits.documents,
        fields=settings.limits.fields,
    )


def _pipeline_settings(settings: SiteSettings, folder: PayloadFolder, keys: SiteSecrets) -> PipelineSettings:
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


def _open_channels(settings: SiteSettings) -> frozenset[Channel]:
    """Say which channels the settings connect."""
    connected = {Channel.FILE_DROP: settings.file_drop, Channel.SECURE_MAIL: settings.mail is not None}
    return frozenset(channel for channel, is_open in connected.items() if is_open)


def build_couriers(site: SiteLayout, settings: SiteSettings) -> Mapping[Channel, Courier]:
    """Build a courier for each channel that the settings connect. Raises SluisError `setting-invalid`."""
    makers: dict[Channel, Callable[[], Courier]] = {
        Channel.FILE_DROP: lambda: DropCourier(root=site.drop),
        Channel.SECURE_MAIL: lambda: SmtpCourier(settings=_smtp_settings(site, settings)),
    }
    return {channel: makers[channel]() for channel in sorted(_open_channels(settings))}


def build_mailer(site: SiteLayout, settings: SiteSettings) -> NoticeMailer | None:
    """Build what sends notices to the organisation's own people; None without a mail server."""
    if settings.mail is None:
        return None
    return NoticeMailer(
        settings=_smtp_settings(site, settings), from_name=settings.mail.from_name or settings.organisation
    )


def _smtp_settings(site: SiteLayout, settings: SiteSettings) -> SmtpSettings:
    mail = settings.mail
    if mail is None:
        raise ValueError("no mail server in the settings")
    return SmtpSettings(
        host=mail.host,
        port=mail.port,
        ca_file=site.root / mail.ca_file if mail.ca_file else None,
        implicit_tls=mail.implicit_tls,
        user=mail.user or "",
        password=_password(site.root / mail.password_file) if mail.password_file else b"",
        local_hostname=mail.from_address.partition("@")[2],
        from_address=mail.from_address,
        connections=mail.connections,
        timeout_seconds=mail.timeout_seconds,
        connect_timeout_seconds=mail.connect_seconds,
    )


def _password(path: Path) -> bytes:
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where="mail.passwordFile") from error


def credentials_folder() -> Path | None:
    """Give the folder in which systemd hands secrets over, if it does."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) if folder else None
