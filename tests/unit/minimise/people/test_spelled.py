"""Names that are cut up, spelled or those of a family are found."""

import pytest

from gateway.minimise.people.finding import find_people
from gateway.minimise.people.findings import Known, Whose
from gateway.minimise.people.lists import Lists


def _taken(text: str, lists: Lists) -> list[str]:
    (found,) = find_people([text], known=Known(names=("Selam Haile",)), lists=lists)
    return [text[each.start : each.end] for each in found if each.whose is Whose.THIRD_PARTY]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("naam: P I E T E R S", "P I E T E R S"),
        ("naam: K-A-R-I-M-I", "K-A-R-I-M-I"),
        ("naam: K.a.r.i.m.i", "K.a.r.i.m.i"),
        ("Zij woont bij pleeggezin De Vries in huis.", "De Vries"),
        ("Het gastgezin Smit belde.", "Smit"),
        ("De buurman De Boer belde.", "De Boer"),
        ("Getuige Lie A Sang was er ook.", "Lie A Sang"),
        ("Rekening DE 89 3704 0044 0532 0130 00 van hem.", "DE 89 3704 0044 0532 0130 00"),
    ],
)
def test_a_name_or_account_in_pieces_is_found_whole(text: str, name: str, lists: Lists) -> None:
    assert [name] == _taken(text, lists)


@pytest.mark.parametrize(
    "text",
    ["V E R S L A G", "B-E-S-L-U-I-T", "groep A B C", "W.v.t.t.k.", "G E M E E N T E   A L P H E N   A / D   R I J N"],
)
def test_a_heading_that_is_spaced_out_stays(text: str, lists: Lists) -> None:
    assert [] == _taken(text, lists)
