"""`sluis preview PACKAGE`: shows what would be decided, without handing anything in."""

import sys
from pathlib import Path

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import exit_of_outcome
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.local_package import LocalPackage, open_package
from gateway.entrypoints.cli.console.package_report import fields_of, said, show_decision
from gateway.entrypoints.cli.console.printing import console_for, in_language, in_number, print_json, word
from gateway.entrypoints.cli.submit import manifest_text
from gateway.package.manifest import FileRole

_ROOM_BYTES = 16 * 1024 * 1024


@console_command("preview")
@click.argument("package", type=click.Path(exists=True, path_type=Path))
def command(invocation: Invocation, package: Path) -> int:
    """Show what would be decided on a PACKAGE, field by field, and why; nothing is kept or sent.

    Exit 0: it may go. 3: it would be held. 1: it would be refused.
    """
    with connected(invocation) as client, open_package(package) as local:
        files, left = files_that_fit(local)
        decision = client.post_parts("/v1/previews", manifest_text(local.manifest), files)
    if invocation.as_json:
        print_json({"format": "sluis-preview/1", **decision, "fields": fields_of(decision), "filesNotSeen": left})
    else:
        _show(invocation, decision, left=left)
    return exit_of_outcome(decision["outcome"])


def files_that_fit(local: LocalPackage) -> tuple[dict[str, bytes], int]:
    """Take the files that a preview can hold, data and papers first; the number tells how many it can not."""
    taken: dict[str, bytes] = {}
    room = _ROOM_BYTES
    declared = local.manifest.declared_files()
    for file in sorted(declared, key=lambda each: each.role is FileRole.DOCUMENT):
        content = local.files[file.number]
        if content.size <= room:
            taken[file.name] = b"".join(content.chunks())
            room -= len(taken[file.name])
    return taken, len(declared) - len(taken)


def _show(invocation: Invocation, decision: dict[str, object], *, left: int) -> None:
    console, language = console_for(sys.stdout), invocation.language
    outcome = str(decision["outcome"])
    head = in_language("Zo zou het besluit nu zijn: ", "Preview of the decision: ", language=language)
    console.print(head, word(outcome, said(outcome, language)))
    show_decision(console, decision, language=language)
    if left:
        one = ("{count} bestand is te groot om hier te bekijken.", "{count} file is too large to look at here.")
        many = ("{count} bestanden zijn te groot om hier te bekijken.", "{count} files are too large to look at here.")
        console.print(in_number(left, one, many, language=language))
