"""What ends soon or has ended is told in the log and by `sluis status`, as it is now."""

import datetime as dt
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.bootstrap.key_watch import KeyWatch
from gateway.package.errors import Code
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint
from gateway.package.key_views import KeyView
from tests.integration.bootstrap.test_four_eyes import BEHEER
from tests.integration.bootstrap.test_key_desk import MUNICIPALITY, OLD, Desk, desk, theirs
from tests.integration.seal.homes import KINDS, public

__all__ = ["desk", "theirs"]


@pytest.mark.parametrize(("left", "stage"), [(61, None), (60, 60), (31, 60), (30, 30), (7, 7), (0, 7), (-3, 7)])
def test_the_end_of_a_key_is_warned_of_sixty_thirty_and_seven_days_ahead(left: int, stage: int | None) -> None:
    view = KeyView(
        recipient="", fingerprint=OLD, type="openpgp", state="trusted", health=KeyHealth.USABLE, days_left=left
    )

    assert stage == view.warned_days()


async def test_the_log_is_told_once_a_day_of_each_key_that_ends_and_status_until_it_is_replaced(desk: Desk) -> None:
    watch = KeyWatch(desk.desk.known)
    end = desk.desk.known().own(desk.signer).expires
    assert end is not None
    with capture_logs() as logged:
        watch.look()
        assert ([], ()) == (logged, watch.notices())
        for days in (59, 59, 58, 5):
            desk.ahead = end - dt.timedelta(days=days) - dt.datetime.now(dt.UTC)
            watch.look()

    assert [("warning", desk.signer)] * 2 + [("error", desk.signer)] == [
        (each["log_level"], each["key"]) for each in logged
    ]
    assert [(Code.KEY_EXPIRES_SOON.value, f"{desk.signer} {end.date().isoformat()}")] == list(watch.notices())


async def test_a_key_that_ended_since_the_last_look_is_told_as_expired(desk: Desk, theirs: Path) -> None:
    key = KINDS["ok"](theirs)
    await desk.bring(public(theirs, key))
    await desk.trust(key)
    end = desk.desk.known().view(MUNICIPALITY, desk.records.read(MUNICIPALITY).keys[0]).expires
    assert end is not None
    watch, codes = KeyWatch(desk.desk.known), []
    with capture_logs() as logged:
        for hours in (-1, 1):
            desk.ahead = end + dt.timedelta(hours=hours) - dt.datetime.now(dt.UTC)
            await watch.look_after_change()
            codes += [code for code, where in watch.notices() if key in where]

    assert ["key-expires-soon", "key-expired"] == codes
    assert codes == [each["event"] for each in logged if each["key"] == key]


async def test_a_certificate_in_the_register_is_listed_and_watched_beside_the_others(desk: Desk) -> None:
    pin = f"x509:{'ab' * 32}"
    path = desk.site.recipients / f"{MUNICIPALITY}.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(OLD, pin), encoding="utf-8")
    await desk.house.approved()
    KeyWatch(desk.desk.known).look()
    shown = {view.fingerprint: view for view in await desk.desk.list(person=BEHEER) if view.recipient == MUNICIPALITY}

    assert ("cms", KeyHealth.MISSING, ("secure-mail",)) == (
        shown[Fingerprint(pin)].type,
        shown[Fingerprint(pin)].health,
        shown[Fingerprint(pin)].channels,
    )
