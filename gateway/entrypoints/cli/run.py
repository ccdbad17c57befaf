"""`sluis run`: runs the service of a site until it is asked to stop."""

import asyncio
import sys
from functools import partial
from typing import Final

import click
import uvloop

from gateway.bootstrap.build import House
from gateway.bootstrap.build_work import build_templates, policy_lying_there, prepare_ciphers
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.service_log import configure_service_log
from gateway.bootstrap.workers import Foreman
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.printing import in_language, print_json, printable
from gateway.entrypoints.service import serve
from gateway.package.errors import Code, SluisError

_STARTED: Final = (
    "Sluis draait. Outbox: {outbox}   API: {socket}   Stoppen: Ctrl-C",
    "Sluis runs. Outbox: {outbox}   API: {socket}   Stop: Ctrl-C",
)


@local_command("run")
def command(invocation: Invocation) -> int:
    """Run the service: empty the outbox, answer the API, send what is due. Ends on Ctrl-C or SIGTERM."""
    site = SiteLayout(invocation.required_site().resolve())
    if not site.settings.is_file():
        raise SluisError(Code.SITE_MISSING)
    # Made once, and shared with the foreman and its workers.
    build_templates(site)
    policy_lying_there(site)
    prepare_ciphers()
    # Before the loop, its threads and what it opens.
    foreman = Foreman.forked(site.root)
    try:
        _open_service_log(site)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(site, started=partial(_tell_started, invocation), foreman=foreman))
    except ExceptionGroup as failures:
        raise _first(failures) from failures
    finally:
        foreman.end()
    return Exit.DONE


def _open_service_log(site: SiteLayout) -> None:
    try:
        configure_service_log(site.service_log, strict=False, console=sys.stderr.isatty())
    except PermissionError as error:
        raise SluisError(Code.WRITE_FORBIDDEN, where="log/service.jsonl") from error


def _tell_started(invocation: Invocation, house: House) -> None:
    if invocation.as_json:
        print_json({"format": "sluis-run/1", "socket": str(house.site.socket)})
    else:
        told = in_language(*_STARTED, language=invocation.language)
        click.echo(printable(told.format(outbox=house.outbox.root, socket=house.site.socket)))


def _first(failures: "ExceptionGroup[Exception]") -> Exception:
    """Find our own error in what a group of tasks failed with; that is what people can act upon."""
    ours = failures.subgroup(SluisError)
    failure: Exception = ours or failures
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
