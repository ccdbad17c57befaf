"""The Logboek Dataverwerkingen gets each record, and none twice under another id, whatever becomes of either side."""

import asyncio
import datetime as dt
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from gateway.audit.events import Event, EventAction
from gateway.audit.processing import ACTIONS
from gateway.bootstrap.build_logbook import check_logbook
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.log_following import LogFollower
from gateway.bootstrap.logbook import PLACE, REFUSED
from gateway.bootstrap.logbook_refused import MOST
from gateway.bootstrap.logbook_settings import LogbookSettings
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, RecipientId
from tests.integration.bootstrap.telling import Telling, pseudonym, telling
from tests.logbook import DEFAULT, GUARDIANSHIP, LogbookServer
from tests.scenarios.world import PATIENCE_SECONDS, until

FAILED = ACTIONS[EventAction.PACKAGE_RELEASE_FAILED].name
PACKAGE = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab")
UNREACHABLE = (Code.LOGBOOK_UNREACHABLE.value, "audit.logbook")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LogbookServer]:
    made = LogbookServer(folder=tmp_path / "logbook").prepare()
    made.start()
    yield made
    made.kill()


@pytest.fixture
def site(tmp_path: Path) -> SiteLayout:
    (tmp_path / "site").mkdir()
    return SiteLayout(tmp_path / "site")


def subjects(server: LogbookServer) -> set[str]:
    return {each["attributes"].get("dpl.core.data_subject_id", "") for each in server.spans().values()} - {""}


def all_told(server: LogbookServer, count: int) -> bool:
    """Tell whether just these people were told of, each by a record of their own below one of the action."""
    spans = server.spans()
    parents = {key for key, each in spans.items() if "dpl.core.data_subject_id" not in each["attributes"]}
    below = [each for key, each in spans.items() if key not in parents]
    expected = {pseudonym(number) for number in range(count)}
    return (expected, count, count) == (subjects(server), len(parents), len(below)) and parents == {
        each["parent"] for each in below
    }


async def run_until(told: Telling, found: Callable[[], object]) -> None:
    """Let it tell until something is so, and then a little longer, so that what is too much comes as well."""
    task = asyncio.create_task(told.logbook.run())
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while not found():
            assert not task.done(), task.exception()
            assert time.monotonic() < deadline, "what was waited for did not come"
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("well", {}),
        ("slow", {"seconds": 0.2, "times": 4}),
        ("status", {"status": 503, "headers": {"Retry-After": "0"}, "times": 3}),
        ("status", {"status": 429, "headers": {"Retry-After": "Fri, 20 Nov 2026 09:30:15 GMT"}, "times": 2}),
        ("status", {"status": 302, "headers": {"Location": "https://127.0.0.1:1/"}, "times": 2}),
        ("page", {"times": 2}),
        ("cut", {"times": 3}),
        ("silent", {"times": 3}),
    ],
    ids=[
        "well",
        "slow",
        "busy",
        "too many",
        "elsewhere",
        "a login page",
        "hangs up half-way",
        "hangs up before the answer",
    ],
)
async def test_every_record_arrives_and_none_is_invented_when_the_logbook_is(
    kind: str, how: dict[str, Any], server: LogbookServer, site: SiteLayout
) -> None:
    server.behave(kind, **how)
    async with telling(site, server.settings(site.root, batchEvents=5)) as told:
        await told.record(*range(12))
        await run_until(told, lambda: all_told(server, 12))
        assert () == told.logbook.notices()
    assert all_told(server, 12)


async def test_a_logbook_that_is_down_at_the_start_gets_all_of_it_later_and_somebody_is_told_meanwhile(
    server: LogbookServer, site: SiteLayout
) -> None:
    server.kill()
    async with telling(site, server.settings(site.root, lateSeconds=0)) as told:
        await told.record(*range(3))
        await run_until(told, lambda: UNREACHABLE in told.logbook.notices())
        server.start()
        await run_until(told, lambda: all_told(server, 3) and not told.logbook.notices())


