"""The second opinion comes from deduce in a process of its own, and never keeps a document waiting."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.minimise.second_opinion import SecondOpinion, build_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site") / "second-opinion"
    build_folder(made)
    return made


@pytest.fixture(scope="module")
def opinion(folder: Path) -> Iterator[SecondOpinion]:
    with SecondOpinion(folder, piece_seconds=30) as asked:
        yield asked


def _playing(program: str, folder: Path, **seconds: float) -> SecondOpinion:
    return SecondOpinion(folder, program=(sys.executable, "-c", program), **seconds)


def test_it_finds_dutch_names_in_the_original_text(opinion: SecondOpinion) -> None:
    texts = ["Gisteren belde Ro\u00ados Kok.", "", "Later kwam\u00a0Piet Bloem."]

    given = opinion.on(texts)

    assert given.complete
    assert [["Ro\u00ados Kok"], [], ["Piet Bloem"]] == [
        [text[start:end] for start, end in spans] for text, spans in zip(texts, given.spans, strict=True)
    ]


def test_a_long_row_of_names_ends_in_time_and_the_next_text_is_answered(folder: Path) -> None:
    with SecondOpinion(folder, piece_seconds=5, whole_seconds=10) as asked:
        started = time.monotonic()
        asked.on(["Mohammed " * 20_000])
        assert time.monotonic() - started < 60
        assert asked.on(["Gesproken met Jan Jansen."]).complete


def test_a_folder_that_others_may_write_gives_no_second_opinion(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "open").symlink_to(folder)
    pickle = folder / "cache" / "lookup_structs.pickle"
    pickle.chmod(0o666)
    try:
        with SecondOpinion(tmp_path / "open") as asked:
            assert not asked.on(["Jan Jansen"]).complete
    finally:
        pickle.chmod(0o644)


def test_a_folder_that_was_never_built_gives_no_second_opinion(tmp_path: Path) -> None:
    with SecondOpinion(tmp_path / "none") as asked:
        given = asked.on(["Jan Jansen", "Piet"])

    assert not given.complete
    assert ((), ()) == given.spans


@pytest.mark.parametrize(
    "program",
    [
        "import time; time.sleep(60)",
        "print('ready', flush=True); import time; time.sleep(60)",
        "raise SystemExit(1)",
        "print('ready', flush=True); input(); raise SystemExit(1)",
        "print('ready', flush=True); input(); print('no json', flush=True); input()",
        "print('ready', flush=True); input(); print('[[5, 900]]', flush=True); input()",
        "print('ready', flush=True); input(); print('[[1]]', flush=True); input()",
        "print('ready', flush=True); input(); print('{}' + '9' * 100, flush=True); input()",
    ],
)
def test_a_program_that_hangs_dies_or_babbles_gives_no_second_opinion_in_time(program: str, tmp_path: Path) -> None:
    started = time.monotonic()

    with _playing(program, tmp_path, start_seconds=3, piece_seconds=1) as asked:
        given = asked.on(["Jan Jansen"])

    assert not given.complete
    assert ((),) == given.spans
    assert time.monotonic() - started < 30


def test_a_folder_that_was_built_is_not_built_again(folder: Path) -> None:
    before = (folder / "cache" / "lookup_structs.pickle").stat().st_mtime_ns

    build_folder(folder)

    assert before == (folder / "cache" / "lookup_structs.pickle").stat().st_mtime_ns
