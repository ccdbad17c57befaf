"""How fast a package is acknowledged, which is: on disk. Against bare SQLite with the same promise."""

import statistics
from pathlib import Path

from rich.table import Table

from tests.benchmarks import commits
from tests.benchmarks.measures import Result, median_ratio
from tests.benchmarks.sluis_side import RunningSite

_CLIENTS = (1, 16)


def measure(folder: Path, running: RunningSite, *, packages: int, rounds: int) -> Table:
    """Let bare commits and acknowledgements take turns, and show their ratios."""
    bare: list[Result] = []
    ours: dict[int, list[Result]] = {clients: [] for clients in _CLIENTS}
    for turn in range(rounds):
        bare.append(commits.run(folder / f"commits-{turn}", commits=packages))
        for clients, results in ours.items():
            results.append(running.acknowledge(packages=packages, clients=clients))
    shown = Table(title=f"Acknowledged durably, {packages} of 1 KB in a round")
    for heading in ("who", "a second", "x bare SQLite"):
        shown.add_column(heading, justify="left" if heading == "who" else "right")
    rows = {"bare SQLite, WAL, synchronous=FULL, one row a commit": bare}
    rows |= {f"Sluis API, {clients} client{'s' * (clients > 1)}": results for clients, results in ours.items()}
    for name, results in rows.items():
        rate = statistics.median(each.rate for each in results)
        shown.add_row(name, f"{rate:.0f}", median_ratio([each.rate for each in results], [each.rate for each in bare]))
    return shown
