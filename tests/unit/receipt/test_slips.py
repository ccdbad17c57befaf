import datetime as dt
import html
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.errors import Code
from gateway.package.ids import RecipientId
from gateway.package.pickup import PickUp
from gateway.package.problems import PROBLEMS
from gateway.package.states import DeliveryState, Outcome, PackageState, PrivacyOffice, Reason, Verdict
from gateway.receipt.slip_files import render_slip
from gateway.receipt.slip_model import MAX_SHOWN, Slip
from gateway.receipt.slips import slip_of
from gateway.receipt.wording import Ending
from tests.unit.receipt.samples import (
    ALLOWED,
    BOTH,
    CONSENT,
    ENDINGS,
    HELD,
    NGO,
    NUMBER,
    STRATEGY,
    TOWN,
    WARNING,
    delivering,
    facts,
    field,
    recipient,
    shipped,
)

TEMPLATES = shipped()


def slip(name: str) -> Slip:
    return slip_of(ENDINGS[name], texts=TEMPLATES)


def forms(made: Slip) -> dict[str, str]:
    return {ending: content.decode("utf-8") for ending, content in render_slip(made, templates=TEMPLATES).items()}


@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_answers_the_four_questions_in_both_languages(name: str) -> None:
    made = slip(name)
    for words in (made.title, made.happened, *(each.words for each in made.why), *made.now, *made.help):
        assert words.nl
        assert words.en
        assert words.nl != words.en
        assert not re.search(r"[{}?]|%\(", words.nl.replace("? ", " "))
    assert all((made.why, made.now, made.help))


@pytest.mark.parametrize("name", ENDINGS)
def test_every_ending_is_rendered_in_three_forms_without_a_gap(name: str) -> None:
    made = forms(slip(name))
    assert {".txt", ".html", ".json"} == set(made)
    for form in (".txt", ".html"):
        for heading in ("Wat is er gebeurd", "Waarom", "Wat u nu kunt doen", "Wie kan helpen"):
            assert heading in made[form]
        for heading in ("What happened", "Why", "What you can do now", "Who can help"):
            assert heading in made[form]
        assert "None" not in made[form]
        assert made[form].index("Waarom") < made[form].index("Why")


@pytest.mark.parametrize(
    ("name", "ending", "needs_person"),
    [
        ("rejected", Ending.REJECTED, True),
        ("incomplete", Ending.IN_PROGRESS, False),
        ("received", Ending.IN_PROGRESS, False),
        ("held-by-rule", Ending.HELD, True),
        ("held-by-problem", Ending.HELD, True),
        ("refused", Ending.REFUSED, False),
        ("releasing", Ending.RELEASING, False),
        ("releasing-later", Ending.RELEASING, False),
        ("releasing-uncertain", Ending.RELEASING, False),
        ("stuck", Ending.STUCK, True),
        ("to-upload", Ending.TO_UPLOAD, True),
        ("done", Ending.DONE, False),
        ("partly-delivered", Ending.PARTLY_DONE, True),
        ("partly-allowed", Ending.PARTLY_DONE, False),
        ("in-doubt", Ending.IN_DOUBT, True),
        ("given-up-in-doubt", Ending.PARTLY_DONE, True),
        ("undeliverable", Ending.UNDELIVERABLE, True),
        ("withdrawn", Ending.WITHDRAWN, False),
        ("expired", Ending.EXPIRED, False),
        ("forgotten", Ending.DONE, False),
    ],
)
def test_a_slip_asks_for_a_person_only_when_a_person_can_do_something(
    name: str, ending: Ending, needs_person: bool
) -> None:
    made = slip(name)
    assert (ending, needs_person) == (made.ending, made.needs_person)


def test_of_a_mail_of_which_one_of_two_copies_came_back_nothing_says_that_nobody_has_it() -> None:
    made = slip("in-doubt")
    doubted, other = made.recipients

    assert "misschien aangekomen" == doubted.state_said.nl
    assert {"misschien aangekomen"} == {each.said.nl for each in doubted.documents if each.verdict is Verdict.RELEASE}
    assert "niet bezorgd" == other.state_said.nl
    assert ["Bel de ontvanger"] == [each.nl.partition(":")[0] for each in made.now]
    text = forms(made)[".txt"]
    assert "Eén exemplaar kwam terug; het andere is misschien aangekomen." in text
    assert "One copy came back; the other one may have arrived." in text
    assert not re.search("geen van de ontvangers|none of the recipients|Lever het pakket daarna opnieuw in", text)


def test_of_a_mail_that_was_given_up_in_doubt_the_slip_asks_the_recipient_and_promises_no_other_attempt() -> None:
    made = slip("given-up-in-doubt")

    assert "Vraag de ontvanger of het pakket is aangekomen." in made.now[0].nl
    assert [] == [each.en for each in made.now if "sends the same message again" in each.en]


