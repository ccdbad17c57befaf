"""Rotates the signing key of a site in a process of its own, which kills itself at one step.

Each call of what changes a disk or a keyring is two steps, before it and after it.
"""

import asyncio
import datetime as dt
import os
import signal
from collections.abc import Callable
from typing import Any

from gateway.audit.events import Event
from gateway.bootstrap import key_rotation, rotation_journal
from gateway.bootstrap.build_work import build_openpgp
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from tests.integration.bootstrap.test_four_eyes import BEHEER


class Steps:
    """Counts steps, and kills this process at one of them."""

    def __init__(self, fatal: int) -> None:
        self.count, self._fatal = 0, fatal

    def step(self) -> None:
        self.count += 1
        if self.count == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any, **named: Any) -> Any:
            self.step()
            result = call(*arguments, **named)
            self.step()
            return result

        return stepped


class Journal:
    """An audit log whose events are steps too."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def record(self, _event: Event, /) -> str:
        self._steps.step()
        return ""


def rotate(site: SiteLayout, what: str, *, fatal: int = 0) -> int | None:
    """Rotate in a process; give how many steps it took, None when it was killed at the one of this number."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            os.write(writing, str(_rotated(site, what, Steps(fatal))).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        said = told.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
    return int(said) if said else None


def _rotated(site: SiteLayout, what: str, steps: Steps) -> int:
    """Rotate; to finish, the clock is a year ahead."""
    for module, names in (
        (key_rotation, ("create_signing_key", "destroy_secret", "write_durably")),
        (rotation_journal, ("destroy_secret", "write_durably", "flush_folder")),
    ):
        for name in names:
            setattr(module, name, steps.around(getattr(module, name)))
    ahead = dt.timedelta(days=365 if what == "finish" else 0)
    settings = read_site_settings(site.settings)
    rotation = key_rotation.KeyRotation(
        site,
        settings,
        sealer=build_openpgp(site, settings),
        audit=Journal(steps),
        now=lambda: dt.datetime.now(dt.UTC) + ahead,
    )
    doing = rotation.start(None, person=BEHEER) if what == "start" else rotation.finish(person=BEHEER)
    asyncio.run(doing)
    return steps.count
