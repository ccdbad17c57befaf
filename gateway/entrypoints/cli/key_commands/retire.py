"""`sluis keys retire FPR`: takes a key out of force."""

import sys

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language
from gateway.entrypoints.cli.key_commands.telling import tell_key
from gateway.package.ids import parse_key

_WITHOUT = (
    "Heeft een kanaal nu geen sleutel meer, dan worden pakketten daarvoor vastgehouden (key-missing): niets gaat weg.",
    "Where a channel has no key now, packages for it are held (key-missing): nothing leaves.",
)


@console_command("retire")
@click.argument("fingerprint")
@click.option("--recipient", required=True, help="Id of the recipient whose key it is.")
@click.option("--leave-without", is_flag=True, help="Also when it is the only key of a channel.")
def retire(invocation: Invocation, fingerprint: str, recipient: str, leave_without: bool) -> int:  # noqa: FBT001 - a flag of the command line.
    """Retire the key with this FINGERPRINT: nothing is encrypted to it any more. Exit 0: done.

    With four eyes the first person asks for it (exit 3), and another one, a privacy officer, types the same line. What
    was sealed before stays sealed for it.
    """
    asked = {
        "recipient": recipient,
        "fingerprint": parse_key(fingerprint),
        "leaveWithout": leave_without,
    }
    with connected(invocation) as client:
        key = client.post_once("/v1/keys/retirements", orjson.dumps(asked))
    tell_key(invocation, key, name="retire")
    if leave_without and not invocation.as_json:
        console_for(sys.stdout).print(in_language(*_WITHOUT, language=invocation.language))
    return Exit.HELD if key["waitsFor"] else Exit.DONE
