"""`sluis keys export-signing`: writes the own secret key into a file, for the engine that signs without gpg-agent."""

import sys

from gateway.bootstrap.key_exports import export_signing_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable
from gateway.entrypoints.cli.console.sites import require_site

_WARNING = (
    "Wie dit bestand leest, kan ondertekenen als deze dienst. Alleen voor seal.engine: sequoia; anders: verwijderen.",
    "Whoever reads this file can sign as this service. Only for seal.engine: sequoia; otherwise remove it.",
)


@local_command("export-signing")
def export_signing(invocation: Invocation) -> int:
    """Write the secret half of each own signing key into secrets/, mode 0600, for seal.engine: sequoia.

    It needs no service, and has to be run by the service's user: whoever may read gnupg/ already has these keys.
    """
    site = SiteLayout(invocation.required_site().resolve())
    require_site(site)
    files = [str(path.relative_to(site.root)) for path in export_signing_keys(site)]
    if invocation.as_json:
        print_json({"format": "sluis-keys-export-signing/1", "files": files})
        return Exit.DONE
    console = console_for(sys.stdout)
    for file in files:
        console.print(printable(file))
    console.print(in_language(*_WARNING, language=invocation.language))
    return Exit.DONE
