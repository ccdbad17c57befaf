"""What every place promises into which letters come back: the port `NoticeBox`, on a maildir and on a real Dovecot."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trustme

from gateway.deliver.delivery_notices import MAX_BYTES
from gateway.deliver.notice_imap import NoticeMailbox
from gateway.deliver.notice_maildir import NoticeMaildir
from gateway.deliver.port import NoticeBox
from tests.integration.deliver.dovecot import Dovecot, imap_settings

LETTER = b"Subject: Afwezig\r\n\r\nIk ben er niet.\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A box, how letters come into it, and how many lie there in all: also those that were put away."""

    box: NoticeBox
    put: Callable[[bytes], None]
    kept: Callable[[], int]


@pytest.fixture(scope="module")
def dovecot() -> Iterator[tuple[Dovecot, Path]]:
    authority = trustme.CA()
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sd") as folder:
        home = Path(folder)
        (home / "server").mkdir()
        home.chmod(0o755)
        authority.cert_pem.write_to_path(home / "ca.pem")
        with Dovecot(home / "server", authority).running() as server:
            yield server, home / "ca.pem"


def _maildir(folder: Path) -> Place:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)

    def put(letter: bytes) -> None:
        (folder / "new" / f"{kept():05}.host").write_bytes(letter)

    def kept() -> int:
        return sum(len(list((folder / name).iterdir())) for name in ("new", "cur"))

    return Place(box=NoticeMaildir(folder), put=put, kept=kept)


@pytest.fixture(params=["maildir", "imap, marked", "imap, moved"])
def place(request: pytest.FixtureRequest, tmp_path: Path, dovecot: tuple[Dovecot, Path]) -> Iterator[Place]:
    if request.param == "maildir":
        yield _maildir(tmp_path / "terug")
        return
    server, ca_file = dovecot
    server.make_anew("Terug")
    server.make_anew("Gelezen")
    settings = replace(imap_settings(server, ca_file), move_to="Gelezen" if request.param == "imap, moved" else "")
    place = Place(
        box=NoticeMailbox(settings),
        put=lambda letter: server.put(letter, folder="Terug"),
        kept=lambda: server.letters("Terug") + server.letters("Gelezen"),
    )
    yield place
    place.box.close()


def test_a_letter_is_read_to_its_last_byte(place: Place) -> None:
    largest = LETTER + b"x" * (MAX_BYTES - len(LETTER) - 2) + b"\r\n"
    for letter in (LETTER, largest):
        place.put(letter)

    place.box.check()
    assert [LETTER, largest] == [place.box.read(name) for name in place.box.waiting()]


def test_what_was_read_waits_until_it_is_put_away_and_is_never_deleted(place: Place) -> None:
    for _ in range(2):
        place.put(LETTER)
    first, second = place.box.waiting()
    place.box.read(first)
    place.box.close()

    assert [first, second] == place.box.waiting()
    place.box.seen(first)
    place.box.close()
    assert [second] == place.box.waiting()
    assert 2 == place.kept()


def test_letters_are_named_in_the_order_in_which_they_came(place: Place) -> None:
    letters = [b"Subject: %d\r\n\r\n" % number for number in range(12)]
    for letter in letters:
        place.put(letter)

    assert letters == [place.box.read(name) for name in place.box.waiting()]


def test_an_attack_with_a_huge_letter_is_read_as_nothing_and_keeps_no_other_waiting(place: Place) -> None:
    place.put(LETTER + b"x" * (20 * 1024 * 1024))
    place.put(LETTER)

    names = place.box.waiting()
    assert [b"", LETTER] == [place.box.read(name) for name in names]
    for name in names:
        place.box.seen(name)
    assert [] == place.box.waiting()


@pytest.mark.parametrize(
    "letter",
    [b"\r\n", b"\xff\xfe\x01x\r\n", b"Subject: {9}\r\n\r\n)\r\n* 1 FETCH (UID 1 BODY[] {5}\r\nabcde)\r\n"],
)
def test_an_attack_with_a_letter_that_is_none_is_read_as_it_is(letter: bytes, place: Place) -> None:
    place.put(letter)

    assert [letter] == [place.box.read(name) for name in place.box.waiting()]


def test_a_look_that_is_given_up_can_be_made_again(place: Place) -> None:
    place.put(LETTER)
    place.box.waiting()
    place.box.abandon()
    place.box.close()

    assert [LETTER] == [place.box.read(name) for name in place.box.waiting()]
