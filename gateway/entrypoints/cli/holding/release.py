"""`sluis holds release ID`: lets a held package go, as a second person."""

from gateway.entrypoints.cli.console.invocation import Invocation, console_command
from gateway.entrypoints.cli.holding.reviewing import review_options, send_review
from gateway.package.reviews import ReviewVerdict


@console_command("release")
@review_options
def release(invocation: Invocation, package: str, reason: str, text: str, ground: str) -> int:
    """Release the held package with this ID: it goes the whole way again. Exit 0: your decision is on the disk.

    What holds it has to be for a person to settle, and you may not have handed it in. Follow it with: sluis show ID.
    """
    return send_review(invocation, ReviewVerdict.RELEASE, package=package, reason=reason, text=text, ground=ground)
