"""The race of the senders: the same messages, the same receiver, one after another in every round."""

import itertools
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from tests.benchmarks import bare_peer, kuvert_peer, payloads
from tests.benchmarks.keys import Keys
from tests.benchmarks.mail_sink import MailSink, mail_sink
from tests.benchmarks.measures import Result, median_ratio
from tests.benchmarks.sluis_side import RunningSite

BARE = "bare python-gnupg + aiosmtplib loop"
KUVERT = "kuvert -o (plain SMTP)"
KUVERT_STARTTLS = "kuvert -o (STARTTLS)"
SLUIS_OUTBOX = "Sluis with {engine}, from the outbox"
SLUIS_API = "Sluis with {engine}, from the API"

_WARM_UP = 12

Side = Callable[[Path, MailSink, int, int], Result]
"""Sends so many messages of a size in bytes to a sink, in a folder of its own."""

Inner = Callable[[int], bytes]
"""Gives what is encrypted in one message of that size."""


@dataclass(frozen=True, kw_only=True)
class Race:
    """What one size came to: for each side its results, round by round."""

    size: int
    messages: int
    results: Mapping[str, list[Result]]


def peers(keys: Keys, inner: Inner) -> dict[str, Side]:
    """Give the peers; the bare loop encrypts what Sluis encrypted for that size, kuvert a usual mail.

    Over STARTTLS kuvert waits most of the time (see `kuvert_peer`), so it gets fewer messages there.
    """

    def bare(folder: Path, sink: MailSink, messages: int, size: int) -> Result:
        return bare_peer.run(folder, keys=keys, sink=sink, inner=inner(size), messages=messages)

    def kuvert(folder: Path, sink: MailSink, messages: int, size: int, *, starttls: bool = False) -> Result:
        entity = payloads.mail_entity(size)
        return kuvert_peer.run(folder, keys=keys, sink=sink, inner=entity, messages=messages, starttls=starttls)

    def kuvert_starttls(folder: Path, sink: MailSink, messages: int, size: int) -> Result:
        return kuvert(folder, sink, max(1, messages // 2), size, starttls=True)

    return {BARE: bare, KUVERT: kuvert, KUVERT_STARTTLS: kuvert_starttls}


def sluis(running: RunningSite, *, engine: str) -> dict[str, Side]:
    """Give Sluis by its two doors, under the name of its OpenPGP engine."""

    def outbox(folder: Path, sink: MailSink, messages: int, size: int) -> Result:
        return running.run(folder, sink=sink, packages=messages, size=size, door="outbox")

    def api(folder: Path, sink: MailSink, messages: int, size: int) -> Result:
        return running.run(folder, sink=sink, packages=messages, size=size, door="api")

    return {SLUIS_OUTBOX.format(engine=engine): outbox, SLUIS_API.format(engine=engine): api}


def check_peers(folder: Path, keys: Keys) -> None:
    """Open one message of each peer as its recipient would: a peer that sends less work is no peer."""
    for number, side in enumerate(peers(keys, payloads.mail_entity).values()):
        with mail_sink(folder / f"check{number}", keep=True) as sink:
            side(folder / f"check{number}-work", sink, 1, 1024)
            (mail,) = list(sink.kept.iterdir())
            armor = b"-----BEGIN PGP" + mail.read_bytes().split(b"-----BEGIN PGP", 1)[1]
            opened = keys.run("gpg", "--batch", "--status-fd", "1", "--decrypt", stdin=armor)
        if b"[GNUPG:] GOODSIG" not in opened or len(opened) < 1024:
            raise RuntimeError(f"what {mail} holds is not the signed and encrypted message")


def race(folder: Path, sides: Mapping[str, Side], *, sink: MailSink, size: int, messages: int, rounds: int) -> Race:
    """Let every side run in every round, each round starting with another side.

    Before that each runs once unmeasured, on a few messages: a service is not judged by its first second.
    """
    results: dict[str, list[Result]] = {name: [] for name in sides}
    names = list(sides)
    for place, side in enumerate(sides.values()):
        side(folder / f"{size}-first-{place}", sink, _WARM_UP, size)
    for turn in range(rounds):
        shifted = itertools.islice(itertools.cycle(names), turn % len(names), turn % len(names) + len(names))
        for place, name in enumerate(shifted):
            work = folder / f"{size}-{turn}-{place}"
            results[name].append(sides[name](work, sink, messages, size))
    return Race(size=size, messages=messages, results=results)


def table(race: Race) -> Table:
    """Show a race as ratios; every ratio says how many times better the row is, median (smallest-largest)."""
    shown = Table(title=f"{race.messages} messages of {race.size:,} bytes, end to end, to the SMTP reply")
    for heading in ("sender", "msg/s", "CPU ms", "x bare, wall", "x kuvert plain, wall", "x kuvert STARTTLS, CPU"):
        shown.add_column(heading, justify="left" if heading == "sender" else "right")
    bare, kuvert, starttls = (race.results[name] for name in (BARE, KUVERT, KUVERT_STARTTLS))
    for name, results in race.results.items():
        shown.add_row(
            name,
            f"{statistics.median(each.rate for each in results):.1f}",
            f"{statistics.median(each.cpu_ms for each in results):.1f}",
            median_ratio([each.rate for each in results], [each.rate for each in bare]),
            median_ratio([each.rate for each in results], [each.rate for each in kuvert]),
            median_ratio([each.cpu_ms for each in starttls], [each.cpu_ms for each in results]),
        )
    return shown
