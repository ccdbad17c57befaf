"""`--token` says who acts: a command that asks nobody takes none, and does not leave it out unseen."""

import inspect
from pathlib import Path

import click
import pytest

from gateway.entrypoints.cli.console.invocation import LocalCommand
from gateway.entrypoints.cli.console.root import root
from tests.unit.cli.conftest import every_command, run


def _asks_the_service(command: click.Command) -> bool:
    assert command.callback is not None
    source = inspect.getsource(inspect.unwrap(command.callback))
    return "with connected(" in source or "send_review(" in source


_COMMANDS = dict(every_command(root))


@pytest.mark.parametrize("words", [*_COMMANDS], ids=" ".join)
def test_exactly_the_commands_that_ask_the_service_take_a_token(words: tuple[str, ...]) -> None:
    asks = _asks_the_service(_COMMANDS[words])

    assert asks is not isinstance(_COMMANDS[words], LocalCommand)
    assert asks is ("--token" in run(*words, "--help").out)


@pytest.mark.parametrize("words", [("audit", "search"), ("check",), ("policy", "show")])
def test_a_token_where_it_means_nothing_is_refused_and_one_in_the_environment_is_not(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    before, behind = run("--token", "geheim-7", *words), run(*words, "--token", "geheim-7")
    surrounding = run("--site", tmp_path, *words, SLUIS_TOKEN="geheim-7")

    assert [2, 2] == [before.exit_code, behind.exit_code]
    assert all("Deze opdracht vraagt niets aan de dienst" in each.err for each in (before, behind))
    assert "geheim-7" not in before.err + behind.err
    assert "Deze opdracht vraagt niets aan de dienst" not in surrounding.err
