"""`sluis audit alerts`: what the security team should look at, out of the log, with the events that raised it."""

import datetime as dt
import sys
from collections.abc import Sequence
from typing import Any

import click

from gateway.audit.alert_rules import RULES, Severity
from gateway.audit.alerts import Alert
from gateway.bootstrap.alert_reading import site_alerts
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import ZONE, read_site_settings
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.moments import Moment, told_moment
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.entrypoints.cli.console.sites import require_site
from gateway.package.states import Language

_DAYS = 7
_STYLES = {Severity.LOW: "", Severity.MEDIUM: "strip", Severity.HIGH: "refused"}
_SEVERITIES = {
    Severity.LOW: ("laag", "low"),
    Severity.MEDIUM: ("middel", "medium"),
    Severity.HIGH: ("hoog", "high"),
}
_NONE = ("Geen waarschuwingen sinds {since}.", "No alerts since {since}.")


@local_command("alerts")
@click.option(
    "--since",
    type=Moment(at_end=False),
    help="From this day or moment on (UTC); 7 days ago unless given.",
)
def alerts(invocation: Invocation, since: dt.datetime | None) -> int:
    """List what the security team should look at, with the event that raised each alert, and what to do."""
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    settings = read_site_settings(site.settings)
    now, wanted = clock_of(settings)(), settings.audit.alerts
    begin = since or now - dt.timedelta(days=_DAYS)
    late = now - dt.timedelta(seconds=wanted.checkpoint_seconds)
    found = site_alerts(site, wanted.limits(ZONE), since=begin, late=late)
    if invocation.as_json:
        print_json({"format": "sluis-audit-alerts/1", "since": told_moment(begin), "alerts": [*map(_as_json, found)]})
    else:
        _tell(found, begin, invocation.language)
    return Exit.DONE


def _as_json(alert: Alert) -> dict[str, Any]:
    rule = RULES[alert.rule]
    return {
        "rule": alert.rule.value,
        "severity": rule.severity.value,
        "at": told_moment(alert.at),
        "event": alert.event,
        "number": None if alert.number < 0 else alert.number,
        "recipient": alert.recipient,
        "person": alert.person,
        "package": alert.package,
        "count": alert.count,
        "sentence": {"nl": rule.sentence.nl, "en": rule.sentence.en},
        "remedy": {"nl": rule.remedy.nl, "en": rule.remedy.en},
    }


def _tell(found: Sequence[Alert], since: dt.datetime, language: Language) -> None:
    console = console_for(sys.stdout)
    if not found:
        console.print(printable(in_language(*_NONE, language=language).format(since=told_moment(since))))
        return
    heads = in_language(
        "wanneer|ernst|waarschuwing|ontvanger|medewerker|aantal|gebeurtenis",
        "when|severity|alert|recipient|caseworker|count|event",
        language=language,
    )
    console.print(table(*heads.split("|"), rows=(_row(each, language) for each in found)))
    for rule in dict.fromkeys(each.rule for each in found):
        console.print(printable(f"{rule.value}: {RULES[rule].sentence.text(language)}"))
        console.print(printable(f"  {RULES[rule].remedy.text(language)}"))


def _row(alert: Alert, language: Language) -> tuple[Any, ...]:
    severity = RULES[alert.rule].severity
    return (
        told_moment(alert.at),
        word(_STYLES[severity], in_language(*_SEVERITIES[severity], language=language)),
        alert.rule.value,
        alert.recipient,
        alert.person,
        str(alert.count or ""),
        "" if alert.number < 0 else str(alert.number),
    )
