import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code, SluisError
from gateway.package.facts import ConsentFacts, Filing, KeyHealth, Paper, Searchability, Standing
from gateway.package.ids import Fingerprint, RecipientId
from gateway.package.manifest import Category, FileRole
from gateway.package.paths import iter_leaves
from gateway.package.states import Channel, Cleared, Decision, Examined, Held, Outcome, Refused, Verdict
from gateway.policy.deciding import conclude, decide_only
from gateway.policy.policy_set import PolicySet
from tests.unit.policy.building import KEY, NOW, TODAY, Folders, document, examined

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."
KEYS = st.text(min_size=1, max_size=12)
JSON = st.recursive(
    st.sampled_from(["x", 1, None, True]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=5,
)
KNOWN = ["name", "bsn", "health", "address", "adres", "departureStrategy", "foto", "criminalRecord", "telephone"]
ROWS = st.dictionaries(st.sampled_from(KNOWN) | KEYS, JSON, max_size=6)
PURPOSES = {
    "gemeente-voorbeeld": "public-order",
    "nidos-voorbeeld": "guardianship",
    "vluchtelingenhulp-voorbeeld": "legal-support",
    "advocaat-voorbeeld": "representation",
    "ind-voorbeeld": "return",
}


def verdicts(decision: Decision) -> dict[str, tuple[Verdict, str]]:
    return {each.path: (each.verdict, each.reason.rule_id) for each in decision.recipients[0].fields}


def decided(facts: Examined, policy: PolicySet) -> Decision:
    return decide_only(facts, policy=policy, now=NOW)


def concluded(facts: Examined, policy: PolicySet) -> Cleared | Held | Refused:
    return conclude(facts, decided(facts, policy))


# ---- What a decision is --------------------------------------------------------------------------------------


def test_a_cleared_decision_carries_all_that_later_stages_need(shipped: PolicySet) -> None:
    result = concluded(examined(), shipped)
    assert isinstance(result, Cleared)
    first = result.decision.recipients[0]
    assert (Channel.SECURE_MAIL, (KEY,)) == (first.channel, first.keys)
    assert first.address == "openbareorde@gemeente-voorbeeld.example"
    assert result.decision.policy_digest == shipped.digest
    assert result.decision.decided_at == NOW
    assert result.decision.privacy_office is not None
    assert result.decision.privacy_office.email == "avg@dtv.minvenj.nl"


def test_a_held_decision_names_every_reason_once(shipped: PolicySet) -> None:
    facts = examined(rows=[{"health": 1, "gezondheid": 2}], necessity=NECESSITY, keys={}, connected=())
    result = concluded(facts, shipped)
    assert isinstance(result, Held)
    assert [reason.rule_id for reason in result.reasons] == [
        "special.second-person",
        "channel.not-connected",
        "key-missing",
    ]


def test_a_refused_decision_says_only_why_it_is_refused(shipped: PolicySet) -> None:
    result = concluded(examined(purpose="housing", connected=()), shipped)
    assert isinstance(result, Refused)
    reasons = [reason.rule_id for reason in result.decision.recipients[0].reasons]
    assert reasons == ["municipality.other-purpose"]


def test_every_reason_of_a_rule_speaks_both_languages_and_names_step_and_article(shipped: PolicySet) -> None:
    for reason in shipped.reasons.values():
        assert reason.nl
        assert reason.en
        assert reason.article
        assert reason.step in {1, 2, 3, 4}


def test_a_recipient_that_left_the_register_is_an_error_and_no_decision(shipped: PolicySet) -> None:
    with pytest.raises(SluisError) as refused:
        decided(examined(["gemeente-voorbeeld", "gemeente-weg"]), shipped)
    assert (Code.RECIPIENT_UNKNOWN, "recipients[1]") == (refused.value.code, refused.value.where)


def test_proofs_and_data_files_are_never_shared_as_documents(shipped: PolicySet) -> None:
    files = (
        document("letter", number=1),
        document("data", number=2, role=FileRole.DATA),
        document("consent", number=3, role=FileRole.CONSENT),
        document("mandate", number=4, role=FileRole.MANDATE),
    )
    first = decided(examined(documents=files), shipped).recipients[0]
    assert [each.number for each in first.documents] == [1]


def test_a_document_of_which_nobody_said_whether_it_can_be_searched_is_held(shipped: PolicySet) -> None:
    first = decided(examined(documents=(document(),), search={}), shipped).recipients[0]
    assert [each.reason.rule_id for each in first.documents] == ["document.not-searchable"]


def test_an_empty_row_leaves_nothing_to_send(shipped: PolicySet) -> None:
    assert decided(examined(rows=[{}]), shipped).outcome is Outcome.REFUSED


def test_one_column_of_a_table_gets_one_verdict(shipped: PolicySet) -> None:
    rows: list[dict[str, Any]] = [{"name": str(number), "telephone": number} for number in range(50)]
    assert len(decided(examined(rows=rows), shipped).recipients[0].fields) == 2


# ---- Several recipients --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("partial", "recipients", "outcome"),
    [
        ("refused", ["gemeente-voorbeeld", "advocaat-voorbeeld"], Outcome.REFUSED),
        ("allowed", ["gemeente-voorbeeld", "advocaat-voorbeeld"], Outcome.CLEARED),
        ("allowed", ["advocaat-voorbeeld", "nidos-voorbeeld"], Outcome.REFUSED),
    ],
)
def test_all_or_none_unless_the_package_says_partial(
    partial: str, recipients: list[str], outcome: Outcome, shipped: PolicySet
) -> None:
    assert outcome is decided(examined(recipients, partial=partial), shipped).outcome


