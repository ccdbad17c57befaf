import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def as_somebody(tmp_path: Path) -> Callable[[Callable[[], None]], None]:
    """Run something as an ordinary user, for whom permissions count; tests may run as root."""

    def run(work: Callable[[], None]) -> None:
        if os.geteuid() != 0:
            work()
            return
        for path in (*tmp_path.parents, tmp_path):
            if path.stat().st_uid == 0 and path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(path.stat().st_mode | 0o011)
        for path in (tmp_path, *tmp_path.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)
        os.seteuid(65534)
        try:
            work()
        finally:
            os.seteuid(0)

    return run
