"""Tables in documents that name what the code names: neither says more than the other."""

import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import get_origin

import click
import pytest
import yaml
from jinja2 import Environment, meta
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gateway.audit import records
from gateway.audit.events import EventAction
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import People, SiteSettings
from gateway.bootstrap.witness_settings import WitnessSettings
from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.scopes import Scope
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.root import root
from gateway.intake.manifest_reading import read_manifest
from gateway.intake.outbox import DUTCH_FOLDERS, ENGLISH_FOLDERS
from gateway.package.errors import Code
from gateway.package.manifest import Manifest
from gateway.package.states import DeliveryState, Language, PackageState
from gateway.policy.policy_files import load_policy_set
from gateway.receipt.templates import Templates
from gateway.receipt.wording import TITLE_WITHOUT_DOCUMENTS, TITLES, Ending
from tests.contract.api.fake_gateway import FakeGateway
from tests.house.document_tables import ROOT, codes, documents, first_codes, rows

DOCS = ROOT / "docs"
_YAML = re.compile(r"^```yaml\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_UNREACHED = {Ending.IN_PROGRESS}


# ---- settings --------------------------------------------------------------------------------------------------


def _settings(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str]]:
    for field in model.model_fields.values():
        name = f"{before}{field.alias}"
        inner = [each for each in (field.annotation, *getattr(field.annotation, "__args__", ())) if _is_model(each)]
        if inner:
            # Of a mapping each value is such a part, under a name that the site chooses.
            named = ".NAME" if get_origin(field.annotation) is dict else ""
            yield from _settings(inner[0], f"{name}{named}.")
        else:
            yield name, _default(field.get_default())


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None or value == "":
        return "none" if value is None else "empty"
    if isinstance(value, StrEnum):
        return f"`{value.value}`"
    return (
        f"`{str(value).lower() if isinstance(value, bool) else f'{value:.0f}' if isinstance(value, float) else value}`"
    )


def test_the_table_of_settings_has_each_setting_with_its_default() -> None:
    assert dict(_settings(SiteSettings)) == {
        codes(row[:1])[0]: row[1] for row in rows(DOCS / "administrator.md", "setting")
    }


def test_the_table_of_settings_gives_each_duration_and_size_its_unit() -> None:
    units = {"Seconds": "s", "Bytes": "bytes"}

    for name, _, meaning in rows(DOCS / "administrator.md", "setting"):
        unit = next((unit for ending, unit in units.items() if name.strip("`").endswith(ending)), None)
        assert unit is None or re.match(rf"{unit}\b", meaning), name


# ---- what people and programs meet -----------------------------------------------------------------------------


def test_the_table_of_commands_is_the_command_line() -> None:
    assert root.list_commands(click.Context(root)) == sorted(
        code.removeprefix("sluis ") for code in first_codes(DOCS / "administrator.md", "command")
    )


def test_the_table_of_exit_codes_is_the_list_in_the_code() -> None:
    assert [str(each.value) for each in Exit] == [row[0] for row in rows(DOCS / "integrator.md", "exit code")]


def test_the_table_of_operations_is_the_api() -> None:
    paths = build_app(FakeGateway(), settings=ApiSettings()).openapi()["paths"]
    offered = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}

    assert offered == set(first_codes(DOCS / "integrator.md", "operation"))


def test_the_table_of_scopes_is_the_list_in_the_code() -> None:
    assert [each.value for each in Scope] == first_codes(DOCS / "integrator.md", "scope")


def test_the_table_of_the_manifest_has_each_key() -> None:
    assert {field.alias for field in Manifest.model_fields.values()} == set(codes_of_keys())


def codes_of_keys() -> Iterator[str]:
    yield from first_codes(DOCS / "integrator.md", "key")
    # A data file stands in place of the data, and in its row.
    yield "dataFile"


def test_the_tables_of_states_are_the_lists_in_the_code() -> None:
    assert {each.value for each in PackageState} == set(first_codes(DOCS / "integrator.md", "package"))
    assert {each.value for each in DeliveryState} == set(first_codes(DOCS / "integrator.md", "delivery"))


def test_the_tables_of_folders_are_the_folders_of_the_outbox() -> None:
    page = DOCS / "caseworker.md"

    assert list(DUTCH_FOLDERS.names()) == first_codes(page, "map")
    both = [codes(row[:2]) for row in rows(page, "folder")]
    assert [list(pair) for pair in zip(DUTCH_FOLDERS.names(), ENGLISH_FOLDERS.names(), strict=True)] == both


def test_the_tables_of_slips_have_every_title_that_a_slip_can_bear_today() -> None:
    texts = Templates(folders=[ROOT / "templates"])
    titles = [title for ending, title in TITLES.items() if ending not in _UNREACHED]
    # Of more documents it is the same title.
    titles.append(TITLE_WITHOUT_DOCUMENTS.one)
    dutch = {texts.text(title, language=Language.NL) for title in titles}

    assert set(titles) == {row[0] for row in rows(DOCS / "caseworker.md", "it begins with")}
    assert dutch == {row[0] for row in rows(DOCS / "caseworker.md", "bovenaan staat")}


