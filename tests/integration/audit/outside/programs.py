"""Runs the verifiers: each says whether a log, or one record with its proof, holds."""

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Self

from gateway.audit.findings import Doubt, Verified
from gateway.audit.notes import NoteKey
from gateway.audit.verifying import verify_log
from tests.integration.audit.attacking import KEYS

SHIPPED = Path(__file__).parents[4] / "deploy" / "verifier" / "verify_log.py"
_GO_SOURCE = Path(__file__).with_name("verify.go")


def built_go_verifier(folder: Path) -> Path:
    """Compile the Go one against Debian's golang.org/x/mod; nothing is fetched."""
    program = folder / "verify"
    environment = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(folder / "cache"),
        "GOFLAGS": "",
        "GOPROXY": "off",
    }
    command = ["go", "build", "-o", str(program), str(_GO_SOURCE)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return program


def go_says(program: Path, *arguments: Path | str) -> bool:
    return _holds([str(program), *map(str, arguments)])


def shipped_says(command: str, *arguments: Path | str) -> bool:
    """Ask the shipped file in a Python that finds no module of ours."""
    return _holds([sys.executable, "-I", str(SHIPPED), command, *map(str, arguments)])


def _holds(command: list[str]) -> bool:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", timeout=60)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout.startswith("holds" if done.returncode == 0 else ("DOES NOT HOLD", "does not hold"))
    return done.returncode == 0


class Verifiers:
    """Ours, the shipped file and the Go program, each started once for any number of logs with the same keys."""

    def __init__(self, go: Path, keys: Sequence[NoteKey], vkeys: Path) -> None:
        self._keys, self._shipped = keys, _shipped_module()
        self._shipped_keys = self._shipped.read_keys(str(vkeys))
        self._go = subprocess.Popen([go, "logs", vkeys], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._go.communicate(timeout=60)

    def answers(self, folder: Path) -> list[bool]:
        """Say whether a log holds, in that order."""
        return [verify_log(folder, self._keys).holds, self._shipped_says(folder), self._go_says(folder)]

    def _shipped_says(self, folder: Path) -> bool:
        asked = argparse.Namespace(directory=str(folder), witnesses=0)
        try:
            self._shipped.check_log(asked, self._shipped_keys)
        except self._shipped.DoesNotHoldError:
            return False
        return True

    def _go_says(self, folder: Path) -> bool:
        assert self._go.stdin is not None
        assert self._go.stdout is not None
        self._go.stdin.write(f"{folder}\n")
        self._go.stdin.flush()
        said = self._go.stdout.readline()
        assert said.startswith(("holds\n", "does not hold: ")), said
        return said == "holds\n"


def _shipped_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_log", SHIPPED)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(folder: Path, go: Path) -> list[bool]:
    """Ask all three verifiers."""
    return [
        verify_log(folder, KEYS).holds,
        shipped_says("log", folder, "--keys", folder / "vkeys"),
        go_says(go, "log", folder, folder / "vkeys"),
    ]


def faults(verified: Verified) -> list[tuple[Doubt, int, int]]:
    """Give what was found, and where."""
    return [(each.doubt, each.first, each.end) for each in verified.faults]
