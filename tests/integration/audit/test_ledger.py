"""The ledger is what the log says, however it came to be; and what does not fit the log is made anew."""

import os
import random
import resource
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.audit.events import Event, EventAction
from gateway.audit.ledger import LEDGER, Ledger, LineChangedError
from gateway.audit.ledger_rows import EVENT_COLUMNS, moment
from gateway.audit.reading import lines_of, read_events
from gateway.package.errors import Code, SluisError
from tests.integration.audit.ledger_lines import PACKAGES, UNREADABLE, append, cut_at, events, lines_of_events
from tests.integration.audit.spoiling import spoil

AsSomebody = Callable[[Callable[[], None]], None]
_TABLES = ("event", "event_subject", "event_category", "event_code", "event_number", "unreadable", "file", "standing")
SOME = [Event(action=EventAction.PACKAGE_HELD, package=PACKAGES[number % 4]) for number in range(9)]


def content(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is in the ledger, in an order of its own."""
    return {name: sorted(map(tuple, ledger.rows(f"SELECT * FROM {name}")), key=repr) for name in _TABLES}  # noqa: S608 - names of our own


def indexed(folder: Path, **options: bool) -> dict[str, list[tuple[Any, ...]]]:
    with Ledger(folder, **options) as ledger:
        return content(ledger)


def numbers(folder: Path) -> list[int]:
    with Ledger(folder) as ledger:
        return [row["seq"] for row in ledger.rows("SELECT seq FROM event ORDER BY line")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of nine events in one file."""
    made = tmp_path / "log"
    append(made, lines_of_events(SOME))
    return made


def only_file(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


@settings(max_examples=40)
@given(found=st.lists(events(), max_size=40), places=st.lists(st.integers(0, 40), max_size=4), junk=st.randoms())
def test_an_index_that_grew_is_the_one_that_is_made_at_once(
    found: list[Event], places: list[int], junk: random.Random
) -> None:
    lines = lines_of_events(found, minutes=90)
    for number in range(len(lines) // 5):
        lines.insert(junk.randrange(len(lines)), (lines[number][0], junk.choice(UNREADABLE)))
    lines.sort(key=lambda line: line[0])
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "log"
        with Ledger(folder) as grown:
            for piece in cut_at(lines, places):
                append(folder, piece)
                grown.catch_up()
            by_itself = content(grown)
        again, anew = indexed(folder), indexed(folder, distrustful=True)
        (Path(root) / LEDGER).unlink(missing_ok=True)
        from_nothing = indexed(folder)

    assert by_itself == again == anew == from_nothing


@settings(max_examples=40)
@given(found=st.lists(events(), min_size=1, max_size=30))
def test_every_line_is_in_it_with_what_it_says_and_where_it_stands(found: list[Event]) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "log"
        append(folder, lines_of_events(found, minutes=200))
        plain = list(read_events(folder))
        raw = [line for _, _, line in lines_of(folder)]
        with Ledger(folder) as ledger:
            rows = ledger.rows(f"SELECT {', '.join(EVENT_COLUMNS)} FROM event ORDER BY line")  # noqa: S608 - names of our own
            fetched = [ledger.line_at(row) for row in rows]
            subjects = {tuple(row) for row in ledger.rows("SELECT line, pseudonym FROM event_subject")}

    assert raw == fetched
    assert [each.get("gateway.recipient.id") for each in plain] == [row["recipient"] for row in rows]
    assert [each["@timestamp"] for each in plain] == [
        moment(row["at"]).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for row in rows
    ]
    assert subjects == {(n, who) for n, each in enumerate(plain) for who in each.get("gateway.subject.pseudonym", ())}


@pytest.mark.parametrize("line", UNREADABLE)
def test_an_attack_by_a_line_that_is_no_event_stops_nothing_and_is_counted(folder: Path, line: bytes) -> None:
    before = lines_of_events(SOME)
    with only_file(folder).open("ab") as target:
        target.write(line + b"\n")
    append(folder, lines_of_events(SOME, first=10))

    with Ledger(folder) as ledger:
        assert [(9,)] == [tuple(row) for row in ledger.rows("SELECT line FROM unreadable")]
        assert 2 * len(before) == len(ledger.rows("SELECT seq FROM event"))
        assert 0 == ledger.standing.disorder


def test_an_attack_by_a_number_that_is_far_too_high_hides_no_later_line(folder: Path) -> None:
    append(folder, lines_of_events(SOME[:1], first=2**40, minutes=0))
    append(folder, lines_of_events(SOME, first=9))

    with Ledger(folder) as ledger:
        assert 19 == len(ledger.rows("SELECT seq FROM event"))
        assert 2 == ledger.standing.disorder


def test_a_line_that_is_still_being_written_waits_for_its_end(folder: Path) -> None:
    [(_, line)] = lines_of_events(SOME[:1], first=9)
    with Ledger(folder) as ledger, only_file(folder).open("ab", buffering=0) as target:
        target.write(line[:100])
        ledger.catch_up()
        halfway = ledger.standing.lines
        target.write(line[100:] + b"\n")
        ledger.catch_up()

        assert (9, 10) == (halfway, ledger.standing.lines)
        assert 9 == ledger.rows("SELECT max(seq) FROM event")[0][0]


# ---- The log under the index is another one ----


def _change_last_line(folder: Path) -> None:
    file = only_file(folder)
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join((*lines[:-1], lines[-1].replace(b"package-held", b"package-sent"))) + b"\n")


def _take_last_line(folder: Path) -> None:
    file = only_file(folder)
    file.write_bytes(b"".join(line + b"\n" for line in file.read_bytes().splitlines()[:-1]))


def _put_others_in_its_place(folder: Path) -> None:
    file = only_file(folder)
    file.unlink()
    append(folder, lines_of_events([Event(action=EventAction.USER_LOGIN)] * 30))


def _put_a_file_before_it(folder: Path) -> None:
    only_file(folder).with_name("2020-01-01.jsonl").write_bytes(lines_of_events(SOME[:1])[0][1] + b"\n")


def _take_all_away(folder: Path) -> None:
    only_file(folder).unlink()


@pytest.mark.parametrize(
    "change",
    [_change_last_line, _put_others_in_its_place, _take_last_line, _put_a_file_before_it, _take_all_away],
)
def test_a_log_that_was_changed_under_its_index_is_indexed_anew(folder: Path, change: Callable[[Path], None]) -> None:
    before = indexed(folder)
    change(folder)

    after = indexed(folder)

    assert before != after
    assert indexed(folder, distrustful=True) == after


def test_a_file_of_before_that_was_changed_is_noticed_by_its_size_or_time(folder: Path) -> None:
    append(folder, lines_of_events(SOME, first=300))
    indexed(folder)
    old = min(folder.iterdir())
    state = old.stat()
    old.write_bytes(old.read_bytes().replace(b"package-held", b"package-sent", 1))
    os.utime(old, ns=(state.st_atime_ns, state.st_mtime_ns + 1))

    with Ledger(folder) as ledger:
        assert 1 == len(ledger.rows("SELECT seq FROM event WHERE action = 'package-sent'"))


def test_an_attack_that_changes_a_line_and_hides_it_is_noticed_when_that_line_is_told(folder: Path) -> None:
    indexed(folder)
    file, state = only_file(folder), only_file(folder).stat()
    file.write_bytes(file.read_bytes().replace(b"package-held", b"package-sent", 1))
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))

    with Ledger(folder) as ledger:
        first, second = ledger.rows("SELECT file, start, leaf FROM event ORDER BY line LIMIT 2")
        with pytest.raises(LineChangedError):
            ledger.line_at(first)
        assert b"package-held" in ledger.line_at(second)
        ledger.make_anew()
        assert 1 == len(ledger.rows("SELECT seq FROM event WHERE action = 'package-sent'"))


