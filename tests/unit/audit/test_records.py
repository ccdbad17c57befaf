import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.events import Event, EventAction
from gateway.audit.records import COUNT_NAMES, record_of
from gateway.package.errors import Code
from gateway.package.ids import Fingerprint, PackageId, PersonId, RecipientId

AT = dt.datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=dt.UTC)
PACKAGE = PackageId("0198f0de-7e21-7c3a-9d52-0123456789ab")
BSN, V_NUMBER = "111222333", "0123456789"
FULL = Event(
    action=EventAction.PACKAGE_POLICY_EVALUATED,
    package=PACKAGE,
    recipient=RecipientId("vluchtelingenhulp-voorbeeld"),
    person=PersonId("medewerker-1"),
    organisation="DT&V",
    source="outbox",
    channel="secure-mail",
    purpose="legal-support",
    proof="signature",
    codes=("ngo.departure-strategy", "key-expired"),
    categories=("ordinary", "special"),
    policy_digest="a" * 64,
    digest="b" * 64,
    size=1024,
    message_id=f"{'c' * 32}@sluis.example",
    attempt=1,
    verdicts=(("release", 4), ("strip", 2)),
    counts=(("documents", 3),),
    subjects=(f"vnr:k2:{'d' * 32}", f"nbd:k2:{'e' * 32}"),
    legal_basis="avg-6-1-a/avg-7",
    trace="1" * 32,
    span="2" * 16,
    parent_span="3" * 16,
)


def changed(**parts: Any) -> Event:
    return replace(FULL, **parts)


def line_of(event: Event, **changes: Any) -> bytes:
    arguments: dict[str, Any] = {
        "sequence": 7,
        "at": AT,
        "event_id": "00000000-0000-4000-8000-000000000001",
        "salt": bytes(range(16)),
        "version": "0.1.0",
        "host": "gateway-1",
        "node": "node-1",
    }
    return record_of(event, **(arguments | changes))


