"""The schemas beside the policies are those of the forms, fit what ships, and are found by an editor and in a site."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from gateway.policy.policy_files import sample_recipients
from tests.house import policy_schemas
from tests.unit.policy.building import KEYS, SHIPPED, make_folders

_POLICIES = sorted(SHIPPED.glob("*.yaml"))
_SAMPLES = sorted((SHIPPED / "sample" / "recipients").glob("*.yaml"))
_FIRST_LINE = re.compile(r"# yaml-language-server: \$schema=(?P<path>\S+)\n")


def schema_of(file: Path) -> Path:
    found = _FIRST_LINE.match(file.read_text(encoding="utf-8"))
    assert found is not None, f"{file.name} names no schema"
    return file.parent / found["path"]


def plain(value: Any) -> Any:
    """Write dates as they stand, the way an editor reads them (YAML 1.2)."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def content_of(file: Path) -> Any:
    return plain(yaml.safe_load(file.read_text(encoding="utf-8")))


def validator(path: Path) -> Any:
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8")))


def test_the_schemas_are_those_of_the_forms() -> None:
    """`make docs` writes them; whoever changes a form runs it."""
    written = {path.name: path.read_text(encoding="utf-8") for path in policy_schemas.FOLDER.iterdir()}
    assert policy_schemas.render() == written


@pytest.mark.parametrize("file", [*_POLICIES, *_SAMPLES], ids=lambda path: path.name)
def test_what_ships_names_its_schema_and_fits_it(file: Path) -> None:
    schema = schema_of(file)
    name = "recipient" if file in _SAMPLES else file.stem

    assert (policy_schemas.FOLDER / f"{name}.schema.json").resolve() == schema.resolve()
    assert [] == [error.message for error in validator(schema).iter_errors(content_of(file))]


@pytest.mark.parametrize(
    ("schema", "change"),
    [
        ("kinds", lambda value: value["kinds"][0].update(needs=["consen"])),
        ("kinds", lambda value: value["kinds"][0].pop("article")),
        ("rules", lambda value: value["rules"][0].update(step=5)),
        ("purposes", lambda value: value["purposes"].update(ngos=[])),
        ("fields", lambda value: value["fields"][0].update(title="x")),
        ("cases", lambda value: value["cases"][0].update(outcome="released")),
    ],
)
def test_a_slip_of_the_pen_does_not_fit(schema: str, change: Any) -> None:
    content = content_of(SHIPPED / f"{schema}.yaml")
    change(content)
    assert not validator(policy_schemas.FOLDER / f"{schema}.schema.json").is_valid(content)


def test_in_a_site_each_sample_entry_finds_its_schema_too(tmp_path: Path) -> None:
    folders = make_folders(tmp_path)
    samples = sample_recipients(SHIPPED, fingerprints=KEYS)

    assert all(schema_of(folders.recipients / name).is_file() for name in samples)


def test_a_schema_is_no_rule_and_does_not_change_the_digest(tmp_path: Path) -> None:
    folders = make_folders(tmp_path)
    before = folders.load().digest
    (folders.policies / "schemas" / "rules.schema.json").unlink()
    assert before == folders.load().digest
