"""The audit log on disk: many callers, one writer at a time, one flush for all who wait.

Rules, in order:
1. `record` and `write` answer when the line has been flushed, never before: no record, no release.
2. Sequence, time and salt are given by whoever writes, under the lock, in the order in which the callers came.
   `record` waits in the log's own thread; `write` does the work in its caller's, such as the one that commits.
3. Each group that was flushed is added to the tree over all lines, and a checkpoint over it is signed, before
   anybody is answered (`tree_files`).
4. When a write or flush fails, everybody who waits is told so, and so is every later caller, until the file has been
   opened again, cut back to what was flushed, and that recovery is itself on disk. The same descriptor is never
   flushed twice. That is tried at most once per `retry_seconds`, when somebody calls.
5. The thread never dies: whatever goes wrong in a group is an answer to its callers.
6. Only whole files are ever deleted, from the beginning, after the log itself says so (`deletions`).
"""

import asyncio
import datetime as dt
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.audit.deletions import Deletions, Prefix
from gateway.audit.events import Event, EventAction
from gateway.audit.listening import Listener
from gateway.audit.notes import Note, NoteSigner
from gateway.audit.records import record_of
from gateway.audit.segments import Segments, Tail, first_index, last_leaves
from gateway.audit.tree import consistency_proof, leaf_hash
from gateway.audit.tree_files import TreeFiles
from gateway.package.errors import Code, SluisError
from gateway.package.ids import new_event_id

_GROUP = 512
_ID_BYTES = 16
_SALT_BYTES = 16


@dataclass(slots=True)
class _Call:
    """One event to write; None asks for a reopening only. `future` is whoever waits in an event loop."""

    event: Event | None
    future: asyncio.Future[str] | None
    digest: str = ""
    error: Exception | None = None


@dataclass(slots=True)
class _Group:
    """What is written and flushed at once."""

    lines: list[bytes] = field(default_factory=list)
    written: list[_Call] = field(default_factory=list)


