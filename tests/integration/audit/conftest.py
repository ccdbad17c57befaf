import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.audit.log_files import AuditLogFiles
from tests.integration.audit.signing import SIGNER

Opener = Callable[..., AuditLogFiles]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.broken = False
        self.now = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        if self.broken:
            raise RuntimeError("a broken clock")
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def open_log(folder: Path, clock: Clock) -> Iterator[Opener]:
    """Open logs on one folder; each is closed at the end."""
    opened: list[AuditLogFiles] = []

    def opener(*, retry_seconds: float = 0.0) -> AuditLogFiles:
        log = AuditLogFiles(
            directory=folder,
            signer=SIGNER,
            clock=clock,
            random=os.urandom,
            version="0.1.0",
            host="gateway-1",
            retry_seconds=retry_seconds,
        )
        opened.append(log)
        log.open()
        return log

    yield opener
    for log in opened:
        log.close()
