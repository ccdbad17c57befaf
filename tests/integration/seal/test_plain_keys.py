"""A file with a certificate or an age key, as somebody sends it; made by openssl and age, refused by its reason."""

import subprocess
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.seal.certificates import Certificate
from gateway.seal.key_description import MAX_KEY_BYTES
from gateway.seal.key_files import read_key_file
from tests.integration.seal import certificates
from tests.integration.seal.ages import AgeIdentity
from tests.integration.seal.certificates import KINDS, CertificateHouse, Wanted, openssl
from tests.integration.seal.homes import now


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> CertificateHouse:
    made = CertificateHouse(tmp_path_factory.mktemp("house"))
    made.make("ok", "other", "expired", "not-yet", "rsa-1024", "sha-1", "no-usage", "no-word-on-usage", "brainpool")
    made.issue("between", Wanted(usage=certificates.ISSUES))
    made.issue("far", KINDS["ok"], issuer="between")
    return made


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> AgeIdentity:
    return AgeIdentity(tmp_path_factory.mktemp("age") / "key.txt")


def refused(content: bytes, *, wanted: Fingerprint | None = None, address: str = "") -> SluisError:
    with pytest.raises(SluisError) as caught:
        read_key_file(content, now=now(), wanted=wanted, address=address).require_usable()
    return caught.value


@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_certificate_is_told_by_its_facts_in_pem_and_in_der(form: str, house: CertificateHouse) -> None:
    content = openssl("x509", "-in", house.certificate("ok"), "-outform", form)

    read = read_key_file(content, now=now())

    told = read.description
    assert (house.keys["ok"], "cms", "RSA", 2048, True) == (
        told.fingerprint,
        told.type,
        told.algorithm,
        told.bits,
        told.is_small(),
    )
    assert (("post@ok.example",), True) == (told.addresses, told.days_left(now()) in {364, 365})
    assert house.keys["ok"] == Certificate.from_pem(read.armored).pin
    read.require_usable()


@pytest.mark.parametrize("turned", [False, True], ids=["in-order", "root-first"])
def test_of_a_whole_chain_the_certificate_is_meant_and_its_issuers_stay_behind_it(
    turned: bool, house: CertificateHouse
) -> None:
    parts = [house.certificate(name).read_bytes() for name in ("far", "between", "ca")]

    read = read_key_file(b"".join(reversed(parts) if turned else parts), now=now())

    kept = Certificate.from_pem(read.armored)
    assert [Certificate.from_pem(each).pin for each in parts] == [
        kept.pin,
        *(Certificate(each).pin for each in kept.chain),
    ]


def test_of_several_certificates_a_person_says_which_one_is_meant(house: CertificateHouse) -> None:
    both = house.certificate("ok").read_bytes() + house.certificate("other").read_bytes()

    error = refused(both)

    assert (Code.KEY_SEVERAL, sorted((house.keys["ok"], house.keys["other"]))) == (
        error.code,
        [where for where, _ in error.faults],
    )
    assert house.keys["other"] == read_key_file(both, now=now(), wanted=house.keys["other"]).description.fingerprint
    assert Code.KEY_UNKNOWN is refused(both, wanted=Fingerprint(f"x509:{'00' * 32}")).code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("expired", Code.KEY_EXPIRED),
        ("not-yet", Code.KEY_NOT_YET_VALID),
        ("rsa-1024", Code.KEY_WEAK),
        ("sha-1", Code.KEY_WEAK),
        ("no-usage", Code.KEY_UNUSABLE),
        ("no-word-on-usage", Code.KEY_UNUSABLE),
        ("brainpool", Code.KEY_UNUSABLE),
    ],
)
def test_a_certificate_that_can_not_be_encrypted_to_is_refused_by_its_reason(
    kind: str, code: Code, house: CertificateHouse
) -> None:
    error = refused(house.certificate(kind).read_bytes())

    assert (code, house.keys[kind]) == (error.code, error.where)


@pytest.mark.parametrize(
    "form", ["pkcs8-pem", "pkcs1-pem", "encrypted-pem", "pkcs8-der", "encrypted-der", "pkcs12", "beside-a-certificate"]
)
def test_a_private_key_of_any_form_is_refused_before_anything_is_read(form: str, house: CertificateHouse) -> None:
    key, password = house.key("ok"), ("-passout", "pass:geheim")
    made = {
        "pkcs8-pem": lambda: house.key("ok").read_bytes(),
        "pkcs1-pem": lambda: openssl("rsa", "-in", key, "-traditional"),
        "encrypted-pem": lambda: openssl("pkcs8", "-topk8", "-in", key, *password),
        "pkcs8-der": lambda: openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "DER"),
        "encrypted-der": lambda: openssl("pkcs8", "-topk8", "-in", key, "-outform", "DER", *password),
        "pkcs12": lambda: openssl("pkcs12", "-export", "-in", house.certificate("ok"), "-inkey", key, *password),
        "beside-a-certificate": lambda: house.certificate("ok").read_bytes() + key.read_bytes(),
    }

    assert Code.KEY_SECRET_REFUSED is refused(made[form]()).code


def test_an_age_key_is_read_out_of_what_age_keygen_prints(reader: AgeIdentity) -> None:
    read = read_key_file(f"# onze sleutel\n{reader.recipient}\n".encode(), now=now())

    told = read.description
    assert (reader.recipient, "age", "X25519", None, ()) == (
        told.fingerprint,
        told.type,
        told.algorithm,
        told.expires,
        told.addresses,
    )


def test_an_age_secret_key_is_refused_also_when_it_was_typed_in_small_letters(tmp_path: Path) -> None:
    subprocess.run(["age-keygen", "-o", str(tmp_path / "key")], check=True, capture_output=True, timeout=20)
    content = (tmp_path / "key").read_bytes()

    assert [Code.KEY_SECRET_REFUSED] * 2 == [refused(each).code for each in (content, content.lower())]


def test_a_directory_of_openpgp_keys_that_gives_another_kind_is_not_believed(
    house: CertificateHouse, reader: AgeIdentity
) -> None:
    for content in (house.certificate("ok").read_bytes(), reader.recipient.encode()):
        assert Code.KEY_UNREADABLE is refused(content, address="post@ok.example").code


def test_what_is_no_key_or_of_several_kinds_is_refused(house: CertificateHouse, reader: AgeIdentity) -> None:
    good, age = house.certificate("ok").read_bytes(), reader.recipient.encode()
    contents = {
        "broken": good.replace(b"M", b"N", 3),
        "no DER": b"\x30\x82\x00\x04abcd",
        "mistyped": age[:-1] + (b"q" if age[-1:] != b"q" else b"p"),
        "for a plugin": b"age1yubikey1qwerty\n",
        "both": good + b"\n" + age + b"\n",
        "too large": good + b" " * MAX_KEY_BYTES,
    }

    assert dict.fromkeys(contents, Code.KEY_UNREADABLE) == {
        name: refused(content).code for name, content in contents.items()
    }
