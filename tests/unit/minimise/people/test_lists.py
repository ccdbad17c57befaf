"""Word lists hold what they were given, in a row of bytes."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.people.lists import Lists, SortedWords

_WORDS = st.sets(
    st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1, max_size=8), max_size=30
)


@given(_WORDS, _WORDS)
def test_a_list_holds_its_words_and_no_other(inside: set[str], others: set[str]) -> None:
    words = SortedWords(word.encode() for word in inside)

    assert all(word in words for word in inside)
    assert not any(word in words for word in others - inside)
    assert "" not in words


def test_the_lists_know_dutch_towns_and_names(lists: Lists) -> None:
    assert "verblijfsvergunning" in lists.words
    assert "apeldoorn" in lists.towns
    assert "herat" in lists.places
    assert "tesfay" in lists.names
    assert "jansen" in lists.surnames
