"""What left is opened with the recipients' own programs: plain gpg, notmuch, tar. No code of ours reads it."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.package.states import Channel, Language, Minimised, ParcelDocument, Sealed
from gateway.seal.port import Sealer
from gateway.seal.sealing import MailSettings, seal
from tests.integration.seal import homes
from tests.integration.seal.homes import KeyHouse
from tests.integration.seal.letters import DOCUMENTS, LETTER, Letters
from tests.unit.seal.parcels import NOW, SETTINGS, document, minimised, parcel

ENGINES = ("gnupg", "sequoia")
"""The two that seal OpenPGP, as the setting calls them."""


def sealer_of(house: KeyHouse, engine: str) -> Sealer:
    return house.fast_sealer() if engine == "sequoia" else house.sealer()


def _seal(
    house: KeyHouse,
    package: Minimised,
    staging: Path,
    *,
    settings: MailSettings = SETTINGS,
    sealer: Sealer | None = None,
) -> Sealed:
    return seal(
        package,
        sealer=sealer or house.sealer(),
        letters=Letters(),
        now=NOW,
        random=os.urandom,
        staging=staging,
        settings=settings,
    )


def sealed_bytes(
    house: KeyHouse, channel: Channel, staging: Path, *documents: ParcelDocument, sealer: Sealer | None = None
) -> bytes:
    package = minimised(parcel(channel=channel, keys=(house.keys["ok"],), documents=documents or DOCUMENTS))
    sealed = _seal(house, package, staging, sealer=sealer)
    return b"".join(sealed.parcels[0].ciphertext.chunks())


class _Notmuch:
    """A recipient's mail reader with a mailbox of its own."""

    def __init__(self, folder: Path, gnupg: Path) -> None:
        self._mailbox = folder / "mail"
        (self._mailbox / "new").mkdir(parents=True)
        config = folder / "notmuch-config"
        config.write_text(
            f"[database]\npath={self._mailbox}\n[user]\nname=R\nprimary_email=r@keys.example\n[new]\ntags=new\n",
            encoding="utf-8",
        )
        self._environment = {**os.environ, "NOTMUCH_CONFIG": str(config), "GNUPGHOME": str(gnupg)}

    def receive(self, raw: bytes) -> None:
        (self._mailbox / "new" / "1").write_bytes(raw)
        self._run("new", "--quiet")

    def show(self) -> Any:
        shown = json.loads(self._run("show", "--decrypt=true", "--include-html", "--format=json", "*"))
        return shown[0][0][0]

    def part(self, number: int) -> bytes:
        return self._run("show", "--decrypt=true", "--format=raw", f"--part={number}", "*")

    def search(self, words: str) -> bytes:
        return self._run("search", words).strip()

    def _run(self, *arguments: str) -> bytes:
        command = ["notmuch", *arguments]
        result = subprocess.run(command, env=self._environment, capture_output=True, timeout=60, check=False)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout


@pytest.fixture
def reader(house: KeyHouse, tmp_path: Path) -> _Notmuch:
    return _Notmuch(tmp_path / "reader", house.recipients)


def _parts(part: dict[str, Any]) -> list[dict[str, Any]]:
    """List the leaves of what notmuch shows."""
    inside = part.get("content")
    if isinstance(inside, list):
        return [leaf for each in inside for leaf in _parts(each)]
    return [part]


