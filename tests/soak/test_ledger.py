"""A million records: how fast they are indexed and asked is told and not asserted; that queries use indexes is."""

import os
import random
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

import orjson
import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import LEDGER, Ledger
from gateway.audit.ledger_questions import Filter, about, counted, newest
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import open_answers
from gateway.package.ids import PackageId, PersonId, RecipientId
from tests.integration.audit.ledger_lines import BEGUN, lines_of_events

RECORDS = int(os.environ.get("SLUIS_SOAK_RECORDS", "1000000"))
PEOPLE = 50_000
PER_DAY = 5_000
_ASKED = 200
_STEPS = (
    EventAction.PACKAGE_RECEIVED,
    EventAction.PACKAGE_POLICY_EVALUATED,
    EventAction.PACKAGE_SEALED,
    EventAction.PACKAGE_RELEASE_STARTED,
    EventAction.PACKAGE_RELEASED,
)


def pseudonyms(number: int) -> tuple[str, str]:
    return f"vnr:k{number % 2 + 1}:{number:032x}", f"nbd:k1:{number:032x}"


def templates(chance: random.Random) -> list[bytes]:
    """Give the five lines of a package as a real log has them, with places for what differs."""
    package, recipient = PackageId(str(uuid.UUID(int=0))), RecipientId("ontvanger-000")
    events = [
        Event(
            action=step,
            package=package,
            person=PersonId("medewerker"),
            organisation="DT&V",
            recipient=None if step is EventAction.PACKAGE_RECEIVED else recipient,
            channel="secure-mail" if step in _STEPS[3:] else "",
            attempt=1 if step in _STEPS[3:] else None,
            categories=("ordinary",) if step is _STEPS[1] else (),
            codes=("ngo.rule",) if step is _STEPS[1] else (),
            purpose="legal-support",
            policy_digest="a" * 64 if step is _STEPS[1] else "",
            verdicts=(("release", 5), ("strip", 2)) if step is _STEPS[1] else (),
            subjects=() if step in (_STEPS[0], _STEPS[2]) else pseudonyms(0),
            trace=f"{chance.getrandbits(128) | 1:032x}",
        )
        for step in _STEPS
    ]
    return [line for _, line in lines_of_events(events)]


def write_log(folder: Path, chance: random.Random) -> None:
    """Write the log, a file for each day, by filling in templates: `record_of` would take most of the time."""
    folder.mkdir(parents=True)
    made, number = templates(chance), 0
    while number < RECORDS:
        day = BEGUN.fromordinal(BEGUN.toordinal() + number // PER_DAY).date().isoformat()
        with (folder / f"{day}.jsonl").open("wb") as target:
            for _ in range(PER_DAY // len(made)):
                who, to, package = chance.randrange(PEOPLE), chance.randrange(300), uuid.UUID(int=number)
                for line in made:
                    record = orjson.loads(line) | {"event.sequence": number, "gateway.package.id": str(package)}
                    record |= {"@timestamp": f"{day}T12:00:00.{number % 1_000_000:06}Z", "salt": f"{number:032x}"}
                    if "gateway.recipient.id" in record:
                        record["gateway.recipient.id"] = f"ontvanger-{to:03}"
                    if "gateway.subject.pseudonym" in record:
                        record["gateway.subject.pseudonym"] = pseudonyms(who)
                    target.write(orjson.dumps(record) + b"\n")
                    number += 1


@pytest.mark.soak
def test_a_million_records_are_indexed_and_asked(tmp_path: Path, tell: Callable[[str], None]) -> None:
    site, chance = SiteLayout(tmp_path), random.Random(7)
    write_log(site.audit_log, chance)
    sizes = sum(each.stat().st_size for each in site.audit_log.iterdir())
    began, busy = time.perf_counter(), time.process_time()
    with Ledger(site.audit_log) as ledger:
        taken, worked = time.perf_counter() - began, time.process_time() - busy
        lines = ledger.standing.lines
    index = (site.audit_log.parent / LEDGER).stat().st_size
    tell(
        f"ledger: {lines} records ({sizes / 1e6:.0f} MB) indexed in {taken:.1f} s, {lines / taken:.0f}/s by the clock,"
        f" {lines / worked:.0f}/s by processor time; {index / 1e6:.0f} MB"
    )
    began = time.perf_counter()
    asked = [pseudonyms(chance.randrange(PEOPLE))[:1] for _ in range(_ASKED)]
    with open_answers(site) as answers:
        tell(f"ledger: opened and found to fit in {1000 * (time.perf_counter() - began):.1f} ms")
        times = [_timed(partial(answers.received, who)) for who in asked]
        _tell_times(tell, "who-received, lines read and disclosures told", times)
    with Ledger(site.audit_log) as ledger:
        _tell_times(tell, "who-received, the query alone", [_timed(partial(ledger.rows, *about(who))) for who in asked])
        recent = newest(Filter(recipient="ontvanger-007"), limit=50)
        _tell_times(tell, "search by recipient", [_timed(partial(ledger.rows, *recent)) for _ in range(20)])
        for name, query in counted(Filter()).items():
            _tell_times(tell, f"stats, {name}", [_timed(partial(ledger.rows, *query))])
        text, values = about(asked[0])
        plan = "\n".join(row["detail"] for row in ledger.rows(f"EXPLAIN QUERY PLAN {text}", values))

    assert RECORDS == lines
    assert "SCAN event" not in plan
    assert "event_package (package=?)" in plan


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def _tell_times(tell: Callable[[str], None], name: str, found: list[float]) -> None:
    found.sort()
    tell(f"ledger: {name}: median {found[len(found) // 2]:.2f} ms, most {found[-1]:.2f} ms of {len(found)}")
