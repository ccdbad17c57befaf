import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.folding import words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Merhawi TESFAY, Utrecht.", ["merhawi", "tesfay", "utrecht"]),
        ("3511AB", ["3511", "ab"]),
        ("Çelik", ["celik"]),
        ("Y\u0131ld\u0131r\u0131m YILDIRIM Yildirim", ["yildirim"] * 3),
        ("İpek", ["ipek"]),
        ("Müller", ["muller"]),
        ("Straße", ["strasse"]),
        ("ver\u00adtrek ver\u200btrek ver\u2060trek", ["vertrek"] * 3),
        ("\uff2derhawi ﬁles", ["merhawi", "files"]),
        ("٠٦١٢ \U0001d7db", ["0612", "3"]),
        ("een\u00a0twee\u2028drie\u3000vier", ["een", "twee", "drie", "vier"]),
        ("\u2018Jan\u2019\u2013Piet…", ["jan", "piet"]),
        ("o'Neill m.tesfay@voorbeeld.example", ["o", "neill", "m", "tesfay", "voorbeeld", "example"]),
        ("محمد مُحَمَّد", ["محمد", "محمد"]),
        ("ΟΔΥΣΣΕΥΣ Οδυσσευς", ["οδυσσευσ"] * 2),
        ("☃☃", ["☃☃"]),
        ("", []),
    ],
)
def test_text_is_folded_to_comparable_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(st.text())
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    assert words_of(unicodedata.normalize("NFC", text)) == words_of(unicodedata.normalize("NFD", text))


@given(st.lists(st.text(), max_size=5))
def test_cutting_a_text_at_spaces_changes_no_word(parts: list[str]) -> None:
    assert words_of(" ".join(parts)) == [word for part in parts for word in words_of(part)]


@given(st.text(min_size=80))
def test_a_text_with_many_alphabets_folds_as_each_of_its_characters(text: str) -> None:
    spread = "".join(chr(0xC0 + index) for index in range(300))

    assert "".join(words_of(spread + text)) == "".join(words_of(spread)) + "".join(words_of(text))
