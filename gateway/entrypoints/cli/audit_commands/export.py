"""`sluis audit export`: all events that fit, oldest first, for another program."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click

from gateway.bootstrap.ledger_answers import Answers, FoundEvent, open_answers
from gateway.entrypoints.cli.audit_commands.asking import (
    asked_site,
    distrustful_option,
    filter_of,
    filter_options,
    proofs_option,
    tell_basis,
    tell_proofs,
    write_proofs,
)
from gateway.entrypoints.cli.audit_commands.export_formats import FORMATS, as_json
from gateway.entrypoints.cli.audit_commands.nothing_found import never_found, tell_nothing
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command

_PAGE: Final = 1_000


@dataclass(slots=True)
class Counted:
    """How many events were given, and of how many the proof was written."""

    events: int = 0
    proofs: int = 0


@local_command("export")
@filter_options
@click.option("--format", "form", type=click.Choice([*FORMATS]), default="jsonl", show_default=True)
@proofs_option
@distrustful_option
def export(invocation: Invocation, *, form: str, proofs: Path | None, distrustful: bool, **given: Any) -> int:
    """Write every event that fits to standard output. As jsonl: the lines of the log, byte for byte.

    What was written before an error is no whole answer: look at the exit code.
    """
    form = "json" if invocation.as_json else form
    formed = partial(as_json, never=never_found(given)) if form == "json" else FORMATS[form]
    site, counted = asked_site(invocation), Counted()
    with open_answers(site, distrustful=distrustful) as answers:
        for piece in formed(_proved(answers, answers.every(filter_of(given)), proofs, counted)):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        if not (counted.events or invocation.as_json):
            tell_nothing(answers, site, given, invocation.language)
        if not invocation.as_json:
            tell_proofs(counted.proofs, proofs, invocation.language)
        tell_basis(answers.basis(), invocation.language)
    return Exit.DONE


def _proved(
    answers: Answers, events: Iterable[FoundEvent], folder: Path | None, counted: Counted
) -> Iterator[FoundEvent]:
    """Pass events on, and write what proves them, a page at a time."""
    rest = iter(events)
    while page := [*islice(rest, _PAGE)]:
        counted.events += len(page)
        counted.proofs += write_proofs(answers, page, folder)
        yield from page
