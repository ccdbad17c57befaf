"""`sluis demo`: sends fictitious packages through a whole site of real parts, and shows everything."""

import sys
import tempfile
import time
from pathlib import Path

import click
from rich.console import Console

from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, console_command

_PLAIN_WIDTH = 120


@console_command("demo")
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
        with open_stage(root) as stage:
            try:
                tell(stage, console)
            except DemoFailedError as failure:
                console.print(f"[red]The demo failed:[/red] {failure}")
                return Exit.REFUSED
            console.print(f"[bold green]Klaar · done[/bold green] in {time.monotonic() - started:.0f} s")
            if keep_running:
                _keep(console, stage.outbox)
    return Exit.DONE


def _keep(console: Console, outbox: Path) -> None:
    console.print(f"Drop packages in [bold]{outbox / '1-Verzenden'}[/bold]. Stop with Ctrl-C.")
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        console.print("Stopping.")
