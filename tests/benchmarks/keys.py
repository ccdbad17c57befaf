"""Keys for the peers: an Ed25519 signer and a recipient with a Curve25519 encryption subkey, in a home of their own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.measures import process_seconds

RECIPIENT_ADDRESS = "casus@ontvanger.example"
SENDER_ADDRESS = "sluis@afzender.example"


@dataclass(frozen=True, kw_only=True)
class Keys:
    """A GnuPG home with both secret keys, so that what was sent can be opened to check it."""

    home: Path
    signer: str
    recipient: str

    def agent_seconds(self) -> float:
        """Give the processor seconds of this home's gpg-agent."""
        answer = self.run("gpg-connect-agent", "getinfo pid", "/bye")
        return process_seconds(int(answer.split()[1]))

    def run(self, program: str, *arguments: str, stdin: bytes = b"") -> bytes:
        """Run a GnuPG program on this home."""
        command = [program, "--homedir", str(self.home), *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=True, timeout=60).stdout


@contextmanager
def make_keys(home: Path) -> Iterator[Keys]:
    """Make both keys; the agent is ended afterwards."""
    home.mkdir(mode=0o700)
    keys = Keys(home=home, signer="", recipient="")
    try:
        fingerprints = [_make_key(keys, address) for address in (SENDER_ADDRESS, RECIPIENT_ADDRESS)]
        yield Keys(home=home, signer=fingerprints[0], recipient=fingerprints[1])
    finally:
        keys.run("gpgconf", "--kill", "all")


def _make_key(keys: Keys, address: str) -> str:
    quick = ("--batch", "--passphrase", "", "--trust-model", "always")
    keys.run("gpg", *quick, "--quick-generate-key", f"Bench <{address}>", "ed25519", "sign", "never")
    listing = keys.run("gpg", "--batch", "--with-colons", "--list-keys", f"<{address}>").decode()
    fingerprint = next(line for line in listing.splitlines() if line.startswith("fpr:")).split(":")[9]
    keys.run("gpg", *quick, "--quick-add-key", fingerprint, "cv25519", "encr", "never")
    return fingerprint