@pytest.mark.parametrize("state", [None, *PackageState])
def test_every_state_of_a_package_has_a_slip(state: PackageState | None) -> None:
    assert forms(slip_of(facts(state), texts=TEMPLATES))


def test_who_has_to_read_out_a_code_is_never_told_that_nothing_is_to_be_done() -> None:
    until = dt.datetime(2026, 12, 10, tzinfo=dt.UTC)
    waits = PickUp(secret="0f" * 32, code="ABCDE23456", until=until, reference="789abcde")
    made = slip_of(replace(ENDINGS["partly-allowed"], pickups={TOWN: waits}), texts=TEMPLATES)
    fetched = slip("done")

    assert made.now[0].nl.startswith("Bel de ontvanger en lees de code voor")
    assert [] == [each for each in made.now if "U hoeft niets te doen" in each.nl]
    assert [] == [each for each in fetched.now if "lees de code voor" in each.nl]
    said = next(each.pickup for each in made.recipients if each.pickup)
    assert "kenmerk 789abcde en lees deze code voor: ABCDE-23456" in said.nl


@pytest.mark.parametrize("code", Code)
def test_every_problem_is_told_in_both_languages_with_what_to_do_and_who_helps(code: Code) -> None:
    made = slip_of(replace(facts(PackageState.HELD, code.value), detail={"limit": 5, "count": 5}), texts=TEMPLATES)
    (why,) = made.why
    assert code.value == why.code
    assert why.words.nl != why.words.en
    assert PROBLEMS[code].title.split("{")[0] in why.words.en
    assert made.now
    assert 1 <= len(made.help) <= 2


def test_a_warning_stands_at_its_recipient_and_changes_nothing_else() -> None:
    first, second = BOTH.recipients
    decided = replace(BOTH, recipients=(replace(first, warnings=(WARNING,)), second))
    plain, made = slip("done"), slip_of(replace(ENDINGS["done"], decision=decided), texts=TEMPLATES)
    text, page = (forms(made)[form] for form in (".txt", ".html"))

    assert f"Let op: {WARNING.nl} (guard.first-time)" in text
    assert f"Please note: {WARNING.en} (guard.first-time)" in text
    assert f"<li>{WARNING.nl} <small>(guard.first-time)</small></li>" in page
    assert "guard.first-time" == made.as_json()["recipients"][0]["warnings"][0]["ruleId"]
    assert [] == made.as_json()["recipients"][1]["warnings"]
    assert (plain.ending, plain.why, plain.now) == (made.ending, made.why, made.now)


def test_a_hold_names_the_rule_its_step_its_article_and_the_privacy_office() -> None:
    text = forms(slip("held-by-rule"))[".txt"]
    assert "Deze ontvanger heeft toestemming van de persoon nodig." in text
    assert "Regel consent.missing, stap 1 van de Wegwijzer, AVG art. 6 lid 1 onder a" in text
    assert "Het Privacy Office van DT&V: privacy@dtv.example" in text
    assert "Noem deze code: consent.missing" in text


@pytest.mark.parametrize("name", ["held-by-rule", "held-by-problem", "refused"])
def test_every_hold_and_refusal_names_the_privacy_office(name: str) -> None:
    assert any("Privacy Office" in each.nl for each in slip(name).help)


def test_a_hold_that_never_came_to_a_decision_names_the_office_of_the_sending_organisation() -> None:
    office = PrivacyOffice(organisation="DT&V", email="privacy@dtv.example")
    made = slip_of(replace(ENDINGS["held-by-problem"], privacy_office=office), texts=TEMPLATES)

    assert "Het Privacy Office van DT&V: privacy@dtv.example" in {each.nl for each in made.help}


def test_a_hold_says_until_when_it_waits_in_the_days_of_amsterdam_and_whether_people_were_told_again() -> None:
    late = dt.datetime(2026, 12, 24, 23, 30, tzinfo=dt.UTC)
    told = slip_of(replace(ENDINGS["held-by-rule"], expires_at=late, reminded=True), texts=TEMPLATES)
    fresh = slip_of(replace(ENDINGS["held-by-rule"], expires_at=late), texts=TEMPLATES)

    assert "Het pakket wacht tot 25-12-2026." in told.now[-1].nl
    assert "The package waits until 2026-12-25." in told.now[-1].en
    assert "2026-12-24T23:30:00+00:00" == told.as_json()["expiresAt"]
    assert [True, False] == ["herinnering" in " ".join(each.nl for each in made.now) for made in (told, fresh)]


