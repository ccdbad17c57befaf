"""`sluis init DIR`: makes a site."""

from pathlib import Path

import click

from gateway.bootstrap.site import SiteWishes, create_site
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import print_json
from gateway.entrypoints.cli.console.speaking import speak


@console_command("init")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--organisation", default="DT&V", show_default=True, help="The organisation that sends.")
@click.option("--sample", is_flag=True, help="Add five fictitious recipients, people, keys and packages.")
@click.option("--smtp", metavar="HOST:PORT", help="The organisation's own mail server; TLS is required.")
@click.option("--smtp-ca", type=click.Path(path_type=Path, exists=True), help="CA file to check the mail server with.")
def command(
    invocation: Invocation, directory: Path, organisation: str, smtp: str | None, smtp_ca: Path | None, *, sample: bool
) -> int:
    """Make a new site in DIRECTORY: folders, settings, secrets and the gateway's signing key."""
    wishes = SiteWishes(
        sample=sample,
        organisation=organisation,
        smtp=_address(smtp) if smtp else None,
        smtp_ca=smtp_ca.resolve() if smtp_ca else None,
    )
    site = create_site(directory, wishes)
    if invocation.as_json:
        print_json({"format": "sluis-init/1", "site": str(site.root), "sample": sample})
    else:
        click.echo(f"The site is made in {site.root}.")
        click.echo(f"Next: look at site.yaml and people.yaml, then type: sluis --site {directory} check")
    return Exit.DONE


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise click.BadParameter(speak("Write it as HOST:PORT, such as mail.example.nl:587."), param_hint="--smtp")
    return host, int(port)
