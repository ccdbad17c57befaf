"""`sluis witness FOLDER`: runs a witness for audit logs of others, which needs no site and has none."""

import asyncio
import secrets
from pathlib import Path

import click

from gateway.bootstrap.witness_settings import create_witness_key, read_witness_settings
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import print_json
from gateway.entrypoints.witness.serving import serve_witness
from gateway.package.errors import Code, SluisError


@local_command("witness")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--new-key", is_flag=True, help="Draw the witness's key, print its public half, and end.")
def command(invocation: Invocation, folder: Path, *, new_key: bool) -> int:
    """Run the witness whose witness.yaml lies in FOLDER: it cosigns audit logs that only grow. Ends on Ctrl-C."""
    settings = read_witness_settings(folder)
    if new_key:
        try:
            key = create_witness_key(folder, settings.name, random=secrets.token_bytes)
        except FileExistsError as error:
            raise SluisError(Code.SECRET_EXISTS, where="witness.key") from error
        _tell(invocation, key=key.as_text())
        return Exit.DONE

    def started(address: tuple[str, int], key: str) -> None:
        _tell(invocation, listens=f"{address[0]}:{address[1]}", key=key)

    asyncio.run(serve_witness(folder, settings, started=started))
    return Exit.DONE


def _tell(invocation: Invocation, *, key: str, listens: str = "") -> None:
    if invocation.as_json:
        print_json({"format": "sluis-witness/1", "listens": listens, "key": key})
    else:
        click.echo(f"{f'Witness runs at {listens}.  ' if listens else ''}{key}")
