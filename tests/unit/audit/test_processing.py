"""What the Logboek Dataverwerkingen is told of a line of the log: all of it, the same each time, and nothing else."""

import datetime as dt
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.events import Event, EventAction
from gateway.audit.processing import ACTIONS, PARENT_KEY, Register, Span, SpanStatus, action_of, spans_of
from gateway.package.errors import Code
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.problems import PROBLEMS
from gateway.package.states import Channel
from tests.unit.audit.test_records import AT, line_of

DEFAULT = "https://register.example/activiteiten/1/versions/1"
GUARDIANSHIP = "https://register.example/activiteiten/7/versions/3"
REGISTER = Register(default_activity=DEFAULT, activities={"guardianship": GUARDIANSHIP})
PACKAGES = ("0198f0de-7e21-7c3a-9d52-0123456789ab", "0198f0de-7e21-7c3a-9d52-0123456789ac")
TRACE, SPAN, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00f067aa0ba902b7"
VNR, NAMED = f"vnr:k2:{'9f3c' * 8}", f"nbd:k2:{'01ab' * 8}"
AT_NS = int(AT.timestamp()) * 10**9 + AT.microsecond * 1000

pseudonyms = st.from_regex(r"\A(bsn|vnr|nbd):k[1-9]:[0-9a-f]{32}\Z")
problems = st.sampled_from(list(Code))
events = st.builds(
    Event,
    action=st.sampled_from(list(EventAction)),
    package=st.sampled_from([*map(PackageId, PACKAGES), None]),
    recipient=st.sampled_from([RecipientId("nidos-voorbeeld"), None]),
    person=st.sampled_from([PersonId("medewerker-1"), None]),
    channel=st.sampled_from(["", *(each.value for each in Channel)]),
    codes=st.lists(st.one_of(problems.map(lambda code: code.value), st.just("special.second-person")), max_size=3).map(
        tuple
    ),
    subjects=st.lists(pseudonyms, max_size=4).map(tuple),
    trace=st.sampled_from(["", TRACE]),
    span=st.sampled_from(["", SPAN]),
)


def told(event: Event, *, started: str = "", purpose: str = "guardianship", extra: Any = None) -> tuple[Span, ...]:
    line = orjson.dumps(orjson.loads(line_of(event)) | (extra or {}))
    action = action_of(line, started=started)
    return () if action is None else spans_of(action, purpose=purpose, register=REGISTER)


def released(**parts: Any) -> Event:
    event = Event(action=EventAction.PACKAGE_RELEASED, package=PackageId(PACKAGES[0]), subjects=(VNR,))
    return replace(event, **parts)


@given(event=events, started=st.booleans())
def test_each_action_gives_a_parent_and_one_record_below_it_for_each_pseudonym_and_other_events_none(
    event: Event, started: bool
) -> None:
    begin = (AT - dt.timedelta(seconds=3)).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if started else ""
    spans = told(event, started=begin)

    if event.action not in ACTIONS:
        assert () == spans
        return
    parent, *children = spans
    named = () if event.action is EventAction.PACKAGE_RELEASE_STARTED else event.subjects
    assert list(dict.fromkeys(named)) == [dict(each.attributes)["dpl.core.data_subject_id"] for each in children]
    assert {parent.span_id} >= {each.parent_span_id for each in children}
    assert len(spans) == len({each.span_id for each in spans})
    assert {(parent.trace_id, parent.status, parent.start, parent.end)} == {
        (each.trace_id, each.status, each.start, each.end) for each in spans
    }
    assert (16, 8) == (len(parent.trace_id), len(parent.span_id))
    assert (AT_NS, AT_NS - (3 * 10**9 if started else 0)) == (parent.end, parent.start)
    assert spans == told(event, started=begin)


@given(event=events)
def test_no_record_names_who_works_here_the_recipient_or_the_package(event: Event) -> None:
    said = repr(told(event))
    assert not [word for word in ("medewerker-1", "nidos-voorbeeld", PACKAGES[0], PACKAGES[1]) if word in said]


@given(event=events)
def test_only_attributes_of_adopted_name_spaces_are_used(event: Event) -> None:
    allowed = {
        "dpl.core.processing_activity_id",
        "dpl.core.data_subject_id",
        "dpl.core.data_subject_id_type",
        "exception.type",
    }
    assert {key for each in told(event) for key, _ in each.attributes} <= allowed


@given(event=events)
def test_error_means_that_a_machine_failed_and_never_that_somebody_decided(event: Event) -> None:
    failing = {EventAction.PACKAGE_RELEASE_FAILED, EventAction.PACKAGE_RELEASE_UNCERTAIN}
    technical = {code.value for code in Code if PROBLEMS[code].status >= 500}
    expected = event.action in failing and not technical.isdisjoint(event.codes)
    spans = told(event)
    assert expected == (bool(spans) and all(each.status is SpanStatus.ERROR for each in spans))
    assert expected == any(each.status is SpanStatus.ERROR for each in spans)


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (EventAction.PACKAGE_RELEASED, SpanStatus.OK),
        (EventAction.PACKAGE_WITHDRAWN, SpanStatus.OK),
        (EventAction.PACKAGE_POLICY_EVALUATED, SpanStatus.UNSET),
    ],
)
def test_a_decision_that_nothing_goes_and_a_withdrawal_are_outcomes(action: EventAction, status: SpanStatus) -> None:
    spans = told(released(action=action, outcome="failure", codes=("mail-unreachable",)))
    assert {status} == {each.status for each in spans}


