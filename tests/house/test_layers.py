"""import-linter holds the layers: each fault planted into a copy of the tree is caught by the contract it breaks."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
_DOWN = "Imports only go down"
_ADAPTERS = "Only bootstrap imports what touches the world"
_PURE = "Pure modules know no clock"
_PACKAGE = "The package's own types stand on"
_DOORS = {"gateway.bootstrap", "gateway.entrypoints.demo", "gateway.spool.vault"}

_PLANTED = {
    "a stage that imports a stage": (_DOWN, "gateway/minimise/peeking.py", "import gateway.deliver.port\n"),
    "a stage that imports a stage for types only": (
        _DOWN,
        "gateway/deliver/peeking.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import gateway.policy\n",
    ),
    "a stage that writes audit events": (_DOWN, "gateway/seal/telling.py", "import gateway.audit.events\n"),
    "a stage that calls the pipeline": (_DOWN, "gateway/policy/asking.py", "import gateway.pipeline\n"),
    "the package that knows policy": (_DOWN, "gateway/package/deciding.py", "import gateway.policy\n"),
    "the pipeline that knows the API": (_DOWN, "gateway/pipeline.py", "import gateway.entrypoints.api\n"),
    "a new top-level module": (_DOWN, "gateway/utils.py", '"""Things."""\n'),
    "a new top-level package": (_DOWN, "gateway/notify/__init__.py", '"""Things."""\n'),
    "a policy that reads the clock": (_PURE, "gateway/policy/ages.py", "import time\n"),
    "a minimiser that opens files": (_PURE, "gateway/minimise/reading.py", "from pathlib import Path\n"),
    "a seal that logs": (_PURE, "gateway/seal/saying.py", "import structlog\n"),
    "a package that rolls dice": (_PURE, "gateway/package/dice.py", "import secrets\n"),
    "a receipt that mails": (_PURE, "gateway/receipt/mailing.py", "import aiosmtplib\n"),
    "a helper that hides a socket": (
        _PURE,
        "gateway/evidence/asking.py",
        "from gateway.evidence import hidden\n",
    ),
    "a package that encrypts": (_PACKAGE, "gateway/package/sealing.py", "import cryptography\n"),
    "a pipeline that opens the database": (_ADAPTERS, "gateway/pipeline.py", "import gateway.spool.sqlite\n"),
    "an entrypoint that opens the database": (
        _ADAPTERS,
        "gateway/entrypoints/peeking.py",
        "import gateway.spool.sqlite\n",
    ),
    "a pure module that uses an adapter": (_ADAPTERS, "gateway/spool/reading.py", "import gateway.spool.payloads\n"),
}


def _contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return contracts


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "gateway", tmp_path / "gateway", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _lint(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=tree, capture_output=True, text=True, timeout=60, check=False)


def test_the_tree_as_it_is_keeps_every_contract(tree: Path) -> None:
    result = _lint(tree)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("fault", sorted(_PLANTED))
def test_a_planted_import_is_caught(fault: str, tree: Path) -> None:
    contract, path, text = _PLANTED[fault]
    (tree / "gateway/evidence/hidden.py").write_text("import socket\n" if "hides" in fault else "", encoding="utf-8")
    planted = tree / path
    planted.parent.mkdir(exist_ok=True)
    with planted.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}")

    result = _lint(tree)

    broken = [line for line in result.stdout.splitlines() if line.endswith("BROKEN") or " BROKEN (" in line]
    assert result.returncode == 1
    assert any(line.startswith(contract) for line in broken), result.stdout


def test_the_three_lists_of_adapters_are_one_list() -> None:
    """An adapter is protected from others, may use its own kind, and is excused from purity: all or nothing."""
    protected = next(each for each in _contracts() if each["type"] == "protected")
    pure = next(each for each in _contracts() if each["name"].startswith(_PURE))
    adapters = set(protected["protected_modules"])

    assert adapters | _DOORS == set(protected["allowed_importers"])
    excused = {each.removesuffix(" -> *") for each in pure["ignore_imports"] if each.endswith(" -> *")}
    assert adapters == excused


def test_a_pure_module_is_excused_for_the_type_of_a_path_alone() -> None:
    """A port may speak of a place on disk; what it does there is an adapter's."""
    pure = next(each for each in _contracts() if each["name"].startswith(_PURE))
    single = [each for each in pure["ignore_imports"] if not each.endswith(" -> *")]

    assert {"pathlib"} == {each.split(" -> ")[1] for each in single}


def test_every_stage_is_held_pure() -> None:
    layers = next(each for each in _contracts() if each["type"] == "layers")
    pure = next(each for each in _contracts() if each["name"].startswith(_PURE))
    stages = layers["layers"].index("parts") + 1
    below_pipeline = {name.strip() for layer in layers["layers"][stages:] for name in layer.split("|")}

    assert {f"gateway.{name}" for name in below_pipeline} == set(pure["source_modules"])
