"""How a command ends, as a number for scripts."""

from enum import IntEnum

from gateway.package.errors import Code


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    HELD = 3
    NOT_VERIFIED = 4
    UNREACHABLE = 5


_BY_CODE = {
    Code.SERVICE_UNREACHABLE.value: Exit.UNREACHABLE,
    Code.SITE_MISSING.value: Exit.USAGE,
    Code.CHECKPOINT_UNREADABLE.value: Exit.USAGE,
    Code.PAYLOAD_CORRUPT.value: Exit.NOT_VERIFIED,
    Code.AUDIT_CHANGED.value: Exit.NOT_VERIFIED,
    Code.CHECKPOINT_INVALID.value: Exit.NOT_VERIFIED,
}
_BY_OUTCOME = {
    "cleared": Exit.DONE,
    "done": Exit.DONE,
    "held": Exit.HELD,
}


def exit_of_problem(code: str) -> Exit:
    """Give the exit code of a problem."""
    return _BY_CODE.get(code, Exit.REFUSED)


def exit_of_outcome(outcome: str) -> Exit:
    """Give the exit code of a decision's outcome or a package's final state."""
    return _BY_OUTCOME.get(outcome, Exit.REFUSED)
