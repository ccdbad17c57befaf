"""`sluis holds list`: lists what waits in the officer's own organisation."""

import datetime as dt
import sys
from typing import Any
from zoneinfo import ZoneInfo

from gateway.entrypoints.cli.console.client import Client, connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.package_report import said
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, table
from gateway.package.ids import PackageId, short_id


@console_command("list")
def list_holds(invocation: Invocation) -> int:
    """List what waits, newest first: since when, until when, why, and whether it can be released.

    For privacy officers and their deputies.
    """
    with connected(invocation) as client:
        holds = _all(client)
    if invocation.as_json:
        print_json({"format": "sluis-holds-list/1", "holds": holds})
        return Exit.DONE
    heads = in_language(
        "Kort|Pakket|Sinds|Vervalt|Te laat|Van|Naar|Doel|Regels|Vrijgeven|Privacy Office",
        "Short|Package|Since|Expires|Overdue|From|To|Purpose|Rules|Release|Privacy Office",
        language=invocation.language,
    )
    yes, no = (in_language(*words, language=invocation.language) for words in (("kan", "can"), ("kan niet", "can not")))
    rows = (
        (
            short_id(PackageId(each["id"])),
            each["id"],
            _day(each["heldSince"]),
            _day(each["expiresAt"]),
            said(each["overdue"], invocation.language),
            each["submitter"],
            ", ".join(to["id"] for to in each["recipients"]),
            each["purpose"],
            ", ".join(each["ruleIds"]),
            yes if each["releasable"] else no,
            each["privacyOffice"]["email"] if each["privacyOffice"] else "",
        )
        for each in holds
    )
    console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))
    return Exit.DONE


def _day(moment: str) -> str:
    return dt.datetime.fromisoformat(moment).astimezone(ZoneInfo("Europe/Amsterdam")).date().isoformat()


def _all(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = client.get("/v1/holds", limit="200")
    found += page["holds"]
    while page["cursor"]:
        page = client.get("/v1/holds", limit="200", cursor=page["cursor"])
        found += page["holds"]
    return found
