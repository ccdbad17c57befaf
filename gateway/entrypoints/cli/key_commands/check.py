"""`sluis keys check`: whether every key will still do tomorrow, and who has to act."""

import sys

from gateway.bootstrap.checking import check_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.cli.check import as_json, as_warning, rows_of
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table
from gateway.entrypoints.cli.console.sites import require_site


@local_command("check")
def check(invocation: Invocation) -> int:
    """Look at every key that is used, the own one too, without a service. Exit 0: all can be used now.

    It warns of keys that end within 60 days, and says who can act: administrators bring a new key, privacy officers
    trust it.
    """
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    findings, people = check_keys(site)
    well = all(each.error is None for each in findings)
    doubts = [(each, doubt) for each in findings for doubt in each.doubts]
    if invocation.as_json:
        warnings = [as_warning(each, doubt) for each, doubt in doubts]
        checks = [as_json(each) for each in findings]
        print_json({"format": "sluis-keys-check/1", "checks": checks, "warnings": warnings, "people": list(people)})
        return Exit.DONE if well else Exit.REFUSED
    console, language = console_for(sys.stdout), invocation.language
    heads = in_language("controle|waar|uitkomst|wat te doen", "check|where|result|what to do", language=language)
    console.print(table(*heads.split("|"), rows=(row for each in findings for row in rows_of(each, language))))
    if doubts or not well:
        who = in_language("Wie iets moet doen", "Who has to act", language=language)
        console.print(printable(f"{who}: {', '.join(people) or '?'}"))
    return Exit.DONE if well else Exit.REFUSED
