"""A large drop file by each container, against the bare tool that makes the same: time, and the most memory we took.

Each side writes 1 GiB of random bytes into a memory file system, so that the disk decides nothing. Ours signs, encrypts
and digests what it wrote, for the manifest; gpg signs and encrypts; `openssl cms -sign` feeds `openssl cms -encrypt`;
age only encrypts. Ours runs in a process of its own, whose start is not counted: the service has started long before.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.table import Table

from gateway.package.ids import Fingerprint
from gateway.seal.age import AgeSealer
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.port import Sealer
from tests.benchmarks.measures import children_seconds, own_seconds
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import CertificateHouse
from tests.integration.seal.homes import PATIENCE_SECONDS, KeyHouse, new_home, now

_PIECE = 1024 * 1024
_SHARED = Path("/dev/shm")
_HARDENED = ("--batch", "--no-options", "--trust-model", "always", "--compress-algo", "none", "--no-auto-check-trustdb")


def measure(*, size: int, rounds: int) -> Table:
    """Race every container against its bare tool; sizes in bytes."""
    table = Table(title=f"A drop file of {size / 1024**2:,.0f} MiB", title_justify="left")
    for head in ("container", "bare MiB/s", "ours MiB/s", "ratio (time)", "ratio (processor)", "most memory MiB"):
        table.add_column(head, justify="left" if head == "container" else "right")
    with tempfile.TemporaryDirectory(dir=_room(size)) as name, new_home() as gateway, new_home() as recipients:
        folder = Path(name)
        house = KeyHouse(gateway=gateway, recipients=recipients, kinds=("ok",))
        certificates = CertificateHouse(folder)
        certificates.make("ok", "other")
        reader = AgeIdentity(folder / "age.txt")
        _write(folder / "plain", size)
        keys = {
            "OpenPGP": (house.keys["ok"], f"{gateway} {house.signer}"),
            "CMS, RSA 2048": (certificates.keys["ok"], str(folder)),
            "CMS, P-256": (certificates.keys["other"], str(folder)),
            "age": (reader.recipient, f"{gateway} {house.signer}"),
        }
        bare = {
            "OpenPGP": lambda: _gpg(folder, gateway, signer=house.signer, key=house.keys["ok"]),
            "CMS, RSA 2048": lambda: _openssl(folder, certificates, "ok"),
            "CMS, P-256": lambda: _openssl(folder, certificates, "other"),
            "age": lambda: _run(["age", "-r", reader.recipient, "-o", str(folder / "bare"), str(folder / "plain")]),
        }
        for kind, (key, where) in keys.items():
            table.add_row(kind, *_raced(folder, kind, key, where, bare[kind], size=size, rounds=rounds))
    return table


def _raced(
    folder: Path, kind: str, key: Fingerprint, where: str, bare: Callable[[], None], *, size: int, rounds: int
) -> tuple[str, ...]:
    times: dict[str, list[float]] = {"bare": [], "ours": [], "bare cpu": [], "ours cpu": []}
    most = 0.0
    for _ in range(rounds):
        used, begun = children_seconds(), time.monotonic()
        bare()
        times["bare"].append(time.monotonic() - begun)
        times["bare cpu"].append(children_seconds() - used)
        (folder / "bare").unlink()
        command = [sys.executable, "-m", "tests.benchmarks.containers", kind, key, where, str(folder)]
        told = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        times["ours"].append(told["seconds"])
        times["ours cpu"].append(told["cpu"])
        most = max(most, told["mib"])
        (folder / "ours").unlink()
    middle = {side: statistics.median(each) for side, each in times.items()}
    mib = size / 1024**2
    return (
        f"{mib / middle['bare']:,.0f}",
        f"{mib / middle['ours']:,.0f}",
        f"{middle['bare'] / middle['ours']:.2f}",
        f"{middle['bare cpu'] / middle['ours cpu']:.2f}",
        f"{most:,.0f}",
    )


def _ours(kind: str, key: str, where: str, folder: Path) -> None:
    """Seal in this process, and tell what it took."""
    sealer = _sealer(kind, where)
    sealer.check_signer()
    used, begun = own_seconds(), time.monotonic()
    sealer.encrypt_stream(_pieces(folder / "plain"), recipients=(Fingerprint(key),), output=folder / "ours")
    told = {"seconds": time.monotonic() - begun, "cpu": own_seconds() - used}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({**told, "mib": most}))


def _sealer(kind: str, where: str) -> Sealer:
    if kind.startswith("CMS"):
        house = object.__new__(CertificateHouse)
        house.root = Path(where)
        return house.sealer()
    home, signer = where.split(" ")
    openpgp = OpenPgpSealer(home=Path(home), signer=Fingerprint(signer), timeout_seconds=PATIENCE_SECONDS, now=now)
    return AgeSealer(signer=openpgp) if kind == "age" else openpgp


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as source:
        while piece := source.read(_PIECE):
            yield piece


def _write(path: Path, size: int) -> None:
    with path.open("wb") as target:
        for _ in range(0, size, _PIECE):
            target.write(os.urandom(_PIECE))


def _room(size: int) -> Path | None:
    """Take the memory file system where it has room for what three sides write."""
    found = os.statvfs(_SHARED) if _SHARED.is_dir() else None
    return _SHARED if found and found.f_bavail * found.f_frsize > 3 * size else None


def _gpg(folder: Path, home: Path, *, signer: str, key: str) -> None:
    digest = ("--personal-digest-preferences", "SHA256 SHA512")
    command = ["gpg", "--homedir", str(home), *_HARDENED, *digest, "-u", f"{signer}!", "-r", key, "-s", "-e"]
    _run([*command, "-o", str(folder / "bare"), str(folder / "plain")])


def _openssl(folder: Path, certificates: CertificateHouse, name: str) -> None:
    oaep = ("-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256") if name == "ok" else ()
    sign = ["openssl", "cms", "-sign", "-binary", "-nodetach", "-stream", "-outform", "DER", "-md", "sha256"]
    sign += ["-signer", str(certificates.certificate("signer")), "-inkey", str(certificates.key("signer"))]
    seal = ["openssl", "cms", "-encrypt", "-binary", "-stream", "-aes-256-gcm", "-outform", "DER"]
    seal += ["-out", str(folder / "bare"), "-recip", str(certificates.certificate(name)), *oaep]
    with subprocess.Popen([*sign, "-in", str(folder / "plain")], stdout=subprocess.PIPE) as signing:
        subprocess.run(seal, stdin=signing.stdout, check=True)
    if signing.returncode != 0:
        raise RuntimeError("openssl did not sign")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


if __name__ == "__main__":
    _ours(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
