"""Held documents that were shown, kept for a little while; each is searched once, however many ask for it.

Rules:
1. What is shown stays in memory, never on disk, for ten minutes and a few documents: pages of one document are asked
   for one after another, and searching a scan takes a minute. A timer lets go of it, and so does the end of its hold.
2. Whoever asks for what is searched already waits for that search. There is one search at a time, so that packages
   always have a worker left to go on with.
3. No more than some searches and requests wait. Who comes then is told to try again, and takes nobody's place.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple, TypeVar

from gateway.package.document_view import DocumentView
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, PersonId

_KEPT_SECONDS: Final = 600.0
_MOST_KEPT: Final = 4
_MOST_BYTES: Final = 64 * 1024 * 1024
_MOST_SEARCHES: Final = 8
_MOST_WAITING: Final = 64
_T = TypeVar("_T")
Find = Callable[[], Awaitable[DocumentView]]


class Key(NamedTuple):
    """What was asked for, and by which rules; an empty recipient is the first to whom the document may go."""

    package: PackageId
    number: int
    recipient: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A document that was shown, and who looked at it by the log: the caller puts in whom it tells of, in its turn.

    `first`: its recipient is the one that it is shown for when nobody is named.
    """

    view: DocumentView = field(repr=False)
    first: bool
    told: set[PersonId] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)


@dataclass(eq=False, slots=True)
class _Search:
    """One search, waiting or under way; `ended`: its hold has ended meanwhile, and nothing may be shown any more."""

    key: Key
    task: "asyncio.Task[Shown]"
    ended: bool = False


class ShownDocuments:
    """Keeps what was shown, and searches what was not; satisfies the three rules. In one event loop."""

    def __init__(self, *, kept_seconds: float = _KEPT_SECONDS) -> None:
        self._kept_seconds = kept_seconds
        self._kept: OrderedDict[Key, Shown] = OrderedDict()
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._searches: dict[Key, _Search] = {}
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def get(self, key: Key, find: Find) -> Shown:
        """Give what is asked for, found by `find` unless it is known or searched already.

        Raises SluisError `service-busy` when too much waits, `state-conflict` when its hold ends meanwhile, and what
        `find` raises.
        """
        known = self.known(key)
        if known is not None:
            return known
        search = self._searches.get(key)
        if self._waiting >= _MOST_WAITING or (search is None and len(self._searches) >= _MOST_SEARCHES):
            raise SluisError(Code.SERVICE_BUSY)
        if search is None:
            search = self._begin(key, find)
        self._waiting += 1
        try:
            shown = await asyncio.shield(search.task)
        finally:
            self._waiting -= 1
        if search.ended:
            raise SluisError(Code.STATE_CONFLICT)
        return shown

    def known(self, key: Key) -> Shown | None:
        """Give what is asked for if it is kept."""
        for known, shown in self._kept.items():
            if known == key or (shown.first and not key.recipient and known._replace(recipient="") == key):
                self._kept.move_to_end(known)
                return shown
        return None

    async def in_turn(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do another search in turn with these; nothing of it is kept. Raises SluisError `service-busy`."""
        if self._waiting >= _MOST_WAITING:
            raise SluisError(Code.SERVICE_BUSY)
        self._waiting += 1
        try:
            async with self._turn:
                return await work()
        finally:
            self._waiting -= 1

    def of(self, package: PackageId, number: int) -> Iterator[DocumentView]:
        """Give every view of a document that is kept."""
        return (shown.view for key, shown in self._kept.items() if (key.package, key.number) == (package, number))

    def forget(self, package: PackageId) -> None:
        """Let go of what was shown of a package whose hold has ended, and show nothing that is still searched."""
        for key in [key for key in self._searches if key.package == package]:
            self._searches.pop(key).ended = True
        for key in [key for key in self._kept if key.package == package]:
            self._drop(key)

    def _begin(self, key: Key, find: Find) -> _Search:
        task = asyncio.create_task(self._found(key, find))
        search = self._searches[key] = _Search(key=key, task=task)
        # Those who wait for it may be cancelled, all of them: its error is then nobody's.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return search

    async def _found(self, key: Key, find: Find) -> Shown:
        search = self._searches[key]
        try:
            async with self._turn:
                if search.ended:
                    raise SluisError(Code.STATE_CONFLICT)
                view = await find()
            shown = Shown(view=view, first=not key.recipient)
            if not search.ended:
                shown = self._keep(key._replace(recipient=view.recipient), shown)
            return shown
        finally:
            if not search.ended:
                del self._searches[key]

    def _keep(self, key: Key, shown: Shown) -> Shown:
        earlier = self._kept.get(key)
        if earlier is not None:
            # Asked for by its id before, and now without: who looked at it is known.
            shown = replace(earlier, first=earlier.first or shown.first)
        else:
            self._timers[key] = asyncio.get_running_loop().call_later(self._kept_seconds, self._drop, key)
        self._kept[key] = shown
        self._kept.move_to_end(key)
        while len(self._kept) > 1 and (
            len(self._kept) > _MOST_KEPT or sum(each.view.size for each in self._kept.values()) > _MOST_BYTES
        ):
            self._drop(next(iter(self._kept)))
        return shown

    def _drop(self, key: Key) -> None:
        del self._kept[key]
        self._timers.pop(key).cancel()
