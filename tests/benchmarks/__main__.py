"""`make bench`: ratios, measured in one run on this machine. Everything is on loopback and ends by itself.

Ratios hold from machine to machine, absolute figures do not. Each figure is the median of interleaved rounds.
"""

import argparse
import tempfile
from pathlib import Path

from rich.console import Console

from tests.benchmarks import sending
from tests.benchmarks.keys import make_keys
from tests.benchmarks.mail_sink import mail_sink


def main() -> None:
    """Run every benchmark and print its table."""
    options = _options()
    console = Console(width=120)
    # A short path: the socket of a gpg-agent may not be longer than 107 bytes.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sb") as name:
        folder = Path(name)
        folder.chmod(0o711)
        _race_senders(folder, console, rounds=options.rounds, messages=options.messages)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds of each race (default 5)")
    parser.add_argument("--messages", type=int, default=100, help="messages a round (default 100)")
    return parser.parse_args()


def _race_senders(folder: Path, console: Console, *, rounds: int, messages: int) -> None:
    with make_keys(folder / "g") as keys, mail_sink(folder / "sink") as sink:
        sending.check_peers(folder, keys)
        sides = sending.peers(keys)
        for size in (1024, 102_400):
            race = sending.race(folder, sides, sink=sink, size=size, messages=messages, rounds=rounds)
            console.print(sending.table(race))


if __name__ == "__main__":
    main()
