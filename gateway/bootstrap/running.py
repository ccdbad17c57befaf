"""Runs a built house: empties the outbox, works on what is due, keeps retention, takes new rules.

Ends when cancelled, and loses nothing.
"""

import asyncio
import datetime as dt
import time

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.alert_watch import build_alert_watch
from gateway.bootstrap.bounce_watch import BounceWatch
from gateway.bootstrap.build import House
from gateway.bootstrap.logging_library import structlog
from gateway.intake.waking import wake_ups
from gateway.package.errors import SluisError
from gateway.texting import Texting
from gateway.uploads import Uploading

_log = structlog.get_logger()
_RETENTION_SECONDS = 3600.0
# Longer than any pause within one file's writing, or between that and the commit that names it.
_STALE_SECONDS = 1800.0
_AUDIT_SECONDS = 5.0
_DELAY_SECONDS = 5.0
_KEYS_SECONDS = 600.0


async def run_house(house: House) -> None:
    """Take up what a restart left, then work until cancelled.

    Raises SluisError `audit-unavailable` when not even the start can be recorded; `disk-full` or `spool-unavailable`
    when the policy set can not be kept.
    """
    await house.audit.record(Event(action=EventAction.SERVICE_STARTED))
    await house.policy.announce()
    await house.door.recover()
    for waiting in await house.spool.take_over():
        house.dispatcher.submit(waiting.id, sender=waiting.person, at=waiting.due)
    # The API takes packages already: what came before the epochs were raised is read again, or it would lose and wait.
    house.pipeline.fresh.clear()
    async with asyncio.TaskGroup() as group:
        group.create_task(house.dispatcher.run(house.pipeline.advance))
        group.create_task(_empty_outbox(house))
        group.create_task(_keep_retention(house))
        group.create_task(_watch_holds(house))
        if house.settings.postbus is not None:
            group.create_task(_watch_postbus(house, seconds=house.settings.postbus.look_seconds))
        if house.uploading is not None and house.settings.bestandenpostbus is not None:
            group.create_task(_watch_uploads(house, house.uploading, house.settings.bestandenpostbus.look_seconds))
        if house.texting is not None and house.settings.sms is not None:
            group.create_task(_watch_codes(house.texting, seconds=house.settings.sms.look_seconds))
        if house.gateway.bounces is not None:
            group.create_task(_watch_bounces(house.gateway.bounces))
        group.create_task(_watch_delays(house))
        group.create_task(_mend_audit(house))
        group.create_task(_watch_policy(house))
        group.create_task(_watch_keys(house))
        for follower in house.gateway.audit_parts.following():
            group.create_task(follower)
        if house.settings.audit.alerts.raise_events:
            group.create_task(build_alert_watch(house).run(seconds=house.settings.audit.alerts.look_seconds))


async def _empty_outbox(house: House) -> None:
    """Scan whenever something may have happened, and at the latest when an entry may have become ready."""
    scan_seconds = house.settings.outbox.scan_seconds
    async for _ in wake_ups(house.outbox, seconds=scan_seconds):
        pause: float | None = 0.0
        while pause is not None and pause < scan_seconds:
            await asyncio.sleep(pause)
            pause = await _empty_once(house)


async def _empty_once(house: House) -> float | None:
    try:
        return await house.door.empty()
    except* (SluisError, OSError) as failures:
        for failure in failures.exceptions:
            _log.error("outbox-scan-failed", exc_info=failure)
    return None


async def _keep_retention(house: House) -> None:
    retention = house.settings.retention
    while True:
        moment = house.parts.now()
        try:
            await house.endings.forget_lapsed(
                content_before=moment - dt.timedelta(seconds=retention.content_seconds),
                record_before=moment - dt.timedelta(seconds=retention.record_seconds),
            )
            kept = dt.timedelta(seconds=house.settings.history.keep_seconds)
            await house.spool.forget_history(before=moment - kept)
            # Files bear the machine's own time, whatever clock the service goes by.
            await house.spool.sweep_stale(before=time.time() - _STALE_SECONDS)
        except (SluisError, OSError) as error:
            _log.error("retention-failed", exc_info=error)
        await asyncio.sleep(_RETENTION_SECONDS)


async def _watch_holds(house: House) -> None:
    """Tell of holds that nobody looks at, and end what has waited too long."""
    kept = dt.timedelta(seconds=house.settings.retention.unfinished_seconds)
    while True:
        try:
            async for notice in house.endings.pass_time(unfinished_since=house.parts.now() - kept):
                house.notices.tell(notice)
        except (SluisError, OSError) as error:
            _log.error("holds-not-looked-at", exc_info=error)
        await house.notices.send()
        await asyncio.sleep(house.settings.holds.look_seconds)


async def _watch_postbus(house: House, *, seconds: float) -> None:
    """Ask after parcels at the postbus, and tell senders of those that end soon."""
    while True:
        try:
            async for soon in house.collecting.look():
                house.notices.tell_pickup(soon)
        except (SluisError, OSError) as error:
            _log.error("postbus-not-looked-at", exc_info=error)
        await house.notices.send()
        await asyncio.sleep(seconds)


async def _watch_uploads(house: House, uploading: Uploading, seconds: float) -> None:
    """Look at what people uploaded, and tell senders of what nobody uploads."""
    while True:
        try:
            for each in await uploading.look():
                house.notices.tell_upload(each)
        except (SluisError, OSError) as error:
            _log.error("uploads-not-looked-at", exc_info=error)
        await house.notices.send()
        await asyncio.sleep(seconds)


async def _watch_codes(texting: Texting, *, seconds: float) -> None:
    """Send codes of the postbus as text messages."""
    while True:
        try:
            await texting.look()
        except (SluisError, OSError) as error:
            _log.error("codes-not-looked-at", exc_info=error)
        await asyncio.sleep(seconds)


async def _watch_bounces(watch: BounceWatch) -> None:
    """Read what mail servers report of mails that they had taken."""
    while True:
        pause = await watch.look()
        await asyncio.sleep(pause)


async def _watch_delays(house: House) -> None:
    """Log that a channel does not take what is sent to it, and that it does again."""
    while True:
        await asyncio.sleep(_DELAY_SECONDS)
        try:
            await house.gateway.delays.look()
        except SluisError as error:
            _log.error("delays-not-looked-at", exc_info=error)


async def _mend_audit(house: House) -> None:
    """Open a failing log again by itself, so that work resumes as soon as there is room."""
    while True:
        await asyncio.sleep(_AUDIT_SECONDS)
        try:
            await house.audit.reopen()
        except SluisError as error:
            _log.error("audit-unavailable", exc_info=error)


async def _watch_policy(house: House) -> None:
    """Take changes of rules and register while the service runs."""
    while True:
        await house.policy.look()
        await asyncio.sleep(house.settings.policy.reload_seconds)


async def _watch_keys(house: House) -> None:
    """Say which keys end soon, before packages for them have to wait."""
    while True:
        try:
            await asyncio.to_thread(house.gateway.key_watch.look)
        except SluisError as error:
            _log.error("keys-not-looked-at", exc_info=error)
        await asyncio.sleep(_KEYS_SECONDS)
