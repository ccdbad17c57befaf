import smtplib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deliver.mail_body import Piece, data_pieces
from gateway.package.errors import Code, SluisError
from tests.unit.deliver.parcels import MESSAGE, SealedBytes, tampered

lines = st.lists(st.text("ab. ", max_size=6), max_size=30).map(
    lambda each: "".join(f"{line}\r\n" for line in each).encode()
)


def _wire(content: bytes, *, chunk: int) -> bytes:
    pieces = list(data_pieces(SealedBytes(content, chunk=chunk)))

    assert [piece.last for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    return b"".join(piece.content for piece in pieces)


@given(lines, st.integers(1, 9))
def test_the_wire_form_is_that_of_the_standard_library_however_it_is_cut(content: bytes, chunk: int) -> None:
    expected = smtplib._quote_periods(content) + b".\r\n"  # type: ignore[attr-defined]  # an oracle, not in the stub

    assert _wire(content, chunk=chunk) == expected


@given(lines, st.integers(1, 9), st.sampled_from([b"\r", b"\n", b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\r\n"]), st.data())
def test_smuggling_with_a_bare_line_end_never_leaves_in_any_piece(
    content: bytes, chunk: int, smuggled: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(content)))
    while content[at - 1 : at] == b"\r":
        at -= 1
    given_out: list[Piece] = []

    with pytest.raises(SluisError, match=Code.PAYLOAD_CORRUPT):
        given_out.extend(data_pieces(SealedBytes(content[:at] + b"x" + smuggled + b"x" + content[at:], chunk=chunk)))

    sent = b"".join(piece.content for piece in given_out)
    assert not any(piece.last for piece in given_out)
    assert sent.count(b"\r\n") == sent.count(b"\n") == sent.count(b"\r")


@pytest.mark.parametrize("content", [b"no line end", b"ends with CR\r", b"\xc3\xa9\r\n", b"a\r\n\xff\r\n"])
def test_a_message_that_is_no_ascii_text_of_whole_lines_gets_no_final_dot(content: bytes) -> None:
    with pytest.raises(SluisError, match=Code.PAYLOAD_CORRUPT):
        _wire(content, chunk=4)


def test_tampered_ciphertext_gets_no_final_dot() -> None:
    pieces = data_pieces(tampered(MESSAGE * 3))

    with pytest.raises(SluisError, match=Code.PAYLOAD_CORRUPT):
        assert not next(pieces).last


def test_truncated_ciphertext_gets_no_final_dot() -> None:
    sealed = SealedBytes(MESSAGE * 3)
    sealed.content = MESSAGE * 2

    with pytest.raises(SluisError, match=Code.PAYLOAD_CORRUPT):
        list(data_pieces(sealed))
