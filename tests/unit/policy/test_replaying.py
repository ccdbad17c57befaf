"""What decided is kept without a single value, and decides again to the last byte."""

import dataclasses
import datetime as dt
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.package.edits import Area
from gateway.package.encoding import MAX_DECIDED, Decided, Record, encode_decision
from gateway.package.errors import Code, SluisError
from gateway.package.facts import ConsentFacts, Filing, KeyHealth, Paper, Searchability, Standing
from gateway.package.ids import PersonId, RecipientId
from gateway.package.manifest import Category
from gateway.package.question import Question, decode_question, encode_question
from gateway.package.reviews import Opinion, Review, ReviewReason, ReviewVerdict
from gateway.package.states import Channel, Decision, Evidence, Examined, Facts, Outcome
from gateway.policy.asking import ask
from gateway.policy.deciding import decide, decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.replaying import Difference, replay
from gateway.policy.reviewing import holding_rules, refused_by_review
from tests.unit.policy.building import KEYS, NOW, TODAY, Folders, covering, document, examined, with_reviews

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."
PURPOSES = {
    "gemeente-voorbeeld": "public-order",
    "nidos-voorbeeld": "guardianship",
    "vluchtelingenhulp-voorbeeld": "legal-support",
    "advocaat-voorbeeld": "representation",
    "ind-voorbeeld": "return",
}
KNOWN = ["name", "bsn", "vNumber", "dateOfBirth", "postcode", "health", "religion", "foto", "criminalRecord", "town"]
CANARY = "Kanarie"
VALUES: st.SearchStrategy[JsonValue] = st.sampled_from(
    [f"{CANARY} Vink", [f"{CANARY}-1", {"x": CANARY}], None, True, 1]
)
NAMES_OF_FIELDS = st.lists(st.sampled_from(KNOWN) | st.text("abc.[]~é", min_size=1), max_size=6)
NAMES = st.sampled_from([f"{CANARY} Vink", f"Vink {CANARY}", f"Meneer {CANARY}"])
DAYS = st.sampled_from([TODAY + dt.timedelta(days=days) for days in (-500, -366, -1, 0, 1)])
CONSENTS = st.fixed_dictionaries(
    {},
    optional={
        "signedOn": DAYS,
        "signedBy": NAMES,
        "signerRole": st.sampled_from(["subject", "guardian", "parent"]),
        "validUntil": DAYS,
        "recipient": st.sampled_from([f"Stichting {CANARY}", "Vluchtelingenhulp Voorbeeld"]),
        "categories": st.lists(st.sampled_from([Category.ORDINARY, Category.SPECIAL]), max_size=2),
        "proof": st.sampled_from([f"Akte {CANARY}", "..."]),
        "caseReference": st.just(f"IS-TV/{CANARY}"),
    },
)
MANDATES = st.fixed_dictionaries({}, optional={"signedOn": DAYS, "signedBy": NAMES, "endsOn": DAYS})


@st.composite
def packages(draw: st.DrawFn) -> Examined:
    """Make packages with a canary in every value, and facts of every kind."""
    to = draw(st.lists(st.sampled_from(sorted(PURPOSES)), min_size=1, max_size=3, unique=True))
    rows: list[dict[str, JsonValue]] = [{each: draw(VALUES) for each in draw(NAMES_OF_FIELDS)}]
    said: dict[str, Any] = {
        "partial": draw(st.sampled_from(["refused", "allowed"])),
        "channel": draw(st.none() | st.sampled_from([each.value for each in Channel])),
        "consent": draw(st.none() | CONSENTS),
        "mandate": draw(st.none() | MANDATES),
        "guardianship": draw(st.none() | st.just({"reference": f"C/{CANARY}"})),
        "necessity": draw(st.none() | st.sampled_from([f"{NECESSITY} {CANARY}", f"nodig {CANARY}"])),
        "request": {"question": f"Waar woont {CANARY}?"},
    }
    letters = draw(st.sets(st.sampled_from(["letter", "interview-report", "medical-report", "unheard-of"]), max_size=2))
    documents = tuple(
        replace(
            document(kind, number=number, holds=draw(st.sampled_from([(), ("ordinary",), ("special",)]))),
            name=f"{CANARY}.txt",
        )
        for number, kind in enumerate(sorted(letters), 1)
    )
    return examined(
        to,
        purpose=draw(st.sampled_from([PURPOSES[to[0]], "housing"])),
        rows=draw(st.sampled_from([None, rows])),
        sender=draw(st.sampled_from(["DT&V", "COA", "NCTV"])),
        documents=documents,
        search={each.number: draw(st.sampled_from(Searchability)) for each in documents},
        ages=draw(st.sampled_from([(15, 15), (17, 18), (30, 30), (None, None)])),
        keys=dict.fromkeys(KEYS.values(), draw(st.sampled_from(KeyHealth))),
        connected=draw(st.sets(st.sampled_from(Channel))),
        secret_address=draw(st.booleans()),
        subject=f"{CANARY} Vink",
        consent_facts=draw(
            st.none()
            | st.builds(
                ConsentFacts,
                paper=st.sampled_from(Paper),
                filing=st.sampled_from(Filing),
                withdrawn=st.none() | st.booleans(),
            )
        ),
        mandate_paper=draw(st.sampled_from(Paper)),
        bar={RecipientId("advocaat-voorbeeld"): draw(st.sampled_from(Standing))},
        **{key: value for key, value in said.items() if value is not None},
    )


