"""`sluis policy status`: which rules are in force, who stands behind them, and what waits for a second person."""

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.policy_commands.standing import tell_standing


@console_command("status")
def status(invocation: Invocation) -> int:
    """Tell which rules are in force, and whether others wait on disk. Exit 0: none wait."""
    with connected(invocation) as client:
        body = client.get("/v1/policy")
    tell_standing(invocation, body, name="status")
    return Exit.REFUSED if body["waits"] else Exit.DONE
