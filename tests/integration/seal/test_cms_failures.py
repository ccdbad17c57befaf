"""CMS where something is wrong: with the certificates, the signer, the disk, or what arrives at the recipient.

Who judges what arrives is openssl, which knows nothing of this code.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import key_file
from tests.integration.seal import certificates
from tests.integration.seal.certificates import KINDS, CertificateHouse, Wanted, openssl

PLAINTEXT = b"een regel\r\nen nog een\x00\xff\n" * 5_000
_CURVES = ("other", "p-384", "p-521")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> CertificateHouse:
    """Tests leave its certificates as they are."""
    house = CertificateHouse(tmp_path_factory.mktemp("house"))
    house.make("ok", *_CURVES)
    return house


@pytest.fixture
def own_house(tmp_path: Path) -> CertificateHouse:
    """A test may do what it likes with it."""
    (tmp_path / "house").mkdir()
    house = CertificateHouse(tmp_path / "house")
    house.make("ok")
    return house


def _sealed(house: CertificateHouse, name: str = "ok") -> bytes:
    return house.sealer().encrypt_bytes(PLAINTEXT, recipients=(house.keys[name],), armor=False)


# ---- what the recipient's openssl sees ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ok", *_CURVES])
def test_openssl_opens_and_verifies_for_rsa_and_for_every_curve(name: str, house: CertificateHouse) -> None:
    assert PLAINTEXT == house.open(_sealed(house, name), name)


def test_the_cipher_is_aes_256_gcm_with_a_whole_tag_and_oaep_with_sha_256(house: CertificateHouse) -> None:
    printed = openssl("cms", "-cmsout", "-print", "-noout", "-inform", "DER", stdin=_sealed(house)).decode()

    assert "id-smime-ct-authEnvelopedData" in printed
    assert "aes-256-gcm" in printed
    assert "rsaesOaep" in printed
    assert "INTEGER:10" in printed.replace(" ", "")
    assert "-cbc" not in printed.lower()


def test_two_messages_never_share_key_nonce_or_ciphertext(house: CertificateHouse) -> None:
    first, second = _sealed(house), _sealed(house)

    assert first != second
    assert first[-200:] != second[-200:]


@pytest.mark.parametrize("name", ["ok", "other"])
def test_a_wrong_key_opens_nothing(name: str, house: CertificateHouse) -> None:
    wrong = {"ok": "other", "other": "ok"}[name]

    assert PLAINTEXT not in house.decrypt(_sealed(house, name), wrong, fails=True)


@pytest.mark.parametrize("place", [-10, -40, -2_000, -60_000], ids=["tag", "end", "late", "midway"])
def test_a_flipped_bit_is_refused(place: int, house: CertificateHouse) -> None:
    sealed = bytearray(_sealed(house))
    sealed[place] ^= 1

    house.decrypt(bytes(sealed), "ok", fails=True)


@pytest.mark.parametrize("size", [-1, -2, -30, -50_000, 900], ids=["last", "end", "tag", "midway", "start"])
def test_a_truncated_message_is_refused(size: int, house: CertificateHouse) -> None:
    house.decrypt(_sealed(house)[:size], "ok", fails=True)


def test_a_piece_cut_out_between_two_borders_is_refused(house: CertificateHouse, tmp_path: Path) -> None:
    """Lengths are of no help here: what stays is a well-formed message of fewer pieces."""
    pieces = [bytes((65 + number,)) * 1_000 for number in range(3)]
    sealed = house.sealer().encrypt_stream(pieces, recipients=(house.keys["ok"],), output=tmp_path / "out")
    content = sealed.path.read_bytes()
    border = b"\x04\x82\x03\xec"
    second, third = content.index(border, content.index(border) + 1), content.rindex(border)

    assert 3 == content.count(border)
    house.decrypt(content[:second] + content[third:], "ok", fails=True)


def test_what_was_signed_can_not_be_changed_by_its_recipient(house: CertificateHouse) -> None:
    signed = bytearray(house.decrypt(_sealed(house), "ok"))
    signed[signed.index(b"een regel")] ^= 1

    house.verify(bytes(signed), fails=True)


def test_a_manifest_is_verified_by_openssl_and_one_that_was_changed_is_not(
    house: CertificateHouse, tmp_path: Path
) -> None:
    signature = house.sealer().sign_detached(b'{"size": 1}\n', readers=(house.keys["ok"],))
    verify = ("cms", "-verify", "-inform", "DER", "-binary", "-purpose", "any", "-CAfile", house.certificate("ca"))
    for name, content in (("good", b'{"size": 1}\n'), ("changed", b'{"size": 2}\n')):
        (tmp_path / name).write_bytes(content)

        openssl(*verify, "-content", tmp_path / name, stdin=signature, fails=name == "changed")


def test_a_signer_on_a_curve_is_verified_too(own_house: CertificateHouse) -> None:
    own_house.issue("curve", Wanted(algorithm=certificates.P256, usage=certificates.SIGNS))

    sealed = own_house.sealer(signer="curve").encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=False)

    assert PLAINTEXT == own_house.open(sealed, "ok")


# ---- certificates ------------------------------------------------------------------------------------------------


def test_a_certificate_of_another_under_the_pinned_name_is_no_key(own_house: CertificateHouse, tmp_path: Path) -> None:
    sealer, pin = own_house.sealer(), own_house.keys["ok"]
    own_house.make("other")
    target = own_house.root / "keys" / str(key_file(pin))
    target.write_bytes(own_house.certificate("other").read_bytes())

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([PLAINTEXT], recipients=(pin,), output=tmp_path / "out")

    assert Code.KEY_MISSING is refusal.value.code
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\xff"])
def test_a_file_that_holds_no_certificate_is_no_key(content: bytes, own_house: CertificateHouse) -> None:
    pin = own_house.keys["ok"]
    (own_house.root / "keys" / str(key_file(pin))).write_bytes(content)

    assert KeyHealth.MISSING is own_house.sealer().health(pin)


def test_a_certificate_with_its_private_key_beside_it_is_not_used(own_house: CertificateHouse) -> None:
    pin = own_house.keys["ok"]
    path = own_house.root / "keys" / str(key_file(pin))
    path.write_bytes(path.read_bytes() + own_house.key("ok").read_bytes())

    assert KeyHealth.MISSING is own_house.sealer().health(pin)


def test_a_certificate_that_was_revoked_meanwhile_is_refused_at_once(own_house: CertificateHouse) -> None:
    sealer = own_house.sealer()
    assert KeyHealth.USABLE is sealer.health(own_house.keys["ok"])

    own_house.revoke("ok")

    with pytest.raises(SluisError, match="key-revoked"):
        sealer.encrypt_bytes(PLAINTEXT, recipients=(own_house.keys["ok"],), armor=False)


def test_a_revocation_list_that_can_not_be_read_might_revoke_anybody(own_house: CertificateHouse) -> None:
    (own_house.root / "trust" / "broken.CRL").write_bytes(b"no list")

    assert KeyHealth.REVOCATION_UNKNOWN is own_house.sealer().health(own_house.keys["ok"])
    with pytest.raises(SluisError) as refusal:
        own_house.trust().check()
    assert ("setting-invalid", "seal.certificateTrust") == (refusal.value.code.value, refusal.value.where)


def test_without_anchors_nobody_vouches_and_the_check_says_so(own_house: CertificateHouse) -> None:
    (own_house.root / "trust" / "ca.pem").unlink()

    assert KeyHealth.NOT_VOUCHED is own_house.sealer().health(own_house.keys["ok"])
    with pytest.raises(SluisError, match="setting-invalid"):
        own_house.trust().check()


def test_an_issuer_in_between_may_stand_in_the_certificates_own_file(own_house: CertificateHouse) -> None:
    own_house.issue("between", Wanted(usage=certificates.ISSUES))
    own_house.issue("far", KINDS["ok"], issuer="between")
    alone = own_house.pin("far")
    assert KeyHealth.NOT_VOUCHED is own_house.sealer().health(alone)

    path = own_house.root / "keys" / str(key_file(alone))
    path.write_bytes(path.read_bytes() + own_house.certificate("between").read_bytes())

    assert KeyHealth.USABLE is own_house.sealer().health(alone)


def test_a_certificate_names_another_only_when_it_bears_addresses_and_none_fits(own_house: CertificateHouse) -> None:
    sealer, pin = own_house.sealer(), own_house.keys["ok"]

    found = [sealer.names_another(pin, address=f"post@{domain}") for domain in ("ok.example", "ind.example")]

    assert [False, True] == found


# ---- the own signing certificate ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("expired", Wanted(usage=certificates.SIGNS, starts=-20, ends=-10)),
        ("not-yet", Wanted(usage=certificates.SIGNS, starts=10, ends=20)),
        ("small", Wanted(usage=certificates.SIGNS, algorithm=KINDS["rsa-1024"].algorithm)),
        ("for-encryption", KINDS["ok"]),
    ],
)
def test_a_bad_signing_certificate_seals_nothing(
    name: str, wanted: Wanted, own_house: CertificateHouse, tmp_path: Path
) -> None:
    own_house.issue(name, wanted)
    sealer = own_house.sealer(signer=name)

    with pytest.raises(SluisError) as refusal:
        sealer.encrypt_stream([PLAINTEXT], recipients=(own_house.keys["ok"],), output=tmp_path / "out")

    assert (Code.SIGNING_KEY_UNUSABLE, "seal.certificateFile") == (refusal.value.code, refusal.value.where)
    assert not list(tmp_path.glob("out*"))


def test_a_revoked_signing_certificate_seals_nothing(own_house: CertificateHouse) -> None:
    own_house.revoke("signer")

    with pytest.raises(SluisError, match="signing-key-unusable"):
        own_house.sealer().check_signer()


def test_a_key_file_that_others_can_read_is_not_used(own_house: CertificateHouse) -> None:
    own_house.key("signer").chmod(0o640)

    with pytest.raises(SluisError) as refusal:
        own_house.sealer().check_signer()

    assert "seal.certificateKeyFile" == refusal.value.where
    assert "0600" in refusal.value.faults[0][1]


def test_the_key_of_another_certificate_does_not_sign(own_house: CertificateHouse) -> None:
    own_house.key("signer").write_bytes(own_house.key("ok").read_bytes())

    with pytest.raises(SluisError) as refusal:
        own_house.sealer().check_signer()

    assert (Code.SIGNING_KEY_UNUSABLE, "seal.certificateKeyFile") == (refusal.value.code, refusal.value.where)


def test_a_signing_key_that_was_taken_away_is_missed_and_one_that_is_back_signs(own_house: CertificateHouse) -> None:
    sealer, moved = own_house.sealer(), own_house.root / "moved"
    own_house.key("signer").rename(moved)
    with pytest.raises(SluisError, match="signing-key-unusable"):
        sealer.check_signer()

    moved.rename(own_house.key("signer"))

    sealer.check_signer()


def test_no_error_of_the_signer_holds_a_piece_of_its_key(own_house: CertificateHouse) -> None:
    secret = own_house.key("signer").read_text().splitlines()[1]
    own_house.key("signer").write_text(f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----\n")

    with pytest.raises(SluisError) as refusal:
        own_house.sealer().check_signer()

    assert secret not in repr((refusal.value, str(refusal.value), refusal.value.faults))


# ---- interruptions -----------------------------------------------------------------------------------------------


def test_a_source_that_breaks_off_leaves_no_half_message(house: CertificateHouse, tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield bytes(2_000_000)
        raise OSError("the spool broke off")

    with pytest.raises(OSError, match="broke off"):
        house.sealer().encrypt_stream(breaking(), recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert [] == list(tmp_path.iterdir())


def test_a_process_killed_half_way_leaves_nothing_under_the_final_name(house: CertificateHouse, tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.integration.seal.certificates import CertificateHouse\n"
        "house = object.__new__(CertificateHouse)\n"
        "house.root = Path(sys.argv[1])\n"
        "def pieces():\n"
        "    yield bytes(4_000_000)\n"
        "    print('half', flush=True)\n"
        "    time.sleep(60)\n"
        "house.sealer().encrypt_stream(pieces(), recipients=(sys.argv[2],), output=Path(sys.argv[3]))\n"
    )
    command = [sys.executable, "-c", script, str(house.root), house.keys["ok"], str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert b"half\n" == process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=20)

    assert not (tmp_path / "out").exists()
    (left,) = tmp_path.iterdir()
    assert "out.part" == left.name
    house.decrypt(left.read_bytes(), "ok", fails=True)


def test_memory_stays_flat_while_a_long_stream_is_sealed(house: CertificateHouse, tmp_path: Path) -> None:
    started = time.monotonic()
    sizes = []

    def pieces() -> Iterator[bytes]:
        for _ in range(128):
            sizes.append(_resident_bytes())
            yield bytes(1024 * 1024)

    house.sealer().encrypt_stream(pieces(), recipients=(house.keys["ok"],), output=tmp_path / "out")

    assert max(sizes[16:]) - sizes[16] < 16 * 1024 * 1024
    assert time.monotonic() - started < 60


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
