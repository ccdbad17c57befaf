"""Another key for pseudonyms: who wanted it stands in the log before it is drawn."""

import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import create_pseudonym_key
from gateway.bootstrap.pseudonym_rotation import PseudonymRotation
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PersonId
from gateway.package.states import Submitter

_DAY = dt.timedelta(days=1)


def person(*roles: str, application: bool = False) -> Submitter:
    return Submitter(person=PersonId("beheer"), organisation="DT&V", roles=roles, application=application)


ADMINISTRATOR = person("administrator")


@dataclass
class Recorder:
    """A log that notes which keys there were when it was written."""

    site: SiteLayout
    is_full: bool = False
    events: list[Event] = field(default_factory=list)
    keys: list[set[str]] = field(default_factory=list)

    async def record(self, event: Event, /) -> str:
        if self.is_full:
            raise SluisError(Code.AUDIT_UNAVAILABLE)
        self.events.append(event)
        self.keys.append({each.name for each in self.site.secrets.iterdir()})
        return ""


@pytest.fixture
def log(site: SiteLayout) -> Recorder:
    return Recorder(site)


@pytest.fixture
def site(tmp_path: Path) -> SiteLayout:
    made = SiteLayout(tmp_path)
    made.secrets.mkdir(mode=0o700)
    create_pseudonym_key(made, 1, random=os.urandom)
    return made


def rotation(log: Recorder, *, later: dt.timedelta = dt.timedelta()) -> PseudonymRotation:
    return PseudonymRotation(log.site, audit=log, random=os.urandom, now=lambda: dt.datetime.now(dt.UTC) + later)


async def refused(rotating: PseudonymRotation, *, again: bool = False, by: Submitter = ADMINISTRATOR) -> SluisError:
    with pytest.raises(SluisError) as caught:
        await rotating.rotate(again=again, person=by)
    return caught.value


async def test_the_log_names_who_had_a_key_of_pseudonyms_drawn_before_it_is_there(log: Recorder) -> None:
    drawn = await rotation(log).rotate(again=False, person=ADMINISTRATOR)

    [event], [before] = log.events, log.keys
    assert (EventAction.PSEUDONYM_KEY_ROTATED, "beheer", "k2") == (event.action, event.person, event.pseudonym_key)
    assert ("DT&V", drawn.key) == (event.organisation, event.pseudonym_key)
    assert {"pseudonym-1.key"} == before
    assert (log.site.root / drawn.file).is_file()


async def test_without_a_line_in_the_log_no_key_is_drawn(log: Recorder) -> None:
    log.is_full = True

    assert Code.AUDIT_UNAVAILABLE is (await refused(rotation(log))).code
    assert ["pseudonym-1.key"] == [each.name for each in log.site.secrets.iterdir()]


async def test_a_second_rotation_in_a_row_is_refused_with_its_day_unless_it_is_meant(log: Recorder) -> None:
    await rotation(log).rotate(again=False, person=ADMINISTRATOR)

    error = await refused(rotation(log))
    assert (Code.PSEUDONYM_KEY_RECENT, "k2") == (error.code, dict(error.detail)["key"])
    assert 1 == len(log.events)
    assert "k3" == (await rotation(log).rotate(again=True, person=ADMINISTRATOR)).key


async def test_a_rotation_long_after_the_last_one_needs_no_second_word(log: Recorder) -> None:
    await rotation(log).rotate(again=False, person=ADMINISTRATOR)

    assert "k3" == (await rotation(log, later=31 * _DAY).rotate(again=False, person=ADMINISTRATOR)).key


@pytest.mark.parametrize(
    "by", [person("privacy-officer"), person("security"), person("administrator", application=True), person()]
)
async def test_nobody_but_an_administrator_has_a_key_drawn(log: Recorder, by: Submitter) -> None:
    assert Code.NOT_PERMITTED is (await refused(rotation(log), by=by)).code
    assert [] == log.events


async def test_where_systemd_hands_the_secrets_over_nothing_is_drawn_and_nothing_told(
    log: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    (log.site.secrets / "pseudonym-1.key").rename(handed / "sluis-pseudonym-1-key")
    log.site.secrets.rmdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(handed))

    error = await refused(rotation(log))
    assert (Code.SETTING_INVALID, "secrets/pseudonym-2.key") == (error.code, error.where)
    assert [] == log.events
