"""Two watchers send the same notices: none is sent twice for that, and none is lost that comes meanwhile."""

import asyncio
import datetime as dt
from collections.abc import Sequence

from gateway.bootstrap.hold_notices import HoldNotices
from gateway.bootstrap.people import PeopleRegister
from gateway.bootstrap.settings import People
from gateway.deliver.notice_mail import NoticeMail
from gateway.package.ids import PackageId, PersonId
from gateway.pickups import EndsSoon
from gateway.receipt.templates import Templates
from tests.unit.receipt.samples import SHIPPED

NOW = dt.datetime(2026, 11, 25, 8, tzinfo=dt.UTC)
PERSON = {"id": "jansen", "organisation": "DT&V", "roles": ["caseworker"], "email": "jansen@dtv.example"}
PEOPLE = People.model_validate({"format": "sluis-people/1", "people": [PERSON]})


class SlowMailer:
    """Sends when it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.goes = asyncio.Event()

    async def send(self, mails: Sequence[NoticeMail], /) -> tuple[NoticeMail, ...]:
        await self.goes.wait()
        self.sent += [each.mark for each in mails]
        return ()


def soon(number: int) -> EndsSoon:
    package = PackageId(f"0198f0de-7e21-7c3a-9d52-{number:012x}")
    return EndsSoon(package=package, sender=PersonId("jansen"), until=NOW + dt.timedelta(days=1))


async def test_a_notice_that_is_told_while_others_are_sent_is_sent_too_and_each_once() -> None:
    mailer = SlowMailer()
    people = PeopleRegister(PEOPLE, one_user_plays_all=False)
    notices = HoldNotices(people=people, texts=Templates(folders=[SHIPPED]), now=lambda: NOW, mailer=mailer)
    notices.tell_pickup(soon(1))
    holds = asyncio.create_task(notices.send())
    await asyncio.sleep(0)
    notices.tell_pickup(soon(2))
    postbus = asyncio.create_task(notices.send())
    await asyncio.sleep(0)
    mailer.goes.set()
    await asyncio.gather(holds, postbus)
    await notices.send()

    assert ["pickup-00000001", "pickup-00000002"] == mailer.sent
