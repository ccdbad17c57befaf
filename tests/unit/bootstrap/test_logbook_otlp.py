"""Only an acknowledgement is believed to be one."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from gateway.audit.processing import ACTIONS, PARENT_KEY, Register, action_of, spans_of
from gateway.bootstrap.logbook_otlp import MEDIA_TYPE, NotNow, Refused, Taken, request_of, said_by
from gateway.bootstrap.posting import Answered

REGISTER = Register(default_activity="https://register.example/1")
KEYS = (
    "@timestamp",
    "event.id",
    "trace.id",
    "span.id",
    PARENT_KEY,
    "gateway.subject.pseudonym",
    "error.code",
    "user.id",
)
NOW = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)


def answer(status: int, body: bytes = b"", *, media_type: str = MEDIA_TYPE, retry_after: str = "") -> Answered:
    return Answered(status, body, media_type, retry_after)


def partly(rejected: int, message: str = "") -> bytes:
    told = ExportTraceServiceResponse()
    told.partial_success.rejected_spans = rejected
    told.partial_success.error_message = message
    body: bytes = told.SerializeToString()
    return body


@pytest.mark.parametrize("body", [b"", partly(0), partly(0, "a hint")])
def test_all_is_taken_when_nothing_was_rejected(body: bytes) -> None:
    assert Taken() == said_by(answer(200, body), now=NOW)


@pytest.mark.parametrize(
    "posted",
    [
        answer(200, b"<html>", media_type="text/html"),
        answer(200, b"", media_type="application/json"),
        answer(200, b"<html>"),
        answer(202),
        answer(204),
        answer(302),
        answer(401),
        answer(404),
        answer(500),
    ],
)
def test_an_answer_that_is_no_acknowledgement_moves_nothing(posted: Answered) -> None:
    assert NotNow(posted.status) == said_by(posted, now=NOW)


@pytest.mark.parametrize("posted", [answer(200, partly(1)), answer(400), answer(413), answer(422)])
def test_what_is_rejected_is_told_from_what_has_to_wait(posted: Answered) -> None:
    assert Refused(posted.status) == said_by(posted, now=NOW)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("999999999999", 3600.0),
        ("Fri, 20 Nov 2026 09:31:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 09:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2099 09:00:00 GMT", 3600.0),
        ("straks", None),
        ("-5", None),
        ("", None),
        ("٣", None),
    ],
)
def test_a_retry_after_is_followed_within_bounds(text: str, seconds: float | None) -> None:
    assert NotNow(503, seconds) == said_by(answer(503, retry_after=text), now=NOW)


@given(status=st.integers(100, 599), body=st.binary(max_size=60), text=st.text(max_size=40))
def test_no_answer_raises_and_none_but_a_whole_200_counts_as_taken(status: int, body: bytes, text: str) -> None:
    said = said_by(answer(status, body, retry_after=text), now=NOW)
    assert status == 200 or said != Taken()


_TIMES = st.from_regex(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z")
_VALUES = st.one_of(
    st.none(), st.integers(), st.text(max_size=20), st.lists(st.one_of(st.text(max_size=9), st.integers()), max_size=3)
)


@given(
    action=st.sampled_from([each.value for each in ACTIONS]),
    values=st.dictionaries(st.sampled_from(KEYS), _VALUES),
    times=st.tuples(_TIMES, st.one_of(_TIMES, st.text(max_size=30))),
)
def test_an_attack_with_lines_written_by_hand_stops_nothing(
    action: str, values: dict[str, object], times: tuple[str, str]
) -> None:
    line = json.dumps({"@timestamp": times[0]} | values | {"event.action": action}).encode()
    found = action_of(line, started=times[1])
    # A line that holds half of a character is no JSON, and no action.
    assert found is None or request_of(spans_of(found, purpose="", register=REGISTER))