@pytest.mark.parametrize("engine", ENGINES)
def test_notmuch_shows_subject_letter_and_names_and_finds_encryption_and_signature_good(
    engine: str, house: KeyHouse, reader: _Notmuch, tmp_path: Path
) -> None:
    reader.receive(sealed_bytes(house, Channel.SECURE_MAIL, tmp_path, sealer=sealer_of(house, engine)))

    shown = reader.show()
    leaves = _parts(shown["body"][0])
    decrypted = shown["crypto"]["decrypted"]
    assert "Gegevens over een persoon, kenmerk 456789ab" == shown["headers"]["Subject"]
    assert ("full", {"Subject": "[...]"}) == (decrypted["status"], decrypted["header-mask"])
    assert [("good", house.signer)] == [
        (each["status"], each["fingerprint"]) for each in shown["crypto"]["signed"]["status"]
    ]
    assert "Subject" in shown["crypto"]["signed"]["headers"]
    assert LETTER == next(leaf["content"] for leaf in leaves if leaf["content-type"] == "text/plain")
    assert ["data.json", "data.html", "left-out.json", "01-besluit é — zaak.pdf", "02-verslag.txt"] == [
        leaf["filename"] for leaf in leaves if leaf.get("content-disposition") == "attachment"
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_notmuch_gives_binary_attachments_byte_for_byte(
    engine: str, house: KeyHouse, reader: _Notmuch, tmp_path: Path
) -> None:
    reader.receive(sealed_bytes(house, Channel.SECURE_MAIL, tmp_path, sealer=sealer_of(house, engine)))

    numbers = {leaf.get("filename"): leaf["id"] for leaf in _parts(reader.show()["body"][0])}
    pdf, text = DOCUMENTS
    assert pdf.open().read() == reader.part(numbers["01-besluit é — zaak.pdf"])
    assert text.open().read() == reader.part(numbers["02-verslag.txt"])


def test_a_subject_in_any_script_arrives(house: KeyHouse, reader: _Notmuch, tmp_path: Path) -> None:
    subject = "Besluit op uw verzoek — zaak €2026/17 naïef, met een onderwerp dat te lang is voor één regel: {id}"
    settings = MailSettings(
        from_address="sluis@afzender.example",
        from_name="Dienst Tërugkeer",
        domain="afzender.example",
        message_id_key=bytes(32),
        subjects=dict.fromkeys(Language, subject),
    )
    package = minimised(parcel(keys=(house.keys["ok"],)))

    sealed = _seal(house, package, tmp_path, settings=settings)
    reader.receive(b"".join(sealed.parcels[0].ciphertext.chunks()))

    headers = reader.show()["headers"]
    assert subject.replace("{id}", "456789ab") == headers["Subject"]
    assert "Dienst Tërugkeer <sluis@afzender.example>" == headers["From"]


def test_plain_gpg_opens_the_mail_in_another_home(house: KeyHouse, tmp_path: Path) -> None:
    raw = sealed_bytes(house, Channel.SECURE_MAIL, tmp_path)

    inner = house.decrypt(raw)

    assert LETTER.replace("\n", "\r\n").encode() in inner
    assert DOCUMENTS[1].open().read() in inner


def test_nothing_of_the_content_is_readable_on_the_way(house: KeyHouse, tmp_path: Path) -> None:
    raw = sealed_bytes(house, Channel.SECURE_MAIL, tmp_path)

    assert not [word for word in (b"kenmerk", b"Vries", b"besluit", b"data.json", b"Gemeente") if word in raw]


@pytest.mark.parametrize("size", [100, 3_000_000], ids=["in memory", "streamed"])
def test_plain_gpg_and_tar_open_the_drop_file(size: int, house: KeyHouse, tmp_path: Path) -> None:
    content = os.urandom(size)
    sealed = sealed_bytes(house, Channel.FILE_DROP, tmp_path, document("bijlage é.bin", content))
    opened = tmp_path / "opened"
    opened.mkdir()

    tar = house.decrypt(sealed)
    subprocess.run(["tar", "-xf", "-", "-C", str(opened)], input=tar, check=True, timeout=60)

    assert {"letter.txt", "data.json", "data.html", "left-out.json", "documents/01-bijlage é.bin"} == {
        str(each.relative_to(opened)) for each in opened.rglob("*") if each.is_file()
    }
    assert content == (opened / "documents" / "01-bijlage é.bin").read_bytes()
    assert LETTER == (opened / "letter.txt").read_text(encoding="utf-8")


def test_the_manifest_of_a_drop_is_verified_with_plain_gpg(house: KeyHouse, tmp_path: Path) -> None:
    package = minimised(parcel("ind-voorbeeld", channel=Channel.FILE_DROP, keys=(house.keys["ok"],)))
    found = _seal(house, package, tmp_path).parcels[0]
    manifest, signature = tmp_path / "m.manifest.json", tmp_path / "m.manifest.json.sig"
    manifest.write_bytes(found.manifest)
    signature.write_bytes(found.signature)

    status = homes.run(house.recipients, "--status-fd", "1", "--verify", str(signature), str(manifest))

    ciphertext = b"".join(found.ciphertext.chunks())
    assert f"VALIDSIG {house.signer}".encode() in status
    assert hashlib.sha256(ciphertext).hexdigest() == json.loads(manifest.read_text(encoding="ascii"))["sha256"]


def test_a_changed_manifest_does_not_verify(house: KeyHouse, tmp_path: Path) -> None:
    package = minimised(parcel("ind-voorbeeld", channel=Channel.FILE_DROP, keys=(house.keys["ok"],)))
    found = _seal(house, package, tmp_path).parcels[0]
    signature = tmp_path / "signature"
    signature.write_bytes(found.signature)
    changed = found.manifest.replace(b"ind-voorbeeld", b"ind-voorbeelt")

    command = ["gpg", "--batch", "--homedir", str(house.recipients), "--verify", str(signature), "-"]
    result = subprocess.run(command, input=changed, capture_output=True, timeout=60, check=False)

    assert 1 == result.returncode
    assert b"BAD signature" in result.stderr
