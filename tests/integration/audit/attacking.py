"""Logs to attack, whole ones and ones whose oldest day was deleted, and what an attacker does to single records."""

import datetime as dt
import os
from pathlib import Path

from hypothesis import strategies as st

from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.audit.notes import NoteSigner
from gateway.audit.reading import lines_of
from gateway.package.ids import PersonId
from tests.integration.audit.signing import SIGNER, WITNESS

GROUPS = (1, 3, 1, 8, 2, 1)
SIZE = sum(GROUPS)
FIRST_DAY = sum(GROUPS[:4])
KEYS = [SIGNER.public(), WITNESS.public()]
NOW = dt.datetime(2026, 11, 26, 9, 30, tzinfo=dt.UTC)
SECOND_DAY = "2026-11-27"
POLICY = "bewaarbeleid-2026/3.1"


def opened(folder: Path, *, signer: NoteSigner = SIGNER, first_day: bool = True, days: int = 1) -> AuditLogFiles:
    """Open a log; after so many groups as fit into the first day its clock stands `days` later."""
    moments = iter([NOW] * (4 if first_day else 0))
    log = AuditLogFiles(
        directory=folder / "log",
        signer=signer,
        clock=lambda: next(moments, NOW + dt.timedelta(days=days)),
        random=os.urandom,
        version="0.1.0",
        host="gateway-1",
    )
    log.open()
    return log


def written(folder: Path, *, signer: NoteSigner = SIGNER, first: int = 0) -> Path:
    """Write a log in groups of several sizes, over two days; give its folder."""
    folder.mkdir()
    (folder / "vkeys").write_text("".join(f"{key.as_text()}\n" for key in KEYS), encoding="utf-8")
    log = opened(folder, signer=signer)
    for group in GROUPS:
        answers = log.write(
            [(Event(action=EventAction.PACKAGE_SEALED, attempt=first + each),) for each in range(group)]
        )
        assert all(isinstance(each, str) for each in answers)
    log.close()
    return folder


def deletion_event(lines: tuple[int, int], root: bytes) -> Event:
    """Say that two people had lines deleted."""
    return Event(
        action=EventAction.AUDIT_SEGMENT_DELETED,
        lines=lines,
        root=root.hex(),
        retention_policy=POLICY,
        proposer=PersonId("a-voorbeeld"),
        person=PersonId("b-voorbeeld"),
    )


def pruned(folder: Path) -> Path:
    """Delete the first day of a log that was written here."""
    log = opened(folder, first_day=False)
    prefix = log.prefix(SECOND_DAY)
    assert prefix is not None
    log.delete(deletion_event((prefix.first, prefix.end), prefix.root))
    log.close()
    return folder


def lines_in(folder: Path) -> list[bytes]:
    """Give the lines that are there."""
    return [line for _, _, line in lines_of(folder / "log")]


def put(folder: Path, lines: list[bytes]) -> None:
    """Write these lines in place of all others, as one who knows how the files are made."""
    for path in (folder / "log").iterdir():
        path.unlink()
    (folder / "log" / "2026-11-26.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))


def flipped(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    """Change one bit or more of one byte; a line stays a line."""
    at = data.draw(st.integers(0, len(lines) - 1))
    place = data.draw(st.integers(0, len(lines[at]) - 1))
    changed = bytearray(lines[at])
    changed[place] ^= data.draw(st.integers(1, 255).filter(lambda each: changed[place] ^ each != ord("\n")))
    return [*lines[:at], bytes(changed), *lines[at + 1 :]]


def removed(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    """Take one line out."""
    at = data.draw(st.integers(0, len(lines) - 1))
    return [*lines[:at], *lines[at + 1 :]]


def inserted(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    """Put a copy of a line somewhere."""
    at, copied = data.draw(st.integers(0, len(lines))), data.draw(st.integers(0, len(lines) - 1))
    return [*lines[:at], lines[copied], *lines[at:]]


def reordered(lines: list[bytes], data: st.DataObject) -> list[bytes]:
    """Let two lines change places."""
    one = data.draw(st.integers(0, len(lines) - 2))
    other = data.draw(st.integers(one + 1, len(lines) - 1))
    changed = [*lines]
    changed[one], changed[other] = changed[other], changed[one]
    return changed
