"""`sluis audit`: asks the audit log, and proves what it says. The service is needed to delete lines or draw a key."""

import click

from gateway.entrypoints.cli.audit_commands.alerts import alerts
from gateway.entrypoints.cli.audit_commands.export import export
from gateway.entrypoints.cli.audit_commands.init import init
from gateway.entrypoints.cli.audit_commands.prune import prune
from gateway.entrypoints.cli.audit_commands.report import report
from gateway.entrypoints.cli.audit_commands.rotate_pseudonyms import rotate_pseudonyms
from gateway.entrypoints.cli.audit_commands.search import search
from gateway.entrypoints.cli.audit_commands.show import show
from gateway.entrypoints.cli.audit_commands.stats import stats
from gateway.entrypoints.cli.audit_commands.verify import verify
from gateway.entrypoints.cli.audit_commands.who_received import who_received
from gateway.entrypoints.cli.console.speaking import SpokenGroup


@click.group("audit", cls=SpokenGroup)
def command() -> None:
    """Verify the audit log, ask it, list what to look at, show single events with their proofs, delete old days."""


for each in (verify, show, search, who_received, stats, alerts, report, export, prune, init, rotate_pseudonyms):
    command.add_command(each)