def reviewed(facts: Examined, policy: PolicySet) -> Examined:
    """Give the package with a release of exactly what holds it, in words that hold a value."""
    opinion = Opinion(
        verdict=ReviewVerdict.RELEASE, reason=ReviewReason.OTHER, text=f"Over {CANARY}.", ground=f"AVG 9, {CANARY}"
    )
    return with_reviews(facts, covering(facts, policy, opinion=opinion))


# ---- The law -------------------------------------------------------------------------------------------------


@given(facts=packages(), again=st.booleans())
def test_what_is_kept_of_a_decision_decides_the_same_to_the_last_byte_and_holds_no_value(
    *, facts: Examined, again: bool, shipped: PolicySet
) -> None:
    package = reviewed(facts, shipped) if again else facts
    decision = decide_only(package, policy=shipped, now=NOW)

    kept = encode_question(ask(package, policy=shipped, now=NOW))
    found = decide(decode_question(kept), policy=shipped)

    assert encode_decision(decision) == encode_decision(found)
    assert decision == found
    assert CANARY.casefold() not in kept.casefold()
    assert "Vink" not in kept
    assert kept == encode_question(ask(package, policy=shipped, now=NOW))


# ---- What a question can hold --------------------------------------------------------------------------------

# Texts that are no value out of a package. A field's path, a kind and a purpose are the sender's words for what it is,
# and stand in the decision and on the slip too; the others are out of the register, people.yaml and the rules.
TEXTS_OF_A_QUESTION = {
    "Question.recipients",
    "Question.purpose",
    "Question.submitter",
    "Question.organisation",
    "Question.paths",
    "Question.misfits",
    "AskedDocument.kind",
    "AskedConsent.names",
    "Question.other_named",
    "GivenReview.reviewer",
    "GivenReview.deputy_for",
    "GivenReview.organisation",
    "GivenReview.rule_ids",
    "GivenReview.policy_digest",
    # A digest, by which a document is known that reads otherwise.
    "Edits.seen",
    "Facts.keys",
    "Facts.bar",
    "History.reached",
    "SentBefore.recipient",
    "SentBefore.kind",
}


def places_of(holder: type, found: dict[str, set[type]]) -> dict[str, set[type]]:
    """Give every field of a dataclass and of all that it holds, with the plain types in it."""
    hints = typing.get_type_hints(holder)
    for each in dataclasses.fields(holder):
        place = f"{holder.__name__}.{each.name}"
        found[place] = set()
        for kind in plain_types(hints[each.name]):
            found[place].add(kind)
            if dataclasses.is_dataclass(kind):
                places_of(kind, found)
    return found


def plain_types(hint: Any) -> Iterator[type]:
    origin = typing.get_origin(hint)
    if isinstance(hint, typing.NewType):
        yield from plain_types(hint.__supertype__)
    elif origin is Literal:
        yield Enum
    elif origin in {tuple, frozenset, Mapping, typing.Union, types.UnionType, *_MAPPINGS}:
        for inner in typing.get_args(hint):
            if inner is not Ellipsis:
                yield from plain_types(inner)
    elif isinstance(hint, type):
        yield Enum if issubclass(hint, Enum) else hint
    else:
        raise AssertionError(f"nobody can say what {hint} holds")


_MAPPINGS = {typing.get_origin(Mapping[int, int])}


def test_no_place_in_a_question_could_hold_a_value_and_a_new_text_has_to_be_argued_for() -> None:
    places = places_of(Question, {})
    shapes = {kind for kinds in places.values() for kind in kinds if not dataclasses.is_dataclass(kind)}

    # The only fractions are those of a page, in what a reviewer covered.
    assert {bool, int, float, str, dt.date, dt.datetime, Enum, types.NoneType} == shapes
    assert {place for place, kinds in places.items() if str in kinds} == TEXTS_OF_A_QUESTION


def test_every_fact_but_data_what_is_known_and_told_of_people_and_reviewers_words_reaches_the_decision() -> None:
    facts = {each.name for each in dataclasses.fields(Facts)}

    assert {"data", "reviews", "known", "told"} == {each.name for each in dataclasses.fields(Evidence)} - facts


# Hypothesis does not know the bounds of a share of a page.
_SHARES = dict.fromkeys(("left", "top", "right", "bottom"), st.floats(0, 1))
st.register_type_strategy(Area, st.builds(Area, page=st.integers(1, 9), **_SHARES))

