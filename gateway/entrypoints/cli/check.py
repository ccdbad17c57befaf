"""`sluis check`: looks whether a site can work, and says what to do where it can not."""

import asyncio
import sys
from collections.abc import Iterator
from typing import Any, Final

from gateway.bootstrap.checking import check_site
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.policy_desk import due_permissions
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import (
    console_for,
    in_language,
    print_json,
    printable,
    table,
    word,
)
from gateway.entrypoints.cli.console.problems import local_problem
from gateway.entrypoints.cli.console.sites import require_site
from gateway.entrypoints.cli.policy_commands.review_dates import today, warning
from gateway.package.errors import SluisError
from gateway.package.states import Language
from gateway.policy.overview import DueForReview

_IN_DUTCH: Final = {
    "settings": "instellingen",
    "people": "personen",
    "secrets": "geheimen",
    "audit key": "sleutel logboek",
    "pseudonym keys": "sleutels pseudoniemen",
    "audit export": "regels van logboek elders",
    "audit checkpoints": "checkpoints elders",
    "audit timestamps": "tijdstempels",
    "programs": "programma's",
    "policy": "regels",
    "approval": "goedkeuring",
    "public keys only": "alleen openbare sleutels",
    "registers": "registers",
    "withdrawals": "intrekkingen",
    "case system": "zaaksysteem",
    "bar register": "advocatenregister",
    "sandbox": "zandbak",
    "malware scanner": "virusscanner",
    "outbox": "outbox",
    "signing key": "eigen sleutel",
    "signing certificate": "eigen certificaat",
    "certificate trust": "vertrouwde uitgevers",
    "sender": "afzender",
    "recipient key": "sleutel ontvanger",
    "chain certificate": "eigen certificaat keten",
    "chain peer": "ketenpartner",
    "drop folder": "map ontvanger",
    "keys": "sleutels",
    "own key": "eigen sleutel",
    "own certificate": "eigen certificaat",
    "revocation list": "intrekkingslijst",
    "key record": "dossier van sleutels",
    "server folder": "map op server ontvanger",
    "channels": "kanalen",
    "bounces": "teruggekomen mail",
    "text messages": "sms",
    "logbook": "logboek dataverwerkingen",
    "processing activity": "verwerkingsactiviteit",
}


@local_command("check")
def command(invocation: Invocation) -> int:
    """Check settings, keys, policy and channels, without sending anything."""
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    findings = asyncio.run(check_site(site))
    if invocation.as_json:
        due = _due(site, findings)
        warnings = [{"where": f"{each.recipient} {each.purpose}", "reviewOn": each.on.isoformat()} for each in due]
        warnings += [as_warning(each, doubt) for each in findings for doubt in each.doubts]
        print_json({"format": "sluis-check/1", "checks": [as_json(each) for each in findings], "warnings": warnings})
    else:
        rows = (row for each in findings for row in rows_of(each, invocation.language))
        heads = in_language(
            "controle|waar|uitkomst|wat te doen", "check|where|result|what to do", language=invocation.language
        )
        console_for(sys.stdout).print(table(*heads.split("|"), rows=rows))
        for each in _due(site, findings):
            console_for(sys.stdout).print(printable(warning(each, language=invocation.language)), style="yellow")
    return Exit.DONE if all(each.error is None for each in findings) else Exit.REFUSED


def _due(site: SiteLayout, findings: list[Finding]) -> tuple[DueForReview, ...]:
    """Find permissions to be reviewed, in rules that were found well."""
    well = any(each.name == "policy" and each.error is None for each in findings)
    return due_permissions(site.root, today=today()) if well else ()


def as_json(finding: Finding) -> dict[str, Any]:
    """Give one finding to programs."""
    error = finding.error
    return {
        "name": finding.name,
        "where": error.where if error and error.where else finding.where,
        "key": finding.key,
        "code": error.code.value if error else "",
        "faults": [{"where": where, "expected": expected} for where, expected in error.faults] if error else [],
    }


def as_warning(finding: Finding, doubt: SluisError) -> dict[str, str]:
    """Give programs what a person should look at."""
    return {"where": doubt.where or finding.where, "key": finding.key, "code": doubt.code.value}


def _named(name: str, language: Language) -> str:
    """Call a check what it looks at, in the reader's language; a channel has its own name in both."""
    return in_language(_IN_DUTCH.get(name, name), name, language=language)


def rows_of(finding: Finding, language: Language) -> Iterator[list[Any]]:
    """Give one finding as rows of a table: one, or one for each doubt."""
    faults = (finding.error,) if finding.error else finding.doubts
    for fault in faults:
        told_of = local_problem(fault, language=language)
        places = "; ".join(f"{each['where']}: {each['expected']}" for each in told_of["errors"])
        told = f"{told_of['title']} {told_of['remedy']} {places}".strip()
        style = "refused" if finding.error else "held"
        where = f"{fault.where or finding.where} {finding.key}".strip()
        yield [_named(finding.name, language), where, word(style, fault.code.value), told]
    if not faults:
        good = word("done", in_language("goed", "good", language=language))
        yield [_named(finding.name, language), f"{finding.where} {finding.key}".strip(), good, ""]
