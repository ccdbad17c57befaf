"""A keyring is taken apart key by key, or not at all."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.ids import Fingerprint
from gateway.seal.verified_keys import verified_keys

_KEY_TAG, _USER_TAG, _TRUST_TAG = 6, 13, 12
_BODIES = st.binary(max_size=300)


def _old(tag: int, body: bytes) -> bytes:
    return bytes((0x80 | tag << 2 | 1,)) + len(body).to_bytes(2) + body


def _new(tag: int, body: bytes) -> bytes:
    size = len(body)
    head = bytes((size,)) if size < 192 else bytes((((size - 192) >> 8) + 192, (size - 192) & 0xFF))
    return bytes((0xC0 | tag,)) + head + body


def _fingerprint(body: bytes) -> Fingerprint:
    return Fingerprint(hashlib.sha1(b"\x99" + len(body).to_bytes(2) + body, usedforsecurity=False).hexdigest().upper())


_KEYS = st.lists(
    st.tuples(_BODIES.map(lambda rest: b"\x04" + rest), st.lists(_BODIES, max_size=3), st.sampled_from((_old, _new))),
    min_size=1,
    max_size=4,
    unique_by=lambda key: key[0],
)


@given(keys=_KEYS)
def test_each_key_comes_out_with_all_that_follows_it_and_nothing_else(
    keys: list[tuple[bytes, list[bytes], object]],
) -> None:
    blocks = {
        _fingerprint(body): _old(_KEY_TAG, body) + b"".join(wrap(_USER_TAG, each) for each in rest)  # type: ignore[operator] # one of the two functions above.
        for body, rest, wrap in keys
    }

    verified = verified_keys(b"".join(blocks.values()))

    assert blocks == {fingerprint: verified.ring(fingerprint) for fingerprint in blocks}
    assert b"".join(blocks.values()) == verified.ring(*blocks)


@given(content=st.binary(max_size=200))
def test_bytes_that_are_no_keyring_are_refused_or_hold_no_key(content: bytes) -> None:
    try:
        verified = verified_keys(content)
    except ValueError:
        return

    assert b"" == verified.ring(Fingerprint("A" * 40))


def test_a_keyring_that_is_cut_off_anywhere_within_a_packet_is_refused() -> None:
    ring = _old(_KEY_TAG, b"\x04" + bytes(20)) + _old(_TRUST_TAG, bytes(6))
    whole = {len(_old(_KEY_TAG, b"\x04" + bytes(20))), len(ring), 0}

    for end in set(range(len(ring))) - whole:
        with pytest.raises(ValueError, match="packet"):
            verified_keys(ring[:end])


def test_a_key_of_another_version_is_left_out() -> None:
    ring = _old(_KEY_TAG, b"\x06" + bytes(20))

    assert b"" == verified_keys(ring).ring(_fingerprint(b"\x06" + bytes(20)))