def test_the_table_of_a_site_has_each_entry_of_its_folder() -> None:
    site = SiteLayout(Path("/"))
    names = {name for name in dir(site) if isinstance(getattr(type(site), name, None), property)} - {"sample"}
    top = {getattr(site, name).parts[1] for name in names} | {"outbox"}

    assert top == {code.rstrip("/") for code in first_codes(DOCS / "administrator.md", "in the site")}


# ---- events ----------------------------------------------------------------------------------------------------


def test_the_table_of_events_is_the_closed_list() -> None:
    assert [each.value for each in EventAction] == first_codes(DOCS / "security-team.md", "`event.action`")


@pytest.mark.parametrize("action", EventAction, ids=lambda action: action.value)
def test_the_table_of_events_tells_category_type_and_outcome(action: EventAction) -> None:
    kind = records._KINDS[action]
    row = next(row for row in rows(DOCS / "security-team.md", "`event.action`") if row[0] == f"`{action.value}`")

    assert kind.category == codes(row[1:2])[0]
    assert kind.type == codes(row[2:3])[0]
    assert kind.outcome in {None, codes(row[3:4])[0]}


def test_the_table_of_keys_names_no_key_that_an_event_can_not_carry() -> None:
    source = Path(records.__file__).read_text(encoding="utf-8")
    named = first_codes(DOCS / "security-team.md", "key")
    counted = {name for name in named if name.startswith(("gateway.verdicts.", "gateway.counts."))}

    assert named
    assert [] == [name for name in named if name not in counted and f'"{name}"' not in source]
    assert counted <= records.NUMBERS


# ---- rules, codes, examples, paths -----------------------------------------------------------------------------


def test_every_rule_that_the_page_of_the_privacy_officer_names_exists() -> None:
    rules = yaml.safe_load((ROOT / "policies" / "rules.yaml").read_text(encoding="utf-8"))["rules"]
    named = first_codes(DOCS / "privacy-officer.md", "rule")

    assert named
    assert [] == [name for name in named if name not in {rule["id"] for rule in rules}]


def test_every_sign_that_the_page_of_the_administrator_names_is_a_code() -> None:
    named = [code for code in first_codes(DOCS / "administrator.md", "sign") if not code[0].isdigit()]

    assert named
    assert [] == [name for name in named if name not in {code.value for code in Code}]


def _examples() -> list[tuple[str, str]]:
    texts = [(path.name, path.read_text(encoding="utf-8")) for path in documents()]
    return [(name, found["text"]) for name, text in texts for found in _YAML.finditer(text)]


def test_every_example_in_yaml_is_accepted(tmp_path: Path) -> None:
    accepted = [_accept(text, tmp_path) for _, text in _examples()]

    assert {"sluis-package/1", "sluis-people/1", "recipient"} <= set(accepted)


def _accept(text: str, folder: Path) -> str:
    """Read an example as what it says it is; raises when it is not."""
    content = yaml.safe_load(text)
    kind = str(content.get("format", "recipient"))
    if kind == "sluis-package/1":
        read_manifest(text.encode(), syntax="yaml")
    elif kind == "sluis-people/1":
        People.model_validate(content)
    elif kind == "sluis-site/1":
        SiteSettings.model_validate(content)
    elif kind == "sluis-witness/1":
        WitnessSettings.model_validate(content)
    else:
        (folder / f"{content['id']}.yaml").write_text(text, encoding="utf-8")
        load_policy_set(ROOT / "policies", recipients=folder)
    return kind


def test_the_table_of_templates_names_each_variable_of_the_letter() -> None:
    source = (ROOT / "templates" / "letter.txt.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True)
    environment.filters["day"] = str
    used = meta.find_undeclared_variables(environment.parse(source)) - {"_", "ngettext"}
    named = next(row for row in rows(ROOT / "templates" / "README.md", "file") if "`letter.txt.j2`" in row[0])

    assert used
    assert set() == used - set(codes(named[2:]))


_PLACES = re.compile(r"`(?P<path>(?:gateway|tests|policies|templates|keys|deploy|docs)/[\w./*-]+)`")


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_of_the_repository_that_a_document_names_exists(document: Path) -> None:
    named = {found["path"] for found in _PLACES.finditer(document.read_text(encoding="utf-8"))}
    in_a_site = {"keys/FPR.asc", "keys/FINGERPRINT.asc", "keys/ID.yaml", "keys/x509-DIGEST.pem"}

    assert set() == {path for path in named - in_a_site if not any(ROOT.glob(path.rstrip("/")))}