def test_one_refused_recipient_does_not_end_the_waiting_of_another_under_partial(shipped: PolicySet) -> None:
    facts = examined(["gemeente-voorbeeld", "advocaat-voorbeeld"], partial="allowed", connected=())
    result = concluded(facts, shipped)
    assert isinstance(result, Held)
    assert [reason.rule_id for reason in result.reasons] == ["channel.not-connected"]


# ---- Step 1 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ages", "outcome"),
    [
        ((17, 17), Outcome.CLEARED),
        ((0, 0), Outcome.CLEARED),
        ((17, 18), Outcome.HELD),
        ((0, 40), Outcome.HELD),
        ((None, None), Outcome.HELD),
        ((None, 17), Outcome.HELD),
        ((17, None), Outcome.HELD),
        ((18, 18), Outcome.REFUSED),
        ((18, 19), Outcome.REFUSED),
        ((18, None), Outcome.REFUSED),
    ],
)
def test_nidos_gets_only_who_is_a_minor_beyond_doubt(
    ages: tuple[int | None, int | None], outcome: Outcome, shipped: PolicySet
) -> None:
    facts = examined("nidos-voorbeeld", purpose="guardianship", ages=ages, guardianship={"reference": "C/1"})
    assert outcome is decided(facts, shipped).outcome


@given(st.integers(0, 110), st.integers(0, 110))
def test_nidos_never_gets_anybody_who_could_be_eighteen(shipped: PolicySet, one: int, other: int) -> None:
    ages = (min(one, other), max(one, other))
    facts = examined("nidos-voorbeeld", purpose="guardianship", ages=ages, guardianship={"reference": "C/1"})
    assert (ages[1] < 18) == (decided(facts, shipped).outcome is Outcome.CLEARED)


@pytest.mark.parametrize(
    ("today", "outcome"),
    [
        (dt.date(2027, 12, 31), Outcome.CLEARED),
        (dt.date(2028, 1, 1), Outcome.HELD),
        (dt.date(2029, 1, 1), Outcome.HELD),
    ],
)
def test_the_review_date_is_the_first_day_without_permission(
    today: dt.date, outcome: Outcome, shipped: PolicySet
) -> None:
    assert outcome is decided(examined(today=today), shipped).outcome


NGO = "vluchtelingenhulp-voorbeeld"
LAWYER = RecipientId("advocaat-voorbeeld")
GOOD_CONSENT = {
    "signedOn": TODAY,
    "signedBy": "x",
    "recipient": "Stichting Vluchtelingenhulp Voorbeeld",
    "caseReference": "IS-TV/2026/118",
    "categories": [Category.ORDINARY],
}
FACTS = st.builds(
    ConsentFacts,
    paper=st.sampled_from(Paper),
    filing=st.sampled_from(Filing),
    withdrawn=st.sampled_from([None, True, False]),
)
GOOD_FACTS = ConsentFacts(paper=Paper.READABLE, filing=Filing.FILED, withdrawn=False, youngest=30)