def test_what_was_done_without_anything_having_arrived_and_was_withdrawn_says_so() -> None:
    made = delivering(PackageState.DONE, DeliveryState.UNDELIVERABLE, DeliveryState.WITHDRAWN)

    assert Ending.WITHDRAWN is slip_of(made, texts=TEMPLATES).ending


def test_the_numbers_of_a_problem_stand_in_its_sentence_in_both_languages() -> None:
    (why,) = slip("rejected-with-count").why
    assert "In het pakket zitten meer dan 500 bestanden." == why.words.nl
    assert "The package holds more than 500 files." == why.words.en


def test_every_fault_of_a_manifest_is_named() -> None:
    text = forms(slip("rejected"))[".txt"]
    assert "Plaats: recipients: at least one expected" in text
    assert "Plaats: sender: missing" in text


def test_a_reason_without_dutch_gets_it_from_the_catalogue() -> None:
    reason = Reason(rule_id=Code.RESIDUE_FOUND.value, en=PROBLEMS[Code.RESIDUE_FOUND].title)
    decided = replace(HELD, recipients=(replace(HELD.recipients[0], reasons=(reason,)),))
    (why,) = slip_of(facts(PackageState.HELD, reason.rule_id, decided=decided), texts=TEMPLATES).why
    assert why.words.nl.startswith("Na het weglaten")


def test_the_reason_of_a_whole_recipient_wins_over_that_of_a_field_with_the_same_rule() -> None:
    told = Reason(rule_id=CONSENT.rule_id, nl="Een veld.", en="A field.")
    one = replace(HELD.recipients[0], fields=(field("name", Verdict.HOLD, told),))
    (why,) = slip_of(
        facts(PackageState.HELD, CONSENT.rule_id, decided=replace(HELD, recipients=(one,))), texts=TEMPLATES
    ).why
    assert CONSENT.en == why.words.en


def test_the_json_form_says_the_same_as_every_json_answer() -> None:
    made = slip("partly-delivered").as_json()
    assert ("sluis-slip/1", NUMBER, "done") == (made["format"], made["id"], made["state"])
    first, second = made["recipients"]
    assert (NGO, "undeliverable", "secure-mail", "cleared", "mail-refused") == tuple(
        first[key] for key in ("id", "state", "channel", "outcome", "code")
    )
    assert (TOWN, "delivered", "file-drop", "") == tuple(second[key] for key in ("id", "state", "channel", "code"))
    assert {
        "recipient": NGO,
        "path": "departureStrategy",
        "verdict": "strip",
        "category": "ordinary",
        "ruleId": STRATEGY.rule_id,
        "step": 3,
        "article": STRATEGY.article,
        "reason": {"nl": STRATEGY.nl, "en": STRATEGY.en},
    } == made["fields"][2]
    assert {"recipient": NGO, "number": 2, "kind": "interview-report", "verdict": "strip"}.items() <= made["documents"][
        1
    ].items()


def test_the_json_form_of_a_rejection_has_no_recipients_and_names_the_faults() -> None:
    made = slip("rejected").as_json()
    assert ("rejected", "manifest-invalid", []) == (made["state"], made["code"], made["recipients"])
    assert {"where": "sender", "expected": "missing"} in made["faults"]


def test_what_goes_and_what_does_not_is_counted() -> None:
    counts = slip("done").recipients[0].counts
    assert {"fieldsSent": 2, "fieldsLeftOut": 2, "documentsSent": 1, "documentsLeftOut": 1} == counts


def test_a_field_counts_as_sent_only_when_the_delivery_arrived() -> None:
    first, second = slip("partly-delivered").recipients
    assert ["niet verstuurd", "verstuurd"] == [each.fields[0].said.nl for each in (first, second)]


def test_what_was_left_out_is_struck_through_and_said_in_words() -> None:
    page = forms(slip("done"))[".html"]
    assert "<del>departureStrategy</del></th><td>weggelaten</td>" in page
    assert "<del>Document 2, interview-report</del></th><td>weggelaten</td>" in page
    assert "<del>name</del>" not in page


