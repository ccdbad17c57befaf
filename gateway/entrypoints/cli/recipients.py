"""`sluis recipients`: looks at the recipient register."""

import sys

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, table


@click.group("recipients")
def command() -> None:
    """Look at the recipient register."""


@console_command("list")
def list_recipients(invocation: Invocation) -> int:
    """List the recipients with their channels and purposes."""
    with connected(invocation) as client:
        register = client.get("/v1/recipients")["recipients"]
    if invocation.as_json:
        print_json({"format": "sluis-recipients-list/1", "recipients": register})
        return Exit.DONE
    heads = in_language(
        "Ontvanger|Soort|Organisatie|Kanalen|Doelen",
        "Recipient|Kind|Organisation|Channels|Purposes",
        language=invocation.language,
    )
    rows = (
        (each["id"], each["kind"], each["organisation"], ", ".join(each["channels"]), ", ".join(each["purposes"]))
        for each in register
    )
    console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))
    return Exit.DONE


command.add_command(list_recipients)
