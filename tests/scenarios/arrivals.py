"""What arrived, opened by plain gpg in the recipients' homes: many at once, and by which package each came."""

import email
import email.policy
import io
import json
import subprocess
import tarfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gateway.audit.reading import read_events
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """One thing that arrived: the package it belongs to, its data, and its document when it has one."""

    package: str
    data: dict[str, Any] = field(repr=False)
    document: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """The mail that came, by Message-ID; more than one copy is a mail that was sent again."""

    copies: Mapping[str, list[bytes]] = field(repr=False)

    def sent_again(self) -> int:
        return sum(len(copies) - 1 for copies in self.copies.values())


def released_ids(world: World) -> dict[str, str]:
    """Give the Message-ID of each package that went by mail, as the audit log names it."""
    events = read_events(world.site.audit_log)
    return {each["gateway.package.id"]: each["email.message_id"] for each in events if each.get("email.message_id")}


def mailbox(world: World) -> Mailbox:
    copies: dict[str, list[bytes]] = {}
    for mail in world.mail.messages():
        message_id = str(email.message_from_bytes(mail.content, policy=email.policy.default)["Message-ID"])
        copies.setdefault(message_id.strip("<> "), []).append(mail.content)
    return Mailbox(copies=copies)


def drop_files(world: World) -> list[Path]:
    return sorted((world.site.drop / GUARDIAN).glob("*.tar.pgp"))


def open_all(world: World, mails: Mailbox) -> list[Arrived]:
    """Open every drop file and one copy of every mail. Fails when gpg does not open or verify one of them."""
    packages = {message_id.strip("<> "): package for package, message_id in released_ids(world).items()}
    scratch = world.site.root.parent / "opened"
    sealed = {packages[message_id]: _sealed_part(copies[0]) for message_id, copies in mails.copies.items()}
    dropped = {path.name.split(".")[0]: path.read_bytes() for path in drop_files(world)}
    with ThreadPoolExecutor(2) as pool:
        by_mail = pool.submit(_decrypted, sealed, world.home(MUNICIPALITY), scratch / "mail")
        by_drop = pool.submit(_decrypted, dropped, world.home(GUARDIAN), scratch / "drop")
        opened = [_of_mail(package, plain) for package, plain in by_mail.result()]
        return opened + [_of_drop(package, plain) for package, plain in by_drop.result()]


def _sealed_part(message: bytes) -> bytes:
    outer = email.message_from_bytes(message, policy=email.policy.default)
    sealed = next(part for part in outer.walk() if part.get_content_type() == "application/octet-stream")
    content = sealed.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _decrypted(sealed: Mapping[str, bytes], home: Path, folder: Path) -> list[tuple[str, bytes]]:
    """Decrypt many files in few runs of gpg."""
    folder.mkdir(parents=True)
    for package, content in sealed.items():
        (folder / f"{package}.pgp").write_bytes(content)
    names = [f"{package}.pgp" for package in sealed]
    for start in range(0, len(names), _AT_ONCE):
        _decrypt(names[start : start + _AT_ONCE], home, folder)
    return [(package, (folder / package).read_bytes()) for package in sealed]


def _decrypt(names: list[str], home: Path, folder: Path) -> None:
    options = ("--batch", "--status-fd", "2", "--trust-model", "always", "--decrypt-files")
    command = ["gpg", "--homedir", str(home), *options, *names]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=600, check=False)
    assert done.returncode == 0, "gpg could not open what arrived"
    assert len(names) == done.stderr.count(b"[GNUPG:] GOODSIG ")


def _of_mail(package: str, plain: bytes) -> Arrived:
    inner = email.message_from_bytes(plain, policy=email.policy.default)
    parts = {part.get_filename() or "": part.get_payload(decode=True) for part in inner.walk()}
    return _arrived(package, {name: content for name, content in parts.items() if isinstance(content, bytes)})


def _of_drop(package: str, plain: bytes) -> Arrived:
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        parts = {each.name: source.read() for each in archive if (source := archive.extractfile(each)) is not None}
    return _arrived(package, parts)


def _arrived(package: str, parts: Mapping[str, bytes]) -> Arrived:
    document = next((content for name, content in parts.items() if name.endswith("01-letter.txt")), b"")
    return Arrived(package=package, data=json.loads(parts["data.json"]), document=document)


def by_town(arrived: Iterable[Arrived]) -> dict[str, list[Arrived]]:
    """Sort what arrived by the mark that each package carries in its town."""
    found: dict[str, list[Arrived]] = {}
    for each in arrived:
        found.setdefault(str(each.data["town"]), []).append(each)
    return found
