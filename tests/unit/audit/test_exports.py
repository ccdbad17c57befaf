"""The forms in which audit lines go elsewhere: all events are mapped, nothing is invented, nothing breaks out."""

import functools
import json
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from gateway.audit.events import Event, EventAction
from gateway.audit.exports.forms import ExportForm, formatted, in_syslog
from gateway.audit.exports.kinds import gravity_of, kind_of
from gateway.audit.exports.syslog import framed
from gateway.audit.tree import leaf_hash
from tests.unit.audit.test_records import AT, FULL, PACKAGE, line_of

LINE = line_of(FULL)
LEAF = leaf_hash(LINE).hex()
OCSF_VERSIONS = ("1.4.0", "1.8.0")


def lines_of_every_kind() -> list[bytes]:
    """Give lines of every action: with all that an event can say and with nothing, as it went well and as it failed."""
    full = replace(FULL, subjects=(f"vnr:k1:{'d' * 32}",), legal_basis="avg-6-1-e", trace="e" * 32, span="f" * 16)
    return [
        line_of(replace(event, action=action, outcome=outcome))
        for action in EventAction
        for event in (full, Event(action=action))
        for outcome in ("success", "failure")
    ]


def exported(line: bytes, form: ExportForm) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(formatted(line, form))
    return found


def flat(nested: dict[str, Any], head: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in nested.items():
        found |= flat(value, f"{head}{key}.") if isinstance(value, dict) else {f"{head}{key}": value}
    return found


def test_every_event_has_its_row_in_the_table_of_kinds() -> None:
    unknown = kind_of("no-such-action")
    assert [] == [action for action in EventAction if kind_of(action.value) == unknown]


def test_the_exact_line_is_a_form_of_its_own() -> None:
    assert LINE == formatted(LINE, ExportForm.JSONL)


@pytest.mark.parametrize("line", lines_of_every_kind())
def test_ecs_nests_what_the_line_says_and_adds_only_its_original_hash_level_and_title(line: bytes) -> None:
    said = flat(exported(line, ExportForm.ECS))
    added = {key: said.pop(key) for key in ("event.original", "event.hash", "log.level", "message")}
    assert json.loads(line) == {
        key.removeprefix("gateway.") if key == "gateway.salt" else key: said[key] for key in said
    }
    assert (line.decode(), leaf_hash(line).hex()) == (added["event.original"], added["event.hash"])


def test_ecs_keeps_both_of_a_value_and_a_longer_name_that_begins_with_it() -> None:
    line = b'{"@timestamp":"2026-11-20T09:30:15.123456Z","event.action":"x","a":1,"a.b":2}'
    assert {"a": 1, "a.b": 2}.items() <= exported(line, ExportForm.ECS).items()


@functools.cache
def _ocsf_validator(version: str, class_uid: int, profiles: tuple[str, ...]) -> jsonschema_rs.Validator:
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
    name = schema.lookup_class_name_from_uid(class_uid=class_uid)
    return jsonschema_rs.validator_for(schema.get_class_schema(class_name=name, profiles=[*profiles]))


@pytest.mark.parametrize("version", OCSF_VERSIONS)
def test_every_event_is_valid_by_the_schema_of_its_ocsf_class(version: str) -> None:
    faults = []
    for line in [*lines_of_every_kind(), b"no record of ours"]:
        event = exported(line, ExportForm.OCSF)
        profiles = tuple(event["metadata"].get("profiles", ()))
        validator = _ocsf_validator(version, event["class_uid"], profiles)
        # The schema has another version's number as its own; the rest of what it demands has not changed.
        faults += [(event["metadata"].get("event_code"), str(each.message)) for each in validator.iter_errors(event)]
    assert [] == faults


def test_the_schemas_refuse_what_lacks_a_demanded_attribute() -> None:
    event = exported(line_of(replace(FULL, action=EventAction.PACKAGE_RELEASED)), ExportForm.OCSF)
    del event["file"]
    assert not _ocsf_validator(OCSF_VERSIONS[0], event["class_uid"], ("security_control",)).is_valid(event)


@pytest.mark.parametrize("line", lines_of_every_kind())
def test_ocsf_leaves_out_nothing_that_a_line_says(line: bytes) -> None:
    event, record = exported(line, ExportForm.OCSF), json.loads(line)
    assert line.decode() == event.pop("raw_data")
    written = json.dumps(event)
    constant = ("ecs.version", "event.kind", "event.module", "event.dataset", "service.name", "event.outcome")
    missing = [
        key
        for key, value in record.items()
        if key not in constant and not all(json.dumps(each) in written for each in _each(value))
    ]
    assert [] == missing


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    ("action", "changes", "type_uid", "verdict"),
    [
        (EventAction.PACKAGE_RELEASED, {}, 600612, (None, None)),
        (EventAction.PACKAGE_HELD, {}, 200601, (2, 3)),
        (EventAction.PACKAGE_REFUSED, {}, 200601, (2, 25)),
        (EventAction.PACKAGE_REVIEWED, {"review_verdict": "release"}, 200603, (1, 8)),
        (EventAction.PACKAGE_REVIEWED, {"review_verdict": "refuse"}, 200603, (2, 25)),
        (EventAction.PACKAGE_POLICY_EVALUATED, {}, 600399, (1, 1)),
        (EventAction.PACKAGE_POLICY_EVALUATED, {"outcome": "failure"}, 600399, (2, 2)),
    ],
)
def test_ocsf_tells_what_the_policy_made_of_it(
    action: EventAction, changes: dict[str, Any], type_uid: int, verdict: tuple[int | None, int | None]
) -> None:
    event = exported(line_of(replace(FULL, action=action, **changes)), ExportForm.OCSF)
    assert (type_uid, verdict) == (event["type_uid"], (event.get("action_id"), event.get("disposition_id")))