# A mapping of any kind is written, and comes back as a plain one.
st.register_type_strategy(Mapping, lambda hint: st.dictionaries(*map(st.from_type, typing.get_args(hint))))


@given(st.builds(Question, at=st.datetimes(timezones=st.just(dt.UTC))))
def test_every_type_of_fact_is_carried_to_the_record_and_back(question: Question) -> None:
    assert question == decode_question(encode_question(question))


@pytest.mark.parametrize(
    ("old", "new"),
    [('"necessity":', '"necessitie":'), ('"paths":[', '"extra":1,"paths":['), ('"partial":false', '"partial":0')],
)
def test_a_question_that_another_version_wrote_is_not_guessed_at(shipped: PolicySet, old: str, new: str) -> None:
    kept = encode_question(ask(examined(), policy=shipped, now=NOW))
    assert 1 == kept.count(old)

    with pytest.raises(SluisError) as caught:
        decode_question(kept.replace(old, new))

    assert Code.DECISION_NOT_KEPT is caught.value.code


# ---- What differs --------------------------------------------------------------------------------------------


def decided(facts: Examined, policy: PolicySet, *, event: str = "one") -> tuple[Decision, Decided]:
    question = ask(facts, policy=policy, now=NOW)
    return decide(question, policy=policy), Decided(at=NOW, events={"x": event}, question=encode_question(question))


def test_a_replay_by_other_rules_names_each_place_that_differs(shipped: PolicySet, folders: Folders) -> None:
    decision, kept = decided(examined(rows=[{"name": "x", "town": "x"}]), shipped)
    folders.replace("recipients/gemeente-voorbeeld.yaml", "reviewOn: 2028-01-01", "reviewOn: 2026-01-01")
    other = folders.load()

    found, differences = replay(replace(kept, decision=encode_decision(decision)), policy=other)

    assert Outcome.HELD is found.outcome
    assert {
        Difference("outcome", "cleared", "held"),
        Difference("policy", shipped.digest, other.digest),
        Difference("gemeente-voorbeeld outcome", "cleared", "held"),
        Difference("gemeente-voorbeeld reasons", "-", "permission.review-due"),
    } == set(differences)


def test_a_decision_that_differs_in_a_sentence_only_is_not_called_the_same(shipped: PolicySet) -> None:
    decision, kept = decided(examined(), shipped)
    text = encode_decision(decision).replace("Deze ontvanger", "Die ontvanger")

    _, differences = replay(replace(kept, decision=text), policy=shipped)

    assert (Difference("text", "as kept", "otherwise"),) == differences


# ---- What a record keeps -------------------------------------------------------------------------------------


def test_each_decision_of_a_package_keeps_its_own_text_when_another_takes_its_place(shipped: PolicySet) -> None:
    facts = examined(rows=[{"health": "x"}], necessity=NECESSITY)
    held, first = decided(facts, shipped, event="first")
    cleared, second = decided(with_reviews(facts, covering(facts, shipped)), shipped, event="second")

    record = Record().with_decision(held, first).with_decision(cleared, second)
    refused = record.with_decision(refused_by_review(cleared, policy=shipped))

    for each in (record, refused):
        for event, decision in (("first", held), ("second", cleared)):
            kept = each.decided_as(event)
            assert kept is not None
            assert encode_decision(decision) == kept.decision
            assert (decision, ()) == replay(kept, policy=shipped)
    assert "" == record.decided[-1].decision
    assert record.decided_as("third") is None


def test_a_record_keeps_the_newest_decisions_and_no_more_than_so_many(shipped: PolicySet) -> None:
    record = Record()
    for number in range(MAX_DECIDED + 3):
        record = record.with_decision(*decided(examined(), shipped, event=str(number)))

    assert MAX_DECIDED == len(record.decided)
    assert record.decided_as("2") is None
    assert record.decided_as("3") is not None


def test_a_review_counts_in_a_replay_by_who_gave_it_and_not_by_its_words(shipped: PolicySet) -> None:
    facts = examined(rows=[{"health": "x"}], necessity=NECESSITY)
    hold = decide_only(facts, policy=shipped, now=NOW)
    review = Review(
        reviewer=PersonId("officer"),
        organisation="DT&V",
        opinion=Opinion(verdict=ReviewVerdict.RELEASE, reason=ReviewReason.NECESSITY_PROVEN, ground="AVG 9(2)(c)"),
        rule_ids=holding_rules(hold),
        policy_digest=hold.policy_digest,
        at=NOW,
    )
    question = ask(with_reviews(facts, review), policy=shipped, now=NOW)
    ungrounded = replace(question, reviews=(replace(question.reviews[0], grounded=False),))

    assert Outcome.CLEARED is decide(question, policy=shipped).outcome
    assert Outcome.HELD is decide(ungrounded, policy=shipped).outcome
