"""Opens what would leave as its recipient does, with plain gpg, and gathers every byte and every decoded form of it."""

import email
import email.policy
import hashlib
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.package.states import Channel, SealedParcel


@dataclass(frozen=True)
class Left:
    """One parcel: what anybody sees on the way, what its recipient finds, and the data among it."""

    in_clear: tuple[bytes, ...]
    plaintext: bytes
    decoded: tuple[str, ...]
    data: Any

    def texts(self) -> Iterator[str]:
        """Give everything as text, undecoded and decoded, in one case."""
        for content in (*self.in_clear, self.plaintext):
            yield content.decode("utf-8", "replace").casefold()
        yield from (text.casefold() for text in self.decoded)


def open_parcel(parcel: SealedParcel, *, home: Path) -> Left:
    """Decrypt one parcel in its recipient's home. Raises CalledProcessError when gpg does not."""
    ciphertext = b"".join(parcel.ciphertext.chunks())
    if parcel.channel is Channel.SECURE_MAIL:
        return _open_mail(parcel, ciphertext, home=home)
    assert Channel.FILE_DROP is parcel.channel
    return _open_drop(parcel, ciphertext, home=home)


def decrypt(content: bytes, *, home: Path) -> bytes:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--trust-model", "always", "--decrypt"]
    return subprocess.run(command, input=content, capture_output=True, check=True, timeout=60).stdout


def _open_mail(parcel: SealedParcel, message: bytes, *, home: Path) -> Left:
    outer = email.message_from_bytes(message, policy=email.policy.default)
    sealed = next(part for part in outer.walk() if "application/octet-stream" == part.get_content_type())
    plaintext = decrypt(sealed.get_content(), home=home)
    inner = email.message_from_bytes(plaintext, policy=email.policy.default)
    parts: dict[str, str] = {}
    decoded: list[str] = []
    for part in inner.walk():
        decoded += [f"{name}: {value}" for name, value in part.items()]
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            parts[part.get_filename() or "letter.txt"] = content.decode()
    return _left((message, *_marks(parcel)), plaintext, parts, decoded)


def _open_drop(parcel: SealedParcel, ciphertext: bytes, *, home: Path) -> Left:
    plaintext = decrypt(ciphertext, home=home)
    parts: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(plaintext)) as archive:
        for member in archive:
            source = archive.extractfile(member)
            assert source is not None
            parts[member.name] = source.read().decode()
    return _left((ciphertext, *_marks(parcel)), plaintext, parts, [])


def _marks(parcel: SealedParcel) -> Iterator[bytes]:
    """Give what lies beside the ciphertext; its digest is compared here, since any six digits may stand in one."""
    yield f"{parcel.name}\n{parcel.address}".encode()
    if parcel.manifest:
        manifest = json.loads(parcel.manifest)
        digest = hashlib.sha256(b"".join(parcel.ciphertext.chunks())).hexdigest()
        assert digest == manifest.pop("sha256")
        yield json.dumps(manifest, ensure_ascii=False).encode()
        yield parcel.signature


def _left(in_clear: tuple[bytes, ...], plaintext: bytes, parts: dict[str, str], decoded: list[str]) -> Left:
    files = {name: json.loads(content) for name, content in parts.items() if name.endswith(".json")}
    # An escape in JSON would hide a value from a search of the bytes.
    decoded += [*parts, *parts.values(), *(json.dumps(each, ensure_ascii=False) for each in files.values())]
    return Left(in_clear, plaintext, tuple(decoded), files.get("data.json"))
