import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.package.manifest import unsafe_name
from gateway.receipt.slip_files import SlipFiles, safe_entry
from gateway.receipt.slip_model import Slip
from gateway.receipt.slips import slip_of
from tests.unit.receipt.samples import ENDINGS, shipped

TEMPLATES = shipped()
FOLDERS = ("3", "4", "5")


@pytest.fixture
def files(tmp_path: Path) -> SlipFiles:
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    return SlipFiles(action_needed=tmp_path / "3", refused=tmp_path / "4", sent=tmp_path / "5")


def slip(name: str, **changes: Any) -> Slip:
    return slip_of(replace(ENDINGS[name], **changes), texts=TEMPLATES)


def lying(root: Path) -> dict[str, list[str]]:
    return {name: sorted(path.name for path in (root / name).iterdir()) for name in FOLDERS}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("rejected", "3"),
        ("held-by-rule", "3"),
        ("held-by-problem", "3"),
        ("undeliverable", "3"),
        ("partly-delivered", "3"),
        ("stuck", "3"),
        ("to-upload", "3"),
        ("refused", "4"),
        ("withdrawn", "4"),
        ("expired", "4"),
        ("releasing", "5"),
        ("releasing-later", "5"),
        ("done", "5"),
        ("partly-allowed", "5"),
    ],
)
def test_a_slip_lies_where_its_sender_looks(files: SlipFiles, tmp_path: Path, name: str, folder: str) -> None:
    written = files.write(slip(name), templates=TEMPLATES)
    assert tmp_path / folder / "Aanvraag 12.456789ab.txt" == written
    expected: dict[str, list[str]] = {each: [] for each in FOLDERS} | {
        folder: [f"Aanvraag 12.456789ab.{e}" for e in ("html", "json", "txt")]
    }
    assert expected == lying(tmp_path)


def test_the_text_opens_well_in_notepad(files: SlipFiles) -> None:
    content = files.write(slip("done"), templates=TEMPLATES).read_bytes()
    assert content.startswith(b"\xef\xbb\xbfUw pakket is verstuurd\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")


def test_the_json_form_is_the_slip(files: SlipFiles) -> None:
    path = files.write(slip("done"), templates=TEMPLATES).with_suffix(".json")
    assert orjson.loads(path.read_bytes()) == orjson.loads(orjson.dumps(slip("done").as_json()))


def test_a_newer_slip_takes_the_place_of_the_older_one_also_in_another_folder(files: SlipFiles, tmp_path: Path) -> None:
    for name in ("held-by-rule", "releasing", "done", "held-by-rule", "refused"):
        files.write(slip(name), templates=TEMPLATES)
        assert 3 == sum(map(len, lying(tmp_path).values()))
    assert 3 == len(lying(tmp_path)["4"])


def test_slips_of_two_packages_with_one_name_lie_beside_each_other(files: SlipFiles, tmp_path: Path) -> None:
    files.write(slip("done"), templates=TEMPLATES)
    files.write(slip("done", id="0198f0de-7e21-7c3a-9d52-0123456789ac"), templates=TEMPLATES)
    assert 6 == len(lying(tmp_path)["5"])


def test_what_people_put_in_the_folders_stays(files: SlipFiles, tmp_path: Path) -> None:
    for name in FOLDERS:
        (tmp_path / name / "Aanvraag 12").mkdir()
        (tmp_path / name / "Aanvraag 12.txt").write_text("mine")
    files.write(slip("done"), templates=TEMPLATES)
    assert all({"Aanvraag 12", "Aanvraag 12.txt"} <= set(names) for names in lying(tmp_path).values())


def test_a_symlink_in_place_of_a_slip_is_replaced_and_never_followed(files: SlipFiles, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("untouched")
    for ending in ("txt", "html", "json"):
        (tmp_path / "5" / f"Aanvraag 12.456789ab.{ending}").symlink_to(target)
        (tmp_path / "5" / f".Aanvraag 12.456789ab.{ending}.part").symlink_to(target)
    written = files.write(slip("done"), templates=TEMPLATES)
    assert "untouched" == target.read_text()
    assert stat.S_ISREG(written.lstat().st_mode)
    assert not [name for name in lying(tmp_path)["5"] if name.endswith(".part")]


def test_a_folder_that_is_a_symlink_is_refused(files: SlipFiles, tmp_path: Path) -> None:
    (tmp_path / "5").rmdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "5").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="5"):
        files.write(slip("done"), templates=TEMPLATES)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_failing_disk_leaves_the_older_slip_whole_and_no_half_one(
    files: SlipFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = files.write(slip("releasing"), templates=TEMPLATES)
    before = written.read_bytes()

    def failing(_descriptor: int) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="no space"):
        files.write(slip("done"), templates=TEMPLATES)
    assert before == written.read_bytes()
    assert 3 == len(lying(tmp_path)["5"])


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("Aanvraag 12", "Aanvraag 12"),
        ("Zoë.zip", "Zoë.zip"),
        ("", "sluis"),
        ("...", "sluis"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("CON", "_CON"),
        ("nul.zip", "_nul.zip"),
        ("a\nb", "a_b"),
        ("a\udcff", "a_"),
        ('x<>:"|?*y', "x_______y"),
        (" .hidden ", "hidden"),
        ("a\u202egpj", "a_gpj"),
    ],
)
def test_an_odd_entry_name_is_made_safe(entry: str, expected: str) -> None:
    assert expected == safe_entry(entry).replace("?", "_")


@given(st.text(alphabet=st.characters(), max_size=300))
@example("\udc80" * 300)
@example("é" * 300)
@example("." * 300)
def test_every_entry_name_becomes_one_that_any_file_system_takes(entry: str) -> None:
    name = safe_entry(entry)
    assert not unsafe_name(name)
    assert len(f".{name}.456789ab.html.part".encode()) <= 255
    assert safe_entry(entry) == name


@pytest.mark.parametrize("entry", ["x" * 250, "é" * 250, "\udcff" * 250, "a/../b", "\x00"])
def test_a_slip_of_an_odd_entry_is_written(files: SlipFiles, tmp_path: Path, entry: str) -> None:
    written = files.write(slip("done", entry=entry), templates=TEMPLATES)
    assert tmp_path / "5" == written.parent
    assert 3 == len(lying(tmp_path)["5"])
