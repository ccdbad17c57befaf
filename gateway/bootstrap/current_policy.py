"""The policy set by which the service decides, and what becomes of a change in its files.

Rules:
1. A set that lints becomes the current one: its copy is durable first, then `policy-loaded` with its digest, then it
   is used. Nothing is ever decided by a set that was not announced.
2. A set with a fault is not used, not even in part: the last good one stays, and `problem` says where the first fault
   stands. It is logged once for each change, not at each look.
3. A change is taken when two looks in a row see the same files, so that one that is still being copied is left alone.
4. Only its status is asked of a file that has not changed. What stands in it is read once for each change.
"""

import asyncio
import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.layout import SiteLayout
from gateway.package.errors import Code, SluisError
from gateway.policy.policy_copies import PolicyCopies
from gateway.policy.policy_files import PolicyFiles, compile_files, is_policy_file, read_policy_files
from gateway.policy.policy_set import PolicySet

_log = structlog.get_logger()
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

Stamp = tuple[tuple[str, int, int, int, int], ...]


class _Recorder(Protocol):
    async def record(self, event: Event, /) -> str: ...


class CurrentPolicy:
    """Holds the current set of one site. Raises SluisError `policy-invalid` when there is none to begin with."""

    def __init__(self, site: SiteLayout, *, audit: _Recorder) -> None:
        self._folders = (site.policies, site.recipients)
        self._copies = PolicyCopies(site.policy_copies)
        self._audit = audit
        self._taken = _stamp_of(*self._folders)
        self._seen = self._taken
        self._files = self._read()
        self._policy = compile_files(self._files).policy
        self._problem: tuple[str, str] | None = None

    def policy(self) -> PolicySet:
        """Give the current set."""
        return self._policy

    def digest(self) -> str:
        """Give the current set's digest."""
        return self._policy.digest

    def problem(self) -> tuple[str, str] | None:
        """Say why what lies on disk is not the current set, as (code, place); None when it is, or soon will be."""
        return self._problem

    async def announce(self) -> None:
        """Keep and announce the set that was read when the service was built.

        Raises SluisError `audit-unavailable`, `disk-full`, `spool-unavailable`.
        """
        await self._keep_and_announce(self._files, self._policy)

    async def look(self) -> None:
        """Look at the files, and take a change that is finished. What goes wrong becomes `problem`."""
        seen = await asyncio.to_thread(_stamp_of, *self._folders)
        finished, self._seen = seen == self._seen, seen
        if not finished or seen == self._taken:
            return
        try:
            await self._take(await asyncio.to_thread(self._read))
        except OSError:
            # A file that can not be read now: the set that is used stays, and the next look tries again.
            self._refuse(SluisError(Code.POLICY_INVALID, where="policies"))
            return
        except Exception as fault:  # noqa: BLE001 - whatever new rules come with, packages go on by the last good ones.
            error = fault if isinstance(fault, SluisError) else SluisError(Code.INTERNAL_ERROR)
            self._refuse(error)
            if error.code not in (Code.POLICY_INVALID, Code.INTERNAL_ERROR):
                # Nothing is wrong with the files, so they are tried again at the next look.
                return
        self._taken = seen

    async def _take(self, read: PolicyFiles) -> None:
        policy = (await asyncio.to_thread(compile_files, read)).policy
        if policy.digest != self._policy.digest:
            await self._keep_and_announce(read, policy)
            self._policy = policy
            _log.info("policy-loaded", policy_digest=policy.digest)
        self._problem = None

    async def _keep_and_announce(self, read: PolicyFiles, policy: PolicySet) -> None:
        try:
            await asyncio.to_thread(self._copies.keep, read)
        except OSError as error:
            code = Code.DISK_FULL if error.errno in _FULL else Code.SPOOL_UNAVAILABLE
            raise SluisError(code, where="spool/policies") from error
        await self._audit.record(Event(action=EventAction.POLICY_LOADED, policy_digest=policy.digest))

    def _refuse(self, error: SluisError) -> None:
        problem = (error.code.value, error.where or "policies")
        if problem != self._problem or error.code is Code.POLICY_INVALID:
            _log.error("policy-not-loaded", code=error.code.value, count=max(len(error.faults), 1))
        self._problem = problem

    def _read(self) -> PolicyFiles:
        policies, recipients = self._folders
        return read_policy_files(policies, recipients=recipients)


def _stamp_of(*folders: Path) -> Stamp:
    """Say what the file system tells of the files without reading them."""
    return tuple(stamp for folder in folders for stamp in sorted(_stamps(folder)))


def _stamps(folder: Path) -> Iterator[tuple[str, int, int, int, int]]:
    # A folder or file that goes away between two looks at it: the next look sees what came of that.
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if is_policy_file(entry.name):
                yield _stamp(entry)


def _stamp(entry: os.DirEntry[str]) -> tuple[str, int, int, int, int]:
    try:
        status = entry.stat()
    except OSError:
        return entry.name, 0, 0, 0, 0
    return entry.name, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
