"""`sluis submit PACKAGE`: hands a package in at the service."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gateway.entrypoints.cli.console.client import Client, connected
from gateway.entrypoints.cli.console.exits import Exit, exit_of_outcome
from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.console.local_package import LocalPackage, open_package
from gateway.entrypoints.cli.console.package_report import package_object, show_decision, show_package
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json
from gateway.package.ids import new_package_id
from gateway.package.manifest import Manifest

_UNDER_WAY = frozenset({"incomplete", "received", "releasing"})
_UNDELIVERED = frozenset({"undeliverable", "withdrawn"})
_LONGEST_PAUSE_SECONDS = 1.0


@console_command("submit")
@click.argument("package", type=click.Path(exists=True, path_type=Path))
@click.option("--wait", type=click.FloatRange(min=0), metavar="SECONDS", help="Wait until everything is sent.")
def command(invocation: Invocation, package: Path, wait: float | None) -> int:
    """Hand in a PACKAGE: a folder, a .zip, or a manifest with its files beside it.

    Exit 0: accepted, or with --wait everything is sent. 3: held. 1: refused, failed, or not sent within the time;
    a package that was accepted goes on by itself.
    """
    with connected(invocation) as client, open_package(package) as local:
        view = _hand_in(client, local)
        if wait is not None:
            view = _last(_follow(client, view, seconds=wait))
        decision = client.find(f"/v1/packages/{view['id']}/decision") if wait is not None else None
    _tell(invocation, view, decision, waited=wait is not None)
    return _exit_of(view) if wait is not None else Exit.DONE


def with_id(manifest: Manifest) -> Manifest:
    """Give a manifest its id here, so that handing it in twice is handing it in once."""
    if manifest.id is not None:
        return manifest
    made = new_package_id(unix_ms=time.time_ns() // 1_000_000, random=os.urandom(10))
    return manifest.model_copy(update={"id": str(made)})


def manifest_text(manifest: Manifest) -> bytes:
    """Write a manifest as the API reads it."""
    return manifest.model_dump_json(by_alias=True, exclude_unset=True).encode()


def _hand_in(client: Client, local: LocalPackage) -> dict[str, Any]:
    view = client.post("/v1/packages", manifest_text(with_id(local.manifest)))
    for expected in view["expected"]:
        number = expected["number"]
        view = client.put_document(view["id"], number, local.files[number].chunks)
    return view


def _follow(client: Client, view: dict[str, Any], *, seconds: float) -> Iterator[dict[str, Any]]:
    """Look again and again, until the package has ended or the time is up."""
    yield view
    end, pause = time.monotonic() + seconds, 0.02
    while view["state"] in _UNDER_WAY and (left := end - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
        view = client.get(f"/v1/packages/{view['id']}")
        yield view


def _last(views: Iterator[dict[str, Any]]) -> dict[str, Any]:
    *_, last = views
    return last


def _exit_of(view: dict[str, Any]) -> Exit:
    if view["state"] == "done" and any(each["state"] in _UNDELIVERED for each in view["recipients"]):
        return Exit.REFUSED
    return exit_of_outcome(view["state"])


def _tell(invocation: Invocation, view: dict[str, Any], decision: dict[str, Any] | None, *, waited: bool) -> None:
    unfinished = waited and view["state"] in _UNDER_WAY
    if invocation.as_json:
        print_json(package_object("submit", view, decision) | ({"timedOut": True} if unfinished else {}))
        return
    console = console_for(sys.stdout)
    show_package(console, view, language=invocation.language)
    if decision is not None:
        show_decision(console, decision, language=invocation.language)
    if unfinished:
        nl = "Aangenomen, maar nog niet verzonden binnen de tijd. Het gaat vanzelf verder; volg het met: sluis show"
        en = "Accepted, but not sent within the time. It goes on by itself; follow it with: sluis show"
        console.print(f"{in_language(nl, en, language=invocation.language)} {view['id']}")
