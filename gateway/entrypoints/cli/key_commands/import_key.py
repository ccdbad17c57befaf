"""`sluis keys import FILE`: brings a recipient's public key; nothing is encrypted to it before somebody trusts it."""

import base64
import sys
from pathlib import Path

import click
import orjson

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, printable
from gateway.entrypoints.cli.console.speaking import speak
from gateway.entrypoints.cli.key_commands.telling import tell_key
from gateway.entrypoints.cli.key_commands.wkd import Directory
from gateway.package.errors import Code, SluisError
from gateway.package.ids import parse_key
from gateway.seal.key_description import MAX_KEY_BYTES

_NEXT = (
    "Lees de vingerafdruk aan de ontvanger voor (telefoon, in persoon). Klopt elk teken? Daarna, door een ander:",
    "Read the fingerprint to the recipient (telephone, in person). Is each sign the same? Then, by somebody else:",
)
_THERE = (
    "Deze sleutel was er al, precies zo. Er is niets veranderd.",
    "This key was there already, just as it is. Nothing was changed.",
)


@console_command("import")
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--recipient", required=True, help="Id of the recipient whose key it is.")
@click.option("--source", help="Where FILE came from: 'mail of 20 November', 'their website'.")
@click.option("--fingerprint", help="Which key is meant, when the file holds several.")
@click.option("--wkd", "address", help="Instead of FILE: ask the mail domain of this address (Web Key Directory).")
def import_key(
    invocation: Invocation,
    file: Path | None,
    *,
    recipient: str,
    source: str | None,
    fingerprint: str | None,
    address: str | None,
) -> int:
    """Propose the public key or certificate in FILE for a recipient. Needs the role privacy-officer or administrator.

    Exit 0: kept as proposed; nothing is encrypted to it before another person trusts it. A newer copy of a key that is
    known already, with a longer life or a revocation, is taken at once. A key that is there just so changes nothing.
    """
    if file is not None and source and not address:
        asked = {"recipient": recipient, "source": source, "content": _in_base64(_read(file))}
    elif address and file is None:
        content = _directory(invocation).fetch(address)
        told = source or f"Web Key Directory, {address}"
        asked = {"recipient": recipient, "source": told, "content": _in_base64(content), "address": address}
    else:
        raise click.UsageError(speak("Give FILE with --source, or --wkd ADDRESS."))
    if fingerprint:
        asked["fingerprint"] = parse_key(fingerprint)
    with connected(invocation) as client:
        key = client.post_once("/v1/keys", orjson.dumps(asked))
    tell_key(invocation, key, name="import")
    if not invocation.as_json and not key["changed"]:
        console_for(sys.stdout).print(in_language(*_THERE, language=invocation.language))
    if not invocation.as_json and key["state"] == "proposed":
        console = console_for(sys.stdout)
        console.print(in_language(*_NEXT, language=invocation.language))
        line = f"sluis keys trust {key['fingerprint']} --recipient {recipient} --how TEXT"
        console.print(printable(line))
    return Exit.DONE


def _in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _directory(invocation: Invocation) -> Directory:
    """Read how directories are asked. Raises SluisError `setting-invalid`."""
    site = SiteLayout(invocation.required_site().resolve())
    try:
        named = read_site_settings(site.settings).key_directory
    except SluisError as error:
        # A privacy officer can not read the settings of a real site; then its directory is asked as by anybody.
        if error.code is not Code.READ_FORBIDDEN:
            raise
        return Directory()
    return Directory(ca_file=site.root / named.ca_file if named.ca_file else None, hosts=named.hosts or {})


def _read(file: Path) -> bytes:
    """Read a file that may be a key. Raises SluisError `key-unreadable`, `read-forbidden`."""
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_KEY_BYTES + 1)
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN) from error
    if len(content) > MAX_KEY_BYTES:
        raise SluisError(Code.KEY_UNREADABLE, detail={"limit": MAX_KEY_BYTES})
    return content
