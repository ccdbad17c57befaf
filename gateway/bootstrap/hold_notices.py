"""Tells people by mail of holds that wait: whoever may decide, and in the end whoever may name somebody who does.

Rules:
1. A reminder goes to the privacy officers of the sending organisation, an escalation also to who is their deputy
   that day, and to the administrators. Never to the sender, nor to somebody who acts under the sender's user.
2. Mail is a help: event, status and list say the same without it. What the server does not take is tried again at each
   look, as long as the service runs.
"""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.bootstrap.logging_library import structlog
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.settings import ZONE
from gateway.deliver.notice_mail import NoticeMail
from gateway.package.holding import HoldStage
from gateway.package.ids import PersonId
from gateway.pickups import EndsSoon
from gateway.receipt.notices import HoldNotice, NoticeText, notice_text, pickup_text, upload_text
from gateway.receipt.slip_model import Texts
from gateway.uploads import LiesLong

_log = structlog.get_logger()
_MOST_WAITING = 1000
_EVENTS = {HoldStage.REMINDED: "hold-reminded", HoldStage.ESCALATED: "hold-escalated"}


class Mailer(Protocol):
    """Sends mails to the organisation's own people; gives back what may go another time."""

    async def send(self, mails: Sequence[NoticeMail], /) -> tuple[NoticeMail, ...]:
        """Send them, as far as the server takes them now."""
        ...


class HoldNotices:
    """Writes and sends notices; without a mailer they only stand in the operational log."""

    def __init__(
        self, *, people: PeopleRegister, texts: Texts, now: Callable[[], dt.datetime], mailer: Mailer | None
    ) -> None:
        self._people = people
        self._texts = texts
        self._now = now
        self._mailer = mailer
        self._waiting: deque[NoticeMail] = deque(maxlen=_MOST_WAITING)
        self._turn = asyncio.Lock()

    def tell(self, notice: HoldNotice) -> None:
        """Log a notice, and write its mails."""
        _log.warning(_EVENTS[notice.stage], package=notice.package)
        if self._mailer is None:
            return
        written, now = notice_text(notice, texts=self._texts, zone=ZONE), self._now()
        told = self._people.told_of_hold(notice, on=now.astimezone(ZONE).date())
        for address in told:
            self._waiting.append(
                NoticeMail(address=address, mark=written.mark, subject=written.subject, text=written.text, at=now)
            )

    def tell_pickup(self, soon: EndsSoon) -> None:
        """Tell a sender by mail of a parcel at the postbus that nobody fetched; without an address the slip says it."""
        _log.warning("pickup-reminded", package=soon.package)
        self._tell_sender(soon.sender, pickup_text(soon.package, until=soon.until, texts=self._texts, zone=ZONE))

    def tell_upload(self, lies: LiesLong) -> None:
        """Tell a sender by mail of a parcel that nobody uploads; its slip has said so all the time."""
        _log.warning("upload-reminded", package=lies.package)
        self._tell_sender(lies.sender, upload_text(lies.package, texts=self._texts))

    def _tell_sender(self, sender: PersonId, written: NoticeText) -> None:
        address = self._people.address_of(sender)
        if self._mailer is None or address is None:
            return
        mail = NoticeMail(
            address=address, mark=written.mark, subject=written.subject, text=written.text, at=self._now()
        )
        self._waiting.append(mail)

    async def send(self) -> None:
        """Send what waits; one at a time, or whoever comes second would send the same again."""
        if self._mailer is None or not self._waiting:
            return
        async with self._turn:
            mails = tuple(self._waiting)
            left = await self._mailer.send(mails)
            # What was told meanwhile waits on.
            done = set(mails) - set(left)
            self._waiting = deque((each for each in self._waiting if each not in done), maxlen=_MOST_WAITING)
        if left:
            _log.warning("hold-notices-wait", count=len(left))
