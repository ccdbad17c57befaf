"""Sluis itself: a sample site with its service in a process of its own, fed through the outbox or the API.

A package holds a few fields, of which some are stripped, and one document of the wanted size, of a kind that holds
nobody else: what the search for people costs is told by `make redaction-report`, and no peer does it. From the first
byte at the door to the SMTP reply it is accepted durably, decided, minimised, searched for residue, sealed, announced
and accounted for; the peers do none of that.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from gateway.bootstrap.key_exports import export_signing_keys
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.entrypoints.demo.stage import running_service
from gateway.seal.keyring import stop_agent
from tests.benchmarks import payloads
from tests.benchmarks.api_client import SocketConnection, in_parallel, submit
from tests.benchmarks.mail_sink import HOST, MailSink
from tests.benchmarks.measures import Result, memory_mib, process_seconds

Door = Literal["outbox", "api"]
Engine = Literal["gnupg", "sequoia"]
RECIPIENT = "gemeente-voorbeeld"
_API_CLIENTS = 4
_LIMIT_SECONDS = 300.0
_START_SECONDS = 20.0
_MIB = 1024 * 1024
_MANIFEST: dict[str, Any] = {
    "format": "sluis-package/1",
    "recipients": [RECIPIENT],
    "purpose": "public-order",
    "sender": {"organisation": "DT&V", "name": "M. de Vries"},
    "subject": {"vNumber": "0991234501", "name": "Amina Yusuf", "dateOfBirth": "1990-05-01"},
    "data": {
        "name": "Amina Yusuf",
        "vNumber": "0991234501",
        "dateOfBirth": "1990-05-01",
        "address": "Voorbeeldweg 12",
        "town": "Voorbeeldstad",
        "telephone": "0612345678",
        "departureStrategy": "vertrek via Brussel in december",
    },
    "documents": [{"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}],
}


@dataclass(frozen=True, kw_only=True)
class RunningSite:
    """A running service on its site."""

    site: SiteLayout
    pid: int

    def run(self, folder: Path, *, sink: MailSink, packages: int, size: int, door: Door) -> Result:
        """Send so many packages whose document has `size` bytes of text, and wait until all are accounted for."""
        hand_in = self._by_outbox(folder, packages, size) if door == "outbox" else self._by_api(packages, size)
        counted, before, cpu = sink.count(), self.states(), self._seconds()
        begin = time.perf_counter()
        hand_in()
        sink.await_count(
            counted + packages, limit_seconds=_LIMIT_SECONDS, still_goes=lambda: self.require_going(before)
        )
        wall = time.perf_counter() - begin
        self.await_state("done", before.get("done", 0) + packages)
        return Result(wall_seconds=wall, cpu_seconds=self._seconds() - cpu, sent=packages)

    def acknowledge(self, *, packages: int, clients: int) -> Result:
        """Hand in so many manifests whose document never comes: acknowledged durably, and no other work behind it."""
        manifest = json.dumps(_MANIFEST).encode()
        jobs = [lambda connection: submit(connection, manifest, None)] * packages
        cpu, begin = self._seconds(), time.perf_counter()
        in_parallel(self.site.socket, jobs, clients=clients)
        return Result(wall_seconds=time.perf_counter() - begin, cpu_seconds=self._seconds() - cpu, sent=packages)

    def memory_at_drop(
        self, folder: Path, *, sink: MailSink, size: int, rest_seconds: float = 0.0
    ) -> tuple[float, float]:
        """Drop one document of `size` bytes; give the service's memory in MiB before, and the most that it came to.

        Small packages go first, so that the service is at work with all its workers, or rests after them.
        """
        self.run(folder / "first", sink=sink, packages=8, size=1024, door="outbox")
        time.sleep(rest_seconds)
        before, held = memory_mib(self.pid), self.states().get("held", 0)
        entry = _write_entry(folder, 0)
        block = payloads.text(_MIB)
        with (entry / "brief.txt").open("wb") as document:
            for _ in range(size // _MIB):
                document.write(block)
        entry.rename(self.site.root / "outbox" / "1-Verzenden" / entry.name)
        most = before
        while self.states().get("held", 0) == held:
            most = max(most, memory_mib(self.pid))
            time.sleep(0.02)
        return before, max(most, memory_mib(self.pid))

    def states(self) -> dict[str, int]:
        """Give how many packages are in each state."""
        connection = SocketConnection(self.site.socket)
        packages: dict[str, int] = connection.ask("GET", "/health/ready")["packages"]
        connection.close()
        return packages

    def require_going(self, before: Mapping[str, int]) -> None:
        """Raise RuntimeError once more packages than before are held or refused: their mail never comes."""
        states = self.states()
        if any(states.get(each, 0) > before.get(each, 0) for each in ("held", "refused")):
            raise RuntimeError(f"a package of the benchmark was not sent: {states}")

    def await_answer(self) -> None:
        """Wait until the API answers: its socket is there a moment before somebody listens."""
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.states()
            except ConnectionError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
            else:
                return

    def await_state(self, state: str, expected: int) -> None:
        """Wait until so many packages are in a state; raise TimeoutError when they do not get there."""
        end = time.monotonic() + _LIMIT_SECONDS
        while self.states().get(state, 0) < expected:
            if time.monotonic() > end:
                raise TimeoutError(f"not {expected} packages {state}: {self.states()}")
            time.sleep(0.05)

    def _by_outbox(self, folder: Path, packages: int, size: int) -> Callable[[], None]:
        entries = [_write_entry(folder, number) for number in range(packages)]
        for entry in entries:
            (entry / "brief.txt").write_bytes(payloads.text(size))
        sending = self.site.root / "outbox" / "1-Verzenden"

        def hand_in() -> None:
            for entry in entries:
                entry.rename(sending / entry.name)

        return hand_in

    def _by_api(self, packages: int, size: int) -> Callable[[], None]:
        made = [(json.dumps(_manifest(number)).encode(), payloads.text(size)) for number in range(packages)]
        jobs = [lambda connection, each=each: submit(connection, *each) for each in made]
        return lambda: in_parallel(self.site.socket, jobs, clients=_API_CLIENTS)

    def _seconds(self) -> float:
        """Give the processor seconds of the service, of every gpg that it ran, and of its gpg-agent."""
        agent = ["gpg-connect-agent", "--homedir", str(self.site.gnupg), "getinfo pid", "/bye"]
        answer = subprocess.run(agent, capture_output=True, check=True, timeout=30).stdout
        return process_seconds(self.pid) + process_seconds(int(answer.split()[1]))


@contextmanager
def service(root: Path, sink: MailSink, *, engine: Engine = "gnupg") -> Iterator[RunningSite]:
    """Make a sample site whose mail goes to the sink, and run its service with one of the two OpenPGP engines."""
    wishes = SiteWishes(sample=True, smtp=(HOST, sink.port), smtp_ca=sink.ca)
    site = create_site(root, wishes)
    _letters_hold_nobody_else(site)
    if engine == "sequoia":
        text = site.settings.read_text(encoding="utf-8")
        site.settings.write_text(text.replace("seal:\n", "seal:\n  engine: sequoia\n", 1), encoding="utf-8")
        export_signing_keys(site)
    try:
        with running_service(site) as process:
            running = RunningSite(site=site, pid=process.pid)
            running.await_answer()
            yield running
    finally:
        for home in (site.gnupg, *site.sample.glob("*/gnupg")):
            stop_agent(home)


def _letters_hold_nobody_else(site: SiteLayout) -> None:
    kinds, letter = site.policies / "documents.yaml", "  - id: letter\n"
    before, _, after = kinds.read_text(encoding="utf-8").partition(letter)
    after = after.replace("    mayHold: [third-parties]\n", "", 1)
    kinds.write_text(before + letter + after, encoding="utf-8")


def specimen(root: Path, sink: MailSink, *, size: int) -> bytes:
    """Send one package to a sink that keeps its mail, and give what the recipient finds inside the encryption."""
    with service(root, sink) as running:
        running.run(root.with_name(f"{root.name}-work"), sink=sink, packages=1, size=size, door="outbox")
        (mail,) = list(sink.kept.iterdir())
        armor = b"-----BEGIN PGP" + mail.read_bytes().split(b"-----BEGIN PGP", 1)[1]
        home = running.site.sample / RECIPIENT / "gnupg"
        command = ["gpg", "--homedir", str(home), "--batch", "--trust-model", "always", "--decrypt"]
        return subprocess.run(command, input=armor, capture_output=True, check=True, timeout=60).stdout


def _manifest(number: int) -> dict[str, Any]:
    """Give a manifest about a person of its own: packages about one person are decided one after another."""
    own = {"vNumber": f"{number:010}"}
    return {**_MANIFEST, "subject": _MANIFEST["subject"] | own, "data": _MANIFEST["data"] | own}


def _write_entry(folder: Path, number: int) -> Path:
    """Write a package folder without its document; the marker lets it be taken as soon as it is renamed into place."""
    entry = folder / f"pakket-{number}"
    entry.mkdir(parents=True)
    (entry / "package.json").write_text(json.dumps(_manifest(number)), encoding="utf-8")
    (entry / "verzenden.klaar").touch()
    return entry
