"""What people are shown of a key: by the part of it that does the work, and until when."""

import datetime as dt

import pytest

from gateway.package.facts import KeyHealth
from gateway.seal.key_description import describe, in_groups
from gateway.seal.key_health import SubkeyFacts
from tests.unit.seal.test_key_health import AT, NOW, OWN, PRIMARY, facts, key

DAY = 86400


def test_a_recipients_key_is_told_by_its_encryption_key_and_the_own_one_by_its_signing_key() -> None:
    both = facts(
        key(curve="cv25519"), primary=key(fingerprint=PRIMARY, algorithm=22, curve="ed25519", capabilities="sc")
    )

    assert "cv25519" == describe(both, now=NOW).algorithm
    assert "ed25519" == describe(both, now=NOW, signs=True).algorithm


@pytest.mark.parametrize(
    ("primary", "subkey", "end"),
    [
        (None, None, None),
        (AT + DAY, None, 1),
        (None, AT + 2 * DAY, 2),
        (AT + 3 * DAY, AT + 2 * DAY, 2),
        (AT - DAY, None, -1),
    ],
)
def test_the_earlier_end_of_the_two_counts(primary: int | None, subkey: int | None, end: int | None) -> None:
    whole = facts(
        key(expires=subkey), primary=key(fingerprint=PRIMARY, algorithm=22, capabilities="sc", expires=primary)
    )

    assert end == describe(whole, now=NOW).days_left(NOW)


@pytest.mark.parametrize(
    ("subject", "algorithm", "small"),
    [
        (key(algorithm=1, bits=2048), "RSA", True),
        (key(algorithm=1, bits=3071), "RSA", True),
        (key(algorithm=1, bits=3072), "RSA", False),
        (key(algorithm=16, bits=2048), "Elgamal", True),
        (key(algorithm=18, bits=255, curve="cv25519"), "cv25519", False),
        (key(algorithm=18, bits=255), "ECDH", False),
        (key(algorithm=99, bits=255), "algorithm 99", False),
    ],
)
def test_below_three_thousand_bits_only_what_needs_more_is_small(
    subject: SubkeyFacts, algorithm: str, *, small: bool
) -> None:
    told = describe(facts(subject), now=NOW)

    assert (algorithm, small) == (told.algorithm, told.is_small())


@pytest.mark.parametrize(
    ("primary", "health"),
    [
        (OWN, KeyHealth.USABLE),
        (key(capabilities="sc", expires=AT), KeyHealth.EXPIRED),
        (key(capabilities="sc", validity="r"), KeyHealth.REVOKED),
        (key(capabilities="sc", bound=False), KeyHealth.WEAK),
    ],
)
def test_the_own_key_is_judged_by_whether_it_signs(primary: SubkeyFacts, health: KeyHealth) -> None:
    assert health is facts(primary=primary).signing_health(NOW)


def test_a_fingerprint_is_written_in_ten_groups_of_four() -> None:
    assert "0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567" == in_groups("0123456789ABCDEF0123456789ABCDEF01234567")


def test_no_end_is_no_number_of_days() -> None:
    assert (
        describe(facts(key(expires=None), primary=key(expires=None)), now=NOW + dt.timedelta(days=9999)).days_left(NOW)
        is None
    )
