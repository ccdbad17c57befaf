"""`make bench`: ratios, measured in one run on this machine. Everything is on loopback and ends by itself.

Ratios hold from machine to machine, absolute figures do not. Each figure is the median of interleaved rounds. Which
Python it was is told first: a service is installed with Debian's own, which is built with profiles and takes a fifth
less processor time than one that was compiled without (`make PYTHON=/usr/bin/python3 bench`).
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from tests.benchmarks import accepting, auditing, containers, deciding, dropping, sending, sluis_side
from tests.benchmarks.keys import make_keys
from tests.benchmarks.mail_sink import mail_sink

_SIZES = (1024, 102_400)
_GIB = 1024**3
_REST_SECONDS = 3.0


def main() -> None:
    """Run every benchmark and print its table."""
    options = _options()
    console = Console(width=120)
    console.print(f"{platform.python_implementation()} {platform.python_version()}, {os.path.realpath(sys.executable)}")
    console.print(deciding.measure(packages=options.messages, rounds=options.rounds))
    console.print(containers.measure(size=options.drop_mib << 20, rounds=options.rounds))
    # A short path: the socket of a gpg-agent may not be longer than 107 bytes.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sb") as name:
        folder = Path(name)
        folder.chmod(0o711)
        _spread(folder)
        console.print(auditing.measure(folder / "audit", events=options.messages * 16, rounds=options.rounds))
        _race_senders(folder, console, rounds=options.rounds, messages=options.messages)
        table, memory = dropping.measure(folder / "drop", size=options.drop_mib << 20, rounds=options.rounds)
        console.print(table)
        console.print(memory)
        _measure_service(folder, console, rounds=options.rounds, packages=options.messages * 10)


def _spread(folder: Path) -> None:
    """Ask ext4 to keep what lies below apart, each folder in a place of its own, as the folders of many users are.

    On an ext4 without a journal the place of every new file is otherwise looked for among all files that were deleted
    near it in the last minutes: each round would be slower than the one before. Other file systems need no such flag.
    """
    subprocess.run(["/usr/bin/chattr", "+T", folder], stderr=subprocess.DEVNULL, check=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds of each race (default 5)")
    parser.add_argument("--messages", type=int, default=120, help="messages a round (default 120)")
    parser.add_argument("--drop-mib", type=int, default=2048, help="size of the dropped files in MiB (default 2048)")
    return parser.parse_args()


def _race_senders(folder: Path, console: Console, *, rounds: int, messages: int) -> None:
    inner = {size: _specimen(folder, size) for size in _SIZES}
    with (
        make_keys(folder / "g") as keys,
        mail_sink(folder / "sink") as sink,
        sluis_side.service(folder / "site", sink) as with_gpg,
        sluis_side.service(folder / "fast", sink, engine="sequoia") as with_sequoia,
    ):
        sending.check_peers(folder, keys)
        ours = sending.sluis(with_gpg, engine="gpg") | sending.sluis(with_sequoia, engine="Sequoia")
        sides = ours | sending.peers(keys, inner.__getitem__)
        for size in _SIZES:
            race = sending.race(folder, sides, sink=sink, size=size, messages=messages, rounds=rounds)
            console.print(sending.table(race))


def _specimen(folder: Path, size: int) -> bytes:
    with mail_sink(folder / f"specimen{size}", keep=True) as sink:
        return sluis_side.specimen(folder / f"s{size}", sink, size=size)


def _measure_service(folder: Path, console: Console, *, rounds: int, packages: int) -> None:
    """Acknowledgements and memory, on a site of their own."""
    with mail_sink(folder / "sink2") as sink, sluis_side.service(folder / "site2", sink) as running:
        console.print(accepting.measure(folder, running, packages=packages, rounds=rounds))
    with mail_sink(folder / "sink3") as sink, sluis_side.service(folder / "site3", sink) as running:
        for doing, rest_seconds in (("at work", 0.0), ("at rest", _REST_SECONDS)):
            place = folder / f"large-{rest_seconds:.0f}"
            before, after = running.memory_at_drop(place, sink=sink, size=_GIB, rest_seconds=rest_seconds)
            console.print(
                f"Memory of the service and its workers, {doing}: {before:.0f} MiB before, "
                f"at most {after:.0f} MiB at a 1 GiB drop"
            )


if __name__ == "__main__":
    main()
