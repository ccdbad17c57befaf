"""What is written about the project is true: files exist, errors are documented, the version has its note."""

import re
import subprocess
from pathlib import Path

import click
import pytest

import gateway
from gateway.entrypoints.cli.console.root import root
from gateway.package.errors import Code
from gateway.package.problems import PROBLEMS
from tests.house import error_page
from tests.house.document_tables import ROOT, documents

_ROOT_DOCUMENTS = {
    "README.md", "ARCHITECTURE.md", "SECURITY.md", "DECISIONS.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE",
}  # fmt: skip
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)(?P<target>[^)#\s]+)")
_COMMAND = re.compile(r"(?:`|bin/)sluis (?:--site \S+ )?(?P<command>[a-z]+)")
_TARGET = re.compile(r"`make (?P<target>[a-z]+)`")


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return [Path(name) for name in listed.stdout.split("\0") if name]


def test_the_root_documents_are_there() -> None:
    assert _ROOT_DOCUMENTS <= {path.name for path in ROOT.iterdir()}


def test_every_top_level_folder_explains_itself() -> None:
    folders = {path.parts[0] for path in _tracked() if len(path.parts) > 1 and not path.parts[0].startswith(".")}

    assert {"gateway", "templates", "keys", "policies", "tests", "deploy", "docs"} == folders
    assert set() == {folder for folder in folders if not (ROOT / folder / "README.md").read_text(encoding="utf-8")}


def test_what_programs_keep_in_hidden_folders_is_no_document_of_ours(tmp_path: Path) -> None:
    for name in ("README.md", "docs/page.md", ".pytest_cache/README.md", "tests/unit/.pytest_cache/README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("[nowhere](nothing.md)", encoding="utf-8")

    assert ["README.md", "docs/page.md"] == [str(path.relative_to(tmp_path)) for path in documents(tmp_path)]


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    targets = [found["target"] for found in _LINK.finditer(document.read_text(encoding="utf-8"))]

    assert [] == [target for target in targets if not (document.parent / target).exists()]


def test_every_make_target_that_a_document_names_exists() -> None:
    named = {found["target"] for path in documents() for found in _TARGET.finditer(path.read_text(encoding="utf-8"))}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert named
    assert set() == {target for target in named if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)}


def test_every_command_that_a_document_names_exists() -> None:
    """Documents promise nothing that is not there; the plan of what comes is not in this repository."""
    texts = [path.read_text(encoding="utf-8") for path in documents() if path.name != "CHANGELOG.md"]
    named = {found["command"] for text in texts for found in _COMMAND.finditer(text)}

    assert named
    assert set() == named - set(root.list_commands(click.Context(root)))


def test_every_target_of_the_makefile_is_listed_by_help() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, check=True, text=True).stdout

    promised = ("help", "demo", "run", "test", "check", "soak", "bench", "format", "lint", "types", "layers", "clean")
    assert [] == [target for target in promised if not re.search(rf"^{target}:", makefile, flags=re.MULTILINE)]
    assert [] == [target for target in promised if f"make {target} " not in shown]


def test_every_error_code_has_its_row_in_the_catalogue() -> None:
    assert set(Code) == set(PROBLEMS)


def test_the_page_of_errors_says_what_the_gateway_says() -> None:
    """`make docs` writes the page; whoever changes the catalogue runs it."""
    assert error_page.render() == error_page.PAGE.read_text(encoding="utf-8")


def test_the_page_of_errors_gives_each_code_its_title_and_remedy() -> None:
    page = error_page.PAGE.read_text(encoding="utf-8")

    for code in Code:
        section = page.split(f"## `{code.value}`\n", 1)[1].split("\n## ", 1)[0]
        assert PROBLEMS[code].title in section
        assert PROBLEMS[code].remedy in section


def test_the_changelog_knows_the_current_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.search(rf"^## \[{re.escape(gateway.__version__)}\]", changelog, flags=re.MULTILINE)


def _kinds_of_tests() -> list[Path]:
    folders = {
        ROOT / "tests" / path.parts[1] for path in _tracked() if path.parts[0] == "tests" and len(path.parts) > 2
    }
    return sorted(folders)


@pytest.mark.parametrize("folder", _kinds_of_tests(), ids=lambda path: path.name)
def test_no_folder_of_tests_is_empty(folder: Path) -> None:
    """A folder that holds nothing passes silently; that is how promises get lost."""
    holds = {"vectors": "*/**/*", "benchmarks": "__main__.py"}.get(folder.name, "**/test_*.py")

    assert any(path.is_file() for path in folder.glob(holds))


def test_every_kind_of_test_that_the_house_promises_is_there() -> None:
    promised = {
        "unit",
        "contract",
        "integration",
        "scenarios",
        "soak",
        "typing",
        "house",
        "vectors",
        "benchmarks",
        "redaction",
    }

    assert promised == {folder.name for folder in _kinds_of_tests()}
