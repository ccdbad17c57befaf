"""A logbook for tests: a receiver in a process of its own, which can be killed, and what it was told."""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import trustme

from tests.preloaded import Started, preloaded
from tests.scenarios.world import until

SECRET = "Bearer geheim-van-het-logboek"
DEFAULT = "https://register.example/activiteiten/1/versions/1"
GUARDIANSHIP = "https://register.example/activiteiten/7/versions/3"


@dataclass(kw_only=True)
class LogbookServer:
    """One logbook; what it took stays in its folder, whatever becomes of its process."""

    folder: Path
    port: int = 0
    process: Started | None = field(default=None)

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/v1/traces"

    def prepare(self) -> Self:
        """Make its certificate, and reserve its port by starting it once."""
        self.folder.mkdir(exist_ok=True)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(self.folder / "server.pem")
        return self

    def behave(self, kind: str, **how: Any) -> None:
        part = self.folder / "behaviour.new"
        part.write_text(json.dumps({"as": kind, **how}))
        part.rename(self.folder / "behaviour.json")

    def start(self) -> None:
        (self.folder / "port").unlink(missing_ok=True)
        with Path(os.devnull).open("rb") as nothing:
            self.process = preloaded("tests.logbook_receiver").start(
                self.folder, str(self.port), stdin=nothing.fileno(), stdout=1, stderr=2
            )
        until((self.folder / "port").exists)
        self.port = int((self.folder / "port").read_text())

    def kill(self) -> None:
        """End it as a failing machine does; nothing is left to clean up."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def settings(self, site: Path, **more: Any) -> dict[str, Any]:
        """Give the settings of a site for it; the files that they name are put there."""
        (site / "logbook-ca.pem").write_bytes(self.ca_file.read_bytes())
        secret = site / "logbook-secret"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        return {
            "url": self.url,
            "caFile": "logbook-ca.pem",
            "secretFile": "logbook-secret",
            "defaultActivity": DEFAULT,
            "activities": {"guardianship": GUARDIANSHIP},
            "lookSeconds": 0.05,
            "timeoutSeconds": 5,
            **more,
        }

    def took(self) -> list[dict[str, Any]]:
        """Give every span that it kept, as often as it came, in order."""
        path = self.folder / "spans.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def spans(self) -> dict[str, dict[str, Any]]:
        """Give the spans by their ids, as a logbook that knows them by these keeps them; all of one id are the same."""
        found: dict[str, dict[str, Any]] = {}
        for each in self.took():
            assert each == found.setdefault(each["span"], each)
        return found

    def bodies(self) -> list[bytes]:
        """Give every body that came, also what was not kept."""
        return [path.read_bytes() for path in sorted((self.folder / "bodies").iterdir())]
