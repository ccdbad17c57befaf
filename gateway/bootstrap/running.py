"""Runs a built house: empties the outbox, works on what is due, keeps retention, takes new rules.

Ends when cancelled, and loses nothing.
"""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from typing import Any

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.alert_watch import build_alert_watch
from gateway.bootstrap.bounce_watch import BounceWatch
from gateway.bootstrap.build import House
from gateway.bootstrap.watch import report_look
from gateway.intake.waking import wake_ups
from gateway.uploads import Uploading

_RETENTION_SECONDS = 3600.0
# Longer than any pause within one file's writing, or between that and the commit that names it.
_STALE_SECONDS = 1800.0
_AUDIT_SECONDS = 5.0
_DELAY_SECONDS = 5.0
# A look costs some milliseconds: gpg is asked only when the keyring has changed.
_KEYS_SECONDS = 60.0


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
        group.create_task(_decide_again(house))
        for look in _looks(house):
            group.create_task(look)
        if house.gateway.bounces is not None:
            group.create_task(_watch_bounces(house.gateway.bounces))
        for follower in house.gateway.audit_parts.following():
            group.create_task(follower)
        if house.settings.audit.alerts.raise_events:
            group.create_task(build_alert_watch(house).run(seconds=house.settings.audit.alerts.look_seconds))


def _looks(house: House) -> Iterator[Coroutine[Any, Any, None]]:
    """Give what is looked at again and again, beside the outbox."""
    settings, notices = house.settings, house.notices.send
    yield _again("retention-failed", partial(_keep_retention, house), seconds=_RETENTION_SECONDS)
    yield _again("holds-not-looked-at", partial(_look_at_holds, house), notices, seconds=settings.holds.look_seconds)
    if settings.postbus is not None:
        look, seconds = partial(_look_at_postbus, house), settings.postbus.look_seconds
        yield _again("postbus-not-looked-at", look, notices, seconds=seconds)
    if house.uploading is not None and settings.bestandenpostbus is not None:
        look, seconds = partial(_look_at_uploads, house, house.uploading), settings.bestandenpostbus.look_seconds
        yield _again("uploads-not-looked-at", look, notices, seconds=seconds)
    if house.texting is not None and settings.sms is not None:
        yield _again("codes-not-looked-at", house.texting.look, seconds=settings.sms.look_seconds)
    # A channel that does not take what is sent to it, and one that does again.
    yield _again("delays-not-looked-at", house.gateway.delays.look, seconds=_DELAY_SECONDS)
    # A failing log is opened again by itself, so that work resumes as soon as there is room.
    yield _again("audit-unavailable", house.audit.reopen, seconds=_AUDIT_SECONDS)
    # Changes of rules and register are taken while the service runs.
    yield _again("policy-not-looked-at", house.policy.look, seconds=settings.policy.reload_seconds)
    # Keys that end soon are told before packages for them have to wait.
    look = partial(asyncio.to_thread, house.gateway.key_watch.look)
    yield _again("keys-not-looked-at", look, seconds=_KEYS_SECONDS)


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
    except Exception as failure:  # noqa: BLE001 - the next scan tries again, and nothing of the outbox is lost.
        for each in failure.exceptions if isinstance(failure, ExceptionGroup) else (failure,):
            report_look("outbox-scan-failed", each)
    return None


async def _again(failed: str, *looks: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Look until cancelled. Whatever a look meets is logged under a name, and ends neither the looks nor the service.

    Else one odd parcel would end the service at each start.
    """
    while True:
        for look in looks:
            try:
                await look()
            except Exception as error:  # noqa: BLE001 - also a fault of our own: see above.
                report_look(failed, error)
        await asyncio.sleep(seconds)


async def _keep_retention(house: House) -> None:
    retention, moment = house.settings.retention, house.parts.now()
    await house.endings.forget_lapsed(
        content_before=moment - dt.timedelta(seconds=retention.content_seconds),
        record_before=moment - dt.timedelta(seconds=retention.record_seconds),
    )
    kept = dt.timedelta(seconds=house.settings.history.keep_seconds)
    await house.spool.forget_history(before=moment - kept)
    # Files bear the machine's own time, whatever clock the service goes by.
    await house.spool.sweep_stale(before=time.time() - _STALE_SECONDS)


async def _look_at_holds(house: House) -> None:
    """Tell of holds that nobody looks at, and end what has waited too long."""
    kept = dt.timedelta(seconds=house.settings.retention.unfinished_seconds)
    async for notice in house.endings.pass_time(unfinished_since=house.parts.now() - kept):
        house.notices.tell(notice)


async def _decide_again(house: House) -> None:
    """Put holds on their way again whose cause is mended: at the start, when something changed, and now and then."""
    mended = house.gateway.mended
    while True:
        try:
            await mended.look()
        except Exception as error:  # noqa: BLE001 - as of every look, see `_again`.
            report_look("holds-not-looked-at", error)
        await mended.wanted(seconds=house.settings.holds.look_seconds)


async def _look_at_postbus(house: House) -> None:
    """Ask after parcels at the postbus, and tell senders of those that end soon."""
    async for soon in house.collecting.look():
        house.notices.tell_pickup(soon)


async def _look_at_uploads(house: House, uploading: Uploading) -> None:
    """Look at what people uploaded, and tell senders of what nobody uploads."""
    async for each in uploading.look():
        house.notices.tell_upload(each)


async def _watch_bounces(watch: BounceWatch) -> None:
    """Read what mail servers report of mails that they had taken."""
    while True:
        pause = await watch.look()
        await asyncio.sleep(pause)
