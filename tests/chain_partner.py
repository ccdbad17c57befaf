"""A chain partner for tests: the reference receiver of `deploy/`, in a process of its own, and a courier to it."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.deliver.chain import ChainCourier, ChainPeer, ChainSettings
from gateway.deliver.chain_log import TransactionLog
from gateway.deliver.chain_trust import ChainFiles, ChainTrust
from gateway.package.oin import Oin
from tests.chain_pki import OWN, PARTNER, Authority, Identity, now

RECEIVER = Path(__file__).parents[1] / "deploy" / "chain-receiver" / "receiver.py"
HOST = "127.0.0.1"


@dataclass
class Partner:
    """Both sides' identities and files; `port` of the receiver while it runs."""

    folder: Path
    authority: Authority = field(default_factory=Authority)
    port: int = 0

    def __post_init__(self) -> None:
        self.own, self.partner = self.authority.issue(OWN), self.authority.issue(PARTNER)
        self.root, self.crls = self.authority.write(self.folder)
        self.own_certificate, self.own_key = self.own.write(self.folder, "own")
        self.store = self.folder / "store"

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/sluis/v1"

    @property
    def transactions(self) -> Path:
        return self.folder / "fsc-transactions.jsonl"

    @contextmanager
    def running(self, *, opens: bool = False, identity: Identity | None = None, port: int = 0) -> Iterator["Partner"]:
        """Run the receiver; `opens` says whether it decrypts and verifies what comes in."""
        certificate, key = (identity or self.partner).write(self.folder, "partner")
        files = {"certificate": certificate, "key": key, "root": self.root, "crls": self.crls, "store": self.store}
        command = [sys.executable, str(RECEIVER), "--listen", f"{HOST}:{port}", "--oin", PARTNER, "--sender", OWN]
        for name, path in files.items():
            command += [f"--{name}", str(path)]
        if opens:
            command += ["--decryption-key", str(key), "--sender-certificate", str(self.own_certificate)]
        with (
            (self.folder / "receiver.log").open("wb") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as process,
        ):
            try:
                assert process.stdout is not None
                line = process.stdout.readline().decode()
                assert line.startswith("listening on "), (self.folder / "receiver.log").read_text()
                self.port = int(line.rpartition(":")[2])
                yield self
            finally:
                process.terminate()
                process.wait(30)

    def arrived(self) -> list[bytes]:
        """Give what the receiver took: only what it says of itself that it has."""
        return [path.with_suffix(".jose").read_bytes() for path in sorted((self.store / OWN).glob("*.json"))]

    def courier(
        self, *, url: str = "", timeout_seconds: float = 30, own: tuple[Path, Path] | None = None
    ) -> ChainCourier:
        certificate, key = own or (self.own_certificate, self.own_key)
        files = ChainFiles(certificate=certificate, key=key, root=self.root, lists=self.crls)
        peers = {Oin(PARTNER): ChainPeer(url=url or self.url, service_name="sluis-deliveries", grant_hash="$1$4$x")}
        return ChainCourier(
            settings=ChainSettings(own_oin=Oin(OWN), peers=peers, connect_seconds=5, timeout_seconds=timeout_seconds),
            trust=ChainTrust(files=files, own_oin=Oin(OWN), now=now),
            log=TransactionLog(self.transactions),
            now=now,
            random=secrets.token_bytes,
        )
