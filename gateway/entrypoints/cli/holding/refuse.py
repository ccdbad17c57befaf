"""`sluis holds refuse ID`: refuses a held package, as a second person."""

from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.holding.reviewing import review_options, send_review
from gateway.package.reviews import ReviewVerdict


@console_command("refuse")
@review_options
def refuse(invocation: Invocation, package: str, reason: str, text: str, ground: str) -> int:
    """Refuse the held package with this ID: nothing of it goes, and its sender gets a slip. Exit 0: refused."""
    return send_review(invocation, ReviewVerdict.REFUSE, package=package, reason=reason, text=text, ground=ground)
