"""Deliver one parcel again and again, each time killed one system call later; prints how many folders were used.

`python crash_drop.py ROOT`: the folders are ROOT/c1, ROOT/c2, …; the last one saw no kill.
"""

import itertools
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.deliver.drop import DropCourier
from tests.unit.deliver.parcels import SealedBytes, drop_parcel

CALLS = ("open", "fchmod", "write", "fsync", "link", "unlink", "close")
CONTENT = b"0123456789abcdef" * 8192
_KILLED = 9


def _counting(call: Callable[..., Any], countdown: list[int]) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        countdown[0] -= 1
        if countdown[0] == 0:
            os._exit(_KILLED)
        return call(*arguments, **options)

    return counted


def _deliver(root: Path, number: int) -> None:
    countdown = [number]
    for name in CALLS:
        setattr(os, name, _counting(getattr(os, name), countdown))
    parcel = drop_parcel(address=f"c{number}", sealed=SealedBytes(CONTENT, chunk=50_000))
    DropCourier(root=root)._deliver(parcel, threading.Event())
    os._exit(0)


def main() -> None:
    root = Path(sys.argv[1])
    for number in itertools.count(1):
        (root / f"c{number}").mkdir()
        child = os.fork()
        if child == 0:
            _deliver(root, number)
        if os.waitpid(child, 0)[1] == 0:
            sys.stdout.write(str(number))
            return


if __name__ == "__main__":
    main()