def record(event: Event, **changes: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(line_of(event, **changes))
    return parsed


def test_a_full_event_is_written_under_its_ecs_names() -> None:
    expected = {
        "@timestamp": "2026-11-20T09:30:15.123456Z",
        "ecs.version": "9.4.0",
        "event.id": "00000000-0000-4000-8000-000000000001",
        "event.sequence": 7,
        "event.kind": "event",
        "event.module": "gateway",
        "event.dataset": "gateway.audit",
        "event.action": "package-policy-evaluated",
        "event.category": ["api"],
        "event.type": ["allowed"],
        "event.outcome": "success",
        "service.name": "sluis",
        "service.version": "0.1.0",
        "service.node.name": "node-1",
        "host.name": "gateway-1",
        "organization.name": "DT&V",
        "user.id": "medewerker-1",
        "rule.id": ["ngo.departure-strategy"],
        "rule.version": "a" * 64,
        "error.code": ["key-expired"],
        "gateway.decision.hmac": "b" * 64,
        "file.size": 1024,
        "email.message_id": f"{'c' * 32}@sluis.example",
        "gateway.package.id": PACKAGE,
        "gateway.recipient.id": "vluchtelingenhulp-voorbeeld",
        "gateway.source": "outbox",
        "gateway.channel": "secure-mail",
        "gateway.purpose": "legal-support",
        "gateway.proof": "signature",
        "gateway.field_categories": ["ordinary", "special"],
        "gateway.attempt": 1,
        "gateway.verdicts.release": 4,
        "gateway.verdicts.strip": 2,
        "gateway.counts.documents": 3,
        "gateway.subject.pseudonym": [f"vnr:k2:{'d' * 32}", f"nbd:k2:{'e' * 32}"],
        "gateway.legal_basis": "avg-6-1-a/avg-7",
        "trace.id": "1" * 32,
        "span.id": "2" * 16,
        "gateway.trace.parent_span": "3" * 16,
        "salt": bytes(range(16)).hex(),
    }
    assert expected == record(FULL)


@pytest.mark.parametrize(
    ("action", "category", "type_", "outcome"),
    [
        ("service-started", "process", "start", "success"),
        ("service-stopped", "process", "end", "success"),
        ("audit-log-recovered", "file", "info", "success"),
        ("policy-loaded", "configuration", "change", "success"),
        ("package-received", "file", "creation", "success"),
        ("package-rejected", "file", "info", "failure"),
        ("package-policy-evaluated", "api", "allowed", "success"),
        ("package-held", "file", "info", "failure"),
        ("package-refused", "file", "info", "failure"),
        ("package-sealed", "file", "change", "success"),
        ("package-release-started", "file", "info", "unknown"),
        ("package-released", "file", "info", "success"),
        ("package-release-failed", "file", "info", "failure"),
        ("package-release-uncertain", "file", "info", "unknown"),
        ("package-expired", "file", "deletion", "success"),
        ("user-login", "authentication", "start", "success"),
        ("user-login-failed", "authentication", "start", "failure"),
    ],
)
def test_each_action_has_its_ecs_category_type_and_outcome(
    action: str, category: str, type_: str, outcome: str
) -> None:
    written = record(Event(action=EventAction(action)))
    assert ([category], [type_], outcome) == (
        written["event.category"],
        written["event.type"],
        written["event.outcome"],
    )


def test_every_action_that_there_is_can_be_written() -> None:
    assert [action.value for action in EventAction] == [
        record(Event(action=action))["event.action"] for action in EventAction
    ]


def test_a_release_by_mail_is_an_outbound_email_event() -> None:
    written = record(Event(action=EventAction.PACKAGE_RELEASED, channel="secure-mail"))
    assert (["email"], "outbound") == (written["event.category"], written["email.direction"])


def test_an_evaluation_that_does_not_clear_is_written_as_denied() -> None:
    assert ["denied"] == record(changed(outcome="failure"))["event.type"]


def test_a_hold_says_its_rules_and_the_first_as_its_reason() -> None:
    written = record(Event(action=EventAction.PACKAGE_HELD, outcome="failure", codes=("consent.missing", "key-weak")))
    assert ("consent.missing", ["consent.missing", "key-weak"]) == (
        written["event.reason"],
        written["gateway.hold.reason"],
    )


def test_a_keyed_digest_is_never_passed_off_as_a_file_hash() -> None:
    written = record(Event(action=EventAction.PACKAGE_RECEIVED, digest="d" * 64))
    assert "d" * 64 == written["gateway.content.hmac"]
    assert "file.hash.sha256" not in written


@pytest.mark.parametrize("key", ["A1" * 20, "B2" * 32, "x509:" + "c3" * 32, "age1" + "q" * 58])
def test_every_kind_of_key_that_can_be_pinned_can_be_told(key: str) -> None:
    written = record(Event(action=EventAction.KEY_PROPOSED, key=Fingerprint(key)))
    assert key == written["gateway.key.fingerprint"]


def test_what_only_warned_stands_beside_what_decided() -> None:
    line = record(changed(warnings=("guard.first-time",)))
    assert ["guard.first-time"] == line["gateway.warnings"]
    assert "guard.first-time" not in line["rule.id"]


def test_an_empty_part_of_an_event_leaves_no_key() -> None:
    assert "gateway.channel" not in record(Event(action=EventAction.PACKAGE_EXPIRED, package=PACKAGE))


def test_every_problem_code_can_stand_in_an_event() -> None:
    codes = tuple(code.value for code in Code)
    assert list(codes) == record(Event(action=EventAction.PACKAGE_HELD, outcome="failure", codes=codes))["error.code"]


def test_every_count_name_can_stand_in_an_event() -> None:
    counts = tuple((name, 1) for name in sorted(COUNT_NAMES))
    written = record(Event(action=EventAction.SERVICE_STARTED, counts=counts))
    assert len(COUNT_NAMES) == sum(key.startswith("gateway.counts.") for key in written)


TEXT_PARTS = (
    "package",
    "recipient",
    "person",
    "organisation",
    "source",
    "channel",
    "purpose",
    "policy_digest",
    "digest",
    "message_id",
)


@pytest.mark.parametrize("part", TEXT_PARTS)
@pytest.mark.parametrize(
    "value",
    [
        BSN,
        V_NUMBER,
        f"a-{BSN}",
        f"v{V_NUMBER}",
        "two\nlines",
        'x"y',
        "jan@mail.example ",
        "1990-05-01\r",
        "Zoë\x00",
        "x" * 300,
    ],
)
def test_smuggling_a_number_or_a_line_break_in_a_text_part_raises_and_never_repeats_it(part: str, value: str) -> None:
    with pytest.raises(ValueError) as caught:
        line_of(changed(**{part: value}))
    assert value not in str(caught.value)


@pytest.mark.parametrize("part", ["codes", "categories"])
@pytest.mark.parametrize("value", [BSN, V_NUMBER, "a\nb", "Jan Jansen", f"x.{BSN}", ""])
def test_smuggling_a_number_or_a_name_as_a_code_or_category_raises(part: str, value: str) -> None:
    with pytest.raises(ValueError, match="can not carry"):
        line_of(changed(**{part: ("ordinary", value)}))


@pytest.mark.parametrize("part", ["verdicts", "counts"])
@pytest.mark.parametrize("name", [BSN, "Jan", "release\n", ""])
def test_smuggling_a_value_as_the_name_of_a_count_raises_and_never_repeats_it(part: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"gateway\.\*") as caught:
        line_of(changed(**{part: ((name, 1),)}))
    assert not name or name not in str(caught.value)


@pytest.mark.parametrize("number", [-1, 2**53, True, 1.0, "1"])
def test_a_count_is_a_whole_number_within_json(number: Any) -> None:
    with pytest.raises(ValueError, match=r"gateway\.counts\.fields"):
        line_of(changed(counts=(("fields", number),)))


@pytest.mark.parametrize("change", [{"at": AT.replace(tzinfo=None)}, {"salt": b"short"}, {"host": "a b"}])
def test_what_the_log_itself_adds_is_checked_too(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        line_of(FULL, **change)


@pytest.mark.parametrize("host", ["1a2b3c4d5e6f", "a1234567890b", "gateway.intern.example"])
def test_a_machine_name_as_containers_have_them_is_no_obstacle(host: str) -> None:
    assert host == record(FULL, host=host)["host.name"]


def test_a_line_stays_below_the_longest_entry_of_a_tile() -> None:
    with pytest.raises(ValueError, match="too long"):
        line_of(changed(codes=tuple(f"rule-{number}" + "x" * 80 for number in range(1000))))


@given(number=st.from_regex(r"[0-9]{9,10}", fullmatch=True), part=st.sampled_from(TEXT_PARTS))
def test_no_bare_number_of_nine_or_ten_digits_ever_passes(number: str, part: str) -> None:
    with pytest.raises(ValueError):
        line_of(changed(**{part: number}))


@given(value=st.text(max_size=40), part=st.sampled_from(TEXT_PARTS))
def test_whatever_is_put_in_a_part_the_line_is_one_line_of_json_or_nothing(value: str, part: str) -> None:
    try:
        line = line_of(changed(**{part: value}))
    except ValueError:
        return
    assert b"\n" not in line
    assert 7 == json.loads(line)["event.sequence"]


@given(st.uuids())
def test_every_uuid_can_be_a_package_also_when_its_digits_look_like_a_number(value: Any) -> None:
    event = Event(
        action=EventAction.PACKAGE_SEALED, package=PackageId(str(value)), message_id=f"{value.hex}@sluis.example"
    )
    assert str(value) == record(event)["gateway.package.id"]