async def test_a_logbook_that_is_killed_again_and_again_gets_all_of_it(server: LogbookServer, site: SiteLayout) -> None:
    server.behave("slow", seconds=0.05)
    async with telling(site, server.settings(site.root, batchEvents=2)) as told:
        task = asyncio.create_task(told.logbook.run())
        for begin in range(0, 40, 10):
            await told.record(*range(begin, begin + 10))
            await asyncio.sleep(0.3)
            server.kill()
            await asyncio.sleep(0.1)
            await asyncio.to_thread(server.start)
        task.cancel()
        await run_until(told, lambda: all_told(server, 40))


def start_telling(site: SiteLayout, settings: dict[str, Any]) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tests.integration.bootstrap.telling", str(site.root), json.dumps(settings)]
    return subprocess.Popen(words)


async def test_what_was_sent_when_we_were_killed_comes_again_with_the_same_ids(
    server: LogbookServer, site: SiteLayout
) -> None:
    settings = server.settings(site.root, batchEvents=4, timeoutSeconds=60)
    async with telling(site, settings) as told:
        await told.record(*range(10))
    server.behave("stuck")
    killed = start_telling(site, settings)
    until(server.took)
    killed.kill()
    killed.wait()
    sent = [each["span"] for each in server.took()]
    server.behave("well")

    async with telling(site, settings) as told:
        await run_until(told, lambda: all_told(server, 10))

    again = [each["span"] for each in server.took()][len(sent) :]
    assert set(sent) <= set(again)
    assert all_told(server, 10)


async def test_what_was_acknowledged_is_not_sent_again_after_a_restart(server: LogbookServer, site: SiteLayout) -> None:
    settings = server.settings(site.root)
    async with telling(site, settings) as told:
        await told.record(*range(3))
        await run_until(told, lambda: all_told(server, 3))
    before = len(server.took())
    async with telling(site, settings) as told:
        await told.record(3)
        await run_until(told, lambda: all_told(server, 4))
    assert 2 == len(server.took()) - before


@pytest.mark.parametrize("partly", [False, True], ids=["400", "partial success"])
async def test_a_record_that_is_refused_keeps_no_other_waiting_and_is_not_lost(
    partly: bool, server: LogbookServer, site: SiteLayout
) -> None:
    server.behave("picky", name=FAILED, partly=partly)
    settings = server.settings(site.root)
    async with telling(site, settings) as told:
        await told.record(*range(4))
        await told.record(4, action=EventAction.PACKAGE_RELEASE_FAILED)
        await told.record(5, 6)
        await run_until(told, lambda: subjects(server) == {pseudonym(each) for each in (0, 1, 2, 3, 5, 6)})
        assert ((Code.LOGBOOK_REFUSED.value, REFUSED),) == told.logbook.notices()
    kept = [json.loads(line) for line in (site.root / REFUSED).read_text().splitlines()]
    assert [(200 if partly else 400, True)] == [(each["status"], pseudonym(4) in each["line"]) for each in kept]

    server.behave("well")
    async with telling(site, settings) as told:
        await run_until(told, lambda: all_told(server, 7))
        assert () == told.logbook.notices()
    assert 0 == refused_lines(site)


def refused_lines(site: SiteLayout) -> int:
    place = site.root / REFUSED
    return len(place.read_text().splitlines()) if place.exists() else 0


async def test_a_logbook_that_refuses_everything_is_waited_for_as_one_that_is_down(
    server: LogbookServer, site: SiteLayout
) -> None:
    server.behave("status", status=400)
    settings = server.settings(site.root, lateSeconds=0, lookSeconds=0.01)
    async with telling(site, settings) as told:
        await told.record(*range(MOST + 20))
        await run_until(told, lambda: refused_lines(site) >= MOST and UNREACHABLE in told.logbook.notices())
        await told.record(MOST + 20)
    assert MOST == refused_lines(site)
    server.behave("well")
    async with telling(site, settings) as told:
        await run_until(told, lambda: all_told(server, MOST + 21) and not told.logbook.notices())


