"""Promises of `sluis redact`: the same search and the same new files as on a package's way, without a site."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.entrypoints.cli.redact import TROUBLES
from gateway.formats.unreadable import Trouble
from gateway.minimise.documents.jobs import Death
from tests.unit.cli.conftest import run

TEXT = "Zijn broer Merhawi Gebremeskel (06-12345678) reisde met Yohannes Tesfay op 4 maart 2026."


@pytest.fixture
def subject(tmp_path: Path) -> Path:
    path = tmp_path / "subject.json"
    path.write_text(json.dumps({"name": "Yohannes Tesfay"}), encoding="utf-8")
    return path


def test_a_text_is_written_anew_without_others_and_its_report_counts_them(tmp_path: Path, subject: Path) -> None:
    source, target, report = (tmp_path / name for name in ("in.txt", "out.txt", "report.json"))
    source.write_text(TEXT, encoding="utf-8")

    said = run("redact", "--subject", subject, source, target, "--report", report)

    assert 0 == said.exit_code
    assert "Zijn broer [gelakt: derde] ([gelakt: derde]) reisde met Yohannes Tesfay op 4 maart 2026." == (
        target.read_text(encoding="utf-8").strip()
    )
    counted = {each["kind"]: each["count"] for each in json.loads(report.read_text())["redacted"]}
    assert {"name": 1, "telephone": 1} == counted
    assert "Gebremeskel" not in said.out + said.err + report.read_text()


def test_what_can_not_be_searched_is_not_written_and_says_why(tmp_path: Path, subject: Path) -> None:
    source, target = tmp_path / "in.pdf", tmp_path / "out.pdf"
    source.write_text("geen PDF", encoding="utf-8")

    said = run("redact", "--subject", subject, source, target)

    assert 3 == said.exit_code
    assert "type-mismatch" in said.out
    assert not target.exists()


def test_a_kind_of_file_without_a_reader_is_told_in_a_sentence(tmp_path: Path, subject: Path) -> None:
    source = tmp_path / "in.bin"
    source.write_bytes(bytes(range(256)) * 8)

    said = run("redact", "--subject", subject, source, tmp_path / "out.bin")

    assert 3 == said.exit_code
    assert "Sluis kent dit soort bestand niet. Sla het op als tekst" in " ".join(said.out.split())


@pytest.mark.parametrize("trouble", [*Trouble, *Death])
def test_every_reason_why_a_document_is_not_written_has_a_sentence(trouble: str) -> None:
    assert all(sentence.endswith(".") for sentence in TROUBLES[trouble])


def test_what_would_have_remained_is_told_by_its_kind_and_place_and_nothing_is_written(
    subject: Path, tmp_path: Path
) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    text = "Buurman Merhawi Gebremeskel heeft BSN 111222333.\n\nOp het etiket staat xk97811122233341b.\n"
    source.write_text(text, encoding="utf-8")

    said = run("redact", "--subject", subject, source, target)
    told = run("redact", "--subject", subject, source, target, "--json").json

    assert 3 == said.exit_code
    assert "residue-found burgerservicenummer (BSN) alinea 2" in said.out
    assert (["bsn"], ["paragraph 2"]) == (told["residue"], told["places"])
    assert "111222333" not in said.out
    assert not target.exists()


def test_a_labelled_set_gives_its_texts_or_the_spans_that_went(tmp_path: Path) -> None:
    items = tmp_path / "items.json"
    item = {"id": "a", "text": TEXT, "subject": {"name": "Yohannes Tesfay", "note": "more than is asked"}}
    items.write_text(json.dumps([item]), encoding="utf-8")

    texts, spans = (json.loads(run("redact", "--items", items, *more).out) for more in ((), ("--spans",)))

    assert "Gebremeskel" not in texts["a"]
    assert [["Merhawi Gebremeskel", "06-12345678"]] == [[TEXT[start:end] for start, end in spans["a"]]]


def _as_it_is(source: Path) -> Path:
    return source


def _by_another_path(source: Path) -> Path:
    (source.parent / "map").mkdir()
    return source.parent / "map" / ".." / source.name


def _by_a_symbolic_link(source: Path) -> Path:
    (link := source.parent / "link.txt").symlink_to(source)
    return link


def _by_a_hard_link(source: Path) -> Path:
    (link := source.parent / "link.txt").hardlink_to(source)
    return link


@pytest.mark.parametrize("way", [_as_it_is, _by_another_path, _by_a_symbolic_link, _by_a_hard_link])
def test_the_original_is_not_overwritten_whatever_way_leads_to_it(
    subject: Path, tmp_path: Path, way: Callable[[Path], Path]
) -> None:
    source = tmp_path / "in.txt"
    source.write_text(TEXT, encoding="utf-8")

    said = run("redact", "--subject", subject, source, way(source))

    assert 1 == said.exit_code
    assert "overschrijven" in said.err
    assert TEXT == source.read_text(encoding="utf-8")


def test_a_report_overwrites_neither_what_is_read_nor_the_new_document(subject: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text(TEXT, encoding="utf-8")

    said = [run("redact", "--subject", subject, source, target, "--report", each) for each in (source, subject, target)]

    assert [1, 1, 1] == [each.exit_code for each in said]
    assert not target.exists()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"naam": "Yohannes Tesfay"}', "name: deze sleutel is verplicht"),
        ('{"name": "Yohannes Tesfay", "numbers": "0981230002"}', "numbers: hier hoort een lijst"),
        ("[]", "subject:"),
        ("naam: Yohannes Tesfay", "subject.json: JSON in UTF-8"),
    ],
)
def test_of_a_wrong_file_about_the_subject_is_said_what_is_wrong_and_which_keys_there_are(
    tmp_path: Path, content: str, fault: str
) -> None:
    source, wrong = tmp_path / "in.txt", tmp_path / "subject.json"
    source.write_text(TEXT, encoding="utf-8")
    wrong.write_text(content, encoding="utf-8")

    said = run("redact", "--subject", wrong, source, tmp_path / "out.txt")

    assert 1 == said.exit_code
    assert fault in said.err
    assert "nameVariants" in said.err
    assert "pakket" not in said.err
    assert "Yohannes" not in said.err


def test_without_a_subject_nothing_is_guessed(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text(TEXT, encoding="utf-8")
    assert 2 == run("redact", source, tmp_path / "out.txt").exit_code
