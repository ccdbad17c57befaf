"""The folders in which rules and register lie, and what the file system tells of them without reading."""

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gateway.bootstrap.durable_files import write_durably
from gateway.bootstrap.layout import SiteLayout
from gateway.policy.policy_files import PolicyFiles, is_policy_file, read_policy_files

Stamp = tuple[tuple[str, int, int, int, int], ...]


class PolicyFolders:
    """The two folders of one site."""

    def __init__(self, site: SiteLayout) -> None:
        self._policies, self._recipients = site.policies, site.recipients

    def write_entry(self, name: str, content: bytes) -> None:
        """Put an entry of the register, by its name in a set, in the place of the one that is there. Raises OSError."""
        write_durably(self._recipients / Path(name).name, content)

    def read(self) -> PolicyFiles:
        """Read what lies there. Raises OSError for a file that goes away meanwhile."""
        return read_policy_files(self._policies, recipients=self._recipients)

    def stamp(self) -> Stamp:
        """Say what the file system tells of the files: two that are equal mean that nothing has changed."""
        return tuple(stamp for folder in self._both() for stamp in sorted(_stamps(folder)))

    def changed_at(self) -> dt.datetime:
        """Tell when a file was last written, added or taken away, by the file system's own clock."""
        moments = [stamp[-1] for stamp in self.stamp()]
        with suppress(OSError):
            moments += [folder.stat().st_mtime_ns for folder in self._both()]
        return dt.datetime.fromtimestamp(max(moments, default=0) // 10**9, dt.UTC)

    def _both(self) -> tuple[Path, Path]:
        return self._policies, self._recipients


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
