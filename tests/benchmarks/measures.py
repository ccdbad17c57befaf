"""What a run came to, and the processor time of processes that are not our children."""

import os
import resource
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Result:
    """One side in one round: wall and processor seconds for `sent` messages, as counted at the sink."""

    wall_seconds: float
    cpu_seconds: float
    sent: int

    @property
    def rate(self) -> float:
        """Give messages per second."""
        return self.sent / self.wall_seconds

    @property
    def cpu_ms(self) -> float:
        """Give milliseconds of processor time a message."""
        return 1000 * self.cpu_seconds / self.sent


def own_seconds() -> float:
    """Give the processor seconds of this process and of every child that has ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def children_seconds() -> float:
    """Give the processor seconds of every child that has ended, with their own children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def process_seconds(pid: int) -> float:
    """Give the processor seconds of another process, of its workers, and of all their children that have ended."""
    return sum(_ticks(each) for each in _with_workers(pid)) / _TICKS


def memory_mib(pid: int) -> float:
    """Give what a process and its workers hold in memory now, in MiB; pages that they share are counted once (PSS)."""
    return sum(_share_kib(each) for each in _with_workers(pid)) / 1024


def _with_workers(pid: int) -> list[int]:
    """Give a process and its descendants that run the same program; a gpg that is being run is none of them."""
    program = Path(f"/proc/{pid}/exe").readlink()
    found = [pid]
    for each in found:
        children = Path(f"/proc/{each}/task/{each}/children").read_text(encoding="ascii").split()
        for child in map(int, children):
            with suppress(OSError):
                if Path(f"/proc/{child}/exe").readlink() == program:
                    found.append(child)
    return found


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15])


def _share_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        # A worker that ended since it was listed.
        return 0
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1])


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Give the median of the ratios within each round, with the smallest and the largest."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
