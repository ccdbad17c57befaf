"""`sluis keys show RECIPIENT`: everything that is known of a recipient's keys."""

import sys

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import print_json
from gateway.entrypoints.cli.key_commands.telling import tell_key
from gateway.package.errors import Code, SluisError


@console_command("show")
@click.argument("recipient", required=False, default="")
def show(invocation: Invocation, recipient: str) -> int:
    """Show the keys of a RECIPIENT, or the gateway's own: fingerprints to read aloud, source, and who verified them."""
    with connected(invocation) as client:
        keys = [each for each in client.get("/v1/keys")["keys"] if each["recipient"] == recipient]
        known = bool(keys) or any(each["id"] == recipient for each in client.get("/v1/recipients")["recipients"])
    if not keys:
        # Somebody who is not in the register, or who is reached without a key, such as by the postbus.
        raise SluisError(Code.KEY_NONE if known else Code.RECIPIENT_UNKNOWN, where=recipient)
    if invocation.as_json:
        print_json({"format": "sluis-keys-show/1", "recipient": recipient, "keys": keys})
        return Exit.DONE
    for number, key in enumerate(keys):
        if number:
            sys.stdout.write("\n")
        tell_key(invocation, key, name="show")
    return Exit.DONE
