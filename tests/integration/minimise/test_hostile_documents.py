"""Documents that attack whoever opens them end as a trouble, in time, within their memory, and the service goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.minimise.documents.jobs import Choice, Death
from gateway.minimise.documents.model import Trouble
from gateway.minimise.people.findings import Known
from gateway.minimise.sandbox import Sandbox, SandboxLimits
from tests import hostile_documents as hostile
from tests.unit.documents import keeping

TESTS = Path(__file__).parents[2]
SECONDS = 10.0
LIMITS = SandboxLimits(seconds=SECONDS, memory_bytes=512 * 1024 * 1024)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=LIMITS, engine="tests.integration.minimise.reading_engine:load", readable=(TESTS,)) as sandbox:
        sandbox.check()
        yield sandbox


@pytest.mark.parametrize("attack", hostile.CORPUS)
def test_a_hostile_document_ends_as_a_trouble_and_the_next_one_is_read(sandbox: Sandbox, attack: str) -> None:
    one = hostile.CORPUS[attack]
    content = one.make()
    start = time.monotonic()
    found = sandbox.search(content, one.name, known=Known())

    assert time.monotonic() - start < SECONDS + 5
    # What only a reader can see may also kill it; and a type may have no reader in this installation.
    allowed = one.troubles | (set(Death) | {Trouble.NOT_KNOWN} if one.recognised else set())
    assert found.findings.trouble in allowed
    assert () == found.names
    assert Trouble.NOT_KNOWN is sandbox.search(b"x", "brief.exe", known=Known()).findings.trouble


def test_a_hostile_document_is_never_rebuilt(sandbox: Sandbox) -> None:
    for one in hostile.CORPUS.values():
        outcome = sandbox.rebuild(one.make(), one.name, known=Known(), choice=Choice(stays=keeping(officials=False)))
        assert None is outcome.rebuilt
