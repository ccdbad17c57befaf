"""`sluis init DIR`: makes a site."""

import re
import sys
from pathlib import Path
from typing import Final

import click

from gateway.bootstrap.setting_types import MAIL_ADDRESS, NO_ADDRESS
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import in_language, print_json, printable
from gateway.entrypoints.cli.console.speaking import speak
from gateway.package.states import Language

_MADE: Final = (
    "De site is gemaakt in {site}.",
    "The site is made in {site}.",
)
_LANGUAGE: Final = (
    "Taal van de site: Nederlands, zoals de mappen in de outbox heten. In site.yaml: language, outbox.folders.",
    "Language of the site: English, as the folders in the outbox are called. In site.yaml: language, outbox.folders.",
)
_NEXT: Final = (
    "Hierna: bekijk site.yaml en people.yaml, en typ dan: sluis --site {directory} check",
    "Next: look at site.yaml and people.yaml, then type: sluis --site {directory} check",
)
_ADDRESS: Final = (
    "In de ondertekensleutel staat {address}. Liever uw eigen adres? Maak de site dan opnieuw, met --from-address.",
    "The signing key bears {address}. Should it bear your own address? Then make the site again, with --from-address.",
)
_ASKED: Final = "Taal van de site / Language of the site"


@local_command("init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--organisation", default="DT&V", show_default=True, help="The organisation that sends.")
@click.option("--sample", is_flag=True, help="Add five fictitious recipients, people, keys and packages.")
@click.option("--smtp", metavar="HOST:PORT", help="The organisation's own mail server; TLS is required.")
@click.option(
    "--smtp-ca",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CA file to check the mail server with.",
)
@click.option("--from-address", metavar="ADDRESS", help="Where mail comes from; it stands in the signing key.")
def command(
    invocation: Invocation,
    directory: Path,
    organisation: str,
    *,
    smtp: str | None,
    smtp_ca: Path | None,
    from_address: str | None,
    sample: bool,
) -> int:
    """Make a new site in DIRECTORY: folders, settings, secrets and the gateway's signing key.

    Its language is that of --lang or SLUIS_LANG. Without them a terminal is asked, and a script gets nl.
    """
    language = _language_of(invocation)
    wishes = SiteWishes(
        sample=sample,
        language=language,
        organisation=organisation,
        smtp=_address(smtp) if smtp else None,
        smtp_ca=smtp_ca.resolve() if smtp_ca else None,
        from_address=_mail_address(from_address) if from_address else NO_ADDRESS,
    )
    site = create_site(directory, wishes)
    if invocation.as_json:
        print_json({"format": "sluis-init/1", "site": str(site.root), "sample": sample, "language": language.value})
    else:
        said = {"site": site.root, "directory": directory, "address": wishes.from_address}
        for told in (_MADE, _LANGUAGE, *(() if from_address or sample else (_ADDRESS,)), _NEXT):
            text = in_language(*told, language=language).format(**said)
            click.echo(printable(text))
    return Exit.DONE


def _language_of(invocation: Invocation) -> Language:
    """Give the language of the new site: the one that was said, or that a person at a terminal answers."""
    if invocation.is_language_given:
        return invocation.language
    if invocation.as_json or not _is_terminal():
        return Language.NL
    choice = click.Choice([each.value for each in Language])
    return Language(click.prompt(_ASKED, type=choice, default=Language.NL.value, err=True))


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _mail_address(text: str) -> str:
    if not re.fullmatch(MAIL_ADDRESS, text):
        told = speak("Write it as NAME@DOMAIN, such as sluis@example.nl.")
        raise click.BadParameter(told, param_hint="--from-address")
    return text


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise click.BadParameter(speak("Write it as HOST:PORT, such as mail.example.nl:587."), param_hint="--smtp")
    return host, int(port)