def test_the_page_can_be_read_by_everybody() -> None:
    page = forms(slip("done"))[".html"]
    assert page.startswith('<!DOCTYPE html>\n<html lang="nl">')
    assert "<title>Uw pakket is verstuurd</title>" in page
    assert 1 == page.count("<h1")
    assert [1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3] == [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert '<section class="sheet" lang="en">' in page
    assert 4 == page.count('<th scope="col">Veld of document</th>') + page.count(
        '<th scope="col">Field or document</th>'
    )
    assert not re.findall(r"<th(?! scope=)[ >]", page)
    assert not re.findall(r"<script|<link|<img|src=|href=|\son[a-z]+=", page)


def hostile(text: str) -> Slip:
    one = replace(
        recipient(NGO, Outcome.HELD, CONSENT),
        name=text,
        organisation=f"{text}2",
        fields=(field(text, Verdict.STRIP, STRATEGY), field("name", Verdict.RELEASE, ALLOWED)),
    )
    told = replace(
        facts(PackageState.HELD, CONSENT.rule_id, decided=replace(HELD, recipients=(one,))),
        entry=text,
        where=text,
        faults=((text, text),),
    )
    return slip_of(told, texts=TEMPLATES)


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "&lt;b&gt;"]
)
def test_a_hostile_name_is_text_on_the_page_and_nothing_else(text: str) -> None:
    page = forms(hostile(text))[".html"]
    assert html.escape(text, quote=False).replace('"', "&#34;") in page
    assert not re.findall(r"<script|<img|<b>", page)
    assert "49" not in re.sub(r"[0-9a-f-]{36}", "", page)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nCode: all-is-well", "a\u202eb", "a\x00b", "a\u2028b", "a\udcffb", "a\x1b[31mb"]
)
def test_a_name_with_control_characters_can_not_forge_a_line(text: str) -> None:
    made = hostile(text)
    for form, content in forms(made).items():
        assert text not in content
        assert form == ".json" or "\N{REPLACEMENT CHARACTER}" in content
        assert not any(line.startswith("Code: all-is-well") for line in content.splitlines())


CANARY = ("Zoë Ångström", "111222333", "0123456789", "1990-05-01", "inkomend@voorbeeld.example")


@pytest.mark.parametrize("name", ENDINGS)
def test_a_slip_never_shows_a_value_or_an_address(name: str) -> None:
    # The facts of a slip have no place for a value; what they do hold of one, the recipient's address, stays inside.
    for content in forms(slip(name)).values():
        assert not [part for part in CANARY if part in content.replace(NUMBER, "")]


def test_the_name_of_the_entry_is_in_no_answer_of_the_api() -> None:
    assert "Aanvraag 12" not in str(slip("done").as_json())
    assert "Aanvraag 12" not in repr(slip("done"))


def test_a_package_with_thousands_of_fields_has_a_slip_that_can_be_read() -> None:
    fields = tuple(field(f"field{number}", Verdict.RELEASE, ALLOWED) for number in range(5000))
    one = replace(recipient(NGO, Outcome.CLEARED), fields=(*fields, field("secret", Verdict.STRIP, STRATEGY)))
    told = replace(facts(PackageState.DONE), decision=replace(BOTH, recipients=(one,)))
    made = slip_of(replace(told, deliveries={NGO: (DeliveryState.SENT, "")}), texts=TEMPLATES)
    told_forms = forms(made)
    assert "en nog 4801, zie het .json-bestand naast dit bericht" in told_forms[".txt"]
    assert "<del>secret</del>" in told_forms[".html"]
    assert 2 * MAX_SHOWN == told_forms[".html"].count('<tr><th scope="row">') - 2 * len(one.documents)
    assert 5001 == len(made.as_json()["fields"])


def test_a_delivery_whose_decision_is_no_longer_kept_is_still_shown() -> None:
    (one,) = slip("forgotten").recipients
    assert (NGO, "verstuurd") == (one.name, one.state_said.nl)


def test_one_remedy_for_two_deliveries_is_said_once() -> None:
    code = Code.MAIL_UNREACHABLE.value
    told = delivering(PackageState.RELEASING, DeliveryState.WAITING, DeliveryState.WAITING, code=code)
    told = replace(told, deliveries=dict.fromkeys((NGO, TOWN), (DeliveryState.WAITING, code)))
    made = slip_of(told, texts=TEMPLATES)
    assert len(set(made.now)) == len(made.now)


_STATES = st.sampled_from([None, *PackageState])
_CODES = st.lists(st.sampled_from([*(code.value for code in Code), CONSENT.rule_id, "unknown.rule"]), max_size=3)
_DELIVERIES = st.dictionaries(
    st.sampled_from([NGO, TOWN, RecipientId("gone")]),
    st.tuples(st.sampled_from(DeliveryState), st.sampled_from(["", *(code.value for code in Code)])),
)


@given(
    state=_STATES, codes=_CODES, deliveries=_DELIVERIES, decided=st.sampled_from([None, BOTH, HELD]), entry=st.text()
)
def test_whatever_happened_there_is_a_slip(
    state: Any, codes: list[str], deliveries: Any, decided: Any, entry: str
) -> None:
    told = replace(facts(state, *codes, decided=decided), deliveries=deliveries, entry=entry)
    made = slip_of(told, texts=TEMPLATES)
    assert all((made.why, made.now, made.help))
    assert set(forms(made)) == {".txt", ".html", ".json"}
