"""`sluis audit`: asks the audit log, and proves what it says. Needs no service."""

import click

from gateway.entrypoints.cli.audit_commands.alerts import alerts
from gateway.entrypoints.cli.audit_commands.init import init
from gateway.entrypoints.cli.audit_commands.show import show
from gateway.entrypoints.cli.audit_commands.verify import verify


@click.group("audit")
def command() -> None:
    """Verify the audit log, show single events with their proofs, and list what to look at."""


for each in (verify, show, alerts, init):
    command.add_command(each)
