"""A large drop file by each container, against the bare tool that makes the same: time, and the most memory we took.

Each side writes the same random bytes into a memory file system, so that the disk decides nothing. Ours signs, encrypts
and digests what it wrote, for the manifest; gpg signs and encrypts; `openssl cms -sign` feeds `openssl cms -encrypt`;
age only encrypts. The postbus has no tool of its own: there a loop that encrypts records by the same cipher, and does
nothing else, is what it has to keep up with. Ours makes a zip, its checksum and its digest besides.

Ours, and that loop, run in a process of their own, whose start is not counted: the service has started long before.
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
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.table import Table

from gateway.package.ids import Fingerprint
from gateway.package.states import ParcelDocument
from gateway.seal.age import AgeSealer
from gateway.seal.landing import landed
from gateway.seal.openpgp import OpenPgpSealer
from gateway.seal.pickup import RECORD_BYTES, SALT_BYTES, encrypted_pieces
from gateway.seal.port import Sealer
from gateway.seal.zipping import zip_pieces
from tests.benchmarks.measures import children_seconds, median_ratio, own_seconds
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import CertificateHouse
from tests.integration.seal.homes import PATIENCE_SECONDS, KeyHouse, new_home, now

POSTBUS = "postbus, RFC 8188"
_BARE_LOOP = "bare loop"
_COPY = 1024 * 1024
# As the spool gives what it decrypts.
_PIECE = 256 * 1024
_SHARED = Path("/dev/shm")
_HARDENED = ("--batch", "--no-options", "--trust-model", "always", "--compress-algo", "none", "--no-auto-check-trustdb")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one sealing took: wall and processor seconds, and the most memory of its process in MiB."""

    seconds: float
    cpu: float
    mib: float


def measure(*, size: int, rounds: int) -> Table:
    """Race every container against its bare tool; sizes in bytes."""
    table = Table(title=f"A drop file of {size / 1024**2:,.0f} MiB", title_justify="left")
    for head in ("container", "bare MiB/s", "ours MiB/s", "x bare, wall", "x bare, processor", "most memory MiB"):
        table.add_column(head, justify="left" if head == "container" else "right")
    with tempfile.TemporaryDirectory(dir=_room(size)) as name, new_home() as gateway, new_home() as recipients:
        folder = Path(name)
        house = KeyHouse(gateway=gateway, recipients=recipients, kinds=("ok",))
        certificates = CertificateHouse(folder)
        certificates.make("ok", "other")
        reader = AgeIdentity(folder / "age.txt")
        _write(folder / "plain", size)
        signed_by, plain = f"{gateway} {house.signer}", str(folder / "plain")
        age = ["age", "-r", reader.recipient, "-o", str(folder / "bare"), plain]
        sides: dict[str, tuple[str, str, Callable[[], Figures]]] = {
            "OpenPGP": (
                house.keys["ok"],
                signed_by,
                lambda: _timed(lambda: _gpg(folder, gateway, signer=house.signer, key=house.keys["ok"])),
            ),
            "CMS, RSA 2048": (
                certificates.keys["ok"],
                str(folder),
                lambda: _timed(lambda: _openssl(folder, certificates, "ok")),
            ),
            "CMS, P-256": (
                certificates.keys["other"],
                str(folder),
                lambda: _timed(lambda: _openssl(folder, certificates, "other")),
            ),
            "age": (reader.recipient, signed_by, lambda: _timed(lambda: _run(age))),
            POSTBUS: ("", "", lambda: sealed_apart(_BARE_LOOP, "", "", folder)),
        }
        for kind, (key, where, bare) in sides.items():
            table.add_row(kind, *_raced(folder, kind, key, where, bare, size=size, rounds=rounds))
    return table


def _raced(
    folder: Path, kind: str, key: str, where: str, bare: Callable[[], Figures], *, size: int, rounds: int
) -> tuple[str, ...]:
    theirs: list[Figures] = []
    ours: list[Figures] = []
    for _ in range(rounds):
        theirs.append(bare())
        (folder / "bare").unlink()
        ours.append(sealed_apart(kind, key, where, folder))
        (folder / "ours").unlink()
    speeds = (statistics.median(size / 1024**2 / each.seconds for each in side) for side in (theirs, ours))
    return (
        *(f"{speed:,.0f}" for speed in speeds),
        median_ratio([1 / each.seconds for each in ours], [1 / each.seconds for each in theirs]),
        median_ratio([1 / each.cpu for each in ours], [1 / each.cpu for each in theirs]),
        f"{max(each.mib for each in ours):,.0f}",
    )


def sealed_apart(kind: str, key: str, where: str, folder: Path) -> Figures:
    """Seal the file `plain` of a folder in a process of its own, and leave `ours` (or `bare`) beside it."""
    command = [sys.executable, "-m", "tests.benchmarks.containers", kind, key, where, str(folder)]
    return Figures(**json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def _timed(tool: Callable[[], None]) -> Figures:
    used, begun = children_seconds(), time.monotonic()
    tool()
    return Figures(seconds=time.monotonic() - begun, cpu=children_seconds() - used, mib=0)


def _ours(kind: str, key: str, where: str, folder: Path) -> None:
    """Seal in this process, and tell what it took."""
    work = _work(kind, key, where, folder)
    used, begun = own_seconds(), time.monotonic()
    work()
    figures = Figures(
        seconds=time.monotonic() - begun,
        cpu=own_seconds() - used,
        mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )
    sys.stdout.write(json.dumps(asdict(figures)))


def _work(kind: str, key: str, where: str, folder: Path) -> Callable[[], object]:
    plain, output = folder / "plain", folder / "ours"
    if kind == _BARE_LOOP:
        return lambda: _bare_loop(plain, folder / "bare")
    if kind == POSTBUS:
        document = ParcelDocument(
            name="plain",
            media_type="application/octet-stream",
            size=plain.stat().st_size,
            open=lambda: plain.open("rb", buffering=0),
        )
        pieces = zip_pieces((), documents=(("plain", document),))
        return lambda: landed(encrypted_pieces(pieces, key=os.urandom(32), salt=os.urandom(SALT_BYTES)), output)
    sealer = _sealer(kind, where)
    sealer.check_signer()
    return lambda: sealer.encrypt_stream(_pieces(plain), recipients=(Fingerprint(key),), output=output)


def _bare_loop(plain: Path, output: Path) -> None:
    """Encrypt record by record, and write each; as durable as ours."""
    cipher = AESGCM(os.urandom(16))
    with plain.open("rb", buffering=0) as source, output.open("xb", buffering=0) as target:
        number = 0
        while record := source.read(RECORD_BYTES - 17):
            target.write(cipher.encrypt(number.to_bytes(12, "big"), record, None))
            number += 1
        os.fsync(target.fileno())


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
        for _ in range(0, size, _COPY):
            target.write(os.urandom(_COPY))


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
