"""`sluis audit rotate-pseudonyms`: another key for the pseudonyms of people in the audit log."""

import secrets
import sys

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import PseudonymKeys, create_pseudonym_key
from gateway.bootstrap.secrets_store import credentials_folder
from gateway.entrypoints.cli.check import require_site
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable

_MADE = (
    "{key} is gemaakt: {file}. Herstart de dienst: daarna gebruikt Sluis deze sleutel.",
    "{key} was made: {file}. Restart the service: after that Sluis uses this key.",
)
_KEEP = (
    "Bewaar de oude sleutels. Anders vindt niemand de oude regels over een persoon terug.",
    "Keep the old keys. Else nobody finds the old lines about a person again.",
)


@console_command("rotate-pseudonyms")
def rotate_pseudonyms(invocation: Invocation) -> int:
    """Draw another key for pseudonyms. The old ones stay: a question about a person asks under every key."""
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    known = PseudonymKeys.read(site, credentials=credentials_folder()).keys
    number = known[-1].number + 1 if known else 1
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
