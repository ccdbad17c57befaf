"""`sluis audit`: asks the audit log, and proves what it says. Only a deletion needs the service."""

import click

from gateway.entrypoints.cli.audit_commands.init import init
from gateway.entrypoints.cli.audit_commands.prune import prune
from gateway.entrypoints.cli.audit_commands.show import show
from gateway.entrypoints.cli.audit_commands.verify import verify


@click.group("audit")
def command() -> None:
    """Verify the audit log, show single events with their proofs, delete the oldest days with two people."""


for each in (verify, show, prune, init):
    command.add_command(each)
