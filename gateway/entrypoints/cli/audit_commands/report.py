"""`sluis audit report FILE`: a page to look at, for the security team."""

import datetime as dt
import sys
from pathlib import Path
from typing import Final

import click

from gateway.bootstrap.durable_files import write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.report_figures import Period
from gateway.bootstrap.report_page import MARK, make_report
from gateway.entrypoints.cli.audit_commands.asking import distrustful_option
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.moments import Day, require_order
from gateway.entrypoints.cli.console.printing import in_language, print_json, printable
from gateway.entrypoints.cli.console.sites import require_site
from gateway.entrypoints.cli.console.speaking import speak, to_speak

_DAYS: Final = 30
_ANOTHER_FILE: Final = to_speak("FILE exists and is no earlier report: it stays as it is. Write another name.")
_NOT_WRITTEN: Final = to_speak("FILE can not be written there.")


@local_command("report")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=Day(), help="First day, such as 2026-11-01; 30 days ago unless given.")
@click.option("--until", type=Day(), help="Last day; today unless given.")
@distrustful_option
def report(
    invocation: Invocation, file: Path, since: dt.date | None, until: dt.date | None, *, distrustful: bool
) -> int:
    """Write a page into FILE: what went to whom, what was held, who decided, and whether the log holds.

    An earlier report in FILE is replaced, another file never.

    Exit 0: it is written. Exit 4: it is written, and says that the log does not hold.
    """
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    now = dt.datetime.now(dt.UTC)
    last = until or now.date()
    first = since or last - dt.timedelta(days=_DAYS - 1)
    require_order(first, last)
    _require_free(file)
    page, figures, verified = make_report(
        site, Period(first=first, last=last), language=invocation.language, at=now, distrustful=distrustful
    )
    try:
        write_durably(file, page.encode())
    except OSError as error:
        raise click.UsageError(speak(_NOT_WRITTEN)) from error
    if invocation.as_json:
        counts = {"sent": figures.went, "held": figures.held, "refused": figures.refused}
        counts["inDoubt"] = figures.in_doubt
        print_json({"format": "sluis-audit-report/1", "file": str(file), "holds": verified.holds, **counts})
    else:
        nl = f"{file}: {figures.went} verzonden, {figures.held} aangehouden, {figures.refused} geweigerd"
        en = f"{file}: {figures.went} sent, {figures.held} held, {figures.refused} refused"
        if figures.in_doubt:
            nl += f"; onzeker of het aankwam: {figures.in_doubt}"
            en += f"; not sure whether it arrived: {figures.in_doubt}"
        sys.stdout.write(printable(in_language(nl, en, language=invocation.language)) + "\n")
    return Exit.DONE if verified.holds else Exit.NOT_VERIFIED


def _require_free(file: Path) -> None:
    """Refuse to replace what is no earlier report, such as the settings. Raises click.UsageError."""
    try:
        # Whatever else has a name, a device or a pipe, is not even opened.
        is_another = file.exists() and not (file.is_file() and _begins_as_ours(file))
    except OSError as error:
        raise click.UsageError(speak(_NOT_WRITTEN)) from error
    if is_another:
        raise click.UsageError(speak(_ANOTHER_FILE))


def _begins_as_ours(file: Path) -> bool:
    mark = MARK.encode()
    with file.open("rb") as content:
        return content.read(len(mark)) == mark
