"""Runs the verifiers: each says whether a log, or one record with its proof, holds."""

import os
import subprocess
import sys
from pathlib import Path

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