def test_a_line_in_cef() -> None:
    line = line_of(
        Event(action=EventAction.PACKAGE_HELD, package=PACKAGE, organisation="A, B & C", codes=("a.b", "key-expired"))
    )
    expected = (
        "CEF:0|Sluis|Sluis|0.1.0|package-held|Package held|6|"
        f"rt={int(AT.timestamp() * 1000)} ecsVersion=9.4.0 eventKind=event eventModule=gateway"
        " eventDataset=gateway.audit act=package-held cat=file eventType=info serviceName=sluis outcome=failure"
        " eventId=00000000-0000-4000-8000-000000000001 cn1=7 cn1Label=sequence deviceExternalId=node-1"
        f" dvchost=gateway-1 organizationName=A, B & C externalId={PACKAGE} cs3=a.b cs3Label=ruleId cs4=key-expired"
        f" cs4Label=errorCode gatewayHoldReason=a.b,key-expired salt={bytes(range(16)).hex()}"
        f" cs6={leaf_hash(line).hex()} cs6Label=leafHash"
    )
    assert expected == formatted(line, ExportForm.CEF).decode()


def tampered(**values: Any) -> bytes:
    """Write a line as no program of ours does, such as somebody with access to the disk could."""
    return json.dumps(json.loads(LINE) | values).encode()


def test_an_attack_that_breaks_out_of_a_cef_field_stays_in_its_value() -> None:
    hostile = {
        "event.action": "a|b\\c\nCEF:0",
        "gateway.purpose": "x outcome=success\r\ncs1=forged\\",
        "user.id": "a=b",
    }
    written = formatted(tampered(**hostile), ExportForm.CEF).decode()
    assert "|a\\|b\\\\cCEF:0|" in written
    assert " gatewayPurpose=x outcome\\=success\\ncs1\\=forged\\\\ " in written
    assert " suid=a\\=b " in written


def test_a_line_in_syslog_is_the_exact_line_behind_its_head() -> None:
    head = (
        "<110>1 2026-11-20T09:30:15.123456Z gateway-1 sluis - package-policy-evaluated [gateway@32473"
        ' sequence="7" id="00000000-0000-4000-8000-000000000001" outcome="success"'
        f' package="{PACKAGE}" recipient="vluchtelingenhulp-voorbeeld" channel="secure-mail" person="medewerker-1"'
        f' leaf="{LEAF}"] '
    )
    assert head.encode() + LINE == formatted(LINE, ExportForm.SYSLOG)


