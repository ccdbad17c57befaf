"""Opens what arrived, as the recipient would: with plain gpg in the recipient's own home, and nothing of ours."""

import email
import email.policy
import io
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a recipient finds: who signed it, the subject of a mail, and every part by its name."""

    good_signature: bool
    subject: str
    parts: Mapping[str, bytes] = field(repr=False)


def open_mail(message: bytes, *, home: Path) -> Opened:
    """Decrypt a PGP/MIME message. Raises RuntimeError when gpg does not."""
    outer = email.message_from_bytes(message, policy=email.policy.default)
    sealed = next(part for part in outer.walk() if part.get_content_type() == "application/octet-stream")
    plain, good = _decrypt(sealed.get_content(), home=home)
    inner = email.message_from_bytes(plain, policy=email.policy.default)
    parts: dict[str, bytes] = {}
    for part in inner.walk():
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            parts[part.get_filename() or "letter.txt"] = content if isinstance(content, bytes) else b""
    return Opened(good_signature=good, subject=str(inner["Subject"]), parts=parts)


def open_drop(file: Path, *, home: Path) -> Opened:
    """Decrypt a file of the drop, and check the signature of its manifest. Raises RuntimeError when gpg does not."""
    plain, good = _decrypt(file.read_bytes(), home=home)
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        parts = {
            member.name: source.read() for member in archive if (source := archive.extractfile(member)) is not None
        }
    manifest = file.with_name(f"{file.name}.manifest.json")
    signature = manifest.with_name(f"{manifest.name}.sig")
    checked = _gpg(home, "--verify", str(signature), str(manifest), content=b"")
    return Opened(good_signature=good and "GOODSIG" in _status(checked), subject="", parts=parts)


def _decrypt(sealed: bytes | str, *, home: Path) -> tuple[bytes, bool]:
    content = sealed.encode() if isinstance(sealed, str) else sealed
    done = _gpg(home, "--decrypt", content=content)
    if done.returncode != 0:
        raise RuntimeError("gpg could not open what arrived")
    return done.stdout, "GOODSIG" in _status(done)


def _status(done: "subprocess.CompletedProcess[bytes]") -> str:
    return done.stderr.decode("latin-1")


def _gpg(home: Path, *arguments: str, content: bytes) -> "subprocess.CompletedProcess[bytes]":
    command = ["gpg", "--homedir", str(home), "--batch", "--status-fd", "2", "--trust-model", "always", *arguments]
    return subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)
