"""`sluis withdraw ID`: takes a package back as far as it was not sent."""

import sys

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_ids import package_id_of
from gateway.entrypoints.cli.console.package_report import package_object, show_package
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json


@console_command("withdraw")
@click.argument("package", metavar="ID")
def command(invocation: Invocation, package: str) -> int:
    """Withdraw the package with this ID, as its sender or as a privacy officer of the same organisation.

    Exit 0: withdrawn, nothing was sent. Exit 1: part of it was sent or is being sent, or it is too late.
    """
    with connected(invocation) as client:
        view = client.post(f"/v1/packages/{package_id_of(client, package)}/withdrawal", b"")
    nothing_sent = view["state"] == "withdrawn"
    if invocation.as_json:
        print_json(package_object("withdraw", view, None))
    else:
        console, language = console_for(sys.stdout), invocation.language
        show_package(console, view, language=language)
        if not nothing_sent:
            nl = "Niet alles kon worden ingetrokken. Zie per ontvanger wat is verzonden of nog onderweg is."
            en = "Not everything could be withdrawn. See for each recipient what was sent or is still under way."
            console.print(in_language(nl, en, language=language), style="red")
    return Exit.DONE if nothing_sent else Exit.REFUSED
