"""`sluis check`: looks whether a site can work, and says what to do where it can not."""

import asyncio
import sys
from typing import Any

from gateway.bootstrap.checking import Finding, check_site
from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, print_json, table, word
from gateway.package.errors import Code, SluisError
from gateway.package.problems import problem_of, sentence


@console_command("check")
def command(invocation: Invocation) -> int:
    """Check settings, keys, policy and channels, without sending anything."""
    site = SiteLayout(invocation.required_site().resolve())
    _require(site)
    findings = asyncio.run(check_site(site))
    if invocation.as_json:
        print_json({"format": "sluis-check/1", "checks": [_as_json(each) for each in findings]})
    else:
        console_for(sys.stdout).print(table("check", "where", "result", "what to do", rows=map(_row, findings)))
    return Exit.DONE if all(each.error is None for each in findings) else Exit.REFUSED


def _require(site: SiteLayout) -> None:
    """Raise SluisError `site-missing`, or `read-forbidden` when this user may not even look."""
    try:
        there = site.settings.is_file()
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="site.yaml") from error
    if not there:
        raise SluisError(Code.SITE_MISSING)


def _as_json(finding: Finding) -> dict[str, Any]:
    error = finding.error
    return {
        "name": finding.name,
        "where": error.where if error and error.where else finding.where,
        "code": error.code.value if error else "",
        "faults": [{"where": where, "expected": expected} for where, expected in error.faults] if error else [],
    }


def _row(finding: Finding) -> list[Any]:
    if finding.error is None:
        return [finding.name, finding.where, word("done", "good"), ""]
    problem = problem_of(finding.error)
    places = "; ".join(f"{where}: {expected}" for where, expected in finding.error.faults)
    where = finding.error.where or finding.where
    told = f"{sentence(problem.title, dict(finding.error.detail))} {problem.remedy} {places}".strip()
    return [finding.name, where, word("refused", finding.error.code.value), told]
