"""What the ledger answers is what a plain reading of the whole log would."""

import datetime as dt
import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.disclosures import Disclosure, Fate, disclosures_of, may_have_left
from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import LEDGER, Ledger
from gateway.audit.ledger_questions import Filter, Query, about, courses, following, newest, packages_about
from gateway.audit.parcels import CATEGORIES
from gateway.audit.reading import read_events
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.ledger_answers import Answers, basis_of, open_answers
from gateway.package.errors import Code, SluisError
from tests.integration.audit.ledger_lines import (
    BEGUN,
    DOUBT,
    PACKAGES,
    PEOPLE,
    POLICIES,
    RECIPIENTS,
    SUBJECTS,
    append,
    events,
    lines_of_events,
)
from tests.integration.audit.spoiling import spoil

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
    code=st.none() | st.sampled_from(("mail-bounced", "ngo.rule", "guard.first-time", *DOUBT)),
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
    left = [e for e in records if may_have_left(e["event.action"], e.get("event.reason"))]
    assert len([each for each in left if not each.get("gateway.subject.pseudonym")]) == received.unnamed


@settings(max_examples=40)
@given(found=st.lists(events(), max_size=40), wanted=FILTERS)
def test_the_counts_are_those_of_a_plain_reading(found: list[Event], wanted: Filter) -> None:
    with site_with(found) as (answers, records):
        counts = answers.counts(wanted)

    expected = [each for each in disclosures_of(records) if left_as(each, records, wanted)]
    assert Counter(each.recipient for each in expected) == dict(counts["recipients"])
    assert Counter(each.channel for each in expected) == dict(counts["channels"])
    assert Counter(each.at[:7] for each in expected) == dict(counts["months"])
    assert Counter(each.fate.value for each in expected) == dict(counts["states"])
    assert Counter(category for each in expected for category in each.categories) == dict(counts["categories"])
    assert Counter(e["event.action"] for e in records if fits(e, wanted)) == dict(counts["events"])


def left_as(each: Disclosure, records: Records, wanted: Filter) -> bool:
    """Tell in plain words whether a parcel is meant."""
    of_it = [records[number] for number in each.events]
    begun = each.at if each.fate is Fate.UNCERTAIN else None
    leaving = [
        record
        for record in of_it
        if may_have_left(record["event.action"], record.get("event.reason"))
        or (record["event.action"] == "package-release-started" and record["@timestamp"] == begun)
    ]
    decided = replace(wanted, recipient=None, package=None, action=None, code=None, since=None, until=None)
    by = decision_of(of_it)
    coded = Filter(code=wanted.code)
    return (
        fits(
            {"@timestamp": each.at, "gateway.package.id": each.package, "gateway.recipient.id": each.recipient}
            | {"event.action": ""},
            replace(wanted, person=None, policy=None, category=None, action=None, code=None),
        )
        and (decided == Filter() or (by is not None and fits(by, decided)))
        and (wanted.code is None or any(fits(e, coded) for e in (*leaving, *filter(None, [by]))))
        and (wanted.action is None or any(e["event.action"] == wanted.action for e in leaving))
    )


def decision_of(events: Records) -> dict[str, Any] | None:
    """Give the last decision before an event says for certain that it left."""
    gone = ("package-released", "package-collected")
    first = next((n for n, each in enumerate(events) if each["event.action"] in gone), len(events))
    before = [each for each in events[:first] if each["event.action"] == "package-policy-evaluated"]
    return before[-1] if before else None


def parcel(*, number: int = 0, recipient: int = 0) -> Callable[..., Event]:
    """Give what makes events of one parcel."""
    return partial(Event, package=PACKAGES[number], recipient=RECIPIENTS[recipient], channel="secure-mail")


