"""What releasing and refusing share: the options, and the one request that is never sent twice."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
import orjson

from gateway.entrypoints.cli.console.client import connected
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation
from gateway.entrypoints.cli.console.package_ids import package_id_of
from gateway.entrypoints.cli.console.package_report import package_object, show_package
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json
from gateway.package.reviews import ReviewReason, ReviewVerdict


def review_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every review is asked for."""
    reasons = click.Choice([each.value for each in ReviewReason])
    for option in (
        click.option("--ground", default="", help="The law that permits it: 'AVG 9(2)(c); UAVG 30'."),
        click.option("--text", default="", help="In your own words; kept encrypted, never in a log."),
        click.option("--reason", required=True, type=reasons, help="Why, as a code; it stands in the audit log."),
        click.argument("package", metavar="ID"),
    ):
        function = option(function)
    return function


def send_review(
    invocation: Invocation,
    verdict: ReviewVerdict,
    *,
    package: str,
    reason: str,
    text: str,
    ground: str,
    edits: Sequence[Any] = (),
) -> int:
    """Send a review and tell where the package is now."""
    body = {"verdict": verdict.value, "reasonCode": reason, "text": text, "ground": ground, "edits": list(edits)}
    with connected(invocation) as client:
        view = client.post_once(f"/v1/packages/{package_id_of(client, package)}/reviews", orjson.dumps(body))
    if invocation.as_json:
        print_json(package_object(f"holds-{verdict.value}", view, None))
        return Exit.DONE
    console, language = console_for(sys.stdout), invocation.language
    if verdict is ReviewVerdict.RELEASE:
        # Of what becomes of it nothing is known yet: what was decided before still stands in the row.
        nl = "Vrijgegeven. Het pakket gaat nu de hele weg opnieuw. Volg het met: sluis show"
        en = "Released. The package now goes the whole way again. Follow it with: sluis show"
        console.print(f"{in_language(nl, en, language=language)} {view['id']}")
    else:
        show_package(console, view, language=language)
    return Exit.DONE
