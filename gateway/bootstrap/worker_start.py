"""Where a foreman's process begins: first it ties its life to the service's, and only then it loads everything else.

Loading, where it was not forked, takes a while. A service that is killed meanwhile would leave behind a process that
holds the spool's lock.
"""

import ctypes
import gc
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent dies; it may have died before it could be asked for that."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # At once: whoever forked this process would tell an exit as a fault, and there is nobody left to tell.
        os._exit(1)


def be_foreman(root: str, *, descriptor: int, service: int) -> None:
    """Be the foreman of a site's folder, with orders over this descriptor, as long as the service's process lives."""
    die_with(service)
    # Ctrl-C goes to the whole group, and a supervisor may ask all processes to end; it is the service that decides what
    # is still finished.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # What is loaded now stays; a worker begins to look for waste when it begins to work.
    gc.disable()
    from gateway.bootstrap.worker import lead  # noqa: PLC0415 - loaded only when its life is tied to the service's.

    lead(root, descriptor=descriptor)


def main() -> None:
    """Be the foreman of the site named on the command line: its folder, a descriptor, the service's process id."""
    root, descriptor, service = sys.argv[1:]
    be_foreman(root, descriptor=int(descriptor), service=int(service))


if __name__ == "__main__":
    main()
