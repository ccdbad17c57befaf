"""What left for a certificate or an age key, opened with the recipients' own programs: openssl, age and tar."""

import email
import email.policy
import json
import os
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest

from gateway.package.errors import SluisError
from gateway.package.ids import Fingerprint, KeyKind
from gateway.package.states import Channel, SealedParcel
from gateway.seal.age import AgeSealer
from gateway.seal.engines import Engines
from gateway.seal.sealing import seal
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import CertificateHouse, openssl
from tests.integration.seal.homes import KeyHouse, run
from tests.integration.seal.letters import DOCUMENTS, LETTER, PDF, Letters
from tests.unit.seal.parcels import NOW, SETTINGS, document, minimised, parcel


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> CertificateHouse:
    house = CertificateHouse(tmp_path_factory.mktemp("certificates"))
    house.make("ok", "other")
    return house


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory) -> AgeIdentity:
    return AgeIdentity(tmp_path_factory.mktemp("age") / "key.txt")


@pytest.fixture
def engines(house: KeyHouse, certificates: CertificateHouse) -> Engines:
    openpgp = house.sealer()
    return Engines(openpgp, others={KeyKind.X509: certificates.sealer(), KeyKind.AGE: AgeSealer(signer=openpgp)})


def _sealed(engines: Engines, staging: Path, *, channel: Channel, keys: tuple[Fingerprint, ...]) -> SealedParcel:
    package = minimised(parcel(channel=channel, keys=keys, documents=DOCUMENTS))
    sealed = seal(
        package,
        sealer=engines,
        letters=Letters(),
        now=NOW,
        random=os.urandom,
        staging=staging,
        settings=SETTINGS,
    )
    return sealed.parcels[0]


def _content(parcel: SealedParcel) -> bytes:
    return b"".join(parcel.ciphertext.chunks())


def _files(tar: bytes, folder: Path) -> dict[str, bytes]:
    (folder / "unpacked").mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder / "unpacked")], input=tar, check=True, timeout=20)
    found = (path for path in (folder / "unpacked").rglob("*") if path.is_file())
    return {str(path.relative_to(folder / "unpacked")): path.read_bytes() for path in found}


@pytest.mark.parametrize("name", ["ok", "other"])
def test_openssl_opens_an_s_mime_mail_and_every_part_is_what_was_sealed(
    name: str, certificates: CertificateHouse, engines: Engines, tmp_path: Path
) -> None:
    sealed = _sealed(engines, tmp_path, channel=Channel.SECURE_MAIL, keys=(certificates.keys[name],))

    # openssl alone: it finds the ciphertext in the mail, and the signed entity in what it decrypted.
    signed = certificates.decrypt(_content(sealed), name, form="SMIME")
    inner = certificates.verify(signed, form="SMIME")

    message = email.message_from_bytes(inner, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    letter, *attachments = message.iter_parts()
    assert isinstance(letter, EmailMessage)
    assert LETTER == letter.get_content().replace("\r\n", "\n").removesuffix("\n") + "\n"
    found = {part.get_filename(): part.get_payload(decode=True) for part in attachments}
    assert PDF == found["01-besluit é — zaak.pdf"]
    assert "Gesprek met naïef €\n".encode() == found["02-verslag.txt"]
    assert b'{"name": "A. Voorbeeld"}' == found["data.json"]


def test_nothing_of_the_subject_shows_outside_and_it_is_protected_inside(
    certificates: CertificateHouse, engines: Engines, tmp_path: Path
) -> None:
    sealed = _sealed(engines, tmp_path, channel=Channel.SECURE_MAIL, keys=(certificates.keys["ok"],))

    raw = _content(sealed)
    outer = email.message_from_bytes(raw)
    inner = email.message_from_bytes(certificates.verify(certificates.decrypt(raw, "ok", form="SMIME"), form="SMIME"))
    assert ("[...]", "application/pkcs7-mime", "authEnveloped-data", "base64") == (
        outer["Subject"],
        outer.get_content_type(),
        outer.get_param("smime-type"),
        outer["Content-Transfer-Encoding"],
    )
    assert f"<{sealed.name}>" == outer["Message-ID"] == inner["Message-ID"]
    assert "Gegevens over een persoon" in inner["Subject"]
    assert "cipher" == inner.get_param("hp")
    assert "Subject: [...]" in inner.get_all("HP-Outer", [])
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert "cms" == sealed.sealer


def test_openssl_and_tar_open_a_drop_file_for_a_certificate(
    certificates: CertificateHouse, engines: Engines, tmp_path: Path
) -> None:
    sealed = _sealed(engines, tmp_path, channel=Channel.FILE_DROP, keys=(certificates.keys["other"],))

    files = _files(certificates.open(_content(sealed), "other"), tmp_path)

    assert sealed.name.endswith(".tar.p7m")
    assert LETTER.encode() == files["letter.txt"]
    assert PDF == files["documents/01-besluit é — zaak.pdf"]
    (tmp_path / "manifest").write_bytes(sealed.manifest)
    verify = ("cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-content", tmp_path / "manifest")
    openssl(*verify, "-CAfile", certificates.certificate("ca"), stdin=sealed.signature)
    assert sealed.ciphertext.sha256 == json.loads(sealed.manifest)["sha256"]


def test_age_and_tar_open_a_drop_file_for_an_age_key_and_gpg_verifies_its_manifest(
    house: KeyHouse, reader: AgeIdentity, engines: Engines, tmp_path: Path
) -> None:
    sealed = _sealed(engines, tmp_path, channel=Channel.FILE_DROP, keys=(reader.recipient,))

    files = _files(reader.decrypt(_content(sealed)), tmp_path)

    assert sealed.name.endswith(".tar.age")
    assert LETTER.encode() == files["letter.txt"]
    assert PDF == files["documents/01-besluit é — zaak.pdf"]
    for name, content in (("manifest", sealed.manifest), ("manifest.sig", sealed.signature)):
        (tmp_path / name).write_bytes(content)
    run(house.recipients, "--verify", str(tmp_path / "manifest.sig"), str(tmp_path / "manifest"))
    assert sealed.ciphertext.sha256 == json.loads(sealed.manifest)["sha256"]


def test_an_age_key_gets_no_mail_whatever_else_was_decided(
    reader: AgeIdentity, engines: Engines, tmp_path: Path
) -> None:
    with pytest.raises(SluisError, match="channel-unavailable"):
        _sealed(engines, tmp_path, channel=Channel.SECURE_MAIL, keys=(reader.recipient,))


def test_a_mail_that_would_be_too_large_in_base64_twice_is_said_before_anything_is_read(
    certificates: CertificateHouse, engines: Engines, tmp_path: Path
) -> None:
    large = document("groot.bin", bytes(15 * 1024 * 1024), media_type="application/octet-stream")
    package = minimised(parcel(keys=(certificates.keys["ok"],), documents=(large,)))

    with pytest.raises(SluisError, match="package-too-large"):
        seal(
            package,
            sealer=engines,
            letters=Letters(),
            now=NOW,
            random=os.urandom,
            staging=tmp_path,
            settings=SETTINGS,
        )
