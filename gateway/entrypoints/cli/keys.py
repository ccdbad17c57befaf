"""`sluis keys`: recipients' public keys and the own one: looks at them, and changes them with four eyes."""

import click

from gateway.entrypoints.cli.console.speaking import SpokenGroup
from gateway.entrypoints.cli.key_commands.check import check
from gateway.entrypoints.cli.key_commands.export_signing import export_signing
from gateway.entrypoints.cli.key_commands.fetch_lists import fetch_lists_command
from gateway.entrypoints.cli.key_commands.import_key import import_key
from gateway.entrypoints.cli.key_commands.list_keys import list_keys
from gateway.entrypoints.cli.key_commands.retire import retire
from gateway.entrypoints.cli.key_commands.rotate import rotate
from gateway.entrypoints.cli.key_commands.show import show
from gateway.entrypoints.cli.key_commands.trust import trust


@click.group("keys", cls=SpokenGroup)
def command() -> None:
    """Look at public keys, bring a recipient's new one, trust it as a second person, retire the old one."""


for each in (list_keys, show, check, import_key, trust, retire, rotate, fetch_lists_command, export_signing):
    command.add_command(each)
