import io
import zipfile
from email.message import EmailMessage

import pytest

from gateway.minimise.documents import archive
from gateway.minimise.documents.model import Limits, Trouble, UnreadableError
from tests.unit.minimise.documents.door import SUBJECT, THIRD, names_third, tools, without_third
from tests.unit.minimise.documents.extracting import raw_text
from tests.unit.minimise.documents.nasty_ods import nasty_ods
from tests.unit.minimise.documents.nasty_xlsx import nasty_xlsx


def _packed(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, (2026, 11, 2, 10, 0, 0))
            entry.comment = f"van {THIRD}".encode()
            new.writestr(entry, content)
        new.comment = THIRD.encode()
    return packed.getvalue()


def _mail(text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = text
    mail.set_content(text)
    return mail.as_bytes()


def _trouble(content: bytes, *, depth: int = 5, limits: Limits | None = None) -> Trouble:
    with pytest.raises(UnreadableError) as caught:
        archive.open_document(content, tools(depth, limits))
    return caught.value.trouble


def test_a_name_in_every_hiding_place_of_an_archive_is_in_no_layer_of_the_new_one() -> None:
    nasty = _packed(
        {
            f"{THIRD}/{THIRD}.xlsx": nasty_xlsx(),
            "b.ODS": nasty_ods(),
            "c.zip": _packed({f"{THIRD}.ods": nasty_ods()}),
            f"__MACOSX/._{THIRD}.xlsx": THIRD.encode(),
            f".{THIRD}": THIRD.encode(),
        }
    )
    new = without_third(archive.open_document(nasty, tools()))

    assert names_third(raw_text(nasty))
    for text in (raw_text, archive.second_text):
        assert not names_third(text(new.content))
        assert SUBJECT in text(new.content)
    with zipfile.ZipFile(io.BytesIO(new.content)) as packed:
        assert ["01-document.xlsx", "02-document.ods", "03-document.zip"] == packed.namelist()
        assert {(1980, 1, 1, 0, 0, 0)} == {each.date_time for each in packed.infolist()}
    assert {"file-names": 4, "hidden-sheets": 4} == {
        kind: count for kind, count in new.left_behind.items() if kind in {"file-names", "hidden-sheets"}
    }


def test_every_mark_finds_its_own_text() -> None:
    members = {f"{number}.eml": _mail(f"{number} {THIRD}") for number in range(12)}

    new = without_third(archive.open_document(_packed(members), tools()))

    expected = [f"{number} [gelakt: derde]" for number in range(12) for _ in range(2)]
    assert expected == [each.text for each in archive.open_document(new.content, tools()).passages]


def test_the_same_archive_gives_the_same_bytes() -> None:
    content = _packed({"a.ods": nasty_ods(), "b.eml": _mail("x")})

    assert without_third(archive.open_document(content, tools())) == without_third(
        archive.open_document(content, tools())
    )


def test_one_member_that_can_not_be_searched_makes_the_whole_unsearchable() -> None:
    assert Trouble.NOT_KNOWN is _trouble(_packed({"a.eml": _mail("x"), "b.exe": b"MZ"}))
    assert Trouble.DAMAGED is _trouble(_packed({"a.eml": _mail("x"), "b.xlsx": b"PK"}))
    assert Trouble.NO_TEXT is _trouble(_packed({}))
    assert Trouble.NO_TEXT is _trouble(_packed({"__MACOSX/x": b""}))
    assert Trouble.TOO_LARGE is _trouble(_packed({f"{number}.eml": b"" for number in range(501)}))


def test_archives_in_archives_end_at_a_depth() -> None:
    content = _mail("x")
    for number in range(4):
        content = _packed({f"{number}.{'zip' if number else 'eml'}": content})

    assert ["x", "x"] == [each.text.strip() for each in archive.open_document(content, tools(4)).passages]
    assert Trouble.TOO_LARGE is _trouble(content, depth=3)
