"""`sluis policy`: reads rules and register for whoever owns them, and brings a change into force with four eyes."""

import click

from gateway.entrypoints.cli.console.speaking import SpokenGroup
from gateway.entrypoints.cli.policy_commands.approve import approve
from gateway.entrypoints.cli.policy_commands.diff import diff
from gateway.entrypoints.cli.policy_commands.explain import explain
from gateway.entrypoints.cli.policy_commands.lint import lint
from gateway.entrypoints.cli.policy_commands.propose import propose
from gateway.entrypoints.cli.policy_commands.replay import replay
from gateway.entrypoints.cli.policy_commands.run_cases import run_cases
from gateway.entrypoints.cli.policy_commands.show import show
from gateway.entrypoints.cli.policy_commands.status import status


@click.group("policy", cls=SpokenGroup)
def command() -> None:
    """Look at the rules: what they say, whether they are well, what a change would do; propose and approve one."""


for each in (lint, show, run_cases, diff, explain, replay, status, propose, approve):
    command.add_command(each)
