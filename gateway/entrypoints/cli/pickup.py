"""`sluis pickup FOLDER`: runs the pick-up service of the postbus, which needs no site and has none."""

import asyncio
from pathlib import Path

import click

from gateway.bootstrap.pickup_settings import read_pickup_settings
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import print_json
from gateway.entrypoints.pickup.serving import serve_pickup


@local_command("pickup")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
def command(invocation: Invocation, folder: Path) -> int:
    """Run the pick-up service whose pickup.yaml lies in FOLDER, apart from the gateway. Ends on Ctrl-C or SIGTERM."""
    settings = read_pickup_settings(folder)

    def started(public: tuple[str, int], push: tuple[str, int]) -> None:
        if invocation.as_json:
            print_json(
                {"format": "sluis-pickup/1", "public": f"{public[0]}:{public[1]}", "push": f"{push[0]}:{push[1]}"}
            )
        else:
            click.echo(f"Postbus runs. For recipients: {public[0]}:{public[1]}   For the gateway: {push[0]}:{push[1]}")

    asyncio.run(serve_pickup(folder, settings, started=started))
    return Exit.DONE
