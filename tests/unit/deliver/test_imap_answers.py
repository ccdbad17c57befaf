"""Answers that servers give in other words than the one that the tests run."""

import imaplib

import pytest

from gateway.deliver.notice_imap import _content, _numbers, _size


def test_a_short_letter_that_comes_in_quotes_is_a_letter() -> None:
    assert b'a "b" \\' == _content([rb'1 (UID 5 BODY[] "a \"b\" \\")'])


def test_flags_that_another_program_changed_meanwhile_are_no_letter() -> None:
    answer: list[bytes | tuple[bytes, bytes]] = [b"7 (FLAGS (\\Seen))", (b"1 (UID 5 BODY[]<0> {3}", b"abc"), b")"]
    assert b"abc" == _content(answer)
    assert 12 == _size([b"7 (FLAGS (\\Seen))", b"1 (RFC822.SIZE 12 UID 5)"])


def test_an_answer_without_a_letter_is_a_fault_and_no_empty_letter() -> None:
    with pytest.raises(imaplib.IMAP4.error):
        _content([b"1 (UID 5)"])


def test_a_letter_that_somebody_took_away_has_no_size() -> None:
    assert _size([]) is None


def test_numbers_are_found_in_any_number_of_answers() -> None:
    assert [3, 4, 11] == _numbers([b"3 4", b"", b"11"])