@given(row=ROWS, missing=st.sampled_from(["", *GOOD_CONSENT]), facts=st.none() | FACTS)
def test_nothing_goes_to_an_ngo_without_a_whole_consent_and_every_fact_about_it(
    shipped: PolicySet, row: dict[str, Any], missing: str, facts: ConsentFacts | None
) -> None:
    consent = {key: value for key, value in GOOD_CONSENT.items() if key != missing}
    whole = missing in ("", "categories") and facts == GOOD_FACTS
    seen = examined(NGO, purpose=PURPOSES[NGO], rows=[{"name": "x", **row}], consent=consent, consent_facts=facts)
    assert whole or decided(seen, shipped).outcome is not Outcome.CLEARED


@given(row=ROWS, consent_facts=FACTS)
def test_nothing_goes_to_an_ngo_without_consent_whatever_is_found(
    shipped: PolicySet, row: dict[str, Any], consent_facts: ConsentFacts
) -> None:
    seen = examined(NGO, purpose=PURPOSES[NGO], rows=[{"name": "x", **row}], consent_facts=consent_facts)
    assert decided(seen, shipped).outcome is not Outcome.CLEARED


@given(row=ROWS, bar=st.dictionaries(st.sampled_from([LAWYER, RecipientId("other")]), st.sampled_from(Standing)))
def test_nothing_goes_to_a_lawyer_of_whom_the_register_does_not_say_that_he_is_one(
    shipped: PolicySet, row: dict[str, Any], bar: dict[RecipientId, Standing]
) -> None:
    seen = examined(LAWYER, purpose=PURPOSES[LAWYER], rows=[{"name": "x", **row}], bar=bar)
    cleared = decided(seen, shipped).outcome is Outcome.CLEARED
    assert not cleared or bar.get(LAWYER) is Standing.REGISTERED


# ---- Step 4 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("health", [health for health in KeyHealth if health is not KeyHealth.USABLE])
def test_a_key_that_is_not_usable_holds_the_package(health: KeyHealth, shipped: PolicySet) -> None:
    decision = decided(examined(keys={KEY: health}), shipped)
    assert decision.outcome is Outcome.HELD
    assert [reason.rule_id for reason in decision.recipients[0].reasons] == [f"key-{health.value}"]


def test_one_usable_key_of_two_is_not_enough(folders: Folders) -> None:
    other = Fingerprint("B" * 40)
    folders.replace("recipients/gemeente-voorbeeld.yaml", f'"{KEY}"', f"{KEY}, {other}")
    facts = examined(keys={KEY: KeyHealth.USABLE, other: KeyHealth.REVOKED})
    assert decided(facts, folders.load()).outcome is Outcome.HELD


def test_a_channel_without_keys_holds_the_package(folders: Folders) -> None:
    folders.replace("recipients/gemeente-voorbeeld.yaml", f'["{KEY}"]', "[]")
    decision = decided(examined(), folders.load())
    assert [reason.rule_id for reason in decision.recipients[0].reasons] == ["key-missing"]


@given(st.sets(st.sampled_from(list(Channel))), st.sampled_from([None, *Channel]), st.sampled_from(list(PURPOSES)))
def test_no_package_ever_takes_a_channel_that_is_not_approved_or_not_connected(
    shipped: PolicySet, connected: set[Channel], wish: Channel | None, recipient: str
) -> None:
    extra: dict[str, Any] = {"channel": wish.value} if wish else {}
    facts = examined(
        recipient,
        purpose=PURPOSES[recipient],
        connected=connected,
        ages=(9, 9),
        guardianship={"reference": "C/1"},
        **extra,
    )
    decision = decided(facts, shipped)
    first = decision.recipients[0]
    if decision.outcome is Outcome.CLEARED:
        assert first.channel in connected & shipped.kinds[first.kind].channels
        assert wish in {None, first.channel}


# ---- Laws ----------------------------------------------------------------------------------------------------


@given(ROWS, st.sampled_from(list(PURPOSES)), st.booleans(), st.booleans())
def test_every_leaf_gets_exactly_one_verdict_with_a_reason(
    shipped: PolicySet, row: dict[str, Any], recipient: str, necessity: bool, secret: bool
) -> None:
    extra: dict[str, Any] = {"necessity": NECESSITY} if necessity else {}
    facts = examined(recipient, purpose=PURPOSES[recipient], rows=[row], secret_address=secret, **extra)
    fields = decided(facts, shipped).recipients[0].fields
    assert list(dict.fromkeys(path for path, _ in iter_leaves(row))) == [each.path for each in fields]
    assert all(each.reason.rule_id and each.reason.nl and each.reason.en for each in fields)