def test_a_failed_attempt_tells_its_code_and_no_text() -> None:
    parent, child = told(
        released(action=EventAction.PACKAGE_RELEASE_FAILED, outcome="failure", codes=("mail-deferred",))
    )
    assert ("mail-deferred", SpanStatus.ERROR) == (dict(parent.attributes)["exception.type"], child.status)


def test_what_became_of_an_attempt_stands_below_it_in_its_trace() -> None:
    (attempt,) = told(released(action=EventAction.PACKAGE_RELEASE_STARTED, outcome="unknown", trace=TRACE, span=SPAN))
    result, person = told(released(trace=TRACE, span=SPAN))
    assert (TRACE, SPAN, "") == (attempt.trace_id.hex(), attempt.span_id.hex(), attempt.parent_span_id.hex())
    assert (attempt.trace_id, attempt.span_id) == (result.trace_id, result.parent_span_id)
    assert result.span_id == person.parent_span_id


def test_a_mail_that_arrived_and_came_back_gives_two_records_of_one_attempt() -> None:
    arrived = action_of(line_of(released(trace=TRACE, span=SPAN)))
    returned = action_of(
        line_of(
            released(action=EventAction.PACKAGE_RELEASE_FAILED, trace=TRACE, span=SPAN),
            event_id="00000000-0000-4000-8000-000000000002",
        )
    )
    assert arrived is not None
    assert returned is not None
    spans = [each for one in (arrived, returned) for each in spans_of(one, purpose="", register=REGISTER)]
    assert len(spans) == len({each.span_id for each in spans})


def test_another_program_finds_the_line_of_a_record_as_the_security_team_s_page_says() -> None:
    (parent, _), event_id = told(released()), "00000000-0000-4000-8000-000000000001"
    digest = subprocess.run(
        ["sha256sum"], input=f"sluis-logbook\0span\0{event_id}".encode(), capture_output=True, check=True
    ).stdout.decode()
    assert digest[:16] == parent.span_id.hex()


def test_lines_of_one_package_without_ids_share_a_trace_and_those_of_another_do_not() -> None:
    first, *_ = told(released())
    again, *_ = told(released(action=EventAction.PACKAGE_COLLECTED))
    other, *_ = told(released(package=PackageId(PACKAGES[1])))
    assert first.trace_id == again.trace_id
    assert first.trace_id != other.trace_id


def test_another_application_is_named_only_when_it_called_us() -> None:
    register = replace(REGISTER, applications={"zaaksysteem": "https://zaken.example/dpl"})
    line = orjson.loads(line_of(released(person=PersonId("zaaksysteem"), trace=TRACE)))
    called = action_of(orjson.dumps(line | {PARENT_KEY: CALLER}))
    assert called is not None
    parent, child = spans_of(called, purpose="", register=register)
    assert CALLER == parent.parent_span_id.hex()
    expected = {
        "dpl.core.foreign_operation.span_id": CALLER,
        "dpl.core.foreign_operation.processor": "https://zaken.example/dpl",
    }
    assert expected == {key: each for key, each in parent.attributes if "foreign" in key}
    assert not [key for key, _ in child.attributes if "foreign" in key]
    assert not [key for key, _ in told(released(person=PersonId("zaaksysteem")))[0].attributes if "foreign" in key]


@pytest.mark.parametrize(("purpose", "activity"), [("guardianship", GUARDIANSHIP), ("return", DEFAULT), ("", DEFAULT)])
def test_a_purpose_without_an_activity_of_its_own_has_the_default_one(purpose: str, activity: str) -> None:
    assert {activity} == {
        dict(each.attributes)["dpl.core.processing_activity_id"] for each in told(released(), purpose=purpose)
    }


def test_the_type_of_an_identifier_is_called_as_the_standard_or_the_settings_call_it() -> None:
    register = replace(REGISTER, subject_types={"nbd": "https://register.example/naam"})
    action = action_of(line_of(released(subjects=(VNR, NAMED))))
    assert action is not None
    types = [
        dict(each.attributes).get("dpl.core.data_subject_id_type")
        for each in spans_of(action, purpose="", register=register)
    ]
    assert [None, "Vreemdelingennummer", "https://register.example/naam"] == types


@pytest.mark.parametrize("value", ["Amina Yusuf", "111222333", ["Amina Yusuf", 111222333, None], {"a": 1}, 7, None])
@pytest.mark.parametrize(
    "key", ["gateway.subject.pseudonym", "trace.id", "span.id", PARENT_KEY, "service.version", "event.id", "error.code"]
)
def test_an_attack_that_writes_a_name_into_the_log_by_hand_brings_it_no_further(key: str, value: Any) -> None:
    spans = told(released(action=EventAction.PACKAGE_RELEASE_FAILED), extra={key: value})
    assert spans
    assert not [word for word in ("Amina", "111222333") if word in repr(spans)]


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"7", b'"event.action"', b"{}", b'{"event.action": []}', b"\xff"])
def test_what_is_no_record_tells_of_no_action(line: bytes) -> None:
    assert action_of(line) is None


def test_the_privacy_officer_s_page_lists_every_record_that_there_can_be() -> None:
    page = (Path(__file__).parents[3] / "docs" / "privacy-officer.md").read_text(encoding="utf-8")
    assert [] == [told.name for told in ACTIONS.values() if f"| `{told.name}` |" not in page]


@pytest.mark.parametrize("action", list(ACTIONS))
def test_an_action_is_told_of_with_only_its_name_on_the_line(action: EventAction) -> None:
    found = action_of(orjson.dumps({"event.action": action.value}))
    assert found is not None
    parent, *children = spans_of(found, purpose="", register=REGISTER)
    assert ([], 0, 0) == (children, parent.start, parent.end)
    assert parent.name
