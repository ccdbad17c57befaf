"""`sluis show ID`: shows one package."""

import sys

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_ids import package_id_of
from gateway.entrypoints.cli.console.package_report import (
    as_it_stands,
    is_over,
    package_object,
    show_codes,
    show_decided,
    show_decision,
    show_package,
)
from gateway.entrypoints.cli.console.printing import console_for, print_json


@console_command("show")
@click.argument("package", metavar="ID")
def command(invocation: Invocation, package: str) -> int:
    """Show the package with this ID, or its short form: where it is, what was decided, and why. Exit 0: found."""
    with connected(invocation) as client:
        path = f"/v1/packages/{package_id_of(client, package)}"
        view = client.get(path)
        decision = client.find(f"{path}/decision")
        slip = client.find(f"{path}/slip")
    if invocation.as_json:
        decided = decision["decided"] if decision else []
        receipts = {each["id"]: each["receipt"] for each in view["recipients"] if each["receipt"]}
        shown = package_object("show", view, decision)
        print_json(shown | {"receipts": receipts, "decided": decided, "slip": slip})
        return Exit.DONE
    console = console_for(sys.stdout)
    show_package(console, view, language=invocation.language)
    show_codes(console, slip, language=invocation.language)
    if decision is not None:
        if not is_over(view):
            show_decision(console, as_it_stands(decision, view), language=invocation.language)
        show_decided(console, decision, language=invocation.language)
    return Exit.DONE
