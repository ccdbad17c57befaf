"""Whoever may not use a file, or names one that can not be used, gets a sentence with a remedy and no traceback."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from gateway.bootstrap.audit_keys import create_audit_key
from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS
from tests.unit.cli.conftest import Said, run

AsSomebody = Callable[[Callable[[], None]], None]


@pytest.fixture
def site(tmp_path: Path) -> SiteLayout:
    made = SiteLayout(tmp_path / "site")
    for folder in (made.root, made.secrets, made.audit_keys.parent, made.service_log.parent):
        folder.mkdir(mode=0o755)
    made.settings.write_text("language: nl\n", encoding="utf-8")
    create_audit_key(made, origin="sluis.example/audit/node-1", random=bytes)
    return made


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder that others may enter, with a path that is short enough for a site."""
    with tempfile.TemporaryDirectory(prefix="sl", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def told(as_somebody: AsSomebody, *words: object) -> tuple[Said, Said]:
    # As root first: what Python loads by the way may lie where nobody else may read.
    run(*words[:-1], "--help")
    said: list[Said] = []
    as_somebody(lambda: said.extend(run(*words, *more) for more in ((), ("--json",))))
    return said[0], said[1]


@pytest.mark.parametrize("words", [("audit", "verify"), ("audit", "init")])
def test_a_closed_folder_of_the_site_is_told_as_not_readable(
    site: SiteLayout, as_somebody: AsSomebody, words: tuple[str, ...]
) -> None:
    (site.root / "audit").chmod(0)

    plain, as_json = told(as_somebody, *words, "--site", site.root)

    assert (1, 1) == (plain.exit_code, as_json.exit_code)
    assert ("read-forbidden", PROBLEMS[Code.READ_FORBIDDEN].status) == (as_json.json["code"], as_json.json["status"])
    assert "Plaats: audit/" in plain.err
    assert "Vraag de beheerder" in plain.err


def test_an_audit_folder_that_may_only_be_read_is_told_as_not_writable(
    site: SiteLayout, as_somebody: AsSomebody
) -> None:
    site.audit_keys.unlink()
    (site.secrets / "audit.key").unlink()
    site.secrets.chmod(0o555)
    plain, as_json = told(as_somebody, "audit", "init", "--site", site.root)
    assert (1, "write-forbidden") == (plain.exit_code, as_json.json["code"])


def test_a_new_site_where_one_may_not_write_is_told_so(short: Path, as_somebody: AsSomebody) -> None:
    closed = short / "dicht"
    closed.mkdir(mode=0)
    plain, as_json = told(as_somebody, "init", closed / "site")
    assert (1, "write-forbidden") == (plain.exit_code, as_json.json["code"])
    assert "Geef een plek waar u mag schrijven." in plain.err


def test_a_redacted_document_where_one_may_not_write_is_told_so(tmp_path: Path, as_somebody: AsSomebody) -> None:
    closed, source, subject = tmp_path / "dicht", tmp_path / "in.txt", tmp_path / "subject.json"
    closed.mkdir(mode=0)
    source.write_text("tekst", encoding="utf-8")
    subject.write_text('{"name": "A. Voorbeeld"}', encoding="utf-8")
    # As root first: the models are loaded by the way.
    assert 0 == run("redact", "--subject", subject, source, tmp_path / "uit.txt").exit_code
    plain, as_json = told(as_somebody, "redact", "--subject", subject, source, closed / "uit.txt")
    assert (1, "write-forbidden") == (plain.exit_code, as_json.json["code"])


def test_a_service_that_may_not_write_its_log_is_told_so(
    site: SiteLayout, monkeypatch: pytest.MonkeyPatch, as_somebody: AsSomebody
) -> None:
    for name in ("build_templates", "policy_lying_there", "prepare_ciphers", "Foreman"):
        monkeypatch.setattr(f"gateway.entrypoints.cli.run.{name}", MagicMock())
    site.service_log.parent.chmod(0)
    plain, as_json = told(as_somebody, "run", "--site", site.root)
    assert (1, "write-forbidden") == (plain.exit_code, as_json.json["code"])
    assert "Plaats: log/service.jsonl" in plain.err


@pytest.mark.parametrize("below", ["", "x"])
def test_a_new_site_in_a_file_is_told_so(short: Path, below: str) -> None:
    (short / "bestand").touch()
    plain, as_json = (run("init", short / "bestand" / below, *more) for more in ((), ("--json",)))
    assert (1, "path-unusable") == (plain.exit_code, as_json.json["code"])
    assert "een map verwacht, en er staat een bestand" in " ".join(plain.err.split())


def test_a_new_site_in_a_circle_of_links_is_told_so(short: Path) -> None:
    (short / "kring").symlink_to(short / "kring")
    codes = {run("init", short / "kring" / below, "--json").json["code"] for below in ("", "x")}
    assert {"path-unusable"} == codes


def test_a_path_that_is_too_long_is_told_before_anything_is_made(tmp_path: Path) -> None:
    place = tmp_path / ("x" * 120)
    said = run("init", place, "--json")
    fault = said.json["errors"][0]
    assert (1, "path-unusable", str(place)) == (said.exit_code, said.json["code"], fault["where"])
    assert "een pad van hooguit 80 bytes verwacht" == fault["expected"]
    assert not place.exists()


def test_a_fault_of_our_own_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        (tmp_path / "ours").read_bytes()

    monkeypatch.setattr("gateway.entrypoints.cli.init.create_site", fail)
    with pytest.raises(FileNotFoundError):
        run("init", tmp_path / "site")
