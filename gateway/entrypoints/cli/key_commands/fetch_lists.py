"""`sluis keys fetch-lists`: fetches the revocation lists that site.yaml names."""

import sys

from rich.text import Text

from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.list_fetching import FetchedList, fetch_lists
from gateway.bootstrap.settings import read_site_settings
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, table, word
from gateway.entrypoints.cli.console.problems import local_problem
from gateway.entrypoints.cli.console.sites import require_site
from gateway.package.states import Language


@local_command("fetch-lists")
def fetch_lists_command(invocation: Invocation) -> int:
    """Fetch the revocation lists in seal.revocationLists and chain.revocationLists, without a service.

    Exit 0: each lies there, verified. Exit 1: one could not be fetched or is not to be believed; the old one stays.
    """
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    settings = read_site_settings(site.settings)
    found = fetch_lists(site, settings, now=clock_of(settings)())
    if invocation.as_json:
        lists = [
            {
                "where": each.place,
                "code": each.error.code.value if each.error else "",
                "until": each.until.isoformat() if each.until else None,
            }
            for each in found
        ]
        print_json({"format": "sluis-keys-fetch-lists/1", "lists": lists})
    else:
        heads = in_language("lijst|uitkomst|geldig tot, of wat te doen", "list|result|valid until, or what to do",
                            language=invocation.language)  # fmt: skip
        rows = (_row(each, invocation.language) for each in found)
        console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))
    return Exit.DONE if all(each.error is None for each in found) else Exit.REFUSED


def _row(fetched: FetchedList, language: Language) -> list[str | Text]:
    if fetched.error is None:
        until = fetched.until.isoformat() if fetched.until else ""
        return [fetched.place, word("done", in_language("goed", "good", language=language)), until]
    told = local_problem(fetched.error, language=language)
    places = "; ".join(each["expected"] for each in told["errors"])
    return [
        fetched.place,
        word("refused", fetched.error.code.value),
        f"{told['title']} {told['remedy']} {places}".strip(),
    ]
