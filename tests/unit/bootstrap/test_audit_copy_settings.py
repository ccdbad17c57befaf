"""Settings of what goes elsewhere from the audit log: one target each, names of their own, no key without its half."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.bootstrap import settings
from gateway.bootstrap.setting_faults import EXPECTATIONS
from gateway.bootstrap.settings import AuditSettings, read_site_settings
from gateway.entrypoints.cli.console.problems import local_problem
from gateway.package.errors import SluisError
from gateway.package.states import Language

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


@pytest.mark.parametrize(
    ("export", "where", "dutch"),
    [
        ({"name": "siem", "format": "cef"}, "[0]", "hier hoort een van file, stdout en syslog, en maar een"),
        ({**FILE, "format": "leef"}, "[0].format", "'jsonl', 'ecs', 'ocsf', 'cef' of 'syslog' verwacht"),
        ({**FILE, "name": "../elders"}, "[0].name", "alleen kleine letters, cijfers en streepjes, hoogstens 63"),
        ({**FILE, "file": ""}, "[0].file", "hier hoort een tekst die niet leeg is"),
        ({**FILE, "stdout": "x"}, "[0].stdout", "hier hoort true of false"),
        ({"name": "a", "format": "cef", "syslog": {"host": "s", "port": 70000}}, "[0].syslog.port",
         "hier hoort een getal van hoogstens 65535"),
        ({"name": "a", "format": "cef", "syslog": {"host": "s", "timeoutSeconds": 0}}, "[0].syslog.timeoutSeconds",
         "hier hoort een getal boven 0"),
        ({"name": "a", "format": "cef", "syslog": {"host": "a b"}}, "[0].syslog.host",
         "hier hoort de naam of het nummer van een machine, zonder poort"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_export_is_told_by_its_path_in_plain_words(
    export: dict[str, Any], where: str, dutch: str, tmp_path: Path
) -> None:
    file = tmp_path / "site.yaml"
    site = {"format": "sluis-site/1", "organisation": "DT&V", "seal": {"signingKey": "A" * 40}}
    file.write_text(json.dumps({**site, "audit": {"exports": [export]}}), encoding="utf-8")
    with pytest.raises(SluisError) as refused:
        read_site_settings(file)
    problem = local_problem(refused.value, language=Language.NL)

    assert {"where": f"audit.exports{where}", "expected": dutch} in problem["errors"]


def test_every_sentence_that_the_settings_themselves_say_is_in_the_table_of_translations() -> None:
    files = (Path(settings.__file__), *Path(settings.__file__).parent.glob("*_settings.py"))
    said = {text for file in files for text in re.findall(r'raise ValueError\("(.+)"\)', file.read_text("utf-8"))}

    # What our own code asks in a wrong moment is no setting of anybody.
    assert {"no next key in the settings"} == said - {*EXPECTATIONS}
