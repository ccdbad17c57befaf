"""A million records: how fast they are indexed and asked is told and not asserted; that queries use indexes is."""

import os
import random
import re
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import orjson
import pytest

from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import LEDGER, Ledger
from gateway.audit.ledger_questions import Filter, about, newest
from gateway.audit.parcels import counts_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import open_answers
from gateway.package.ids import PackageId, PersonId, RecipientId
from tests.integration.audit.ledger_lines import BEGUN, lines_of_events

RECORDS = int(os.environ.get("SLUIS_SOAK_RECORDS", "1000000"))
PEOPLE = 50_000
PER_DAY = 5_000
_ASKED = 200
_MARK = re.compile(rb"<[a-z]+>")
_STEPS = (
    EventAction.PACKAGE_RECEIVED,
    EventAction.PACKAGE_POLICY_EVALUATED,
    EventAction.PACKAGE_SEALED,
    EventAction.PACKAGE_RELEASE_STARTED,
    EventAction.PACKAGE_RELEASED,
)


def pseudonyms(number: int) -> tuple[str, str]:
    return f"vnr:k{number % 2 + 1}:{number:032x}", f"nbd:k1:{number:032x}"


def templates() -> list[bytes]:
    """Give the five lines of a package as a real log has them, with marks where they differ: `{}` in their order."""
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
            trace="b" * 32,
        )
        for step in _STEPS
    ]
    marks = {
        "event.sequence": b"<seq>",
        "@timestamp": b"<at>",
        "gateway.package.id": b"<package>",
        "gateway.recipient.id": b"<to>",
        "gateway.subject.pseudonym": b"<who>",
        "trace.id": b"<trace>",
        "salt": b"<salt>",
    }
    whole = b"".join(line + b"\n" for _, line in lines_of_events(events))
    for key, mark in marks.items():
        whole = re.sub(rb'("%s":)(?:\[[^\]]*\]|"[^"]*"|[0-9]+)' % re.escape(key).encode(), rb"\1" + mark, whole)
    return whole.splitlines(keepends=True)


def write_log(folder: Path, chance: random.Random) -> None:
    """Write the log, a file for each day, by filling in templates: `record_of` would take most of the time."""
    folder.mkdir(parents=True)
    made, number = templates(), 0
    while number < RECORDS:
        day = BEGUN.fromordinal(BEGUN.toordinal() + number // PER_DAY).date().isoformat()
        with (folder / f"{day}.jsonl").open("wb") as target:
            for _ in range(PER_DAY // len(made)):
                filled = {
                    b"<who>": orjson.dumps(pseudonyms(chance.randrange(PEOPLE))),
                    b"<to>": b'"ontvanger-%03d"' % chance.randrange(300),
                    b"<package>": b'"%s"' % str(uuid.UUID(int=number)).encode(),
                    b"<trace>": b'"%032x"' % (number + 1),
                }
                for line in made:
                    filled |= {b"<seq>": b"%d" % number, b"<salt>": b'"%032x"' % number}
                    filled[b"<at>"] = b'"%sT12:00:00.%06dZ"' % (day.encode(), number % 1_000_000)
                    target.write(_filled(line, filled))
                    number += 1


def _filled(line: bytes, values: Mapping[bytes, bytes]) -> bytes:
    return _MARK.sub(lambda found: values[found[0]], line)


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
        _tell_times(tell, "stats", [_timed(partial(counts_of, ledger.each_row, Filter()))])
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
