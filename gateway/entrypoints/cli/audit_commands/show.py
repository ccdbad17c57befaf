"""`sluis audit show EVENT`: one event as it stands in the log, and what proves it to an outsider."""

import sys
from pathlib import Path
from typing import Final

import click
import orjson

from gateway.bootstrap.audit_reading import ProvedEvent, find_proved_event
from gateway.entrypoints.cli.audit_commands.asking import asked_site, tell_proofs, write_proof
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table

_UNREADABLE: Final = (
    "Deze regel is niet te lezen als gebeurtenis. Zo staat hij in het logboek, en zo is ervoor getekend.",
    "This line can not be read as an event. So it stands in the log, and so it was signed for.",
)


@local_command("show")
@click.argument("event")
@click.option(
    "--proof",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the line and its .tlog-proof into this folder, for an outsider.",
)
def show(invocation: Invocation, event: str, folder: Path | None) -> int:
    """Show the EVENT with this id or number, and write down what proves that it is in the log.

    Exit 4: the line is not the one that was signed for.
    """
    found = find_proved_event(asked_site(invocation), event)
    if folder is not None:
        write_proof(found, folder)
    record = _read(found)
    if invocation.as_json:
        proof = found.proof.as_bytes().decode()
        print_json({"format": "sluis-audit-show/1", "index": found.index, "event": record, "proof": proof})
        return Exit.DONE
    tell_proofs(1, folder, invocation.language)
    if record is None:
        console_for(sys.stderr).print(printable(in_language(*_UNREADABLE, language=invocation.language)), style="red")
        return Exit.DONE
    heads = in_language("veld|waarde", "field|value", language=invocation.language)
    rows = ((key, printable(_told(value))) for key, value in sorted(record.items()))
    console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))
    return Exit.DONE


def _read(found: ProvedEvent) -> dict[str, object] | None:
    try:
        record = orjson.loads(found.line)
    except orjson.JSONDecodeError:
        record = None
    return record if isinstance(record, dict) else None


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
