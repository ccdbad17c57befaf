"""`sluis audit`: asks the audit log, and proves what it says. Needs no service."""

import click

from gateway.entrypoints.cli.audit_commands.init import init
from gateway.entrypoints.cli.audit_commands.report import report
from gateway.entrypoints.cli.audit_commands.show import show
from gateway.entrypoints.cli.audit_commands.verify import verify


@click.group("audit")
def command() -> None:
    """Verify the audit log, and show single events with their proofs."""


for each in (verify, show, report, init):
    command.add_command(each)
