"""The JOSE sealer, opened by a program that is not ours: José (`jose`, Debian).

José knows no RSA-OAEP-256; what is for an RSA key is decrypted by `cryptography` alone, and its signature by José.
"""

import base64
import datetime as dt
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.formats.certificates import oin_of
from gateway.package.errors import Code, SluisError
from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint, PackageId, RecipientId, parse_key
from gateway.seal.certificate_files import CertificateFolder
from gateway.seal.certificates import Certificate
from gateway.seal.jose import JoseSealer, OwnCertificate
from tests.chain_pki import OWN, PARTNER, Authority, Identity, base64url, now

_DAY = dt.timedelta(days=1)
_CONTENT = b"letter.txt\x00Hierbij de gegevens van Amina Yusuf.\x00" * 200


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def own(authority: Authority) -> Identity:
    return authority.issue(OWN)


@pytest.fixture(scope="module", params=[0, 3072], ids=["P-256", "RSA"])
def partner(request: pytest.FixtureRequest, authority: Authority) -> Identity:
    return authority.issue(PARTNER, bits=request.param)


def sealer(own: Identity, *pinned: Identity, **changes: Any) -> JoseSealer:
    held = {each.pin: Certificate.from_pem(each.pem) for each in pinned}
    made = JoseSealer(
        own=OwnCertificate.read(own.pem, own.key_pem),
        find=held.get,
        trusted=lambda *_: KeyHealth.USABLE,
        name_key=b"n" * 32,
        max_bytes=1024,
        now=now,
    )
    return replace(made, **changes)


def pin(identity: Identity) -> Fingerprint:
    return parse_key(identity.pin)


def number(value: int, size: int = 0) -> str:
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big")).decode()


def jwk(identity: Identity, *, private: bool) -> dict[str, str]:
    """Write a key as JWK, by cryptography alone."""
    key = identity.key
    if isinstance(key, rsa.RSAPrivateKey):
        secret, public = key.private_numbers(), key.private_numbers().public_numbers
        parts = {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
        names = {"d": secret.d, "p": secret.p, "q": secret.q, "dp": secret.dmp1, "dq": secret.dmq1, "qi": secret.iqmp}
        return parts | ({name: number(value) for name, value in names.items()} if private else {})
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    point = key.public_key().public_numbers()
    parts = {"kty": "EC", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}
    return parts | ({"d": number(key.private_numbers().private_value, 32)} if private else {})


def by_jose(folder: Path, *words: str, key: dict[str, str], content: bytes) -> subprocess.CompletedProcess[bytes]:
    (folder / "key.jwk").write_text(json.dumps(key), encoding="ascii")
    command = ["jose", *words, "-i", "-", "-k", str(folder / "key.jwk"), "-O", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=False, timeout=60)


def opened_by_another(folder: Path, identity: Identity, sealed: bytes) -> bytes | None:
    """Decrypt, and give the signed content; None when that can not be done."""
    if isinstance(identity.key, rsa.RSAPrivateKey):
        return _opened_by_rsa(identity.key, sealed)
    opened = by_jose(folder, "jwe", "dec", key=jwk(identity, private=True), content=sealed)
    # José writes as it reads, and says at the end whether it was right.
    return opened.stdout if opened.returncode == 0 else None


def _opened_by_rsa(key: rsa.RSAPrivateKey, sealed: bytes) -> bytes | None:
    head, *parts = sealed.split(b".")
    wrapped, nonce, content, tag = (decoded(part) for part in parts)
    digest = hashes.SHA256()
    try:
        content_key = key.decrypt(wrapped, padding.OAEP(mgf=padding.MGF1(digest), algorithm=digest, label=None))
        return AESGCM(content_key).decrypt(nonce, content + tag, head)
    except (ValueError, InvalidTag):
        return None


def decoded(part: bytes) -> bytes:
    return base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def header(token: bytes) -> dict[str, str]:
    said: dict[str, str] = json.loads(decoded(token.split(b".")[0]))
    return said


def test_another_program_opens_it_and_finds_our_signature(own: Identity, partner: Identity, tmp_path: Path) -> None:
    sealed = sealer(own, partner).seal(iter([_CONTENT[:9], _CONTENT[9:]]), recipients=(pin(partner),), address=PARTNER)

    opened = opened_by_another(tmp_path, partner, sealed)
    assert opened is not None
    verified = by_jose(tmp_path, "jws", "ver", key=jwk(own, private=False), content=opened)

    assert 0 == verified.returncode
    assert _CONTENT == verified.stdout


def test_an_rsa_signature_is_pss(authority: Authority, partner: Identity, tmp_path: Path) -> None:
    own = authority.issue(OWN, bits=3072)
    sealed = sealer(own, partner).seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER)

    opened = opened_by_another(tmp_path, partner, sealed)
    assert opened is not None
    verified = by_jose(tmp_path, "jws", "ver", key=jwk(own, private=False), content=opened)

    assert "PS256" == header(opened)["alg"]
    assert _CONTENT == verified.stdout


