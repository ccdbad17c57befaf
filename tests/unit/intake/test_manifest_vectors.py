"""Every manifest of the vectors: the valid ones are read, each invalid one gets the code in its name."""

from pathlib import Path

import pytest

from gateway.intake.manifest_reading import Syntax, read_manifest
from gateway.package.errors import SluisError
from tests.vectors.manifests import make

VALID = sorted((make.FOLDER / "valid").iterdir())
INVALID = sorted((make.FOLDER / "invalid").iterdir())


def _syntax(path: Path) -> Syntax:
    return "json" if path.suffix == ".json" else "yaml"


def test_the_vectors_are_there_and_are_what_the_program_makes() -> None:
    assert make.valid() == {path.name: path.read_bytes() for path in VALID}
    assert make.invalid() == {path.name: path.read_bytes() for path in INVALID}
    assert len(VALID) >= 10
    assert len(INVALID) >= 40


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.name)
def test_a_valid_manifest_is_read(path: Path) -> None:
    manifest = read_manifest(path.read_bytes(), syntax=_syntax(path))

    assert "sluis-package/1" == manifest.format
    assert "Sam Proef" == manifest.subject.name


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.name)
def test_an_invalid_manifest_gets_its_code_and_a_place(path: Path) -> None:
    with pytest.raises(SluisError) as raised:
        read_manifest(path.read_bytes(), syntax=_syntax(path))

    assert path.name.split(".")[1] == raised.value.code.value
    assert raised.value.where
    assert raised.value.__cause__ is None


def test_each_way_to_write_the_plain_manifest_gives_the_same() -> None:
    names = ["plain.yaml", "plain.json", "byte-order-mark.yaml", "windows-line-ends.yaml", "document-end.yaml"]
    read = [read_manifest(make.valid()[name], syntax=_syntax(Path(name))) for name in names]

    assert [read[0]] * len(names) == read


def test_words_that_other_readers_turn_into_something_else_stay_text() -> None:
    manifest = read_manifest(make.valid()["words-stay-text.yaml"], syntax="yaml")

    expected = {"a": "no", "b": "2026-11-20", "c": "007", "d": "12:30", "e": "1_000", "f": "Null", "g": ".nan"}
    assert expected == manifest.data


def test_a_whole_number_keeps_every_digit() -> None:
    manifest = read_manifest(make.valid()["whole-number-of-many-digits.yaml"], syntax="yaml")

    assert {"a": 123456789012345678901234567890} == manifest.data