# ---- The index is no index ----


@settings(max_examples=40)
@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=5000), cut=st.booleans())
def test_a_torn_or_spoilt_index_gives_right_answers_or_is_made_anew(place: float, junk: bytes, cut: bool) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root) / "log"
        append(folder, lines_of_events(SOME * 5))
        right = indexed(folder)
        index = Path(root) / LEDGER
        whole = index.read_bytes()
        at = int(place * (len(whole) - 1))
        # The pages of tables are where the rows lie, which nothing but the log itself can vouch for: those of the head
        # and of the schema are spoilt, or all behind some place is gone.
        index.write_bytes(whole[:at] if cut else junk + whole[len(junk) :])

        assert right == indexed(folder)


@pytest.mark.parametrize(
    "planted",
    [
        "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END",
        "CREATE VIEW v AS SELECT 1",
        "ALTER TABLE event ADD COLUMN more TEXT",
        "DROP INDEX event_package",
        "DELETE FROM standing",
    ],
)
def test_an_attack_by_an_index_of_another_form_is_not_used(folder: Path, planted: str) -> None:
    right = indexed(folder)
    with sqlite3.connect(folder.parent / LEDGER) as connection:
        connection.execute(planted)
    connection.close()

    append(folder, lines_of_events(SOME[:1], first=9))

    assert indexed(folder, distrustful=True) == indexed(folder) != right


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE standing SET start = 'x'",
        "UPDATE standing SET start = -1",
        "UPDATE standing SET stop = 1 << 61",
        "UPDATE standing SET lines = 9223372036854775807",
        "UPDATE standing SET lines = 'many'",
        "UPDATE standing SET seq = 9223372036854775807",
        "UPDATE standing SET leaf = NULL",
        "UPDATE standing SET file = 3.5",
        "UPDATE file SET name = x'ff'",
        "UPDATE file SET name = CAST(x'ff' AS TEXT)",
        "UPDATE file SET modified = 'x'",
    ],
)
def test_an_attack_by_a_value_that_no_log_has_makes_the_index_anew(folder: Path, damage: str) -> None:
    right = indexed(folder)
    spoil(folder, damage)

    assert right == indexed(folder)


