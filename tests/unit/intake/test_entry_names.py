import os
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.entry_names import (
    claimed_name,
    ignored,
    manifest_syntax,
    marked_name,
    markers_of,
    numbered,
    parse_claimed,
    syntax_of,
)

CLAIM = str(uuid.UUID(int=0x018F_0000_0000_7000_8000_0000_0000_0001))
NAMES = st.binary(min_size=1, max_size=255).filter(lambda raw: not set(raw) & {0, 47}).map(os.fsdecode)


@pytest.mark.parametrize(
    "name",
    [
        ".hidden",
        "a.part",
        "A.PART",
        "a.tmp",
        "a.crdownload",
        "~$report.docx",
        ".~lock.report.odt#",
        "Thumbs.db",
        "thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "._a",
        "report.docx:Zone.Identifier",
    ],
)
def test_what_programs_leave_behind_is_ignored(name: str) -> None:
    assert ignored(name)


@pytest.mark.parametrize("name", ["report.docx", "part", "a.partial", "package.yaml", "tmp", "~report"])
def test_what_people_hand_in_is_not_ignored(name: str) -> None:
    assert not ignored(name)


def test_a_marker_beside_an_entry_names_it_in_both_languages() -> None:
    assert ["zaak.zip", "zaak.zip"] == [marked_name(marker) for marker in markers_of("zaak.zip")]
    assert [None, None, None] == [marked_name(name) for name in ("zaak.zip", ".klaar", "klaar")]


def test_a_manifest_is_known_by_its_name() -> None:
    names = ["package.yaml", "package.yml", "Package.JSON", "package.xlsx", "other.yaml", "package"]

    assert ["yaml", "yaml", "json", None, None, None] == [manifest_syntax(name) for name in names]
    assert ["yaml", "json", None, None] == [syntax_of(name) for name in ("zaak.yml", "zaak.json", "zaak.pdf", "zaak")]


@given(NAMES)
def test_any_name_can_be_claimed_and_its_claim_found_again(name: str) -> None:
    claimed = claimed_name(name, CLAIM)
    parsed = parse_claimed(claimed)

    assert len(os.fsencode(claimed)) <= 255
    assert parsed is not None
    assert CLAIM == parsed[1]
    assert len(os.fsencode(name)) > 255 - 37 or name == parsed[0]


@given(NAMES, st.integers(2, 1000), st.booleans())
def test_a_numbered_name_fits_and_differs(name: str, number: int, folder: bool) -> None:
    made = numbered(name, number, folder=folder)

    assert name == numbered(name, 1, folder=folder)
    assert made != name
    assert f"({number})" in made
    assert len(os.fsencode(made)) <= 255


def test_a_number_stands_before_the_ending_of_a_file_and_behind_a_folders_name() -> None:
    assert "zaak (2).zip" == numbered("zaak.zip", 2, folder=False)
    assert "zaak 1.2 (2)" == numbered("zaak 1.2", 2, folder=True)
    assert "zaak. Een lange zin (3)" == numbered("zaak. Een lange zin", 3, folder=False)


def test_other_files_in_the_folder_are_no_claims() -> None:
    assert [None, None, None] == [parse_claimed(name) for name in ("zaak.zip", CLAIM, f"zaak.{CLAIM.upper()}x")]
