"""DER as X.690 has it, read by a reader that is not ours (asn1crypto)."""

import datetime as dt

import pytest
from asn1crypto import core
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.seal import der

_SIZES = st.sampled_from([0, 1, 126, 127, 128, 129, 255, 256, 257, 65_535, 65_536, 65_537]) | st.integers(0, 300_000)


@given(size=_SIZES)
def test_an_octet_string_of_any_size_is_read_back_and_nothing_stands_behind_it(size: int) -> None:
    encoded = der.octets(bytes(size))

    read = core.OctetString.load(encoded, strict=True)

    assert (bytes(size), encoded) == (read.native, read.dump(force=True))
    assert [encoded, encoded] == list(der.elements(encoded * 2))
    assert bytes(size) == der.inside(encoded)


@given(value=st.integers(0, 2**4096))
@example(value=0)
@example(value=127)
@example(value=128)
@example(value=255)
@example(value=256)
def test_a_number_is_written_as_short_as_can_be_and_never_negative(value: int) -> None:
    encoded = der.integer(value)

    read = core.Integer.load(encoded, strict=True)

    assert (value, encoded) == (read.native, core.Integer(value).dump())


@given(
    arcs=st.lists(st.integers(0, 2**40), min_size=1, max_size=12), first=st.integers(0, 2), second=st.integers(0, 39)
)
def test_an_object_identifier_is_read_back(arcs: list[int], first: int, second: int) -> None:
    dotted = ".".join(map(str, (first, second, *arcs)))

    assert core.ObjectIdentifier(dotted).dump() == der.oid(dotted)


@given(parts=st.lists(st.binary(max_size=200), max_size=6))
def test_a_set_is_in_the_order_of_its_encodings(parts: list[bytes]) -> None:
    encoded = [der.octets(part) for part in parts]

    assert sorted(encoded) == list(der.elements(der.inside(der.set_of(*encoded))))
    assert encoded == list(der.elements(der.inside(der.sequence(*encoded))))


@given(pieces=st.lists(st.binary(min_size=1, max_size=5_000), max_size=8))
def test_content_in_pieces_is_one_octet_string_to_its_reader(pieces: list[bytes]) -> None:
    encoded = der.begun(der.OCTET_STRING) + b"".join(map(der.octets, pieces)) + der.END

    assert b"".join(pieces) == core.OctetString.load(encoded, strict=True).native


@pytest.mark.parametrize(
    ("moment", "tag", "text"),
    [
        (dt.datetime(2026, 11, 26, 13, 0, tzinfo=dt.timezone(dt.timedelta(hours=1))), der.UTC_TIME, b"261126120000Z"),
        (dt.datetime(2049, 12, 31, 23, 59, 59, tzinfo=dt.UTC), der.UTC_TIME, b"491231235959Z"),
        (dt.datetime(2050, 1, 1, tzinfo=dt.UTC), der.GENERALIZED_TIME, b"20500101000000Z"),
    ],
)
def test_a_time_is_utc_with_two_digits_of_the_year_up_to_2049(moment: dt.datetime, tag: int, text: bytes) -> None:
    assert der.element(tag, text) == der.time(moment)


@given(encoded=st.binary(max_size=40))
def test_reading_hostile_bytes_ends_in_elements_or_in_a_value_error(encoded: bytes) -> None:
    try:
        found = list(der.elements(encoded))
    except ValueError:
        return
    assert encoded == b"".join(found)
