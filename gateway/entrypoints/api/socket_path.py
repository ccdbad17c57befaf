"""Where the API's socket is, and how to name it when its path is longer than the kernel allows (unix(7): 107 bytes)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def socket_of_site(site: Path) -> Path:
    """Give the place of a site's socket."""
    return site / "run" / "api.sock"


@contextmanager
def short_path(path: Path) -> Iterator[str]:
    """Name a socket by its open folder, so that no path is too long; the name holds as long as the context.

    Raises OSError when the folder is not there.
    """
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