@pytest.mark.parametrize(
    ("action", "outcome", "priority"),
    [
        (EventAction.PACKAGE_RELEASED, "success", 110),
        (EventAction.PACKAGE_HELD, "failure", 108),
        (EventAction.PACKAGE_RELEASE_FAILED, "failure", 107),
        (EventAction.USER_LOGIN_FAILED, "failure", 108),
    ],
)
def test_the_priority_says_log_audit_and_how_grave_it_is(action: EventAction, outcome: str, priority: int) -> None:
    line = line_of(replace(FULL, action=action, outcome=outcome))
    assert formatted(line, ExportForm.SYSLOG).startswith(f"<{priority}>1 ".encode())
    assert priority - 13 * 8 == gravity_of(json.loads(line))


def test_no_action_is_longer_than_the_msgid_of_a_syslog_message() -> None:
    assert [] == [action for action in EventAction if len(action.value) > 32]


def test_an_attack_that_breaks_out_of_structured_data_stays_in_its_value() -> None:
    line = tampered(**{"user.id": 'x"] <13>1 forged \\', "host.name": "two words\nand more", "event.action": "a b"})
    written = formatted(line, ExportForm.SYSLOG).decode()
    assert ' person="x\\"\\] <13>1 forged \\\\" leaf=' in written
    assert " twowordsandmore sluis - ab [gateway@32473 " in written


def test_a_site_with_an_enterprise_number_of_its_own_uses_that() -> None:
    assert b" [gateway@4242 " in formatted(LINE, ExportForm.SYSLOG, enterprise=4242)


@pytest.mark.parametrize("form", [ExportForm.ECS, ExportForm.OCSF, ExportForm.CEF])
def test_every_form_goes_as_the_text_of_a_syslog_message(form: ExportForm) -> None:
    assert in_syslog(LINE, form).endswith(b'"] ' + formatted(LINE, form))


@pytest.mark.parametrize("form", [ExportForm.JSONL, ExportForm.SYSLOG])
def test_the_line_itself_is_not_wrapped_twice(form: ExportForm) -> None:
    assert formatted(LINE, ExportForm.SYSLOG) == in_syslog(LINE, form)


def test_a_frame_says_its_length_in_bytes() -> None:
    assert "6 é\nab ".encode() == framed("é\nab ".encode())


@pytest.mark.parametrize("form", [ExportForm.ECS, ExportForm.OCSF, ExportForm.CEF, ExportForm.SYSLOG])
def test_of_a_line_that_can_not_be_read_the_hash_goes_and_nothing_that_stands_in_it(form: ExportForm) -> None:
    line = b'{"event.action":"package-held","name":"Jansen"'
    written = formatted(line, form)
    assert (True, True, False) == (
        leaf_hash(line).hex().encode() in written,
        b"audit-line-unreadable" in written,
        b"Jansen" in written,
    )


@pytest.mark.parametrize("form", ExportForm)
@pytest.mark.parametrize(
    "attack", [{"gateway.x": None}, {".".join("k" * 300): "v"}], ids=["nested a thousand deep", "a key of 300 names"]
)
def test_a_line_that_no_form_can_say_is_exported_as_unreadable_and_ends_nothing(
    form: ExportForm, attack: dict[str, Any]
) -> None:
    nested = b"[" * 900 + b"]" * 900
    line = json.dumps(json.loads(LINE) | attack).encode().replace(b"null", nested)
    for written in (formatted(line, form), in_syslog(line, form)):
        assert b"\n" not in written
        assert written


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from([*json.loads(LINE), "gateway.review.verdict"])


@given(
    values=st.dictionaries(_KEYS | st.text(), _JSON, max_size=6),
    form=st.sampled_from(sorted({*ExportForm} - {ExportForm.JSONL})),
)
def test_whatever_stands_in_the_log_goes_on_one_line(values: dict[str, Any], form: ExportForm) -> None:
    line = json.dumps(json.loads(LINE) | values).encode()
    assert 1 == len(
        formatted(line, form).decode().splitlines() if form is ExportForm.CEF else formatted(line, form).split(b"\n")
    )


@given(line=st.binary(max_size=60).filter(lambda each: b"\n" not in each), form=st.sampled_from([*ExportForm]))
def test_bytes_of_any_kind_are_exported_and_raise_nothing(line: bytes, form: ExportForm) -> None:
    assert b"\n" not in formatted(line, form)
