"""An article of law is a law and a number, in whatever way a privacy officer writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.law_articles import names_an_article


@pytest.mark.parametrize(
    "ground",
    [
        "AVG 9(2)(c)",
        "avg art.9 lid 2 sub c",
        "AVG art. 9 lid 2 onder c; UAVG art. 30",
        "AVG, artikel 9, tweede lid, onder c",
        "GDPR 9(2)c",
        "GDPR Article 9(2)(g)",
        "Article 9(2)(c) of the GDPR",
        "9(2)(c) GDPR",
        "artikel 9 lid 2 AVG",
        "UAVG 22-33",
        "uavg: 30",
        "Vw 2000 art. 107",
        "Vw2000 107",
        "Vreemdelingenwet 2000, art. 107a",
        "art. 107 Vreemdelingenwet",
        "Awb 2:1",
        "Burgerlijk Wetboek boek 1 art. 302",
        "BW boek 1 artikel 245",
        "Gemeentewet art. 172",
        "Jeugdwet 7.4.1",
        "Uitvoeringswet Algemene verordening gegevensbescherming art. 30",
        "EVRM art. 8, zie ook UAVG 33",
        "Omdat de arts belde. AVG 9 lid 2 onder c.",
    ],
)
def test_an_article_is_known_however_it_is_spelt(ground: str) -> None:
    assert names_an_article(ground)


@pytest.mark.parametrize(
    "ground",
    ["", " ", "geen idee", "AVG", "de wet", "Vw 2000", "9", "art. 9", "omdat het 3 keer is gevraagd", "vitale belangen",
     "AVG geen idee", "ik weet 3 redenen", "avgo 9", "sinds 2019 mag dit", "GDPR 2016"],
)  # fmt: skip
def test_free_text_without_a_law_and_its_number_is_no_ground(ground: str) -> None:
    assert not names_an_article(ground)


@given(st.text("abcdefghijklmnopqrstuvwxyz ,.", max_size=500))
def test_without_a_digit_nothing_is_an_article(text: str) -> None:
    assert not names_an_article(text)


@given(st.sampled_from(["AVG", "gdpr", "UAVG", "Vw 2000"]), st.integers(1, 199), st.text(max_size=100))
def test_what_stands_around_an_article_does_not_hide_it(law: str, number: int, around: str) -> None:
    assert names_an_article(f"{around} {law} art. {number} {around}")
