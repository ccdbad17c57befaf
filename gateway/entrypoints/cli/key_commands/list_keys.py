"""`sluis keys list`: every public key, and what is encrypted to it."""

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.key_commands.telling import tell_keys


@console_command("list")
def list_keys(invocation: Invocation) -> int:
    """List the own key and those of the recipients: until when, for which channels, and who verified them when."""
    with connected(invocation) as client:
        keys = client.get("/v1/keys")["keys"]
    tell_keys(invocation, keys, name="list")
    return Exit.DONE
