"""The Postfix of `deploy/postfix` in a small internet with a signed zone: what it sends on, and what it never does."""

import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.integration.deliver.dane_world import DOMAINS
from tests.unit.deliver.parcels import MESSAGE

_SECONDS = 180
_GO = {"dane", "secure"}


@pytest.fixture(scope="module")
def told() -> Iterator[Mapping[str, Mapping[str, str]]]:
    """Give what became of one mail to each domain."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sd") as folder:
        own_network = ["unshare", "--mount", "--net", "--kill-child"]
        program = [sys.executable, "-W", "ignore", "-m", "tests.integration.deliver.dane_world", folder]
        done = subprocess.run(
            [*own_network, *program],
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        if done.returncode:
            pytest.fail(f"the small internet needs root, nsd, unbound, ldnsutils and postfix\n{done.stderr}")
        yield json.loads(done.stdout)


@pytest.mark.parametrize("domain", sorted(_GO))
def test_a_mail_goes_on_over_tls_to_a_server_that_is_proved_by_dane_or_by_its_line_in_tls_policy(
    domain: str, told: Mapping[str, Mapping[str, str]]
) -> None:
    arrived = base64.b64decode(told[domain]["mail"])

    assert arrived.replace(b"\r\n", b"\n").endswith(MESSAGE.replace(b"\r\n", b"\n"))
    assert "TLSv1.3" == told[domain]["tls"]


@pytest.mark.parametrize(
    ("domain", "reason"),
    [
        pytest.param("other-key", "Server certificate not verified", id="somebody else's server in its place"),
        pytest.param("without-tlsa", "no TLSA records found", id="a domain that publishes no key"),
        pytest.param("unsigned", "non DNSSEC destination", id="forged records in a zone without signatures"),
        pytest.param("broken", "Name service error", id="signatures by another key than the zone's"),
        pytest.param("without-starttls", "TLS is required, but was not offered", id="STARTTLS stripped"),
        pytest.param("old-tls", "Cannot start TLS", id="TLS 1.1 only"),
        pytest.param("other-name", "Server certificate not verified", id="a certificate for another name"),
        pytest.param(
            "unknown-authority", "Server certificate not verified", id="a certificate of an unknown authority"
        ),
    ],
)
def test_nothing_goes_on_and_the_mail_waits(domain: str, reason: str, told: Mapping[str, Mapping[str, str]]) -> None:
    assert "" == told[domain]["mail"]
    assert told[domain]["reason"].startswith("deferred")
    assert reason in told[domain]["reason"]


def test_each_kind_of_domain_is_asked_about() -> None:
    assert len(DOMAINS) == 2 + 8


def test_no_file_that_is_shipped_names_a_weaker_level() -> None:
    folder = Path(__file__).parents[3] / "deploy" / "postfix"
    lines = [
        line
        for name in ("main.cf", "tls_policy")
        for line in (folder / name).read_text().splitlines()
        if not line.startswith("#")
    ]

    levels = [line.partition("=")[2].strip() for line in lines if line.startswith("smtp_tls_security_level")]
    assert ["dane-only"] == levels
    assert [] == [line for line in lines if line.split()[1:2] in (["may"], ["none"], ["encrypt"], ["dane"])]
