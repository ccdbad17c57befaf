"""`sluis audit rotate-pseudonyms`: another key for the pseudonyms of people in the audit log."""

import sys

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable

_MADE = (
    "{key} is gemaakt: {file}. Herstart de dienst: daarna gebruikt Sluis deze sleutel.",
    "{key} was made: {file}. Restart the service: after that Sluis uses this key.",
)
_KEEP = (
    "Bewaar de oude sleutels. Anders vindt niemand de oude regels over een persoon terug.",
    "Keep the old keys. Else nobody finds the old lines about a person again.",
)


@console_command("rotate-pseudonyms")
@click.option("--again", is_flag=True, help="Also when the newest key is not 30 days old.")
def rotate_pseudonyms(invocation: Invocation, *, again: bool) -> int:
    """Draw another key for pseudonyms; the audit log says who did. Needs the role administrator.

    The old keys stay: a question about a person asks under every key. Refuses when the last rotation is not 30 days
    old, since each key has to be kept for as long as its lines.
    """
    with connected(invocation) as client:
        body = client.post_once("/v1/keys/pseudonyms", orjson.dumps({"again": again}))
    if invocation.as_json:
        print_json({"format": "sluis-audit-rotate-pseudonyms/1", **body})
        return Exit.DONE
    console = console_for(sys.stdout)
    for told in (_MADE, _KEEP):
        console.print(printable(in_language(*told, language=invocation.language).format_map(body)))
    return Exit.DONE
