import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.minimise.writing import write_data, write_left_out
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Category
from gateway.package.states import Verdict
from tests.unit.minimise.building import document_verdict, field_verdict, recipient_decision

_VALUE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(row=st.dictionaries(st.text(), _VALUE, max_size=5))
def test_the_data_reads_back_equal_and_in_the_same_order(row: dict[str, Any]) -> None:
    written = write_data(row)

    assert json.loads(written) == row
    assert list(json.loads(written)) == list(row)
    assert written.endswith(b"\n")


@pytest.mark.parametrize("number", [2**53 + 1, -(2**63), 2**64, 10**30])
def test_a_whole_number_keeps_every_digit(number: int) -> None:
    assert str(number).encode() in write_data({"number": number})


def test_text_that_looks_like_a_formula_stays_as_it_is() -> None:
    assert json.loads(write_data({"note": "=HYPERLINK(1)"})) == {"note": "=HYPERLINK(1)"}


def test_what_json_does_not_know_is_refused() -> None:
    for value in (float("nan"), "\ud800"):
        with pytest.raises(SluisError) as caught:
            write_data({"a": value, "b": 10**30})
        assert caught.value.code is Code.DATA_UNREADABLE


def test_what_was_left_out_is_listed_with_rule_step_article_and_both_languages() -> None:
    decision = recipient_decision(
        fields=(field_verdict("name", Verdict.RELEASE), field_verdict("town", Verdict.STRIP)),
        documents=(
            document_verdict(1, Verdict.RELEASE),
            document_verdict(2, Verdict.STRIP, rule="document.not-needed"),
        ),
    )

    assert json.loads(write_left_out(decision)) == {
        "format": "sluis-left-out/1",
        "fields": [
            {
                "path": "town",
                "verdict": "strip",
                "ruleId": "rule.one",
                "step": 3,
                "article": "AVG art. 5",
                "reason": {"nl": "Om deze reden.", "en": "For this reason."},
            }
        ],
        "unnamedFields": 0,
        "documents": [
            {
                "number": 2,
                "verdict": "strip",
                "ruleId": "document.not-needed",
                "step": 3,
                "article": "",
                "reason": {"nl": "Daarom.", "en": "That is why."},
            }
        ],
        "unnamedDocuments": 0,
    }


def test_what_the_recipient_may_not_know_to_exist_is_counted_and_never_named() -> None:
    decision = recipient_decision(
        fields=(
            field_verdict("hivStatusOfMerhawi", Verdict.STRIP, category=None, rule="field.unclassified"),
            field_verdict("religion", Verdict.STRIP, category=Category.SPECIAL),
            field_verdict("convictions", Verdict.STRIP, category=Category.CRIMINAL),
            field_verdict("secretAddress", Verdict.BLOCK, category=Category.ORDINARY),
        ),
        documents=(document_verdict(1, Verdict.STRIP, kind="letter-of-merhawi", rule="document.unknown-kind"),),
    )

    written = write_left_out(decision)

    assert json.loads(written)["unnamedFields"] == 4
    assert json.loads(written)["fields"] == []
    assert [each["number"] for each in json.loads(written)["documents"]] == [1]
    assert not [word for word in (b"erhawi", b"religion", b"convictions", b"secretAddress") if word in written]


def test_a_document_that_goes_redacted_is_not_counted_among_what_was_left_out() -> None:
    decision = recipient_decision(
        documents=(
            document_verdict(1, Verdict.REDACT),
            document_verdict(2, Verdict.REDACT),
            document_verdict(3, Verdict.BLOCK, rule="document.internal"),
        ),
    )

    written = json.loads(write_left_out(decision))

    assert ([], 1) == (written["documents"], written["unnamedDocuments"])


@pytest.mark.parametrize(
    ("verdict", "rule"),
    [
        (Verdict.STRIP, "special.no-necessity"),
        (Verdict.STRIP, "criminal.no-necessity"),
        (Verdict.HOLD, "special.second-person"),
        (Verdict.HOLD, "document.secret-address"),
        (Verdict.BLOCK, "field.biometrics"),
        (Verdict.BLOCK, "document.internal"),
        (Verdict.STRIP, "a-rule.of-tomorrow"),
    ],
)
def test_attack_the_list_of_what_was_left_out_tells_what_a_document_holds(verdict: Verdict, rule: str) -> None:
    decision = recipient_decision(documents=(document_verdict(7, verdict, kind="criminal-record-extract", rule=rule),))
    written = write_left_out(decision)

    assert {"fields": [], "documents": [], "unnamedDocuments": 1} == {
        key: json.loads(written)[key] for key in ("fields", "documents", "unnamedDocuments")
    }
    assert not [word for word in (b"criminal", b"7", rule.encode(), b"Daarom") if word in written]
