"""`sluis holds list`: lists what waits in the officer's own organisation."""

import sys
from typing import Any

from gateway.entrypoints.cli.console.client import Client, connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, table


@console_command("list")
def list_holds(invocation: Invocation) -> int:
    """List what waits, newest first, and whether it can be released. Needs the role privacy-officer."""
    with connected(invocation) as client:
        holds = _all(client)
    if invocation.as_json:
        print_json({"format": "sluis-holds-list/1", "holds": holds})
        return Exit.DONE
    heads = in_language(
        "Pakket|Van|Naar|Doel|Regels|Vrijgeven",
        "Package|From|To|Purpose|Rules|Release",
        language=invocation.language,
    )
    yes, no = (in_language(*words, language=invocation.language) for words in (("kan", "can"), ("kan niet", "can not")))
    rows = (
        (
            each["id"],
            each["submitter"],
            ", ".join(to["id"] for to in each["recipients"]),
            each["purpose"],
            ", ".join(each["ruleIds"]),
            yes if each["releasable"] else no,
        )
        for each in holds
    )
    console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))
    return Exit.DONE


def _all(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = client.get("/v1/holds", limit="200")
    found += page["holds"]
    while page["cursor"]:
        page = client.get("/v1/holds", limit="200", cursor=page["cursor"])
        found += page["holds"]
    return found
