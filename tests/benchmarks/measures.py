"""What a run came to, and the processor time of processes that are not our children."""

import os
import resource
import statistics
from collections.abc import Sequence
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
    """Give the processor seconds of another process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def peak_memory_mib(pid: int) -> float:
    """Give the largest resident size that a process has had, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    """Give the median of the ratios within each round, with the smallest and the largest."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
