"""What the ledger answers is what a plain reading of the whole log would."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.disclosures import disclosures_of
from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import LEDGER, Ledger
from gateway.audit.ledger_questions import Filter, about, counted, following, newest, packages_about
from gateway.audit.reading import read_events
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import Answers, open_answers
from gateway.package.errors import Code, SluisError
from tests.integration.audit.ledger_lines import (
    BEGUN,
    PACKAGES,
    PEOPLE,
    POLICIES,
    RECIPIENTS,
    SUBJECTS,
    append,
    events,
    lines_of_events,
)

Records = list[dict[str, Any]]
_MOMENTS = st.none() | st.sampled_from(
    [BEGUN.replace(day=day, hour=hour) for day in (19, 20, 21) for hour in (0, 3, 22)]
)
FILTERS = st.builds(
    Filter,
    recipient=st.none() | st.sampled_from(RECIPIENTS),
    package=st.none() | st.sampled_from((*PACKAGES, PACKAGES[0][-8:])),
    person=st.none() | st.sampled_from(PEOPLE),
    policy=st.none() | st.sampled_from((*POLICIES, "a" * 8, "abababab")),
    category=st.none() | st.sampled_from(("ordinary", "special")),
    action=st.none() | st.sampled_from(("package-released", "package-policy-evaluated", "user-login")),
    code=st.none() | st.sampled_from(("mail-bounced", "ngo.rule", "guard.first-time")),
    since=_MOMENTS,
    until=_MOMENTS,
)


@contextmanager
def site_with(found: list[Event]) -> Iterator[tuple[Answers, Records]]:
    with tempfile.TemporaryDirectory() as root:
        site = SiteLayout(Path(root))
        append(site.audit_log, lines_of_events(found, minutes=90))
        with open_answers(site) as answers:
            yield answers, list(read_events(site.audit_log))


def fits(record: dict[str, Any], wanted: Filter) -> bool:
    """Tell in plain words whether an event is meant."""
    at, codes = record["@timestamp"], [*record.get("rule.id", ()), *record.get("error.code", ())]
    codes += [*record.get("gateway.warnings", ()), *record.get("gateway.hold.reason", ())]
    people = [record.get(key) for key in ("user.id", "gateway.policy.proposer", "gateway.review.deputy_for")]
    since, until = (each and each.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for each in (wanted.since, wanted.until))
    return (
        wanted.recipient in (None, record.get("gateway.recipient.id"))
        and (wanted.package is None or record.get("gateway.package.id", "").endswith(wanted.package))
        and (wanted.person is None or wanted.person in people)
        and (wanted.policy is None or record.get("rule.version", "").startswith(wanted.policy))
        and (wanted.category is None or wanted.category in record.get("gateway.field_categories", ()))
        and wanted.action in (None, record["event.action"])
        and (wanted.code is None or wanted.code in codes)
        and (since is None or at >= since)
        and (until is None or at <= until)
    )


@settings(max_examples=40)
@given(found=st.lists(events(), max_size=40), wanted=FILTERS, limit=st.integers(1, 50))
def test_a_search_finds_what_a_plain_reading_finds(found: list[Event], wanted: Filter, limit: int) -> None:
    with site_with(found) as (answers, records):
        newest_first = [each.record() for each in answers.search(wanted, limit=limit)]
        all_of_them = [each.record() for each in answers.every(wanted)]

    expected = [each for each in records if fits(each, wanted)]
    assert expected[::-1][:limit] == newest_first
    assert expected == all_of_them


@settings(max_examples=40)
@given(found=st.lists(events(), max_size=40), asked=st.lists(st.sampled_from(SUBJECTS), max_size=2, unique=True))
def test_who_received_is_what_a_plain_reading_tells(found: list[Event], asked: list[str]) -> None:
    with site_with(found) as (answers, records):
        received = answers.received(asked)

    theirs = {each["gateway.package.id"] for each in records if {*asked} & {*each.get("gateway.subject.pseudonym", ())}}
    expected = disclosures_of(each for each in records if each.get("gateway.package.id") in theirs)
    assert tuple(expected) == received.disclosures
    assert len(theirs) == received.packages
    assert len(theirs - {each.package for each in expected}) == received.unsent
    left = [e for e in records if e["event.action"] in ("package-released", "package-release-uncertain")]
    assert len([each for each in left if not each.get("gateway.subject.pseudonym")]) == received.unnamed


@settings(max_examples=40)
@given(found=st.lists(events(), max_size=40), wanted=FILTERS)
def test_the_counts_are_those_of_a_plain_reading(found: list[Event], wanted: Filter) -> None:
    with site_with(found) as (answers, records):
        counts = answers.counts(wanted)

    def parcels_of(actions: tuple[str, ...], meant: Filter) -> set[tuple[str, str]]:
        there = (each for each in records if each["event.action"] in actions and fits(each, meant))
        return {(e["gateway.package.id"], e["gateway.recipient.id"]) for e in there if "gateway.recipient.id" in e}

    meant = [each for each in records if fits(each, wanted)]
    # Colleague, rules, category and code stand on the decision about what left.
    decided = replace(wanted, recipient=None, package=None, action=None, since=None, until=None)
    left = replace(wanted, person=None, policy=None, category=None, code=None)
    parcels = parcels_of(("package-released", "package-release-uncertain"), left)
    if decided != Filter():
        parcels &= parcels_of(("package-policy-evaluated",), decided)
    assert len(parcels) == sum(count for _, count in counts["recipients"])
    assert {each: sum(to == each for _, to in parcels) for each in {to for _, to in parcels}} == dict(
        counts["recipients"]
    )
    assert len(meant) == sum(count for _, count in counts["outcomes"])
    special = {
        (each["gateway.package.id"], each["gateway.recipient.id"])
        for each in records
        if "special" in each.get("gateway.field_categories", ()) and "gateway.recipient.id" in each
    }
    assert len(special & parcels) == dict(counts["categories"]).get("special", 0)


def test_an_attack_that_changes_a_told_line_unseen_is_answered_from_the_log_as_it_is_and_said(tmp_path: Path) -> None:
    site = SiteLayout(tmp_path)
    sent = Event(
        action=EventAction.PACKAGE_RELEASED, package=PACKAGES[0], recipient=RECIPIENTS[0], subjects=(SUBJECTS[0],)
    )
    append(site.audit_log, lines_of_events([sent, replace(sent, recipient=RECIPIENTS[1])]))
    with open_answers(site) as answers:
        before = answers.received([SUBJECTS[0]])
        honest = answers.basis()
    [file] = site.audit_log.iterdir()
    state = file.stat()
    file.write_bytes(
        file.read_bytes().replace(RECIPIENTS[0].encode(), RECIPIENTS[0].replace("nidos", "xxxxx").encode())
    )
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))

    with open_answers(site) as answers:
        after = answers.received([SUBJECTS[0]])
        told = answers.basis()

    assert {RECIPIENTS[0], RECIPIENTS[1]} == {each.recipient for each in before.disclosures}
    assert {"xxxxx-voorbeeld", RECIPIENTS[1]} == {each.recipient for each in after.disclosures}
    assert (False, True) == (honest.changed, told.changed)


def test_an_attack_that_indexes_another_persons_package_under_a_name_is_answered_from_the_log_and_said(
    tmp_path: Path,
) -> None:
    site = SiteLayout(tmp_path)
    sent = Event(
        action=EventAction.PACKAGE_RELEASED, package=PACKAGES[0], recipient=RECIPIENTS[0], subjects=(SUBJECTS[0],)
    )
    other = replace(sent, package=PACKAGES[1], recipient=RECIPIENTS[1], subjects=(SUBJECTS[1],))
    append(site.audit_log, lines_of_events([sent, other]))
    with open_answers(site) as answers:
        honest = answers.received([SUBJECTS[0]])
    with sqlite3.connect(site.audit_log.parent / LEDGER) as connection:
        connection.execute("INSERT INTO event_subject (pseudonym, line) VALUES (?, 1)", (SUBJECTS[0],))
    connection.close()

    with open_answers(site) as answers:
        told = answers.received([SUBJECTS[0]])
        changed = answers.basis().changed

    assert {RECIPIENTS[0]} == {each.recipient for each in honest.disclosures}
    assert honest.disclosures == told.disclosures
    assert changed


def test_nobody_is_asked_for_and_nobody_is_found(tmp_path: Path) -> None:
    with open_answers(SiteLayout(tmp_path)) as answers:
        assert ((), 0) == (answers.received([]).disclosures, answers.received([SUBJECTS[0]]).packages)


def test_an_event_that_the_log_has_not_signed_for_has_no_proof(tmp_path: Path) -> None:
    site = SiteLayout(tmp_path)
    append(site.audit_log, lines_of_events([Event(action=EventAction.USER_LOGIN)]))
    site.audit_keys.write_text("sluis.example/audit/node-1+cd8c2751+ASpp16ViIDx1290jNZvEZ7o17d6HDfwNnsyR6Ws8gxrI\n")

    with open_answers(site) as answers, pytest.raises(SluisError) as raised:
        list(answers.proved(answers.search(Filter(), limit=1)))

    assert Code.NOT_FOUND == raised.value.code


def _plan(ledger: Ledger, query: tuple[str, dict[str, Any]]) -> str:
    text, values = query
    return "\n".join(row["detail"] for row in ledger.rows(f"EXPLAIN QUERY PLAN {text}", values))


def test_a_person_a_package_and_a_recipient_are_looked_up_and_never_searched_for(tmp_path: Path) -> None:
    with Ledger(tmp_path / "log") as ledger:
        plans = {
            "person": _plan(ledger, about(SUBJECTS[:2])),
            "packages": _plan(ledger, packages_about(SUBJECTS[:2])),
            "package": _plan(ledger, newest(Filter(package=PACKAGES[0]), limit=9)),
            "recipient": _plan(ledger, newest(Filter(recipient=RECIPIENTS[0], action="package-released"), limit=9)),
            "code": _plan(ledger, newest(Filter(code="mail-bounced"), limit=9)),
            "following": _plan(ledger, following(Filter(), after=7, limit=9)),
        }
        counts = {name: _plan(ledger, query) for name, query in counted(Filter()).items()}

    assert "SCAN event" not in plans["person"] + plans["packages"]
    assert "event_package (package=?)" in plans["person"]
    assert "PRIMARY KEY (pseudonym=?)" in plans["person"]
    assert "event_package (package=?)" in plans["package"]
    assert "event_recipient (recipient=? AND action=?)" in plans["recipient"]
    assert "PRIMARY KEY (code=?)" in plans["code"]
    assert "rowid>?" in plans["following"]
    assert all("event_action (action=?)" in plan for name, plan in counts.items() if name != "outcomes")
