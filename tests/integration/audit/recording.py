"""Programs for child processes: one records under load until it is killed, one meets a full disk and gets over it.

`RELEASED` is an event as the service writes many, for whoever measures the log.
"""

import asyncio
import contextlib
import datetime as dt
import os
import sys
from pathlib import Path

from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.reading import read_events, verify_sequence
from gateway.package.errors import SluisError
from gateway.package.ids import PackageId, RecipientId
from gateway.package.states import Channel
from tests.integration.audit.signing import SIGNER

RELEASED = Event(
    action=EventAction.PACKAGE_RELEASED,
    package=PackageId("0190a0b0-0000-7000-8000-00000000beef"),
    recipient=RecipientId("gemeente-voorbeeld"),
    channel=Channel.SECURE_MAIL.value,
    purpose="public-order",
    digest="5" * 64,
    size=48_213,
    message_id="<0190a0b0-0000-7000-8000-00000000beef.1@sluis.example>",
    attempt=1,
)


def open_log(folder: Path) -> AuditLogFiles:
    """Open the log with the real clock; a failing one is tried again at every call."""
    log = AuditLogFiles(
        directory=folder,
        signer=SIGNER,
        clock=lambda: dt.datetime.now(dt.UTC),
        random=os.urandom,
        version="0.1.0",
        host="gateway-1",
        retry_seconds=0.0,
    )
    log.open()
    return log


async def record_until_killed(folder: Path) -> None:
    """Record from eight callers at once; print each digest when it was acknowledged."""
    log = open_log(folder)

    async def caller() -> None:
        while True:
            digest = await log.record(Event(action=EventAction.PACKAGE_SEALED))
            # One write of less than a page to a pipe is whole or absent.
            os.write(1, digest.encode() + b"\n")

    await asyncio.gather(*(caller() for _ in range(8)))


def say(*words: object) -> None:
    """Tell the test, one line at a time."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def fill(ballast: Path) -> None:
    """Take every page that is left."""
    with ballast.open("wb", buffering=0) as target, contextlib.suppress(OSError):
        while True:
            target.write(bytes(4096))


def tell_what_is_kept(folder: Path, *, acknowledged: int) -> None:
    """Compare the log with what was acknowledged."""
    actions = [each["event.action"] for each in read_events(folder)]
    say("kept", actions.count("package-sealed") == acknowledged, "recovered", actions.count("audit-log-recovered"))
    say("faults", len(list(verify_sequence(folder))))


async def meet_a_full_disk(folder: Path) -> None:
    """Fill the disk that the log lies on, record until and beyond the last byte, make room, and record again."""
    log = open_log(folder)
    event = Event(action=EventAction.PACKAGE_SEALED)
    ballast = folder.parent / "ballast"
    await log.record(event)
    acknowledged, refused = 1, 0
    fill(ballast)
    while refused < 3:
        try:
            await log.record(event)
            acknowledged += 1
        except SluisError as error:
            refused += 1
            say("refused", error.code.value, error.detail["errno"])
    ballast.unlink()
    await log.record(event)
    log.check()
    log.close()
    # Some went into the page that the file had already; the one that fitted only in part is what must be cut.
    say("before the end", acknowledged > 1)
    tell_what_is_kept(folder, acknowledged=acknowledged + 1)


if __name__ == "__main__":
    program = {"load": record_until_killed, "full-disk": meet_a_full_disk}[sys.argv[1]]
    asyncio.run(program(Path(sys.argv[2])))
