"""Payloads at rest: what was written comes back, and nothing else ever does."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId
from gateway.spool.streams import CHUNK, Decryptor, StreamName, encrypt, unwrap_key, wrap_key

KEY = bytes(range(32))
NAME = StreamName(PackageId("0190a000-0000-7000-8000-000000000001"), "document-1")
OTHER_PACKAGE = StreamName(PackageId("0190a000-0000-7000-8000-000000000002"), "document-1")
OTHER_STREAM = StreamName(NAME.package, "document-2")


class Source:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, size: int, /) -> bytes:
        piece, self._content = self._content[:size], self._content[size:]
        return piece

    def close(self) -> None:
        self._content = b""


def seal(*pieces: bytes, key: bytes = KEY, name: StreamName = NAME) -> bytes:
    return b"".join(encrypt(pieces, key=key, name=name, random=os.urandom))


def unseal(sealed: bytes, *, key: bytes = KEY, name: StreamName = NAME) -> bytes:
    return Decryptor(Source(sealed), key=key, name=name).read()


@given(st.lists(st.binary(max_size=2000), max_size=20))
def test_any_pieces_come_back_as_one_content(pieces: list[bytes]) -> None:
    assert b"".join(pieces) == unseal(seal(*pieces))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7])
def test_every_size_around_a_chunk_border_comes_back(size: int) -> None:
    content = os.urandom(size)

    assert content == unseal(seal(content))


def test_a_stream_can_be_read_in_small_pieces() -> None:
    content = os.urandom(CHUNK + 1000)
    reader = Decryptor(Source(seal(content)), key=KEY, name=NAME)

    assert content == b"".join(iter(lambda: reader.read(777), b""))


@given(st.data())
def test_a_flipped_bit_anywhere_is_refused(data: st.DataObject) -> None:
    sealed = bytearray(seal(b"the address of a refugee"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(SluisError) as caught:
        unseal(bytes(sealed))
    assert Code.PAYLOAD_CORRUPT is caught.value.code


@pytest.mark.parametrize("kept", [CHUNK + 16, CHUNK + 16 + 47, 47, 46, 0, 2 * (CHUNK + 16) + 47])
def test_a_stream_cut_short_is_refused_also_at_a_chunk_border(kept: int) -> None:
    sealed = seal(os.urandom(2 * CHUNK + 5))

    with pytest.raises(SluisError):
        unseal(sealed[:kept])


def test_swapped_chunks_are_refused() -> None:
    sealed = seal(os.urandom(3 * CHUNK))
    header, step = 47, CHUNK + 16
    first, second = sealed[header : header + step], sealed[header + step : header + 2 * step]

    with pytest.raises(SluisError):
        unseal(sealed[:header] + second + first + sealed[header + 2 * step :])


@pytest.mark.parametrize("name", [OTHER_PACKAGE, OTHER_STREAM])
def test_a_stream_moved_to_another_package_or_document_is_refused(name: StreamName) -> None:
    with pytest.raises(SluisError):
        unseal(seal(b"content"), name=name)


def test_two_streams_of_one_content_share_no_ciphertext() -> None:
    assert seal(b"content")[47:] != seal(b"content")[47:]


def test_a_closed_stream_gives_nothing_any_more() -> None:
    reader = Decryptor(Source(seal(b"content")), key=KEY, name=NAME)
    reader.close()

    assert b"" == reader.read()


def test_a_wrapped_key_opens_only_for_its_package_and_use() -> None:
    wrapped = wrap_key(KEY, b"k" * 32, package=NAME.package, use="content", random=os.urandom)

    assert b"k" * 32 == unwrap_key(KEY, wrapped, package=NAME.package, use="content")
    for package, use in ((OTHER_PACKAGE.package, "content"), (NAME.package, "record")):
        with pytest.raises(SluisError):
            unwrap_key(KEY, wrapped, package=package, use=use)