def counted(root: Path, found: Sequence[Event], wanted: Filter, *, minutes: int = 7) -> dict[str, dict[str, int]]:
    site = SiteLayout(root)
    append(site.audit_log, lines_of_events(found, minutes=minutes))
    with open_answers(site) as answers:
        return {name: dict(counts) for name, counts in answers.counts(wanted).items()}


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(code="new.rule"), 1),
        (Filter(code="old.rule"), 0),
        (Filter(category="special"), 0),
        (Filter(category="ordinary"), 1),
        (Filter(policy=POLICIES[0]), 0),
        (Filter(person=PEOPLE[1]), 1),
        # Of two who decided, and of two decisions, the last one before it left counts whole.
        (Filter(person=PEOPLE[0], code="new.rule"), 0),
    ],
)
def test_what_left_is_counted_by_the_last_decision_before_it_left(tmp_path: Path, wanted: Filter, count: int) -> None:
    of, decided = parcel(), EventAction.PACKAGE_POLICY_EVALUATED
    first = {"codes": ("old.rule",), "categories": ("ordinary", "special"), "policy_digest": POLICIES[0]}
    then = {"codes": ("new.rule",), "categories": ("ordinary",), "policy_digest": POLICIES[1]}
    counts = counted(
        tmp_path,
        [
            of(action=decided, person=PEOPLE[0], **first),
            of(action=decided, person=PEOPLE[1], **then),
            of(action=EventAction.PACKAGE_RELEASED),
            of(action=decided, person=PEOPLE[0], **first),
        ],
        wanted,
    )

    assert count == sum(counts["recipients"].values())
    assert {"ordinary": count} == counts["categories"] or not count


@pytest.mark.parametrize("action", [EventAction.PACKAGE_RELEASE_UNCERTAIN, EventAction.PACKAGE_RELEASE_FAILED])
def test_a_code_that_stands_only_on_the_event_by_which_it_may_have_left_finds_it(
    tmp_path: Path, action: EventAction
) -> None:
    of = parcel()
    doubt = Filter(code="mail-outcome-unknown")
    counts = counted(
        tmp_path,
        [
            of(action=EventAction.PACKAGE_POLICY_EVALUATED, codes=("ngo.rule",)),
            of(action=EventAction.PACKAGE_RELEASE_STARTED),
            of(action=action, outcome="failure", codes=("mail-outcome-unknown",)),
        ],
        doubt,
    )

    assert {RECIPIENTS[0]: 1} == counts["recipients"]
    assert {"uncertain": 1} == counts["states"]


def test_a_parcel_counts_in_the_month_in_which_it_first_left_and_in_no_other(tmp_path: Path) -> None:
    of, released = parcel(), EventAction.PACKAGE_RELEASED
    counts = counted(tmp_path, [of(action=released), of(action=released)], Filter(), minutes=60 * 24 * 20)
    december = dt.datetime(2026, 12, 1, tzinfo=dt.UTC)
    with open_answers(SiteLayout(tmp_path)) as answers:
        later = answers.counts(Filter(since=december))

    assert {"2026-11": 1} == counts["months"]
    assert ([], [(released.value, 1)]) == (later["months"], later["events"])


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


@pytest.mark.parametrize("damage", ["UPDATE standing SET lines = 'x'", "UPDATE standing SET unnamed = -1"])
def test_an_attack_on_an_open_index_ends_no_answer(tmp_path: Path, damage: str) -> None:
    site = SiteLayout(tmp_path)
    append(site.audit_log, lines_of_events([Event(action=EventAction.USER_LOGIN)]))
    with open_answers(site) as answers:
        spoil(site.audit_log, damage)
        basis = answers.basis()
        spoil(site.audit_log, damage)
        nobody = answers.received([SUBJECTS[0]])

    assert 1 == basis.lines
    assert (0, 0) == (nobody.packages, nobody.unnamed)


@pytest.mark.parametrize("damage", ["recipient = x'ff'", "package = 7", "at = 1 << 62", "channel = x'00'"])
def test_an_attack_by_a_value_that_no_line_becomes_is_counted_from_an_index_made_anew(
    tmp_path: Path, damage: str
) -> None:
    of, site = parcel(), SiteLayout(tmp_path)
    append(site.audit_log, lines_of_events([of(action=EventAction.PACKAGE_RELEASED)]))
    with open_answers(site) as answers:
        right = answers.counts(Filter())
        spoil(site.audit_log, f"UPDATE event SET {damage}")  # noqa: S608 - texts of the test
        assert right == answers.counts(Filter())


