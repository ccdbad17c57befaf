import hashlib
import hmac
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.pseudonyms import Identifier, PseudonymKey
from gateway.package.manifest import Subject

V_NUMBER = "0991234501"
KEY = PseudonymKey(number=2, secret=bytes(range(32)))


def subject(**said: object) -> Subject:
    return Subject.model_validate({"name": "Amina El Yousfi"} | said)


def test_a_pseudonym_is_128_bits_of_an_hmac_over_the_identifier_and_the_number() -> None:
    expected = hmac.new(bytes(range(32)), b"vnr\x000991234501", hashlib.sha256).hexdigest()[:32]

    assert f"vnr:k2:{expected}" == KEY.of_number(Identifier.V_NUMBER, V_NUMBER)


def test_a_subject_is_known_by_its_v_number_and_beside_it_by_name_and_date_of_birth() -> None:
    both = KEY.of_subject(subject(vNumber=V_NUMBER, dateOfBirth="1990-05-01"))

    expected = (KEY.of_number(Identifier.V_NUMBER, V_NUMBER), KEY.of_name("Amina El Yousfi", "1990-05-01"))
    assert expected == both


def test_a_subject_without_a_v_number_is_known_by_name_and_date_of_birth() -> None:
    expected = (KEY.of_name("Amina El Yousfi", "1990-05-01"),)

    assert expected == KEY.of_subject(subject(dateOfBirth="1990-05-01"))


def test_a_name_without_a_letter_names_nobody() -> None:
    assert () == KEY.of_subject(subject(name="-"))


@pytest.mark.parametrize(
    "written", ["0991234501", "0991.234.501", " 099 123 45 01 ", "0991\u00a0234-501", "\uff10\uff19\uff19" + "1234501"]
)
def test_a_number_with_signs_between_its_digits_is_the_same_number(written: str) -> None:
    assert KEY.of_number(Identifier.V_NUMBER, V_NUMBER) == KEY.of_number(Identifier.V_NUMBER, written)


def test_a_bsn_that_lost_its_zero_in_front_is_the_same_bsn() -> None:
    assert KEY.of_number(Identifier.BSN, "010464554") == KEY.of_number(Identifier.BSN, "10464554")


@pytest.mark.parametrize(
    "written",
    [
        "Ámina  el-yousfi",
        unicodedata.normalize("NFD", "Ámina El Yousfi"),
        "El Yousfi, Amina",
        "AMINA EL\u00a0YOUSFI",
        "A\u200bmina El Yousfi",
    ],
)
def test_a_name_with_other_diacritics_spaces_capitals_or_order_is_the_same_name(written: str) -> None:
    assert KEY.of_name("Amina El Yousfi", "1990-05-01") == KEY.of_name(written, "1990-05-01")


def test_another_date_of_birth_is_another_person() -> None:
    assert KEY.of_name("Amina El Yousfi", "1990-05-01") != KEY.of_name("Amina El Yousfi", "1990-05-02")


def test_equal_digits_of_two_kinds_of_numbers_have_nothing_in_common() -> None:
    digits = {KEY.of_number(Identifier.BSN, "010464554")[7:], KEY.of_name("010464554", "")[7:]}

    assert 2 == len(digits)


@pytest.mark.parametrize("value", ["", "123", "V0991234501", "09912345011", "x" * 10])
def test_what_is_no_number_is_refused_without_being_repeated(value: str) -> None:
    with pytest.raises(ValueError, match=r"^a V-number of 10 digits or a BSN of 9 expected$"):
        KEY.of_number(Identifier.V_NUMBER, value)


@given(st.from_regex(r"[0-9]{10}", fullmatch=True), st.binary(min_size=32, max_size=32))
def test_a_pseudonym_holds_its_number_in_no_encoding_and_no_digest_without_a_key(number: str, secret: bytes) -> None:
    pseudonym = PseudonymKey(number=1, secret=secret).of_number(Identifier.V_NUMBER, number)

    digests = {
        hashlib.new(name, text.encode()).hexdigest()[:32]
        for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b")
        for text in (number, f"vnr\x00{number}", f"vnr:{number}")
    }
    forms = {number, number[::-1], number.encode().hex(), *digests}
    assert [] == [form for form in forms if form in pseudonym]


def test_a_key_is_not_printed() -> None:
    assert "PseudonymKey(number=2)" == repr(KEY)
