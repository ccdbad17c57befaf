"""What pins a recipient's key: the grammar of the register."""

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package import bech32
from gateway.package.errors import Code, SluisError
from gateway.package.ids import (
    Fingerprint,
    KeyKind,
    certificate_digest,
    key_file,
    kind_of,
    parse_fingerprint,
    parse_key,
)

AGE = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
DIGEST = "0123456789abcdef" * 4
_AS_OPENSSL_PRINTS = ":".join(DIGEST[at : at + 2].upper() for at in range(0, 64, 2))


@pytest.mark.parametrize(
    ("written", "canonical", "kind"),
    [
        ("a" * 40, "A" * 40, KeyKind.OPENPGP),
        ("AAAA " * 10, "A" * 40, KeyKind.OPENPGP),
        (f"x509:{DIGEST}", f"x509:{DIGEST}", KeyKind.X509),
        (f"x509:{_AS_OPENSSL_PRINTS}", f"x509:{DIGEST}", KeyKind.X509),
        (AGE, AGE, KeyKind.AGE),
    ],
)
def test_each_kind_of_key_has_one_canonical_form(written: str, canonical: str, kind: KeyKind) -> None:
    key = parse_key(written)

    assert (canonical, kind) == (key, kind_of(key))
    assert key == parse_key(key)


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "A" * 16,
        "A" * 41,
        "x509:",
        f"x509:{DIGEST[:-1]}",
        f"x509:{DIGEST}0",
        f"x509:{DIGEST}\n",
        f"X509:{DIGEST}",
        f"x509:../{DIGEST[3:]}",
        "age1",
        AGE[:-1],
        AGE + "q",
        AGE.upper(),
        AGE.replace("j", "1", 1),
        AGE + "\n",
        "AGE-SECRET-KEY-1" + "Q" * 58,
    ],
)
def test_what_is_no_key_of_any_kind_is_refused(hostile: str) -> None:
    with pytest.raises(SluisError) as refusal:
        parse_key(hostile)

    assert Code.FINGERPRINT_INVALID is refusal.value.code


@given(place=st.integers(4, len(AGE) - 1), char=st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l"))
def test_an_age_key_with_any_one_other_character_is_refused(place: int, char: str) -> None:
    changed = AGE[:place] + char + AGE[place + 1 :]

    if changed == AGE:
        assert changed == parse_key(changed)
    else:
        with pytest.raises(SluisError):
            parse_key(changed)


def test_every_key_that_age_makes_is_read_and_no_other_prefix() -> None:
    for _ in range(50):
        made = str(pyrage.x25519.Identity.generate().to_public())
        assert 32 == len(bech32.decode(made, prefix="age"))
        with pytest.raises(ValueError, match="prefix"):
            bech32.decode(made, prefix="agf")


def test_the_own_signing_key_is_an_openpgp_key_only() -> None:
    for other in (AGE, f"x509:{DIGEST}"):
        with pytest.raises(SluisError, match="fingerprint-invalid"):
            parse_fingerprint(other)


def test_each_kind_of_key_has_its_file_and_an_age_key_needs_none() -> None:
    expected = [f"{'A' * 40}.asc", f"x509-{DIGEST}.pem", None]

    assert expected == [key_file(parse_key(text)) for text in ("A" * 40, f"x509:{DIGEST}", AGE)]
    with pytest.raises(ValueError, match="certificate"):
        certificate_digest(Fingerprint(AGE))
