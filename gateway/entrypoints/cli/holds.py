"""`sluis holds`: what waits for a privacy officer; each of its commands stands in a file of `holding/`."""

import click

from gateway.entrypoints.cli.console.speaking import SpokenGroup
from gateway.entrypoints.cli.holding.list_holds import list_holds
from gateway.entrypoints.cli.holding.refuse import refuse
from gateway.entrypoints.cli.holding.release import release
from gateway.entrypoints.cli.holding.show_document import show_document
from gateway.entrypoints.cli.holding.show_hold import show_hold


@click.group("holds", cls=SpokenGroup)
def command() -> None:
    """Look at what waits in your organisation, and release or refuse it, as a privacy officer."""


for each in (list_holds, show_hold, show_document, release, refuse):
    command.add_command(each)
