"""A file goes to an SFTP server in pieces of one size, whatever the chunks in which it is read."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.deliver.sftp_connection import pieces_of


@given(chunks=st.lists(st.binary(max_size=50)), size=st.integers(min_value=1, max_value=60))
def test_every_byte_goes_once_and_in_order_and_only_the_last_piece_is_shorter(chunks: list[bytes], size: int) -> None:
    pieces = [bytes(each) for each in pieces_of(iter(chunks), size)]

    assert b"".join(chunks) == b"".join(pieces)
    assert all(len(each) == size for each in pieces[:-1])
    assert all(0 < len(each) <= size for each in pieces[-1:])
