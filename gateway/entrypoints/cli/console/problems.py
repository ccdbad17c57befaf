"""Errors on the command line: problem details as JSON on standard output, or a few plain lines on standard error."""

import sys
from functools import partial
from typing import Any

import orjson

from gateway.bootstrap.translations import translated
from gateway.entrypoints.api.problem_details import problem_body
from gateway.entrypoints.api.settings import PROBLEM_BASE_URL
from gateway.entrypoints.cli.console.printing import console_for, printable
from gateway.package.errors import SluisError
from gateway.package.places import said_place
from gateway.package.states import Language


class ApiProblem(Exception):  # noqa: N818 - it carries the service's problem, under the name that RFC 9457 gives it
    """A problem that the service answered with."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(body["code"])
        self.body = body


def local_problem(error: SluisError, *, language: Language) -> dict[str, Any]:
    """Give a problem that was found here, before the service was asked."""
    return problem_body(error, translate=translated, language=language, base_url=PROBLEM_BASE_URL)


def print_problem(body: dict[str, Any], *, as_json: bool, language: Language) -> None:
    """Print a problem: what happened, where, and what to do now."""
    if as_json:
        sys.stdout.write(orjson.dumps(body).decode() + "\n")
        return
    console = console_for(sys.stderr)
    console.print(printable(body["detail"]), style="bold red")
    for fault in body["errors"]:
        where = said_place(fault["where"], say=partial(translated, language=language))
        console.print(printable(f"  {where}: {fault['expected']}"))
    console.print(printable(body["remedy"]))
    console.print(printable(f"[{body['code']}]"), style="dim")
