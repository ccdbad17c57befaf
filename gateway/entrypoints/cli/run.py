"""`sluis run`: runs the service of a site until it is asked to stop."""

import contextlib
import sys

from gateway.bootstrap.build import House
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.service_log import configure_service_log
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.printing import print_json, screen
from gateway.package.errors import Code, SluisError


@console_command("run")
def command(invocation: Invocation) -> int:
    """Run the service: empty the outbox, answer the API, send what is due. Ends on Ctrl-C or SIGTERM."""
    site = SiteLayout(invocation.required_site().resolve())
    if not site.settings.is_file():
        raise SluisError(Code.SITE_MISSING)
    configure_service_log(site.service_log, strict=False, console=sys.stderr.isatty())

    def started(house: House) -> None:
        if invocation.as_json:
            print_json({"format": "sluis-run/1", "socket": str(house.site.socket)})
        else:
            screen().print(f"Sluis runs. Outbox: {house.outbox.root}  API: {house.site.socket}  Stop: Ctrl-C")

    with contextlib.suppress(KeyboardInterrupt):
        try:
            _run(site, started)
        except* SluisError as failures:
            raise _first(failures) from None
    return Exit.DONE
