"""A file of pieces on a real disk: whole or not there, however much is made ahead of what is written."""

import resource
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.package.errors import Code, SluisError
from gateway.seal.landing import landed

_PIECE = 1024 * 1024
_MOST_AHEAD = 8


def test_the_pieces_lie_in_their_order(tmp_path: Path) -> None:
    pieces = [bytes((number,)) * (_PIECE if number % 2 else 1) for number in range(24)]

    sealed = landed(pieces, tmp_path / "out")

    assert b"".join(pieces) == (tmp_path / "out").read_bytes() == b"".join(sealed.chunks())


def test_what_a_piece_raises_is_raised_and_leaves_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield bytes(_PIECE)
        raise SluisError(Code.PAYLOAD_CORRUPT)

    with pytest.raises(SluisError) as error:
        landed(pieces(), tmp_path / "out")

    assert Code.PAYLOAD_CORRUPT is error.value.code
    assert [] == list(tmp_path.iterdir())


def test_a_source_that_goes_on_after_it_failed_makes_no_file(tmp_path: Path) -> None:
    class Leaky:
        """Gives more after an error, as a generator would not."""

        def __init__(self) -> None:
            self.asked = 0

        def __iter__(self) -> Iterator[bytes]:
            return self

        def __next__(self) -> bytes:
            self.asked += 1
            if self.asked == 2:
                raise SluisError(Code.PAYLOAD_CORRUPT)
            if self.asked > 20:
                raise StopIteration
            return bytes(_PIECE)

    with pytest.raises(SluisError):
        landed(Leaky(), tmp_path / "out")

    assert [] == list(tmp_path.iterdir())


def test_a_disk_that_is_full_half_way_leaves_nothing_and_the_source_can_be_closed(tmp_path: Path) -> None:
    def pieces() -> Generator[bytes, None, None]:
        for _ in range(64):
            yield bytes(_PIECE)

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    source = pieces()
    # A source that another thread is still in can not be closed: ValueError.
    with closing(source):
        resource.setrlimit(resource.RLIMIT_FSIZE, (8 * _PIECE, hard))
        try:
            with pytest.raises(SluisError) as error:
                landed(source, tmp_path / "out")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert Code.DISK_FULL is error.value.code
    assert [] == list(tmp_path.iterdir())


def test_only_a_few_pieces_are_made_ahead_of_what_is_written(tmp_path: Path) -> None:
    part, ahead = tmp_path / "out.part", []

    def pieces() -> Iterator[bytes]:
        for number in range(64):
            ahead.append(number - part.stat().st_size // _PIECE)
            yield bytes(_PIECE)

    landed(pieces(), tmp_path / "out")

    assert max(ahead) <= _MOST_AHEAD
