"""`sluis keys trust FPR`: puts a key that another person brought into force."""

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.key_commands.telling import tell_key
from gateway.package.ids import parse_key


@console_command("trust")
@click.argument("fingerprint")
@click.option("--recipient", required=True, help="Id of the recipient whose key it is.")
@click.option("--how", required=True, help="How it was verified: 'telephone, Ms Jansen read it to me'.")
def trust(invocation: Invocation, fingerprint: str, recipient: str, how: str) -> int:
    """Trust the proposed key with this FINGERPRINT, of which you have compared every sign. Exit 0: it is in force.

    Packages are encrypted to it from now on, beside the keys that were in force. With four eyes it needs the role
    privacy-officer in the organisation that runs the site, and you may not have imported the key.
    """
    asked = {"recipient": recipient, "fingerprint": parse_key(fingerprint), "how": how}
    with connected(invocation) as client:
        key = client.post_once("/v1/keys/trusts", orjson.dumps(asked))
    tell_key(invocation, key, name="trust")
    return Exit.DONE
