"""What a service holds in memory: nothing of a way out that its site does not use."""

import subprocess
import sys
from pathlib import Path

import pytest

_HEAVY = (
    "asyncssh",
    "imaplib",
    "httpx",
    "joserfc",
    "asn1crypto",
    "tesserocr",
    "lxml",
    "pikepdf",
    "pysequoia",
    "google.protobuf",
)


@pytest.mark.parametrize("module", ["gateway.bootstrap.build", "gateway.bootstrap.build_work"])
def test_the_service_and_its_workers_load_no_library_of_a_channel_that_nobody_asked_for(module: str) -> None:
    script = f"import sys, {module}; print(*sorted(set({_HEAVY!r}) & set(sys.modules)))"
    root = Path(__file__).parents[3]

    loaded = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)

    assert "" == loaded.stdout.strip()


def test_making_the_routes_loads_no_models_of_an_older_kind() -> None:
    script = """
import sys
from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.web.review_page import ReviewPage
from tests.contract.api.fake_gateway import FakeGateway
build_app(FakeGateway(), settings=ApiSettings(), pages=(ReviewPage(lambda *_: "", lambda *_: "").routes,))
print("pydantic.v1" in sys.modules)
"""
    root = Path(__file__).parents[3]

    loaded = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)

    assert "False" == loaded.stdout.strip()
