"""Documents show what really happens: every `console` block is typed in on a site with sample packages."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.audit.reading import read_events
from gateway.entrypoints.demo.stage import drop_into
from gateway.entrypoints.demo.story import FORESEEN
from gateway.seal.keyring import stop_agent
from tests.house.document_tables import first_codes
from tests.scenarios.shown import Desk, agree, blocks_of
from tests.scenarios.world import new_world

ROOT = Path(__file__).parents[2]
_WITH_BLOCKS = (
    "README.md",
    "docs/administrator.md",
    "docs/caseworker.md",
    "docs/integrator.md",
    "docs/privacy-officer.md",
    "docs/security-team.md",
)
_ONLY_LOOKING = ("README.md", "docs/caseworker.md")


@contextmanager
def opened_desk() -> Iterator[Desk]:
    """A fresh site, on which every sample package was dropped and has come to its end."""
    with new_world(guard=True) as world:
        # What a document copies into the outbox is written there, file after file.
        world.set("outbox", settleSeconds=0.5)
        world.start()
        for entry in sorted((world.site.sample / "packages" / "outbox").iterdir()):
            drop_into(world.outbox, entry)
        for name, state in FORESEEN.items():
            world.slip(name, state)
        desk = Desk(world.site.root.parent / "d", world).arrange()
        yield desk
        for home in desk.folder.glob("*/gnupg"):
            if not home.parent.is_symlink():
                stop_agent(home)


@pytest.fixture(scope="module")
def untouched() -> Iterator[Desk]:
    """One for whoever changes nothing there."""
    with opened_desk() as desk:
        yield desk


@pytest.fixture
def desk(request: pytest.FixtureRequest, document: str) -> Iterator[Desk]:
    """A desk for a page: one of its own where the page changes something."""
    if document in _ONLY_LOOKING:
        yield request.getfixturevalue("untouched")
        return
    with opened_desk() as made:
        yield made


@pytest.mark.parametrize("document", _WITH_BLOCKS)
def test_what_a_document_shows_is_what_comes_out(desk: Desk, document: str) -> None:
    blocks = blocks_of(ROOT / document)
    told = [(shown, printed) for block in blocks for shown, printed in zip(block, desk.type_in(block), strict=True)]

    assert told
    differing = [(shown, printed) for shown, printed in told if not agree(shown.output, printed)]
    assert not differing, "\n\n".join(
        f"{shown.place} $ {shown.command}\n--- shown\n{shown.output}\n--- printed\n{printed}"
        for shown, printed in differing
    )


def test_every_key_in_the_audit_log_stands_on_the_page_of_the_security_team(untouched: Desk) -> None:
    written = {key for event in read_events(untouched.world.site.audit_log) for key in event}

    assert set() == written - set(first_codes(ROOT / "docs" / "security-team.md", "key"))


def test_every_block_that_shows_output_is_typed_in() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]

    assert set(_WITH_BLOCKS) == {str(path.relative_to(ROOT)) for path in documents if blocks_of(path)}
    shown = [path.name for path in documents if "\n$ " in path.read_text(encoding="utf-8") and not blocks_of(path)]
    assert [] == shown


def test_a_document_that_shows_something_else_is_noticed() -> None:
    printed = "Nummer: 01a20a4b-ad11-7e2f-847c-863140dd2752\nverzonden\nvelden 3\n"

    assert agree("Nummer: 00000000-0000-0000-0000-000000000000\nverzonden\nvelden 3", printed)
    assert agree("…\nvelden 3", printed)
    assert agree("Nummer: …\n…", printed)
    assert not agree("Nummer: 00000000-0000-0000-0000-000000000000\nverzonden\nvelden 4", printed)
    assert not agree("Nummer: 00000000-0000-0000-0000-000000000000\nverzonden", printed)