@pytest.mark.parametrize(
    "damage", ["start = 'x'", "start = -1", "start = 1 << 61", "file = 7", "file = 'x'", "leaf = 'x'"]
)
def test_an_attack_by_a_place_that_no_line_has_is_a_changed_line(folder: Path, damage: str) -> None:
    indexed(folder)
    spoil(folder, f"UPDATE event SET {damage}")  # noqa: S608 - texts of the test

    with Ledger(folder) as ledger:
        [row, *_] = ledger.rows("SELECT file, start, leaf FROM event")
        with pytest.raises(LineChangedError):
            ledger.line_at(row)


@pytest.mark.parametrize("at", ["'x'", "1 << 62"])
def test_an_attack_by_a_time_that_no_line_has_is_answered_from_an_index_made_anew(folder: Path, at: str) -> None:
    indexed(folder)
    spoil(folder, f"UPDATE event SET at = {at}")  # noqa: S608 - texts of the test

    with Ledger(folder) as ledger:
        found = ledger.answer(lambda: [moment(row["at"]).year for row in ledger.rows("SELECT at FROM event")])

    assert [2026] * 9 == found


def test_an_attack_by_a_text_that_is_none_is_answered_from_an_index_made_anew(folder: Path) -> None:
    indexed(folder)
    spoil(folder, "UPDATE event SET package = CAST(x'ff' AS TEXT)")

    with Ledger(folder) as ledger:
        assert {*PACKAGES} == {row["package"] for row in ledger.rows("SELECT package FROM event")}


def test_an_attack_on_the_standing_of_an_open_index_is_answered_from_one_made_anew(folder: Path) -> None:
    with Ledger(folder) as ledger:
        spoil(folder, "UPDATE standing SET lines = 'many'")

        assert 9 == ledger.answer(lambda: ledger.standing.lines)


