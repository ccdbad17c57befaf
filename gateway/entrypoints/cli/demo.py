"""`sluis demo`: sends fictitious packages through a whole site of real parts, and shows everything."""

import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command

if TYPE_CHECKING:
    from gateway.entrypoints.demo.stage import Stage

_PLAIN_WIDTH = 120


@local_command("demo")
@click.option("--keep-running", is_flag=True, help="Keep site, service and mail server running until Ctrl-C.")
def command(invocation: Invocation, *, keep_running: bool) -> int:
    """Play the main job on real parts: gpg keys, a mail server with TLS, an outbox, the API; then end.

    Needs the extra `demo` (aiosmtpd, trustme). Everything is fictitious and stays on this machine.
    """
    from gateway.entrypoints.demo.stage import open_stage  # noqa: PLC0415 - only with the extra `demo`.
    from gateway.entrypoints.demo.story import DemoFailedError, tell  # noqa: PLC0415 - as above.

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    # A short path, since the sockets of gpg-agent below it may not be longer than 107 bytes.
    with tempfile.TemporaryDirectory(prefix="sluis-demo-") as folder:
        root = invocation.site or Path(folder) / "site"
        started = time.monotonic()
        # Asked to end in any way, everything that was started is ended too.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        with open_stage(root) as stage:
            try:
                tell(stage, console)
            except DemoFailedError as failure:
                console.print(f"[red]The demo failed:[/red] {failure}")
                return Exit.REFUSED
            console.print(f"[bold green]Klaar · done[/bold green] in {time.monotonic() - started:.0f} s")
            if keep_running:
                return _keep(console, stage)
    return Exit.DONE


def _keep(console: Console, stage: "Stage") -> int:
    console.print(f"Drop packages in [bold]{stage.outbox / '1-Verzenden'}[/bold]. Stop with Ctrl-C.")
    try:
        while stage.service.poll() is None:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("Stopping.")
        return Exit.DONE
    console.print("[red]The service has ended.[/red] Its log lies in the site's folder `log`.")
    return Exit.REFUSED
