"""The word lists are read in little time and memory, or not at all."""

from pathlib import Path

import pytest

from gateway.minimise.word_lists import read_lists


def test_a_missing_list_is_an_error_and_not_a_poorer_search(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        read_lists(tmp_path / "none")


def test_a_missing_list_of_english_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        read_lists(english=tmp_path / "none")


def test_a_list_of_english_that_is_too_short_is_an_error_too(tmp_path: Path) -> None:
    (tmp_path / "english").write_text("one\ntwo\n", "utf-8")

    with pytest.raises(OSError, match="too short"):
        read_lists(english=tmp_path / "english")


def test_a_list_that_is_too_short_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "dutch").write_text("aap\nnoot\nmies\n", "utf-8")

    with pytest.raises(OSError, match="too short"):
        read_lists(tmp_path / "dutch")