def test_the_headers_say_what_the_modules_ask_and_nothing_of_the_package(
    own: Identity, partner: Identity, tmp_path: Path
) -> None:
    sealed = sealer(own, partner).seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER)
    opened = opened_by_another(tmp_path, partner, sealed)
    assert opened is not None
    algorithm = "RSA-OAEP-256" if isinstance(partner.key, rsa.RSAPrivateKey) else "ECDH-ES+A256KW"

    outer, inner = header(sealed), header(opened)
    outer.pop("epk", None)

    thumbprint = base64url(bytes.fromhex(partner.pin.removeprefix("x509:"))).decode()
    assert {"alg": algorithm, "enc": "A256GCM", "cty": "JOSE", "x5t#S256": thumbprint} == outer
    thumbprint = base64url(bytes.fromhex(own.pin.removeprefix("x509:"))).decode()
    assert {"alg": "ES256", "cty": "application/x-tar", "x5t#S256": thumbprint} == inner


def test_another_key_opens_nothing_and_another_signature_is_seen(
    authority: Authority, own: Identity, partner: Identity, tmp_path: Path
) -> None:
    other = authority.issue(PARTNER, bits=3072 if isinstance(partner.key, rsa.RSAPrivateKey) else 0)
    sealed = sealer(own, partner).seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER)
    opened = opened_by_another(tmp_path, partner, sealed)
    assert opened is not None

    assert opened_by_another(tmp_path, other, sealed) is None
    assert 0 != by_jose(tmp_path, "jws", "ver", key=jwk(authority.issue(OWN), private=False), content=opened).returncode


@pytest.mark.parametrize("part", range(5))
def test_a_changed_character_in_any_part_opens_nothing(
    part: int, own: Identity, partner: Identity, tmp_path: Path
) -> None:
    parts = sealer(own, partner).seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER).split(b".")
    middle = len(parts[part]) // 2
    parts[part] = (
        parts[part][:middle] + (b"B" if parts[part][middle:][:1] == b"A" else b"A") + parts[part][middle + 1 :]
    )

    assert opened_by_another(tmp_path, partner, b".".join(parts)) is None


def test_the_same_content_never_gives_the_same_bytes(own: Identity, partner: Identity) -> None:
    engine = sealer(own, partner)
    sealed = {engine.seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER) for _ in range(3)}

    assert 3 == len(sealed)
    assert not any(b"Amina" in each for each in sealed)


_UNFIT: dict[str, tuple[Callable[[Authority], Identity], KeyHealth, Code]] = {
    "expired": (lambda a: a.issue(PARTNER, lifetime=(-9 * _DAY, -_DAY)), KeyHealth.EXPIRED, Code.KEY_EXPIRED),
    "not yet valid": (
        lambda a: a.issue(PARTNER, lifetime=(_DAY, 9 * _DAY)),
        KeyHealth.NOT_YET_VALID,
        Code.KEY_NOT_YET_VALID,
    ),
    "weak": (lambda a: a.issue(PARTNER, bits=1024), KeyHealth.WEAK, Code.KEY_WEAK),
}


@pytest.mark.parametrize(("make", "health", "code"), _UNFIT.values(), ids=_UNFIT.keys())
def test_a_certificate_that_does_not_do_is_named_and_refused(
    make: Callable[[Authority], Identity], health: KeyHealth, code: Code, authority: Authority, own: Identity
) -> None:
    unfit = make(authority)
    judge = sealer(own, unfit)

    assert health is judge.health(pin(unfit))
    with pytest.raises(SluisError) as caught:
        judge.seal(iter([_CONTENT]), recipients=(pin(unfit),), address=PARTNER)
    assert code is caught.value.code