def test_what_a_crash_left_of_another_making_is_cleared_away(folder: Path) -> None:
    (folder.parent / ".ledger.sqlite.new").write_bytes(b"half")
    (folder.parent / "ledger.sqlite-journal").write_bytes(b"half")

    assert [*range(9)] == numbers(folder)
    assert {"log", LEDGER} == {each.name for each in folder.parent.iterdir()}


def test_who_may_only_read_gets_the_same_answers_and_leaves_nothing_behind(
    folder: Path, as_somebody: AsSomebody
) -> None:
    right: dict[str, Any] = indexed(folder)
    found: list[list[int]] = []
    append(folder, lines_of_events(SOME[:1], first=9))
    indexed_before = (folder.parent / LEDGER).read_bytes()
    folder.parent.chmod(0o555)

    as_somebody(lambda: found.append(numbers(folder)))
    unchanged = (folder.parent / LEDGER).read_bytes()
    (folder.parent / LEDGER).unlink()
    as_somebody(lambda: found.append(numbers(folder)))

    assert [[*range(10)], [*range(10)]] == found
    assert 9 == len(right["event"])
    assert indexed_before == unchanged
    assert {"log"} == {each.name for each in folder.parent.iterdir()}


def test_who_may_not_read_the_log_is_told_so(folder: Path, as_somebody: AsSomebody) -> None:
    folder.chmod(0)
    found: list[SluisError] = []

    def read() -> None:
        with pytest.raises(SluisError) as raised:
            numbers(folder)
        found.append(raised.value)

    as_somebody(read)

    assert [Code.READ_FORBIDDEN] == [each.code for each in found]


def test_many_who_index_while_the_log_grows_come_to_the_same(folder: Path) -> None:
    faults: list[BaseException] = []

    def follow() -> None:
        try:
            with Ledger(folder) as ledger:
                for _ in range(20):
                    ledger.catch_up()
                    if len(ledger.rows("SELECT seq FROM event")) != ledger.standing.lines:
                        raise AssertionError("half of a group was seen")  # noqa: TRY301 - told by the test's thread
        except BaseException as error:  # noqa: BLE001 - told by the test's thread
            faults.append(error)

    threads = [threading.Thread(target=follow) for _ in range(4)]
    for each in threads:
        each.start()
    for number in range(30):
        append(folder, lines_of_events(SOME, first=9 + 9 * number, minutes=0))
    for each in threads:
        each.join()

    assert [] == faults
    assert [*range(279)] == numbers(folder)


@contextmanager
def without_room() -> Iterator[None]:
    """Let no file grow to what an index needs, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_disk_without_room_for_an_index_gets_none_of_it_and_the_answer_comes_all_the_same(folder: Path) -> None:
    with without_room():
        found = numbers(folder)

    assert [*range(9)] == found
    assert {"log"} == {each.name for each in folder.parent.iterdir()}


@pytest.mark.parametrize("was_there", [False, True])
def test_a_fault_of_the_disk_that_passes_is_over_at_the_next_look(folder: Path, *, was_there: bool) -> None:
    if was_there:
        indexed(folder)
    append(folder, lines_of_events(SOME, first=9))
    ledger = Ledger(folder)
    with without_room():
        ledger.catch_up()
        append(folder, lines_of_events(SOME[:1], first=18))
        ledger.catch_up()
        meanwhile = (ledger.in_memory, ledger.standing.lines)
    append(folder, lines_of_events(SOME[:1], first=19))
    ledger.catch_up()
    afterwards = (ledger.in_memory, ledger.standing.lines)
    ledger.close()

    assert (True, 19) == meanwhile
    assert (False, 20) == afterwards
    assert indexed(folder, distrustful=True) == indexed(folder)


def test_the_index_may_be_read_by_whoever_may_read_the_log_and_by_nobody_else(folder: Path) -> None:
    numbers(folder)

    assert 0o640 == (folder.parent / LEDGER).stat().st_mode & 0o777


def test_an_empty_site_has_an_empty_ledger(tmp_path: Path) -> None:
    assert [] == numbers(tmp_path / "log")
