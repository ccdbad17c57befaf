"""`sluis keys rotate`: lets another signing key follow the own one."""

import sys
from datetime import date

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.moments import Day
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.seal.key_description import in_groups

_STARTED = (
    "Stuur deze bestanden nu aan alle ontvangers. Herstart de dienst voor {starts}. Daarna: sluis keys rotate --finish",
    "Send these files to all recipients now. Restart the service before {starts}. Then: sluis keys rotate --finish",
)
_DONE = (
    "De oude sleutel ondertekent niets meer; zijn geheime helft is vernietigd. Herstart de dienst.",
    "The old key signs nothing any more; its secret half is destroyed. Restart the service.",
)


@console_command("rotate")
@click.option("--from", "starts", type=Day(), help="Day from which the new key signs.")
@click.option("--finish", is_flag=True, help="The new key's day has come: the old one goes.")
def rotate(invocation: Invocation, starts: date | None, finish: bool) -> int:  # noqa: FBT001 - a flag of the command line.
    """Draw a new signing key that follows the own one, in 30 days or from a given day on. Needs the role administrator.

    Until that day the old key signs. Recipients get both public keys, and a statement on the new one that the old one
    has signed.
    """
    asked = {"finish": finish} | ({"starts": starts.isoformat()} if starts else {})
    with connected(invocation) as client:
        body = client.post_once("/v1/keys/rotations", orjson.dumps(asked))
    if invocation.as_json:
        print_json({"format": "sluis-keys-rotate/1", **body})
        return Exit.DONE
    console, language = console_for(sys.stdout), invocation.language
    for (nl, en), key in ((("Oud", "Old"), body["before"]), (("Nieuw", "New"), body["after"])):
        console.print(printable(f"{in_language(nl, en, language=language)}: {in_groups(key)}"))
    console.print(in_language("Vanaf", "From", language=language), body["starts"])
    if not body["done"]:
        for file in body["files"]:
            console.print(printable(f"  {file}"))
    told = in_language(*(_DONE if body["done"] else _STARTED), language=language)
    console.print(printable(told.format(starts=body["starts"])))
    return Exit.DONE
