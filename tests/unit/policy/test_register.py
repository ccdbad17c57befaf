import pytest

from gateway.package.errors import Code, SluisError
from gateway.policy.necessity import is_written_necessity
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import fingerprints, known, recipient_listing, sender_organisation_matches
from tests.unit.policy.building import KEYS, SAMPLES, Folders, examined


def test_a_known_recipient_and_purpose_are_taken_even_when_they_will_be_refused(shipped: PolicySet) -> None:
    for purpose in ("public-order", "housing", "return"):
        manifest = examined(purpose=purpose).package.manifest
        known(shipped, manifest)
        assert purpose in shipped.purposes


@pytest.mark.parametrize(
    ("to", "purpose", "code", "where"),
    [
        (["gemeente-voorbeeld", "gemeente-onbekend"], "public-order", Code.RECIPIENT_UNKNOWN, "recipients[1]"),
        (["gemeente-voorbeeld"], "curiosity", Code.PURPOSE_UNKNOWN, "purpose"),
    ],
)
def test_an_unknown_recipient_or_purpose_is_refused_at_the_door(
    to: list[str], purpose: str, code: Code, where: str, shipped: PolicySet
) -> None:
    with pytest.raises(SluisError) as refused:
        known(shipped, examined(to, purpose=purpose).package.manifest)
    assert (code, where) == (refused.value.code, refused.value.where)


@pytest.mark.parametrize(
    ("written", "detail"),
    [("gemeente-voorbee1d", {"names": "gemeente-voorbeeld"}), ("politie-oost", {})],
)
def test_an_unknown_recipient_is_told_with_those_that_it_looks_like(
    written: str, detail: dict[str, str], shipped: PolicySet
) -> None:
    with pytest.raises(SluisError) as refused:
        known(shipped, examined(written).package.manifest)
    assert detail == refused.value.detail


@pytest.mark.parametrize(
    ("written", "detail"),
    [
        ("public-ordre", {"names": "public-order"}),
        ("guardianschip", {"names": "guardianship"}),
        ("curiosity", {}),
    ],
)
def test_an_unknown_purpose_is_told_with_those_that_it_looks_like(
    written: str, detail: dict[str, str], shipped: PolicySet
) -> None:
    with pytest.raises(SluisError) as refused:
        known(shipped, examined(purpose=written).package.manifest)
    assert detail == refused.value.detail


def test_the_keys_of_all_channels_are_given_once_and_unknown_recipients_have_none(shipped: PolicySet) -> None:
    assert fingerprints(shipped, [*SAMPLES, "gemeente-onbekend"]) == tuple(KEYS.values())
    assert fingerprints(shipped, ["gemeente-onbekend"]) == ()


def test_the_listing_shows_no_address_and_no_key(shipped: PolicySet) -> None:
    listing = recipient_listing(shipped)
    assert list(SAMPLES) == [each.id for each in listing]
    assert listing[1].purposes == ("public-order",)
    assert listing[1].channels == ("secure-mail",)
    assert "openbareorde@" not in repr(listing)
    assert not any(key in repr(listing) for key in KEYS.values())


@pytest.mark.parametrize(
    ("stated", "submitted", "same"),
    [
        ("DT&V", "DT&V", True),
        ("DTenV", "DT&V", True),
        ("dt&v", "DTV", True),
        ("IND", "DT&V", False),
        ("COA", "Stichting COA Voorbeeld", False),
        ("Onbekend", "onbekend", True),
    ],
)
def test_a_sender_is_of_the_organisation_that_submitted_under_any_of_its_names(
    stated: str, submitted: str, same: bool, shipped: PolicySet
) -> None:
    assert same is sender_organisation_matches(shipped, stated, submitted)


def test_a_policy_set_prints_its_digest_and_nothing_else(shipped: PolicySet) -> None:
    assert repr(shipped) == f"PolicySet(digest='{shipped.digest}')"


def test_no_print_of_a_recipient_shows_its_address(shipped: PolicySet) -> None:
    assert all("@" not in repr(entry) for entry in shipped.recipients.values())


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (None, False),
        ("", False),
        ("nodig", False),
        ("n.v.t.", False),
        ("." * 80, False),
        ("nodig " * 20, False),
        ("a" * 80, False),
        ("Medische gegevens nodig", False),
        ("zie dossier zie dossier zie dossier zie dossier", False),
        ("De arts vraagt de medicatie voor de vlucht.", True),
        ("Medische gegevens zijn nodig voor plaatsing in aangepaste opvang.", True),
        ("\u0627\u0644\u0637\u0628\u064a\u0628 \u0627\u0628 \u0628\u0628 \u0628\u062a " * 4, True),
        ("   De     arts\n\nvraagt   de   medicatie    ", False),
    ],
)
def test_a_necessity_is_long_enough_and_more_than_filler(text: str | None, counts: bool, shipped: PolicySet) -> None:
    assert counts is is_written_necessity(text, rule=shipped.necessity)


def test_the_privacy_officer_sets_how_long_a_necessity_is(folders: Folders) -> None:
    folders.replace("rules.yaml", "characters: 40", "characters: 100")
    assert not is_written_necessity("De arts vraagt de medicatie voor de vlucht.", rule=folders.load().necessity)
