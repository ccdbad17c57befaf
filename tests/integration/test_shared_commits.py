"""Who shares a commit of the spool: those who wait together, never somebody alone, and what nobody waits for."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.audit.events import Event, EventAction
from gateway.spool.writer import WriterThread

TOLD = (Event(action=EventAction.PACKAGE_RECEIVED),)


class Journal:
    def write(self, announcements: Sequence[tuple[Event, ...]], /) -> list[str | Exception]:
        return ["digest" for _ in announcements]


@dataclass
class Spool:
    thread: WriterThread
    kept: asyncio.Event = field(default_factory=asyncio.Event)
    statements: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def commits(self) -> int:
        return self.statements.count("COMMIT")


@pytest.fixture
async def spool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Spool]:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "spool.sqlite", isolation_level=None)
        connection.execute("CREATE TABLE done (what TEXT)")
        connection.set_trace_callback(heard)
        return connection

    def heard(statement: str) -> None:
        made.statements.append(statement)
        if statement == "COMMIT":
            loop.call_soon_threadsafe(made.kept.set)

    loop = asyncio.get_running_loop()
    made = Spool(WriterThread(connect, journal=Journal()))
    monkeypatch.setattr("gateway.spool.writer.time.sleep", made.pauses.append)
    made.thread.start()
    yield made
    made.thread.stop()


def noted(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO done VALUES ('note')")


def changed(connection: sqlite3.Connection, *, event: str) -> str:
    connection.execute("INSERT INTO done VALUES ('change')")
    return event


def counted(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM done").fetchone()
    return int(count)


async def test_a_caller_who_is_alone_does_not_wait_for_company(spool: Spool) -> None:
    for _ in range(5):
        await spool.thread.change(changed, TOLD)

    assert [] == spool.pauses
    assert 5 == spool.commits()


async def test_after_several_came_at_once_a_group_waits_a_moment_for_more(spool: Spool) -> None:
    await asyncio.gather(*(spool.thread.change(changed, TOLD) for _ in range(20)))
    at_once = spool.commits()
    await spool.thread.change(changed, TOLD)

    assert at_once < 20
    assert spool.pauses


async def test_when_no_more_company_comes_nobody_waits_for_it_any_longer(spool: Spool) -> None:
    await asyncio.gather(*(spool.thread.change(changed, TOLD) for _ in range(20)))
    for _ in range(30):
        await spool.thread.change(changed, TOLD)
    waited = len(spool.pauses)
    await spool.thread.change(changed, TOLD)

    assert waited == len(spool.pauses)


async def test_who_only_reads_does_not_wait_for_company(spool: Spool) -> None:
    await asyncio.gather(*(spool.thread.change(changed, TOLD) for _ in range(20)))
    waited = len(spool.pauses)
    await spool.thread.run(counted)

    assert waited == len(spool.pauses)


async def test_what_nobody_waits_for_goes_with_the_next_change(spool: Spool) -> None:
    spool.thread.note(noted)
    await spool.thread.change(changed, TOLD)

    assert 1 == spool.commits()
    assert 2 == await spool.thread.run(counted)


async def test_what_nobody_waits_for_is_kept_when_nothing_else_comes(spool: Spool) -> None:
    spool.thread.note(noted)
    await spool.kept.wait()

    assert 1 == spool.commits()


async def test_what_nobody_waits_for_is_kept_at_the_end(spool: Spool) -> None:
    spool.thread.note(noted)
    spool.thread.stop()

    assert 1 == spool.commits()
