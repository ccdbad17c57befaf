"""Names that are easily taken for each other are found, however they are written; others are left alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.ids import RecipientId
from gateway.policy.likeness import Lookalikes, Words, alike, name_words, names_within
from gateway.policy.policy_set import PolicySet
from tests.unit.policy.building import Folders

NAMES = st.text(st.sampled_from("abeégmnoORIl10 -'.ßÅ"), min_size=1, max_size=14)
ENTRY = {
    "kind": "municipality",
    "language": "nl",
    "channels": [{"channel": "secure-mail", "address": "post@x.example", "keys": ["@FPR@"]}],
    "permissions": [{"purpose": "public-order", "fields": ["name"], "reviewOn": "2028-01-01"}],
}


def words(*names: str) -> tuple[Words, ...]:
    return tuple(name_words(name) for name in names)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gemeente-voorbee1d", "gemeente-voorbeeld"),
        ("Gemeente Rheden", "Gemeente Rhenen"),
        ("Gemeente Roosendaal", "Gemeente Rozendaal"),
        ("Gemeente Den Haag", "Gemeente Den Helder"),
        ("Stichting Vluchtelingenhulp Noord", "Stichting Vluchtelingenhulp Zuid"),
        ("Advocatenkantoor Jansen Utrecht", "Advocatenkantoor Jansen Amersfoort"),
        ("mr. A. Janssen", "mr. A. Jansen"),
        ("Voorbeeld Gemeente", "gemeente-voorbeeld"),
        ("Gemeente Súdwest-Fryslân", "GEMEENTE SUDWEST FRYSLAN"),
        ("Gemeente Аlmere", "Gemeente Almere"),  # noqa: RUF001 - the first letter is Cyrillic, as an attacker's would be.
        ("Gemeente Leidne", "Gemeente Leiden"),
    ],
)
def test_names_that_people_mix_up_are_alike(one: str, other: str) -> None:
    assert alike(*words(one, other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gemeente Leiden", "Gemeente Heerde"),
        ("Gemeente Utrecht", "Gemeente Zwolle"),
        ("gemeente-voorbeeld", "nidos-voorbeeld"),
        ("IND", "BZ"),
        ("COA", "KOA"),
        ("Stichting Nidos", "Stichting Vluchtelingenwerk"),
        ("Gemeente Ede", "Gemeente Epe"),
    ],
)
def test_names_that_share_little_or_are_too_short_to_tell_are_not_alike(one: str, other: str) -> None:
    assert not alike(*words(one, other))


@given(NAMES, NAMES)
def test_likeness_goes_both_ways(one: str, other: str) -> None:
    assert alike(*words(one, other)) == alike(*words(other, one))


@given(NAMES, NAMES)
def test_case_and_composed_letters_make_no_difference(one: str, other: str) -> None:
    written = unicodedata.normalize("NFD", one.lower()), unicodedata.normalize("NFC", other.upper())
    assert alike(*words(one, other)) == alike(*words(*written))


@given(NAMES, st.integers(0, 13), st.sampled_from("xq"))
def test_a_single_slip_in_a_word_of_four_letters_or_more_is_always_found(name: str, place: int, letter: str) -> None:
    word = "".join(name_words(name))
    slipped = word[: place % (len(word) + 1)] + letter + word[place % (len(word) + 1) :]
    assert len(word) < 4 or alike((word,), (slipped,))


def register(folders: Folders, *entries: tuple[str, str, str]) -> PolicySet:
    for place, organisation, name in entries:
        folders.add_recipient({**ENTRY, "id": place, "organisation": organisation, "name": name})
    return folders.load()


def test_no_entry_is_taken_for_itself_and_likeness_in_the_register_goes_both_ways(folders: Folders) -> None:
    policy = register(
        folders,
        ("gemeente-voorbee1d", "Gemeente Voorbee1d", "Gemeente Voorbee1d"),
        ("gemeente-rheden", "Gemeente Rheden", "Gemeente Rheden"),
        ("gemeente-rhenen", "Gemeente Rhenen", "Gemeente Rhenen"),
    )
    found = {each: policy.lookalikes.of(each) for each in policy.recipients}

    assert ("gemeente-voorbeeld",) == found[RecipientId("gemeente-voorbee1d")]
    assert ("gemeente-rhenen",) == found[RecipientId("gemeente-rheden")]
    assert () == found[RecipientId("nidos-voorbeeld")]
    assert all(one not in others for one, others in found.items())
    assert all(one in found[other] for one, others in found.items() for other in others)


def test_two_desks_of_one_organisation_are_not_alike_for_that(folders: Folders) -> None:
    policy = register(
        folders,
        ("burgerzaken-zuid", "Gemeente Zuid", "Burgerzaken"),
        ("veiligheid-zuid", "Gemeente Zuid", "Veiligheid"),
    )
    assert () == policy.lookalikes.of(RecipientId("burgerzaken-zuid"))


def test_one_name_under_two_ids_is_the_most_alike_of_all(folders: Folders) -> None:
    policy = register(folders, ("oud", "Gemeente Oud", "Sociaal Loket"), ("west", "Gemeente West", "sociaal loket"))
    assert ("west",) == policy.lookalikes.of(RecipientId("oud"))


def test_an_unknown_id_is_told_at_most_three_that_may_have_been_meant() -> None:
    class Entry:
        def __init__(self, name: str) -> None:
            self.id, self.name, self.organisation = RecipientId(name), name, name

    entries = {RecipientId(f"gemeente-voorbeel{letter}"): Entry(f"gemeente-voorbeel{letter}") for letter in "dgkmt"}
    lookalikes = Lookalikes(entries)

    assert tuple(f"gemeente-voorbeel{letter}" for letter in "dgk") == lookalikes.near("gemeente-voorbee1d")
    assert () == lookalikes.near("politie-oost")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J. de Vries, GEMEENTE VOORBEELD, afdeling veiligheid", {"gemeente-voorbeeld"}),
        ("de gemeente van het voorbeeld", set()),
        ("gemeente voorbeeldig", set()),
        ("", set()),
    ],
)
def test_a_name_stands_in_a_text_only_as_whole_words_in_their_order(
    text: str, expected: set[str], shipped: PolicySet
) -> None:
    assert expected == names_within(text, [shipped.recipients[RecipientId("gemeente-voorbeeld")]])
