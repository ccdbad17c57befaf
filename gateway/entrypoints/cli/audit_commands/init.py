"""`sluis audit init`: a new audit log for a site that has none, or whose old one has ended."""

import secrets
import sys

import click

from gateway.audit.notes import NoteError
from gateway.bootstrap.audit_keys import create_audit_key, own_origin
from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import print_json, printable
from gateway.entrypoints.cli.console.sites import require_site
from gateway.entrypoints.cli.console.speaking import speak
from gateway.package.errors import Code, SluisError


@local_command("init")
@click.option("--origin", help="What the log is called for ever; HOST/audit/node-1 unless given.")
def init(invocation: Invocation, origin: str | None) -> int:
    """Draw the key of a new audit log. Refuses when the site has one: another key would be another log."""
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    site.audit_keys.parent.mkdir(mode=0o700, exist_ok=True)
    if site.audit_keys.exists():
        raise SluisError(Code.SECRET_EXISTS, where="audit/vkeys")
    try:
        create_audit_key(site, origin=origin or own_origin(), random=secrets.token_bytes)
    except FileExistsError as error:
        raise SluisError(Code.SECRET_EXISTS, where="secrets/audit.key") from error
    except NoteError as error:
        raise click.UsageError(speak("An origin has no spaces and no plus sign.")) from error
    key = site.audit_keys.read_text(encoding="utf-8").strip()
    if invocation.as_json:
        print_json({"format": "sluis-audit-init/1", "key": key})
    else:
        sys.stdout.write(printable(key) + "\n")
    return Exit.DONE
