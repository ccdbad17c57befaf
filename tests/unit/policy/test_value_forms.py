"""A field leaves only with a value that its name can mean, wherever that can be told from the value itself."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from gateway.package.states import Outcome, Verdict
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.value_forms import SPECIMENS, ValueForm, fits, misfits
from tests.unit.policy.building import NOW, examined


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (ValueForm.BSN, "1112.22.333"),
        (ValueForm.BSN, 123456782),
        (ValueForm.BSN, " 123456782 "),
        (ValueForm.V_NUMBER, "0000000001"),
        (ValueForm.IBAN, "nl91 abna 0417 1643 00"),
        (ValueForm.POSTCODE, "3511ab"),
        (ValueForm.POSTCODE, "SW1A 1AA"),
        (ValueForm.POSTCODE, "B-1000"),
        (ValueForm.DATE, "1990-00-00"),
        (ValueForm.DATE, "29-02-2004"),
        (ValueForm.DATE, "1990"),
        *((form, specimen) for form, specimen in SPECIMENS.items()),
    ],
)
def test_what_the_field_can_mean_fits(form: ValueForm, value: JsonValue) -> None:
    assert fits(value, form=form)


@pytest.mark.parametrize("form", ValueForm)
@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_an_empty_field_fits(form: ValueForm, nothing: JsonValue) -> None:
    assert fits(nothing, form=form)


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (ValueForm.BSN, "123456789"),
        (ValueForm.BSN, "000000000"),
        (ValueForm.BSN, 123456789),
        (ValueForm.V_NUMBER, "123456782"),
        (ValueForm.V_NUMBER, 1234567890),
        (ValueForm.V_NUMBER, "٠١٢٣٤٥٦٧٨٩"),
        (ValueForm.IBAN, "NL91ABNA0417164301"),
        (ValueForm.POSTCODE, "123456782"),
        (ValueForm.POSTCODE, "0991234501"),
        (ValueForm.POSTCODE, "Amina"),
        (ValueForm.DATE, "2003-02-29"),
        (ValueForm.DATE, "31/04/1990"),
        (ValueForm.DATE, "morgen"),
        *((form, value) for form in ValueForm for value in (True, False, 0.5, [1], {"a": "b"}, "Amina Yusuf")),
    ],
)
def test_what_the_field_can_not_mean_does_not_fit(form: ValueForm, value: JsonValue) -> None:
    assert not fits(value, form=form)


@given(form=st.sampled_from(ValueForm), value=st.text() | st.integers() | st.floats() | st.booleans())
def test_no_value_makes_a_check_fail(form: ValueForm, value: JsonValue) -> None:
    assert fits(value, form=form) in (True, False)


@given(number=st.from_regex(r"[0-9]{9}", fullmatch=True))
def test_attack_a_bsn_leaves_under_no_other_number(number: str) -> None:
    others = (ValueForm.V_NUMBER, ValueForm.IBAN, ValueForm.POSTCODE, ValueForm.DATE)
    assert [] == [form for form in others if fits(number, form=form)]


@pytest.mark.parametrize("form", ValueForm)
def test_attack_a_value_of_megabytes_in_a_field_with_a_form_takes_no_time(form: ValueForm) -> None:
    texts = ["1234567" + "a" * 4_000_000, "a" * 4_000_000 + "1234567", ("1" + "a" * 600_000) * 7, "1" * 4_000_000]
    begin = time.process_time()

    assert [False] * 4 == [fits(text, form=form) for text in texts]
    assert 0.1 > time.process_time() - begin


def test_attack_a_bsn_of_more_digits_than_python_reads_does_not_fit_and_raises_nothing() -> None:
    values: list[JsonValue] = ["1" * 5000, 10**5000, -(10**5000), -123456782, "0" * 5000, " " * 5000]
    assert [False] * 6 == [fits(value, form=ValueForm.BSN) for value in values]


def test_the_longest_value_that_each_form_knows_is_short_of_the_bound() -> None:
    spaced = " ".join("MT84 MALT 0110 0001 2345 MTLC AST0 01S")
    assert fits(spaced, form=ValueForm.IBAN)


def test_every_value_of_a_path_has_to_fit() -> None:
    rows = [{"vNumber": SPECIMENS[ValueForm.V_NUMBER]}, {"vNumber": "123456782"}]
    leaves = [tuple(row.items()) for row in rows]
    assert frozenset({"vNumber"}) == misfits(leaves, forms={"vNumber": ValueForm.V_NUMBER})


@pytest.mark.parametrize("path", ["vNumber", "vNummer", "V-nummer"])
def test_attack_a_bsn_in_the_field_for_the_v_number_is_held_under_every_spelling(shipped: PolicySet, path: str) -> None:
    facts = examined("gemeente-voorbeeld", purpose="public-order", rows=[{"name": "x", path: "123456782"}])
    decision = decide_only(facts, policy=shipped, now=NOW)
    assert Outcome.HELD is decision.outcome
    assert ["field.value-not-valid"] == [reason.rule_id for reason in decision.recipients[0].reasons]
    assert [Verdict.RELEASE, Verdict.HOLD] == [each.verdict for each in decision.recipients[0].fields]


def test_a_value_that_stays_here_anyway_holds_nothing(shipped: PolicySet) -> None:
    facts = examined("gemeente-voorbeeld", purpose="public-order", rows=[{"name": "x", "bsn": "geheim"}])
    assert Outcome.CLEARED is decide_only(facts, policy=shipped, now=NOW).outcome


def test_no_word_of_the_decision_repeats_the_value(shipped: PolicySet) -> None:
    facts = examined("gemeente-voorbeeld", purpose="public-order", rows=[{"name": "x", "vNumber": "geheimpje"}])
    assert "geheimpje" not in repr(decide_only(facts, policy=shipped, now=NOW))