async def test_an_action_lasts_from_its_intent_to_its_result_also_when_it_is_sent_again(
    server: LogbookServer, site: SiteLayout
) -> None:
    settings = server.settings(site.root, batchEvents=1)
    attempt: dict[str, Any] = {"package": PACKAGE, "recipient": RecipientId("nidos-voorbeeld"), "attempt": 1}
    async with telling(site, settings) as told:
        await told.audit.record(Event(action=EventAction.PACKAGE_RELEASE_STARTED, outcome="unknown", **attempt))
        await told.record(0, **attempt)
        await run_until(told, lambda: subjects(server) == {pseudonym(0)})
    (site.root / PLACE).unlink()
    async with telling(site, settings) as told:
        await told.record(1)
        await run_until(told, lambda: subjects(server) == {pseudonym(0), pseudonym(1)})
    lines = [json.loads(each) for path in site.audit_log.iterdir() for each in path.read_text().splitlines()]
    times = {each["event.action"]: each["@timestamp"] for each in lines if each.get("gateway.attempt")}
    assert 4 == len([each for each in server.took() if each["start"] < each["end"]])
    lasting = next(each for each in server.spans().values() if each["start"] < each["end"])
    began = dt.datetime.fromtimestamp(lasting["start"] // 1000 / 10**6, dt.UTC)
    assert dt.datetime.fromisoformat(times["package-release-started"]) == began


async def test_the_purpose_on_the_line_chooses_the_processing_activity(server: LogbookServer, site: SiteLayout) -> None:
    async with telling(site, server.settings(site.root)) as told:
        await told.record(0, purpose="guardianship")
        await told.record(1, purpose="public-order")
        await run_until(told, lambda: all_told(server, 2))
    named = {each["attributes"].get("dpl.core.data_subject_id"): each["attributes"] for each in server.spans().values()}
    assert [GUARDIANSHIP, DEFAULT] == [named[pseudonym(each)]["dpl.core.processing_activity_id"] for each in (0, 1)]


def read_raw(body: bytes) -> str:
    return subprocess.run(["protoc", "--decode_raw"], input=body, capture_output=True, check=True).stdout.decode()


async def test_another_program_reads_the_same_record_by_the_numbers_of_the_protocol(
    server: LogbookServer, site: SiteLayout
) -> None:
    async with telling(site, server.settings(site.root)) as told:
        await told.record(0)
        await run_until(told, lambda: all_told(server, 1))
    (body,) = server.bodies()
    read = await asyncio.to_thread(read_raw, body)
    # trace.proto of OTLP 1: of a span name is 5, kind 6, start 7, attributes 9, status 15.
    shape = re.sub(r"\s+", " ", read)
    assert '5: "Gegevens verstrekt" 6: 1 7: 0x' in shape
    assert f'9 {{ 1: "dpl.core.data_subject_id" 2 {{ 1: "{pseudonym(0)}" }} }}' in shape
    assert '9 { 1: "dpl.core.data_subject_id_type" 2 { 1: "Vreemdelingennummer" } }' in shape
    assert f'9 {{ 1: "dpl.core.processing_activity_id" 2 {{ 1: "{DEFAULT}" }} }}' in shape
    assert 2 == shape.count("15 { 3: 1 }")
    assert '1 { 1 { 1: "service.name" 2 { 1: "sluis" } }' in shape


async def checked(site: SiteLayout, settings: dict[str, Any]) -> Code | None:
    try:
        await check_logbook(site, LogbookSettings.model_validate(settings), now=lambda: dt.datetime.now(dt.UTC))
    except SluisError as error:
        return error.code
    return None


async def test_check_asks_the_logbook_and_leaves_no_record_there(server: LogbookServer, site: SiteLayout) -> None:
    assert await checked(site, server.settings(site.root)) is None
    server.behave("status", status=400)
    assert await checked(site, server.settings(site.root)) is None
    assert [] == server.took()


async def test_check_tells_of_a_logbook_that_does_not_let_us_in(server: LogbookServer, site: SiteLayout) -> None:
    settings = server.settings(site.root)
    (site.root / "logbook-secret").write_text("Bearer iets-anders")
    assert Code.LOGBOOK_UNREACHABLE == await checked(site, settings)
    server.kill()
    assert Code.LOGBOOK_UNREACHABLE == await checked(site, settings)


async def test_a_logbook_that_asks_for_a_certificate_of_ours_gets_it(server: LogbookServer, site: SiteLayout) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(server.folder / "client-ca.pem")
    certificate = authority.issue_cert("sluis.example")
    certificate.cert_chain_pems[0].write_to_path(site.root / "ours.pem")
    certificate.private_key_pem.write_to_path(site.root / "ours.key")
    (site.root / "ours.key").chmod(0o600)
    server.kill()
    server.start()
    settings = server.settings(site.root, clientCertificateFile="ours.pem", clientKeyFile="ours.key")
    async with telling(site, settings) as told:
        await told.record(0)
        await run_until(told, lambda: all_told(server, 1))
    assert Code.LOGBOOK_UNREACHABLE == await checked(site, server.settings(site.root))


async def test_an_attack_by_a_server_with_a_certificate_of_another_authority_gets_no_record(
    server: LogbookServer, site: SiteLayout
) -> None:
    settings = server.settings(site.root, lateSeconds=0)
    trustme.CA().cert_pem.write_to_path(site.root / "logbook-ca.pem")
    assert Code.LOGBOOK_UNREACHABLE == await checked(site, settings)
    async with telling(site, settings) as told:
        await told.record(0)
        await run_until(told, lambda: UNREACHABLE in told.logbook.notices())
    assert [] == server.bodies()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root: (root / "logbook-secret").chmod(0o644),
        lambda root: (root / "logbook-secret").write_text(""),
        lambda root: (root / "logbook-secret").write_text("Bearer é"),
        lambda root: (root / "logbook-ca.pem").write_text("no certificate"),
    ],
    ids=["a secret for all to read", "an empty secret", "a secret that no header can hold", "a CA file of no use"],
)
async def test_files_of_no_use_are_a_fault_of_the_settings(
    spoil: Callable[[Path], object], server: LogbookServer, site: SiteLayout
) -> None:
    settings = server.settings(site.root)
    spoil(site.root)
    assert Code.SETTING_INVALID == await checked(site, settings)