@given(ROWS, st.sampled_from(list(PURPOSES)))
def test_a_field_that_no_catalogue_knows_is_never_released(
    shipped: PolicySet, row: dict[str, Any], recipient: str
) -> None:
    catalogued = shipped.grants[shipped.recipients[_id(shipped, recipient)].id, PURPOSES[recipient]].verdicts[0][0]
    facts = examined(recipient, purpose=PURPOSES[recipient], rows=[row])
    for each in decided(facts, shipped).recipients[0].fields:
        assert each.path in catalogued or each.verdict is Verdict.STRIP


@given(ROWS, KEYS, JSON, st.sampled_from(list(PURPOSES)))
def test_adding_a_field_never_changes_the_verdict_on_another(
    shipped: PolicySet, row: dict[str, Any], key: str, value: Any, recipient: str
) -> None:
    purpose = PURPOSES[recipient]
    without = {name: item for name, item in row.items() if name != key}
    before = verdicts(decided(examined(recipient, purpose=purpose, rows=[without]), shipped))
    after = verdicts(decided(examined(recipient, purpose=purpose, rows=[{**without, key: value}]), shipped))
    assert before.items() <= after.items()


@given(ROWS, st.sampled_from(list(PURPOSES)))
def test_the_same_input_gives_an_equal_decision(shipped: PolicySet, row: dict[str, Any], recipient: str) -> None:
    facts = examined(recipient, purpose=PURPOSES[recipient], rows=[row], documents=(document(),))
    assert decided(facts, shipped) == decided(facts, shipped)


@given(ROWS)
def test_special_data_outside_the_small_chain_is_never_released(shipped: PolicySet, row: dict[str, Any]) -> None:
    for recipient, purpose in PURPOSES.items():
        facts = examined(recipient, purpose=purpose, rows=[row], necessity=NECESSITY)
        first = decided(facts, shipped).recipients[0]
        if not shipped.recipients[first.recipient].small_chain:
            released = [each for each in first.fields if each.verdict is Verdict.RELEASE]
            assert all(each.category == "ordinary" for each in released)


def test_a_necessity_never_turns_a_field_into_a_released_one(shipped: PolicySet) -> None:
    for grant in shipped.grants.values():
        for without, with_necessity in zip(grant.verdicts[0], grant.verdicts[1], strict=True):
            gained = [path for path in without if _released(with_necessity[path]) and not _released(without[path])]
            assert gained == []


def test_a_secret_address_never_turns_a_field_into_a_released_one(shipped: PolicySet) -> None:
    for grant in shipped.grants.values():
        for known, secret in grant.verdicts:
            assert [path for path in known if _released(secret[path]) and not _released(known[path])] == []


def test_a_narrower_permission_never_releases_more(folders: Folders) -> None:
    wide = folders.load()
    folders.replace("recipients/gemeente-voorbeeld.yaml", "fields: [name, givenNames, ", "fields: [")
    narrow = folders.load()
    key = (wide.recipients[_id(wide, "gemeente-voorbeeld")].id, "public-order")
    for necessity in (0, 1):
        for secret in (0, 1):
            before, after = wide.grants[key].verdicts[necessity][secret], narrow.grants[key].verdicts[necessity][secret]
            assert {path for path in after if _goes(after[path])} < {path for path in before if _goes(before[path])}


@given(st.sets(st.sampled_from(["letter", "decision", "interview-report", "medical-report", "zzz"])))
def test_no_document_that_can_not_be_searched_is_ever_released(shipped: PolicySet, kinds: set[str]) -> None:
    files = tuple(document(kind, number=number) for number, kind in enumerate(sorted(kinds), 1))
    for recipient, purpose in PURPOSES.items():
        facts = examined(
            recipient,
            purpose=purpose,
            documents=files,
            search={each.number: Searchability.NOT_TEXT for each in files},
        )
        assert all(not _released(each) for each in decided(facts, shipped).recipients[0].documents)


def test_the_clock_changes_nothing_but_the_time_of_the_decision(shipped: PolicySet) -> None:
    facts = examined(today=TODAY)
    now = decide_only(facts, policy=shipped, now=NOW)
    later = decide_only(facts, policy=shipped, now=NOW + dt.timedelta(days=900))
    assert now == dataclasses.replace(later, decided_at=NOW)


def _id(policy: PolicySet, name: str) -> Any:
    return next(each for each in policy.recipients if each == name)


def _released(verdict: Any) -> bool:
    return bool(verdict.verdict is Verdict.RELEASE)


def _goes(verdict: Any) -> bool:
    return verdict.verdict in {Verdict.RELEASE, Verdict.HOLD}
