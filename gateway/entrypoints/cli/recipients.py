"""`sluis recipients`: looks at the recipient register."""

import sys
from typing import Any
from urllib.parse import quote

import click

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_report import said
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.entrypoints.cli.console.speaking import SpokenGroup
from gateway.package.states import Language
from gateway.seal.key_description import in_groups

_MUST_SEE = (
    "Bel de ontvanger: het testbericht moet opengaan, dit kenmerk tonen en goed ondertekend zijn met deze sleutel.",
    "Call the recipient: the test message has to open, show this reference and bear a good signature by this key.",
)
_FAILED = (
    "Er is niets aangekomen, of niemand weet of het aankwam. De code zegt wat er mis ging.",
    "Nothing arrived, or nobody knows whether it did. The code says what went wrong.",
)


@click.group("recipients", cls=SpokenGroup)
def command() -> None:
    """Look at the recipient register, and try whether a recipient can open what is sent."""


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


@console_command("test")
@click.argument("recipient")
def test_recipient(invocation: Invocation, recipient: str) -> int:
    """Send a RECIPIENT a message without data about anybody, sealed and sent as a package would be.

    Needs the role administrator or privacy-officer. Exit 0: it left; only the recipient can say that it opens.
    Exit 1: it did not leave, or nobody knows whether it did.
    """
    with connected(invocation) as client:
        body = client.post_once(f"/v1/recipients/{quote(recipient, safe='')}/tests", b"{}")
    if invocation.as_json:
        print_json({"format": "sluis-recipients-test/1", **body})
    else:
        _tell_test(body, invocation.language)
    return Exit.REFUSED if body["code"] else Exit.DONE


def _tell_test(body: dict[str, Any], language: Language) -> None:
    console = console_for(sys.stdout)
    console.print(word(body["outcome"], said(body["outcome"], language)), body["channel"], body["code"])
    heads = (("Kenmerk", "Reference"), ("Versleuteld voor", "Encrypted for"), ("Ondertekend met", "Signed with"))
    texts = (body["reference"], ", ".join(map(in_groups, body["keys"])), in_groups(body["signedBy"]))
    for (nl, en), text in zip(heads, texts, strict=True):
        console.print(printable(f"{in_language(nl, en, language=language)}: {text}"))
    console.print(in_language(*(_FAILED if body["code"] else _MUST_SEE), language=language))


command.add_command(list_recipients)
command.add_command(test_recipient)
