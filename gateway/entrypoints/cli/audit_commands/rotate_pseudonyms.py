"""`sluis audit rotate-pseudonyms`: another key for the pseudonyms of people in the audit log."""

import datetime as dt
import secrets
import sys
from typing import Final

import click

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import PseudonymKeys, create_pseudonym_key
from gateway.bootstrap.secrets_store import credentials_folder
from gateway.entrypoints.cli.check import require_site
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.entrypoints.cli.console.speaking import speak, to_speak

_RECENT: Final = dt.timedelta(days=30)
_TOO_SOON: Final = to_speak(
    "The newest key, {key}, is of {day}; no other was made. Each key has to be kept and backed up for as long as there "
    "are lines under it, and every question about a person asks under all of them. Do you want one more? Add --again."
)
_MADE = (
    "{key} is gemaakt: {file}. Herstart de dienst: daarna gebruikt Sluis deze sleutel.",
    "{key} was made: {file}. Restart the service: after that Sluis uses this key.",
)
_KEEP = (
    "Bewaar de oude sleutels. Anders vindt niemand de oude regels over een persoon terug.",
    "Keep the old keys. Else nobody finds the old lines about a person again.",
)


@local_command("rotate-pseudonyms")
@click.option("--again", is_flag=True, help="Also when the newest key is not 30 days old.")
def rotate_pseudonyms(invocation: Invocation, *, again: bool) -> int:
    """Draw another key for pseudonyms. The old ones stay: a question about a person asks under every key.

    Refuses when the last rotation is not 30 days old: each key has to be kept for as long as its lines.
    """
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    known = PseudonymKeys.read(site, credentials=credentials_folder()).keys
    number = known[-1].number + 1 if known else 1
    if not again:
        _require_no_recent_rotation(site, number - 1)
    create_pseudonym_key(site, number, random=secrets.token_bytes)
    key, file = f"k{number}", f"secrets/pseudonym-{number}.key"
    if invocation.as_json:
        print_json({"format": "sluis-audit-rotate-pseudonyms/1", "key": key, "file": file})
    else:
        console = console_for(sys.stdout)
        for told in (_MADE, _KEEP):
            text = in_language(*told, language=invocation.language)
            console.print(printable(text.format(key=key, file=file)))
    return Exit.DONE


def _require_no_recent_rotation(site: SiteLayout, number: int) -> None:
    """Refuse a second rotation that is likely a slip. The first key of a site is no rotation."""
    if number <= 1:
        return
    try:
        drawn = dt.datetime.fromtimestamp((site.secrets / f"pseudonym-{number}.key").stat().st_mtime, dt.UTC)
    except OSError:
        # systemd hands this key over, and nothing says when it was drawn.
        return
    if dt.datetime.now(dt.UTC) - drawn < _RECENT:
        raise click.UsageError(speak(_TOO_SOON).format(key=f"k{number}", day=drawn.date().isoformat()))
