"""Builds the house out of a site: settings, adapters, pipeline. The only place that knows the adapters.

Build opens what has to be opened; whether the outside world answers is looked at in `gateway.bootstrap.checking`.
"""

import asyncio
import datetime as dt
import random
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.bounce_watch import BounceWatch
from gateway.bootstrap.build_audit import build_audit_log, build_audit_parts
from gateway.bootstrap.build_couriers import build_bounces, build_couriers, build_mailer, pickups_of, uploads_of
from gateway.bootstrap.build_work import (
    build_openpgp,
    build_outbox,
    build_templates,
    build_vault,
    build_way,
    pipeline_settings,
)
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.current_policy import CurrentPolicy
from gateway.bootstrap.delays import Delays
from gateway.bootstrap.document_views import DocumentViews
from gateway.bootstrap.endings_ahead import ends_ahead
from gateway.bootstrap.gateway import Gateway
from gateway.bootstrap.hold_notices import HoldNotices
from gateway.bootstrap.key_checks import require_no_secret_keys
from gateway.bootstrap.key_desk import KeyDesk
from gateway.bootstrap.key_judging import build_key_judge
from gateway.bootstrap.key_records import KeyRecordFiles
from gateway.bootstrap.key_rotation import KeyRotation
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.outbox_door import DoorParts, OutboxDoor
from gateway.bootstrap.own_signers import OwnSigners
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.pseudonym_keys import PseudonymKeys
from gateway.bootstrap.recipient_tests import RecipientTests
from gateway.bootstrap.replays import Replays
from gateway.bootstrap.rotation_journal import put_right
from gateway.bootstrap.rule_changes import RuleChanges
from gateway.bootstrap.secrets_store import SiteSecrets, credentials_folder, read_secrets
from gateway.bootstrap.settings import SiteSettings, read_people, read_site_settings
from gateway.bootstrap.standing_file import StandingFile
from gateway.bootstrap.submissions import Submissions
from gateway.bootstrap.tally import Tally
from gateway.bootstrap.watch import Watch
from gateway.bootstrap.workers import Foreman, Workers
from gateway.bounces import Returning
from gateway.endings import Endings
from gateway.intake.outbox import Outbox
from gateway.parts import Hands, Parts, WayParts
from gateway.pickups import Collecting
from gateway.pipeline import Pipeline, Way
from gateway.policy.policy_copies import PolicyCopies
from gateway.receipt.slips import slip_of
from gateway.receipt.templates import Templates
from gateway.spool.dispatching import LocalDispatcher
from gateway.spool.parcels import ParcelFolder
from gateway.spool.payloads import PayloadFolder
from gateway.spool.sqlite import SqliteSpool
from gateway.texting import Texting
from gateway.uploads import Uploading


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that a running service consists of."""

    site: SiteLayout
    settings: SiteSettings
    gateway: Gateway
    pipeline: Pipeline
    parts: Parts
    endings: Endings
    collecting: Collecting
    uploading: Uploading | None
    texting: Texting | None
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
async def open_house(site: SiteLayout, *, foreman: Foreman | None = None) -> AsyncIterator[House]:
    """Build the house, open its log and spool, and close them in the end; `foreman` leads its workers when given.

    Raises SluisError: `site-missing`, `setting-invalid`, `policy-invalid`, `site-in-use`, `audit-unavailable`,
    `spool-unavailable`, `program-missing`, `key-secret-refused`.
    """
    settings = read_site_settings(site.settings)
    await asyncio.to_thread(put_right, site)
    await asyncio.to_thread(require_no_secret_keys, site, settings)
    async with AsyncExitStack() as opened:
        house = _build(site, settings, foreman)
        house.audit.open()
        opened.callback(house.audit.close)
        # Closed before the log: what still waits to be committed is announced first.
        opened.callback(house.spool.close)
        await house.spool.open()
        opened.push_async_callback(house.workers.aclose)
        await house.workers.start()
        for courier in house.parts.couriers.values():
            opened.push_async_callback(courier.aclose)
        opened.push_async_callback(asyncio.to_thread, house.way.parts.documents.close)
        house.outbox.prepare()
        # Closed first: what was accepted lies in the outbox in the clear until a worker has removed it.
        opened.push_async_callback(house.door.aclose)
        yield house


def _build(site: SiteLayout, settings: SiteSettings, foreman: Foreman | None) -> House:
    keys, now = read_secrets(site.secrets, credentials=credentials_folder()), clock_of(settings)
    audit = build_audit_log(site, now, tally := Tally())
    spool = _spool(site, settings, journal=audit)
    watch = Watch(spool=spool, audit=audit, now=now)
    dispatcher = LocalDispatcher(workers=settings.workers, now=now, failed=watch.failed)
    watch.again = lambda package, at: dispatcher.submit(package, at=at)
    outbox, templates = build_outbox(site, settings), build_templates(site)
    current = _current_policy(site, settings, keys, audit=audit)
    workers = Workers(site.root, hold=spool.lock_file, policy=current.digest, foreman=foreman)
    watch.workers_fail, watch.slips_hang, watch.policy_problem = workers.problem, workers.slips_hang, current.problem
    way = build_way(site, settings, keys, folder=spool.folder, policy=current.policy, templates=templates)
    parts = _parts(site, settings, keys, spool=spool, audit=audit, dispatcher=dispatcher, hands=workers, way=way.parts)
    pipeline = Pipeline(parts)
    submissions = Submissions(pipeline, parts, way=way, limits=settings.limits)
    documents = DocumentViews(pipeline, parts)
    endings = Endings(pipeline, parts, failed=watch.failed, ended=documents.forget)
    people = PeopleRegister(read_people(site.people), one_user_plays_all=settings.environment in ("demo", "test"))
    audit_parts = build_audit_parts(site, settings, keys, audit=audit, spool=spool, people=people, tally=tally, now=now)
    door = _door_parts(outbox, workers=workers, people=people, folder=spool.folder, watch=watch)
    return House(
        site=site,
        settings=settings,
        gateway=Gateway(
            pipeline=pipeline,
            parts=parts,
            submissions=submissions,
            endings=endings,
            documents=documents,
            people=people,
            key_rotation=KeyRotation(site, settings, sealer=way.parts.sealer, audit=audit, now=now),
            recipient_tests=_recipient_tests(site, settings, parts=parts, way=way.parts),
            key_desk=_key_desk(site, settings, keys, current=current, audit=audit, people=people),
            rules=RuleChanges(current, people=people, organisation=settings.organisation, now=now),
            replays=Replays(pipeline, parts, log=site.audit_log, copies=PolicyCopies(site.policy_copies)),
            token_seconds=settings.api.token_seconds,
            slip_json=lambda facts: slip_of(facts, texts=templates).as_json(),
            problems=watch.problems,
            delays=Delays(spool),
            bounces=_bounces(site, settings, pipeline, parts, endings),
            audit_parts=audit_parts,
        ),
        pipeline=pipeline,
        parts=parts,
        endings=endings,
        collecting=Collecting(pipeline, parts, endings, remind_before=_remind_before(settings)),
        uploading=_uploading(settings, pipeline, parts),
        texting=_texting(site, settings, pipeline, parts, endings),
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


def _current_policy(
    site: SiteLayout, settings: SiteSettings, keys: SiteSecrets, *, audit: AuditLogFiles
) -> CurrentPolicy:
    approvals = StandingFile(site.policy_standing, secret=keys.digest_key)
    return CurrentPolicy(site, audit=audit, approvals=approvals, four_eyes=settings.needs_four_eyes())


def _texting(
    site: SiteLayout, settings: SiteSettings, pipeline: Pipeline, parts: Parts, endings: Endings
) -> Texting | None:
    if settings.sms is None:
        return None
    from gateway.bootstrap import text_gateway  # noqa: PLC0415 - megabytes that most sites do not need

    messages = text_gateway.build_text_gateway(site, settings.sms)
    write = text_gateway.code_text(site, organisation=settings.organisation)
    return Texting(pipeline, parts, endings, messages=messages, write=write)


def _uploading(settings: SiteSettings, pipeline: Pipeline, parts: Parts) -> Uploading | None:
    wanted = settings.bestandenpostbus
    if wanted is None or parts.uploads is None:
        return None
    return Uploading(pipeline, parts, parts.uploads, remind_seconds=wanted.remind_seconds)


def _bounces(
    site: SiteLayout, settings: SiteSettings, pipeline: Pipeline, parts: Parts, endings: Endings
) -> BounceWatch | None:
    box, wanted = build_bounces(site, settings), settings.mail.bounces if settings.mail else None
    if box is None or wanted is None:
        return None
    return BounceWatch(Returning(pipeline, parts, endings, box=box).look, seconds=wanted.look_seconds)


def _key_desk(
    site: SiteLayout,
    settings: SiteSettings,
    keys: SiteSecrets,
    *,
    current: CurrentPolicy,
    audit: AuditLogFiles,
    people: PeopleRegister,
) -> KeyDesk:
    return KeyDesk(
        site,
        current=current,
        records=KeyRecordFiles(site.keys, secret=keys.digest_key),
        ring=build_openpgp(site, settings).facts,
        judge=build_key_judge(site, settings),
        ends=lambda now: ends_ahead(site, settings, now=now),
        signers=settings.seal.signers(),
        audit=audit,
        people=people,
        organisation=settings.organisation,
        four_eyes=settings.needs_four_eyes(),
        now=clock_of(settings),
    )


def _recipient_tests(site: SiteLayout, settings: SiteSettings, *, parts: Parts, way: WayParts) -> RecipientTests:
    return RecipientTests(
        policy=way.policy,
        sealer=way.sealer,
        signer=OwnSigners(site, settings).pin,
        letters=way.letters,
        couriers=parts.couriers,
        mail=parts.settings.mail,
        organisation=settings.organisation,
        audit=parts.audit,
        now=parts.now,
        random=secrets.token_bytes,
        staging=parts.settings.staging,
        chain=way.chain,
    )


def _remind_before(settings: SiteSettings) -> dt.timedelta:
    return dt.timedelta(days=settings.postbus.remind_days if settings.postbus else 0)


def _spool(site: SiteLayout, settings: SiteSettings, *, journal: AuditLogFiles) -> SqliteSpool:
    folder = PayloadFolder(site.spool / "payloads")
    return SqliteSpool(site.spool, folder=folder, journal=journal, min_free_bytes=settings.min_free_bytes)


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
    way: WayParts,
) -> Parts:
    couriers = build_couriers(site, settings)
    return Parts(
        settings=pipeline_settings(settings, spool.folder, keys),
        spool=spool,
        vault=build_vault(keys, spool.folder),
        parcels=ParcelFolder(spool.folder, random=secrets.token_bytes),
        dispatcher=dispatcher,
        audit=audit,
        pseudonyms=PseudonymKeys.ready(site, random=secrets.token_bytes, credentials=credentials_folder()),
        hands=hands,
        couriers=couriers,
        pickups=pickups_of(couriers),
        uploads=uploads_of(couriers),
        registers=way.registers,
        key_health=way.key_health,
        policy=way.policy,
        now=clock_of(settings),
        random=secrets.token_bytes,
        jitter=random.SystemRandom().random,
    )