class AuditLogFiles:
    """The log of one node: JSON lines in `directory`, one file per day (UTC).

    Args:
        directory: the folder of the lines; made when missing, its parent is not. Tree and checkpoints lie beside it.
        signer: the log's own key; its name is the log's origin.
        clock: gives the time, with its zone.
        random: gives that many random bytes.
        version: of Sluis, for the records.
        host: the machine's name, for the records.
        node: which of several nodes with a log of its own this is.
        retry_seconds: how long to wait between two tries to open a failing log again.
        listener: is told what was written.
    """

    def __init__(
        self,
        *,
        directory: Path,
        signer: NoteSigner,
        clock: Callable[[], dt.datetime],
        random: Callable[[int], bytes],
        version: str,
        host: str,
        node: str = "node-1",
        retry_seconds: float = 1.0,
        listener: Listener | None = None,
    ) -> None:
        self._segments = Segments(directory)
        self._tree = TreeFiles(
            folder=directory.parent, signer=signer, last_leaves=lambda count: last_leaves(directory, count)
        )
        self._directory = directory
        self._deletions = Deletions(directory.parent, segments=self._segments, tree=self._tree)
        self._clock = clock
        self._random = random
        self._named = {"version": version, "host": host, "node": node}
        self._retry_seconds = retry_seconds
        self._listener = listener
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._sequence = 0
        self._broken: Code | None = None
        self._tried_at = 0.0

    def open(self) -> None:
        """Find the end of the log, account for what had to be cut, and start the writing thread.

        Raises SluisError `audit-unavailable`, `site-in-use` when another process writes this log, or `audit-changed`
        when its lines are not those that it has signed for.
        """
        if self._thread is not None:
            raise RuntimeError("the audit log is open already")
        self._broken = None
        try:
            self._find_end()
        except SluisError:
            self._tree.close()
            self._segments.close()
            raise
        self._thread = threading.Thread(target=self._work, name="audit-writer", daemon=True)
        self._thread.start()

    async def record(self, event: Event, /) -> str:
        """Write one event; give its line's leaf digest in hexadecimal once it is on disk.

        Raises SluisError `audit-unavailable`; ValueError when the event carries what no event may carry.
        """
        return await self._call(event)

    def write(self, announcements: Sequence[tuple[Event, ...]], /) -> list[str | Exception]:
        """Write announcements of one or more events each, by one flush. Blocking; safe from any thread.

        Gives for each the digest of its last event, or the first error: SluisError `audit-unavailable`, or ValueError
        when an event carries what no event may carry.
        """
        if self._thread is None:
            return [SluisError(Code.AUDIT_UNAVAILABLE)] * len(announcements)
        groups = [[_Call(event, None) for event in events] for events in announcements]
        self._serve_all([call for group in groups for call in group])
        return [_answer_of(group) for group in groups]

    def check(self) -> None:
        """Tell whether the log takes events. Raises SluisError `audit-unavailable`, `audit-changed`."""
        if self._thread is None or self._broken:
            raise SluisError(self._broken or Code.AUDIT_UNAVAILABLE)

    def checkpoint(self) -> Note | None:
        """Give the last checkpoint, signed by the log; None as long as nothing was written."""
        return self._tree.latest

    def growth(self, old: int, size: int) -> list[bytes]:
        """Prove that the log of `size` lines begins with that of `old` lines. Raises SluisError `audit-unavailable`."""
        try:
            return consistency_proof(old, size, self._tree.hashes)
        except OSError as error:
            raise _unavailable(error) from error

    def keep_cosigned(self, note: Note) -> None:
        """Keep a checkpoint with what others signed under it. Blocking.

        Raises SluisError `audit-unavailable`; then the log is opened again, so that nothing follows half a checkpoint.
        """
        with self._writing:
            if self._broken:
                raise SluisError(self._broken)
            try:
                self._tree.keep(note)
            except OSError as error:
                raise self._give_up(error) from error

    def prefix(self, until: str) -> Prefix | None:
        """Give the lines of days before `until` (YYYY-MM-DD); None when there are none. Blocking.

        Raises SluisError `audit-unavailable`.
        """
        with self._writing:
            try:
                return self._deletions.prefix(self._directory, until=until)
            except OSError as error:
                raise _unavailable(error) from error

    def delete(self, event: Event, /) -> str:
        """Write the event that tells of a deletion, then delete the lines that it names; give the line's digest.

        Blocking. Raises SluisError `audit-unavailable`: then nothing was deleted, or the event is in the log and the
        next opening deletes the rest. ValueError when the event may not be written.
        """
        if event.lines is None:
            raise ValueError("an event of a deletion names its lines")
        with self._writing:
            if self._broken:
                raise SluisError(self._broken)
            at = self._clock()
            line = self._line(event, at, sequence=self._sequence)
            try:
                self._deletions.announce(line)
            except OSError as error:
                raise _unavailable(error) from error
            self._append([line], at)
            self._tell([event], at)
            try:
                self._deletions.settle(self._directory)
            except OSError as error:
                raise self._give_up(error) from error
            return leaf_hash(line).hex()

    async def reopen(self) -> None:
        """Open a failing log again, now; nothing happens to a working one. Raises SluisError `audit-unavailable`."""
        await self._call(None)

    def close(self) -> None:
        """Write what waits, and close the log."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._calls.put(None)
            thread.join()
            _answer_late_calls(self._calls)
        with self._writing:
            self._tree.close()
            self._segments.close()

    async def _call(self, event: Event | None) -> str:
        if self._thread is None:
            raise SluisError(Code.AUDIT_UNAVAILABLE)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._calls.put(_Call(event, future))
        # Who is cancelled does not undo its event: the line is written, only the answer is dropped.
        return await future

    def _find_end(self) -> None:
        try:
            tail = self._segments.open()
            torn = self._tree.open(size=tail.next_sequence, first=first_index(self._directory))
            removed = self._deletions.settle(self._directory)
            unsigned = self._tree.sign_rest()
        except BlockingIOError as error:
            raise SluisError(Code.SITE_IN_USE) from error
        except OSError as error:
            raise _unavailable(error) from error
        self._sequence = tail.next_sequence
        if tail.bytes_cut or tail.unreadable_lines or torn or removed or unsigned:
            self._write_recovery(tail, torn=torn, removed=removed, unsigned=unsigned)

    # ---- by one writer at a time -------------------------------------------------------------------------------

    def _work(self) -> None:
        ending = False
        while not ending:
            calls, ending = self._next_calls()
            self._serve_all(calls)
            _answer(calls)

    def _serve_all(self, calls: list[_Call]) -> None:
        with self._writing:
            try:
                self._serve(calls)
            except Exception as error:  # noqa: BLE001 - whatever went wrong is told to the callers; the thread lives.
                _fail(calls, error)

    def _next_calls(self) -> tuple[list[_Call], bool]:
        calls: list[_Call] = []
        while len(calls) < _GROUP:
            try:
                call = self._calls.get(block=not calls)
            except queue.Empty:
                break
            if call is None:
                return calls, True
            calls.append(call)
        return calls, False

    def _serve(self, calls: list[_Call]) -> None:
        if self._broken:
            self._recover(asked=any(call.event is None for call in calls))
        at = self._clock()
        group = _Group()
        for call in calls:
            if call.event is not None:
                self._add(group, call, call.event, at)
        if group.lines:
            self._append(group.lines, at)
            self._tell([call.event for call in group.written if call.event is not None], at)

    def _add(self, group: _Group, call: _Call, event: Event, at: dt.datetime) -> None:
        try:
            line = self._line(event, at, sequence=self._sequence + len(group.lines))
        except ValueError as error:
            call.error = error
            return
        call.digest = leaf_hash(line).hex()
        group.lines.append(line)
        group.written.append(call)

    def _line(self, event: Event, at: dt.datetime, *, sequence: int) -> bytes:
        drawn = self._random(_ID_BYTES + _SALT_BYTES)
        event_id = event.id or new_event_id(drawn[:_ID_BYTES])
        return record_of(event, sequence=sequence, at=at, event_id=event_id, salt=drawn[_ID_BYTES:], **self._named)

    def _append(self, lines: list[bytes], at: dt.datetime) -> None:
        """Write and flush. Raises SluisError `audit-unavailable`; from then on the log is broken."""
        try:
            self._segments.append(lines, day=at.astimezone(dt.UTC).date().isoformat())
            # From here on they are in the log, also when the tree can not take them: it is made from them again.
            self._sequence += len(lines)
            self._tree.grow(lines)
        except OSError as error:
            raise self._give_up(error) from error

    def _tell(self, events: Iterable[Event], at: dt.datetime) -> None:
        if self._listener is not None:
            for event in events:
                self._listener.wrote(event, at)

    def _give_up(self, error: OSError) -> SluisError:
        """From now on the log is broken, until it was opened again."""
        if self._listener is not None:
            self._listener.failed()
        self._broken = Code.AUDIT_UNAVAILABLE
        self._tried_at = time.monotonic()
        return _unavailable(error)

    def _recover(self, *, asked: bool) -> None:
        """Open again when asked to or when it is time. Raises SluisError `audit-unavailable`, `audit-changed`."""
        if not asked and time.monotonic() - self._tried_at < self._retry_seconds:
            raise SluisError(self._broken or Code.AUDIT_UNAVAILABLE)
        self._tried_at = time.monotonic()
        try:
            cut = self._segments.reopen()
            torn = self._tree.open(size=self._sequence, first=first_index(self._directory))
            removed = self._deletions.settle(self._directory)
            unsigned = self._tree.sign_rest()
        except OSError as error:
            self._broken = Code.AUDIT_UNAVAILABLE
            raise _unavailable(error) from error
        except SluisError as error:
            self._broken = error.code
            raise
        self._write_recovery(Tail(self._sequence, bytes_cut=cut), torn=torn, removed=removed, unsigned=unsigned)
        self._broken = None

    def _write_recovery(self, tail: Tail, *, torn: int, removed: int, unsigned: int) -> None:
        counts = [("bytes_cut", tail.bytes_cut), ("unreadable_lines", tail.unreadable_lines)]
        if torn:
            counts.append(("checkpoint_bytes_cut", torn))
        if removed:
            counts.append(("files_removed", removed))
        if unsigned:
            counts.append(("unsigned_lines", unsigned))
        at = self._clock()
        event = Event(action=EventAction.AUDIT_LOG_RECOVERED, counts=tuple(counts))
        self._append([self._line(event, at, sequence=self._sequence)], at)
        self._tell([event], at)


def _unavailable(error: OSError) -> SluisError:
    return SluisError(Code.AUDIT_UNAVAILABLE, detail={"errno": error.errno or 0})


def _answer_of(calls: Sequence[_Call]) -> str | Exception:
    return next((call.error for call in calls if call.error is not None), calls[-1].digest)


def _fail(calls: Iterable[_Call], error: Exception) -> None:
    for call in calls:
        call.error = call.error or error


def _answer_late_calls(calls: queue.SimpleQueue[_Call | None]) -> None:
    """Tell those who called while the log was being closed that nothing was written."""
    late = [call for _ in range(calls.qsize()) if (call := calls.get()) is not None]
    _fail(late, SluisError(Code.AUDIT_UNAVAILABLE))
    _answer(late)


def _answer(calls: Iterable[_Call]) -> None:
    """Wake the callers, each in its own loop; a loop that is gone has nobody left to wake."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Call]] = defaultdict(list)
    for call in calls:
        if call.future is not None:
            by_loop[call.future.get_loop()].append(call)
    for loop, waiting in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, waiting)
        except RuntimeError:
            if not loop.is_closed():
                raise


def _resolve(calls: list[_Call]) -> None:
    for call in calls:
        if call.future is None or call.future.done():
            continue
        if call.error is not None:
            call.future.set_exception(call.error)
        else:
            call.future.set_result(call.digest)