@pytest.mark.parametrize(
    "damage", ["seq = 7", "start = (SELECT min(start) FROM event), leaf = (SELECT leaf FROM event)"]
)
def test_an_attack_by_a_row_that_shows_another_line_is_answered_from_the_log_and_said(
    tmp_path: Path, damage: str
) -> None:
    site = SiteLayout(tmp_path)
    append(site.audit_log, lines_of_events([Event(action=EventAction.USER_LOGIN)] * 3))
    with open_answers(site) as answers:
        right = answers.search(Filter(), limit=9)
    spoil(site.audit_log, f"UPDATE event SET {damage} WHERE line = 2")  # noqa: S608 - texts of the test

    with open_answers(site) as answers:
        assert right == answers.search(Filter(), limit=9)
        assert answers.basis().changed


@pytest.mark.parametrize("odd", [b"", b"{\n"])
def test_an_answer_tells_from_which_line_and_moment_on_it_knows(tmp_path: Path, odd: bytes) -> None:
    whole, pruned = SiteLayout(tmp_path / "whole"), SiteLayout(tmp_path / "pruned")
    for site, first in ((whole, 0), (pruned, 300)):
        site.audit_log.mkdir(parents=True)
        (site.audit_log / "2026-01-01.jsonl").write_bytes(odd)
        append(site.audit_log, lines_of_events([Event(action=EventAction.USER_LOGIN)] * 3, first=first))
    with Ledger(whole.audit_log) as ledger:
        from_the_start = basis_of(ledger, signed=0)
    with Ledger(pruned.audit_log) as ledger:
        from_later = basis_of(ledger, signed=0)

    assert (0, BEGUN) == (from_the_start.first, from_the_start.since)
    assert (300 - bool(odd), BEGUN + 300 * dt.timedelta(minutes=7)) == (from_later.first, from_later.since)
    assert from_later.unreadable == bool(odd)


def test_an_empty_log_begins_nowhere(tmp_path: Path) -> None:
    with open_answers(SiteLayout(tmp_path)) as answers:
        assert (0, None) == (answers.basis().first, answers.basis().since)


def test_nobody_is_asked_for_and_nobody_is_found(tmp_path: Path) -> None:
    with open_answers(SiteLayout(tmp_path)) as answers:
        assert ((), 0) == (answers.received([]).disclosures, answers.received([SUBJECTS[0]]).packages)


def test_an_event_that_the_log_has_not_signed_for_has_no_proof(tmp_path: Path) -> None:
    site = SiteLayout(tmp_path)
    append(site.audit_log, lines_of_events([Event(action=EventAction.USER_LOGIN)]))
    site.audit_keys.write_text("sluis.example/audit/node-1+cd8c2751+ASpp16ViIDx1290jNZvEZ7o17d6HDfwNnsyR6Ws8gxrI\n")

    with open_answers(site) as answers, pytest.raises(SluisError) as raised:
        list(answers.proved(answers.search(Filter(), limit=1)))

    assert Code.EVENT_UNSIGNED == raised.value.code


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
        since = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        counts = {
            "all": _plan(ledger, courses(Filter())),
            "recipient": _plan(ledger, courses(Filter(recipient=RECIPIENTS[0]))),
            "period": _plan(ledger, courses(Filter(since=since))),
            "categories": _plan(ledger, Query(CATEGORIES, {"lines": "[1]"})),
        }

    assert "SCAN event" not in plans["person"] + plans["packages"]
    assert "event_package (package=?)" in plans["person"]
    assert "PRIMARY KEY (pseudonym=?)" in plans["person"]
    assert "event_package (package=?)" in plans["package"]
    assert "event_recipient (recipient=? AND action=?)" in plans["recipient"]
    assert "PRIMARY KEY (code=?)" in plans["code"]
    assert "rowid>?" in plans["following"]
    # No parcel is looked for among all others: each plan reads an index in order, or looks each thing up.
    assert counts["all"] == "SEARCH event USING INDEX event_package (package>?)"
    assert "event_recipient (recipient=?)" in counts["recipient"]
    assert "event_action (action=? AND at>?)" in counts["period"]
    assert "event_package (package=? AND recipient=?)" in counts["period"]
    assert "event_category_line (line=?)" in counts["categories"]
