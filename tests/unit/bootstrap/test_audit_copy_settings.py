"""Settings of what goes elsewhere from the audit log: one target each, names of their own, no key without its half."""

from typing import Any

import pytest
from pydantic import ValidationError

from gateway.bootstrap.settings import AuditSettings

FILE = {"name": "elastic", "format": "ecs", "file": "copy.jsonl"}


def accepted(*exports: dict[str, Any]) -> bool:
    try:
        AuditSettings.model_validate({"exports": exports})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "target",
    [{"file": "copy.jsonl"}, {"stdout": True}, {"syslog": {"host": "siem.example"}}],
    ids=["file", "stdout", "syslog"],
)
def test_an_export_with_one_target_is_accepted(target: dict[str, Any]) -> None:
    assert accepted({"name": "siem", "format": "cef", **target})


@pytest.mark.parametrize(
    "export",
    [
        {"name": "siem", "format": "cef"},
        {**FILE, "stdout": True},
        {**FILE, "syslog": {"host": "siem.example"}},
        {**FILE, "format": "leef"},
        {**FILE, "name": "../elders"},
        {"name": "siem", "format": "cef", "syslog": {"host": "siem.example", "certificateFile": "own.pem"}},
        {"name": "siem", "format": "cef", "syslog": {"host": "siem.example", "verify": False}},
        {"name": "siem", "format": "cef", "syslog": {"host": "siem.example", "protocol": "udp"}},
    ],
    ids=["no target", "two", "two with syslog", "form", "name", "half a key", "unverified", "udp"],
)
def test_an_export_that_could_not_be_meant_is_refused(export: dict[str, Any]) -> None:
    assert not accepted(export)


def test_two_exports_have_names_of_their_own_since_each_has_its_place_in_the_log() -> None:
    assert accepted(FILE, {**FILE, "name": "elders"})
    assert not accepted(FILE, {**FILE, "file": "elders.jsonl"})


def test_standard_output_is_given_once() -> None:
    one = {"name": "journal", "format": "ecs", "stdout": True}
    assert not accepted(one, {**one, "name": "journaal"})
