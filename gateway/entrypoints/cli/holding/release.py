"""`sluis holds release ID`: lets a held package go, as a second person."""

from typing import IO, Any

import click
import orjson

from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.holding.reviewing import review_options, send_review
from gateway.package.errors import Code, SluisError
from gateway.package.reviews import LIST_EXPECTED, ReviewVerdict


@console_command("release")
@review_options
@click.option(
    "--edits",
    type=click.File("rb"),
    metavar="FILE",
    help="What you change in the documents, as JSON: the list 'edits' of the API.",
)
def release(invocation: Invocation, package: str, edits: IO[bytes] | None, **given: str) -> int:
    """Release the held package with this ID: it goes the whole way again. Exit 0: your decision is on the disk.

    What holds it has to be for a person to settle, and you may not have handed it in. Follow it with: sluis show ID.
    """
    changes = _read(edits) if edits is not None else []
    return send_review(invocation, ReviewVerdict.RELEASE, package=package, edits=changes, **given)


def _read(edits: IO[bytes]) -> list[Any]:
    try:
        found = orjson.loads(edits.read())
    except orjson.JSONDecodeError:
        raise SluisError(Code.REQUEST_INVALID, where="edits", faults=(("edits", "JSON in UTF-8"),)) from None
    if not isinstance(found, list):
        raise SluisError(Code.REQUEST_INVALID, where="edits", faults=(("edits", LIST_EXPECTED),))
    return found
