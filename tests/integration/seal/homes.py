"""Real GnuPG homes for tests: short paths, keys of every kind of trouble, and an end for every agent."""

import contextlib
import datetime as dt
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pysequoia import Tsk

from gateway.package.ids import Fingerprint
from gateway.seal.keyring import (
    create_home,
    create_recipient_key,
    create_signing_key,
    export_secret,
    import_all,
    stop_agent,
)
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.sequoia import LARGEST, SequoiaSealer, signing_key_of

PATIENCE_SECONDS = 20
LONG_AGO = "20200101T000000"
FAR_AHEAD = "20900101T000000"


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def in_2020() -> dt.datetime:
    """A moment at which the keys that have expired by now were fine."""
    return dt.datetime(2020, 6, 1, tzinfo=dt.UTC)


@contextlib.contextmanager
def new_home() -> Iterator[Path]:
    """Make a home whose socket path is short enough, and stop its agent at the end."""
    home = Path(tempfile.mkdtemp(dir="/tmp", prefix="s"))
    create_home(home)
    try:
        yield home
    finally:
        stop_agent(home)
        # The agent removes its sockets while it ends; one that is gone already is no failure of the test.
        shutil.rmtree(home, ignore_errors=True)


def run(home: Path, *arguments: str, stdin: bytes = b"", faked: str = "") -> bytes:
    """Run plain gpg, as a recipient or an administrator would; its failure fails the test."""
    clock = ("--faked-system-time", f"{faked}!") if faked else ()
    command = ["gpg", "--batch", "--yes", "--homedir", str(home), *clock, *arguments]
    result = subprocess.run(command, input=stdin, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return result.stdout


def quick_key(
    home: Path, name: str, algorithm: str, usage: str, expiry: str, *, faked: str = "", passphrase: str = ""
) -> Fingerprint:
    """Make a primary key with gpg itself."""
    before = set(fingerprints(home))
    loopback = ("--pinentry-mode", "loopback", "--passphrase", passphrase)
    run(home, *loopback, "--quick-gen-key", f"{name} <{name}@keys.example>", algorithm, usage, expiry, faked=faked)
    return (set(fingerprints(home)) - before).pop()


def quick_subkey(home: Path, primary: Fingerprint, expiry: str, *, usage: str = "encr", faked: str = "") -> None:
    algorithm = "cv25519" if usage == "encr" else "ed25519"
    loopback = ("--pinentry-mode", "loopback", "--passphrase", "")
    run(home, *loopback, "--quick-add-key", primary, algorithm, usage, expiry, faked=faked)


def fingerprints(home: Path) -> list[Fingerprint]:
    """List the primary keys of a home."""
    found: list[Fingerprint] = []
    kind = ""
    for line in run(home, "--list-keys", "--with-colons").decode().splitlines():
        record = line.split(":")
        kind = record[0] if record[0] in {"pub", "sub"} else kind
        if record[0] == "fpr" and kind == "pub":
            found.append(Fingerprint(record[9]))
    return found


def revoke(home: Path, fingerprint: Fingerprint) -> None:
    """Import the revocation certificate that gpg made with the key; a colon keeps it from being used by accident."""
    certificate = (home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_bytes()
    run(home, "--import", stdin=certificate.replace(b":-----BEGIN", b"-----BEGIN"))


def revoke_subkey(home: Path, fingerprint: Fingerprint) -> None:
    script = b"key 1\nrevkey\ny\n0\n\ny\nsave\n"
    run(home, "--command-fd", "0", "--edit-key", fingerprint, stdin=script)


def remove_secret(home: Path, fingerprint: Fingerprint) -> None:
    run(home, "--delete-secret-keys", fingerprint)


def public(home: Path, fingerprint: Fingerprint) -> bytes:
    return run(home, "--armor", "--export", fingerprint)


def _ok(home: Path) -> Fingerprint:
    return create_recipient_key(home, name="ok", email="ok@keys.example")


def _other(home: Path) -> Fingerprint:
    return create_recipient_key(home, name="other", email="other@keys.example")


def _rsa(home: Path) -> Fingerprint:
    return quick_key(home, "rsa", "rsa2048", "sign,encr", "2y")


def _expired(home: Path) -> Fingerprint:
    fingerprint = quick_key(home, "expired", "ed25519", "sign", "1y", faked=LONG_AGO)
    quick_subkey(home, fingerprint, "1y", faked=LONG_AGO)
    return fingerprint


def _expired_subkey(home: Path) -> Fingerprint:
    return _with_expired_subkey(home, "expired-subkey")


def _renewed_subkey(home: Path) -> Fingerprint:
    fingerprint = _with_expired_subkey(home, "renewed")
    quick_subkey(home, fingerprint, "1y")
    return fingerprint


def _with_expired_subkey(home: Path, name: str) -> Fingerprint:
    fingerprint = quick_key(home, name, "ed25519", "sign", "20y", faked=LONG_AGO)
    quick_subkey(home, fingerprint, "1y", faked=LONG_AGO)
    return fingerprint


def _revoked(home: Path) -> Fingerprint:
    fingerprint = create_recipient_key(home, name="revoked", email="revoked@keys.example")
    revoke(home, fingerprint)
    return fingerprint


def _revoked_subkey(home: Path) -> Fingerprint:
    fingerprint = create_recipient_key(home, name="revoked-subkey", email="revoked-subkey@keys.example")
    revoke_subkey(home, fingerprint)
    return fingerprint


def _no_subkey(home: Path) -> Fingerprint:
    return quick_key(home, "no-subkey", "ed25519", "sign", "2y")


def _from_the_future(home: Path) -> Fingerprint:
    fingerprint = quick_key(home, "future", "ed25519", "sign", "20y", faked=FAR_AHEAD)
    quick_subkey(home, fingerprint, "1y", faked=FAR_AHEAD)
    return fingerprint


def _rsa_1024(home: Path) -> Fingerprint:
    return quick_key(home, "rsa1024", "rsa1024", "sign,encr", "2y")


def _sha1(home: Path) -> Fingerprint:
    (home / "gpg.conf").write_text("cert-digest-algo SHA1\n", encoding="ascii")
    try:
        fingerprint = quick_key(home, "sha1", "rsa2048", "sign", "2y")
        quick_subkey(home, fingerprint, "1y")
    finally:
        (home / "gpg.conf").unlink()
    return fingerprint


def _sha1_subkey(home: Path) -> Fingerprint:
    fingerprint = quick_key(home, "sha1-subkey", "ed25519", "sign", "2y")
    (home / "gpg.conf").write_text("cert-digest-algo SHA1\n", encoding="ascii")
    try:
        quick_subkey(home, fingerprint, "1y")
    finally:
        (home / "gpg.conf").unlink()
    return fingerprint


KINDS: dict[str, Callable[[Path], Fingerprint]] = {
    "ok": _ok,
    "other": _other,
    "rsa": _rsa,
    "renewed": _renewed_subkey,
    "expired": _expired,
    "expired-subkey": _expired_subkey,
    "revoked": _revoked,
    "revoked-subkey": _revoked_subkey,
    "no-subkey": _no_subkey,
    "future": _from_the_future,
    "rsa-1024": _rsa_1024,
    "sha1": _sha1,
    "sha1-subkey": _sha1_subkey,
}
"""Every kind of recipient's key by name."""


class KeyHouse:
    """A gateway's home with its signing key and pinned keys, and one home that holds the recipients' secret keys."""

    def __init__(self, *, gateway: Path, recipients: Path, kinds: tuple[str, ...] = tuple(KINDS)) -> None:
        self.gateway = gateway
        self.recipients = recipients
        self.keys = {kind: KINDS[kind](recipients) for kind in kinds}
        self.signer = create_signing_key(gateway, name="Sluis", email="sluis@keys.example")
        # gpg does not import a key from the future today; a machine whose clock was wrong once may hold one.
        timely = {key: public(recipients, key) for kind, key in self.keys.items() if kind != "future"}
        import_all(gateway, timely)
        for key in set(self.keys.values()) - set(timely):
            run(gateway, "--import", stdin=public(recipients, key), faked=FAR_AHEAD)
        self.signer_of_2020 = quick_key(gateway, "old-signer", "ed25519", "sign", "20y", faked=LONG_AGO)
        run(recipients, "--import", stdin=public(gateway, self.signer))

    def sealer(
        self,
        *,
        signer: Fingerprint | None = None,
        timeout_seconds: float = PATIENCE_SECONDS,
        clock: Callable[[], dt.datetime] = now,
        binary: str = "gpg",
    ) -> OpenPgpSealer:
        return OpenPgpSealer(
            home=self.gateway,
            signer=signer or self.signer,
            timeout_seconds=timeout_seconds,
            now=clock,
            binary=binary,
        )

    def fast_sealer(
        self,
        *,
        signer: Fingerprint | None = None,
        signing_files: Mapping[Fingerprint, Tsk] | None = None,
        clock: Callable[[], dt.datetime] = now,
        largest: int = LARGEST,
    ) -> SequoiaSealer:
        """Give the second engine around gpg's; the own key's file is what the command would write."""
        own = signer or self.signer
        if signing_files is None:
            signing_files = {own: signing_key_of(export_secret(self.gateway, own, primary=True), expected=own)}
        gpg = self.sealer(signer=own, clock=clock)
        return SequoiaSealer(gpg=gpg, home=self.gateway, signing_files=signing_files, now=clock, largest=largest)

    def decrypt(self, ciphertext: bytes) -> bytes:
        """Open a message as a recipient would; its signature must be good."""
        command = ["gpg", "--batch", "--homedir", str(self.recipients), "--status-fd", "2", "--decrypt"]
        result = subprocess.run(command, input=ciphertext, capture_output=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr.decode()
        assert f"VALIDSIG {self.signer}".encode() in result.stderr
        return result.stdout

    def agent(self) -> int:
        """Give the process id of the gateway's running agent."""
        command = ["gpg-connect-agent", "--homedir", str(self.gateway), "--no-autostart", "getinfo pid", "/bye"]
        said = subprocess.run(command, capture_output=True, timeout=10, check=True).stdout
        return int(said.split()[1])


@contextlib.contextmanager
def hung(agent: int) -> Iterator[None]:
    """Hang an agent. It wakes its own main thread with SIGCONT after a connection, so one SIGSTOP may be lost."""
    try:
        while not _all_stopped(agent):
            os.kill(agent, signal.SIGSTOP)
            time.sleep(0.01)
        yield
    finally:
        os.kill(agent, signal.SIGCONT)


def _all_stopped(process: int) -> bool:
    try:
        states = [
            (task / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            for task in Path(f"/proc/{process}/task").iterdir()
        ]
    except (FileNotFoundError, ProcessLookupError):
        # A thread has just ended: not all that run are stopped yet.
        return False
    return set(states) == {"T"}


def gpg_children() -> list[int]:
    """List the gpg processes that this test process has started and not ended."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                name, _, rest = (entry / "stat").read_text(encoding="utf-8").rpartition(")")
                if name.endswith("(gpg") and int(rest.split()[1]) == os.getpid():
                    found.append(int(entry.name))
    return found