def test_a_certificate_on_a_list_is_revoked(own: Identity, partner: Identity) -> None:
    judge = sealer(own, partner, trusted=lambda *_: KeyHealth.REVOKED)

    assert KeyHealth.REVOKED is judge.health(pin(partner))
    with pytest.raises(SluisError) as caught:
        judge.seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER)
    assert Code.KEY_REVOKED is caught.value.code


def test_a_file_with_another_certificate_than_the_pinned_one_is_not_used(
    authority: Authority, own: Identity, partner: Identity, tmp_path: Path
) -> None:
    path = tmp_path / f"{partner.pin.replace(':', '-')}.pem"
    path.write_bytes(authority.issue(PARTNER).pem)
    swapped = sealer(own, find=CertificateFolder(tmp_path).find)

    assert KeyHealth.MISSING is swapped.health(pin(partner))
    with pytest.raises(SluisError) as caught:
        swapped.seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER)
    assert Code.KEY_MISSING is caught.value.code

    path.write_bytes(partner.pem)
    assert KeyHealth.USABLE is swapped.health(pin(partner))


def test_a_pinned_certificate_on_the_oin_of_another_organisation_gets_nothing(own: Identity, partner: Identity) -> None:
    with pytest.raises(SluisError) as caught:
        sealer(own, partner).seal(iter([_CONTENT]), recipients=(pin(partner),), address=OWN)

    assert Code.KEY_OTHER_OIN is caught.value.code


def test_an_openpgp_key_is_none_for_the_chain(own: Identity) -> None:
    assert KeyHealth.UNUSABLE is sealer(own).health(parse_key("A" * 40))


def test_without_a_recipient_nothing_is_sealed(own: Identity, partner: Identity) -> None:
    with pytest.raises(SluisError) as caught:
        sealer(own, partner).seal(iter([_CONTENT]), recipients=(), address=PARTNER)

    assert Code.KEY_MISSING is caught.value.code


def test_of_two_pinned_certificates_the_one_that_was_trusted_last_is_sealed_for(
    authority: Authority, own: Identity, partner: Identity
) -> None:
    newer = authority.issue(PARTNER)
    both = (pin(partner), pin(newer))

    sealed = sealer(own, partner, newer).seal(iter([_CONTENT]), recipients=both, address=PARTNER)

    header = json.loads(decoded(sealed.split(b".")[0]))
    assert base64url(bytes.fromhex(newer.pin.removeprefix("x509:"))).decode() == header["x5t#S256"]


def test_with_an_own_certificate_that_has_expired_nothing_is_signed(authority: Authority, partner: Identity) -> None:
    expired = authority.issue(OWN, lifetime=(-9 * _DAY, -_DAY))

    with pytest.raises(SluisError) as caught:
        sealer(expired, partner).seal(iter([_CONTENT]), recipients=(pin(partner),), address=PARTNER)

    assert Code.SIGNING_KEY_UNUSABLE is caught.value.code


def test_a_key_that_is_not_the_certificates_is_refused(own: Identity, partner: Identity) -> None:
    with pytest.raises(SluisError) as caught:
        OwnCertificate.read(own.pem, partner.key_pem)

    assert Code.SIGNING_KEY_UNUSABLE is caught.value.code


def test_a_delivery_has_one_name_that_tells_nothing(own: Identity) -> None:
    package, recipient = PackageId("0190b3a0-1111-7222-8333-444444444444"), RecipientId("ind-voorbeeld")
    name = sealer(own).name_of(package, recipient)

    assert name == sealer(own).name_of(package, recipient)
    assert 40 == len(name)
    assert name != sealer(own).name_of(package, RecipientId("coa-voorbeeld"))
    assert name != sealer(own, name_key=b"m" * 32).name_of(package, recipient)


def test_no_key_stands_in_a_repr(own: Identity) -> None:
    assert "PRIVATE" not in repr(sealer(own))
    assert "nnnn" not in repr(sealer(own))


@pytest.mark.parametrize(
    ("oin", "expected"),
    [(PARTNER, PARTNER), (None, None), ("0000009900000000200", None), ("99999999000000002000", None)],
)
def test_an_oin_is_twenty_positions_with_a_known_prefix(
    oin: str | None, expected: str | None, authority: Authority
) -> None:
    assert expected == oin_of(authority.issue(oin).certificate)