async def test_lines_that_are_still_needed_are_known_as_such_before_the_first_one_was_taken(
    server: LogbookServer, site: SiteLayout
) -> None:
    server.kill()
    async with telling(site, server.settings(site.root, lateSeconds=0)) as told:
        await told.record(0)
        await run_until(told, lambda: UNREACHABLE in told.logbook.notices())
    assert 0 == LogFollower(site.audit_log, site.root / PLACE).next_index
    assert (site.root / PLACE).exists()


async def test_a_place_that_can_not_be_read_is_told_and_stops_nothing(server: LogbookServer, site: SiteLayout) -> None:
    settings = server.settings(site.root, lateSeconds=0)
    (site.root / PLACE).parent.mkdir(parents=True)
    (site.root / PLACE).write_text("{")
    async with telling(site, settings) as told:
        await told.record(0)
        await run_until(told, lambda: UNREACHABLE in told.logbook.notices())
        (site.root / PLACE).unlink()
        await run_until(told, lambda: all_told(server, 1) and not told.logbook.notices())


async def test_a_place_beyond_the_end_of_the_log_is_told_since_nobody_knows_what_was_sent(
    server: LogbookServer, site: SiteLayout
) -> None:
    settings = server.settings(site.root, lateSeconds=0)
    (site.root / PLACE).parent.mkdir(parents=True)
    (site.root / PLACE).write_text('{"next": 1000, "file": "2026-11-20.jsonl", "offset": 99, "length": 9, "leaf": ""}')
    async with telling(site, settings) as told:
        await told.record(0)
        await run_until(told, lambda: UNREACHABLE in told.logbook.notices())
    assert [] == server.took()
