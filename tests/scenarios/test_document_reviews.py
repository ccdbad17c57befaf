"""A privacy officer sees a held document and changes what is redacted, and the recipient gets exactly that."""

import io
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.entrypoints.demo.opening import open_mail
from tests.scenarios.test_redacted_documents import as_pdf_of, letter, printed, word_file
from tests.scenarios.test_reviews import as_person, command, review, state_of, told
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import MUNICIPALITY, World, guardian_manifest, until

SUBJECT, OTHER, SURNAME = "Amina Yusuf", "Merhawi Gebremeskel", "Gebremeskel"
PARCEL, MISSED = "123456782", "de bakker om de hoek"
TEXT = f"""Verslag van het gesprek

{SUBJECT} sprak met haar buurman {OTHER}.
Het pakket met nummer {PARCEL} ligt klaar. Ook {MISSED} weet ervan.
"""
OFFICER = "privacy-1"
RELEASE: dict[str, Any] = {"verdict": "release", "reasonCode": "necessity-proven"}
PNG = b"\x89PNG\r\n\x1a\n"


def held(world: World, entry: str, name: str, content: bytes | str) -> str:
    world.drop(entry, {"package.yaml": letter(name), name: content})
    slip = world.slip(entry, "held")
    assert "document.doubtful" == slip["code"]
    return str(slip["id"])


def asked(world: World, path: str, *, by: str = OFFICER) -> httpx.Response:
    headers = as_person(world, by)
    with world.client() as client:
        return client.get(path, headers=headers, timeout=120)


def shown(world: World, package: str) -> dict[str, Any]:
    answer = asked(world, f"/v1/holds/{package}/documents/1")
    assert 200 == answer.status_code, answer.text
    view: dict[str, Any] = answer.json()
    return view


def place_of(view: dict[str, Any], words: str) -> dict[str, int]:
    """Find the place of words, in code points."""
    for number, passage in enumerate(view["passages"]):
        start = passage["text"].find(words)
        if start >= 0:
            return {"passage": number, "start": start, "end": start + len(words)}
    raise AssertionError("the words stand in no passage")


def finding_at(view: dict[str, Any], words: str) -> dict[str, Any]:
    place = place_of(view, words)
    (found,) = (each for each in view["findings"] if place == {key: each[key] for key in place})
    return dict(found)


def edits(view: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return RELEASE | {"edits": [{"document": 1, "seen": view["seen"], **changes}]}


def sent(world: World, package: str) -> dict[str, bytes]:
    until(lambda: "done" == state_of(world, package))
    return dict(open_mail(mail_of(world, package), home=world.home(MUNICIPALITY)).parts)


def text_of_pdf(path: Path) -> str:
    return subprocess.run(["pdftotext", str(path), "-"], check=True, capture_output=True).stdout.decode()


NUMBER = "111222333"
RESIDUE = f"""Verslag van het gesprek

{SUBJECT} sprak met haar buurman {OTHER}, burgerservicenummer {NUMBER}.

Op het etiket staat xk978{NUMBER}41b.
"""


def test_a_hold_for_residue_in_a_document_names_the_document_the_place_and_the_kind_and_never_the_value(
    world: World,
) -> None:
    world.drop("overblijfsel", {"package.yaml": letter("verslag.txt"), "verslag.txt": RESIDUE})

    slip = world.slip("overblijfsel", "held")
    shown_hold = hold(world, str(slip["id"]))
    token = as_person(world, OFFICER)["Authorization"].removeprefix("Bearer ")
    printed_hold = command(world, "holds", "show", slip["id"], "--token", token).stdout
    (text,) = (path.read_text("utf-8-sig") for path in (world.outbox / slip["folder"]).glob("overblijfsel.*.txt"))

    assert ("residue-found", "document 1, paragraph 3") == (slip["code"], slip["where"])
    assert ("document 1, paragraph 3", ["bsn"]) == (shown_hold["where"], shown_hold["kinds"])
    assert {"nl": "document 1, alinea 3", "en": "document 1, paragraph 3"} == shown_hold["whereSaid"]
    for told_people in (printed_hold, text):
        assert "Plaats: document 1, alinea 3 (burgerservicenummer (BSN))" in told_people
        assert NUMBER not in told_people
        assert OTHER not in told_people
    assert NUMBER not in str(slip) + str(shown_hold)


def test_a_hold_for_residue_in_a_plain_text_names_its_line(world: World) -> None:
    data = {"name": "Samuel Tesfay", "departureStrategy": "via Brusselstraat"}
    document = {"file": "afspraak.txt", "kind": "appointment", "declaredCategories": ["ordinary"]}
    package = guardian_manifest(data=data, documents=[document])
    world.drop("regel", {"package.yaml": package, "afspraak.txt": "Afspraak\n\nKom naar Brusselstraat 4.\n"})

    slip = world.slip("regel", "held")

    assert ("residue-found", "document 1, line 3") == (slip["code"], slip["where"])


def test_what_a_reviewer_lifts_stays_and_what_is_added_goes_and_both_are_recorded(world: World) -> None:
    package = held(world, "nagekeken", "verslag.txt", TEXT)
    view = shown(world, package)
    doubtful = finding_at(view, PARCEL)

    body = edits(view, lifted=[place_of(view, PARCEL)], added=[place_of(view, MISSED)])
    answer = review(world, package, body, by=OFFICER)
    text = sent(world, package)["01-letter.txt"].decode()

    assert (False, True, True) == (doubtful["certain"], doubtful["goes"], doubtful["liftable"])
    assert not finding_at(view, SUBJECT)["goes"]
    assert 201 == answer.status_code, answer.text
    assert (True, True, False, False) == (SUBJECT in text, PARCEL in text, MISSED in text, SURNAME in text)
    assert 2 == text.count("[gelakt: derde]")
    events = {each["event.action"]: each for each in told(world, package)}
    assert OFFICER == events["document-viewed"]["user.id"]
    assert (1, 1) == tuple(
        events["package-reviewed"][f"gateway.counts.findings_{what}"] for what in ("lifted", "added")
    )
    with world.client() as client:
        (document,) = client.get(f"/v1/packages/{package}/decision").json()["recipients"][0]["documents"]
    assert ("redact", 1, 1) == (document["verdict"], document["lifted"], document["added"])
    assert {("name", 1)} == {(each["kind"], each["count"]) for each in document["redacted"]}


def test_without_changes_everything_that_was_proposed_goes_out(world: World) -> None:
    package = held(world, "zonder-wijziging", "verslag.txt", TEXT)

    review(world, package, RELEASE, by=OFFICER)
    text = sent(world, package)["01-letter.txt"].decode()

    assert (False, True, False) == (PARCEL in text, MISSED in text, SURNAME in text)


def test_a_pdf_is_seen_page_by_page_and_what_is_covered_is_gone_from_picture_and_text(
    world: World, tmp_path: Path
) -> None:
    package = held(world, "nagekeken-pdf", "verslag.pdf", as_pdf_of(TEXT, tmp_path))
    view = shown(world, package)
    (box,) = finding_at(view, PARCEL)["boxes"]
    pages = f"/v1/holds/{package}/documents/1/pages"
    before, after, none = (
        asked(world, f"{pages}/{page}?side={side}") for page, side in ((1, "before"), (1, "after"), (2, "after"))
    )
    # The line of the number, from the number on to its end.
    covered = {**box, "left": box["right"], "right": 0.95}

    answer = review(world, package, edits(view, lifted=[place_of(view, PARCEL)], areas=[covered]), by=OFFICER)
    (tmp_path / "out.pdf").write_bytes(sent(world, package)["01-letter.pdf"])
    read = text_of_pdf(tmp_path / "out.pdf")

    assert (1, "pdf") == (view["pages"], view["type"])
    assert {"image/png"} == {each.headers["content-type"] for each in (before, after)}
    assert before.content.startswith(PNG)
    assert before.content != after.content
    assert (404, 201) == (none.status_code, answer.status_code)
    assert (True, False, False) == (PARCEL in read, "bakker" in read, SURNAME in read)


def test_a_reviewed_word_file_opens_in_libreoffice_with_what_was_lifted_and_without_what_was_added(
    world: World, tmp_path: Path
) -> None:
    package = held(world, "nagekeken-word", "verslag.docx", word_file(TEXT))
    view = shown(world, package)

    review(world, package, edits(view, lifted=[place_of(view, PARCEL)], added=[place_of(view, MISSED)]), by=OFFICER)
    (tmp_path / "brief.pdf").write_bytes(printed(sent(world, package)["01-letter.docx"], tmp_path))
    read = text_of_pdf(tmp_path / "brief.pdf")

    assert "docx" == view["type"]
    assert (True, True, False, False) == (SUBJECT in read, PARCEL in read, "bakker" in read, SURNAME in read)


def test_the_log_says_who_looked_also_when_only_a_page_was_asked_for_and_once_for_its_pages(
    world: World, tmp_path: Path
) -> None:
    package = held(world, "alleen-een-bladzijde", "verslag.pdf", as_pdf_of(TEXT, tmp_path))

    for side in ("before", "after"):
        assert 200 == asked(world, f"/v1/holds/{package}/documents/1/pages/1?side={side}").status_code

    viewed = [each["user.id"] for each in told(world, package) if "document-viewed" == each["event.action"]]
    assert [OFFICER] == viewed


def test_changes_of_something_else_than_was_shown_decide_nothing(world: World) -> None:
    package = held(world, "verkeerde-plaats", "verslag.txt", TEXT)
    view = shown(world, package)
    area = {"page": 1, "left": 0.1, "top": 0.1, "right": 0.2, "bottom": 0.2}
    place = place_of(view, PARCEL)
    wrong = {
        "edits[0].seen": edits({"seen": "0" * 64}, lifted=[place]),
        "edits[0].lifted[0]": edits(view, lifted=[place_of(view, SUBJECT)]),
        "edits[0].added[0]": edits(view, added=[{**place, "end": 10_000}]),
        "edits[0].areas[0]": edits(view, areas=[area]),
        "edits[0].document": RELEASE | {"edits": [{"document": 2, "seen": view["seen"], "lifted": [place]}]},
        "edits": edits(view, lifted=[place]) | {"verdict": "refuse", "reasonCode": "no-ground"},
    }

    answers = {where: review(world, package, body, by=OFFICER) for where, body in wrong.items()}

    assert dict.fromkeys(wrong, 400) == {where: each.status_code for where, each in answers.items()}
    assert {where: [where] for where in wrong} == {
        where: [fault["where"] for fault in each.json()["errors"]] for where, each in answers.items()
    }
    assert "held" == state_of(world, package)
    assert SURNAME not in str([each.text for each in answers.values()])


@pytest.mark.parametrize(("who", "code"), [("medewerker", "review-own-package"), ("beveiliging", "not-permitted")])
def test_nobody_but_who_may_decide_sees_a_document(world: World, who: str, code: str) -> None:
    package = held(world, f"niet-voor-{who}", "verslag.txt", TEXT)
    for path in ("", "/pages/1"):
        answer = asked(world, f"/v1/holds/{package}/documents/1{path}", by=who)
        assert (403, code) == (answer.status_code, answer.json()["code"])
        assert SURNAME not in answer.text
    assert "document-viewed" not in {each["event.action"] for each in told(world, package)}


def test_every_doubt_that_holds_a_document_is_shown_as_one(world: World) -> None:
    text = "Amina woont bij haar neef ahmed hassan.\nmoeder fatima hussein al-sayed leeft nog.\n"
    view = shown(world, held(world, "twijfel", "verslag.txt", text))

    assert [True] == list({each["goes"] for each in view["findings"] if not each["certain"]})


def test_what_a_reviewer_adds_in_one_document_holds_the_package_while_another_says_it_and_can_be_added_there_too(
    world: World,
) -> None:
    documents = [
        {"file": name, "kind": "letter", "declaredCategories": ["ordinary"]} for name in ("verslag.txt", "brief.docx")
    ]
    other = f"Brief\n\nDaarom kwam {MISSED} langs, en {SUBJECT} was er ook.\n"
    world.drop(
        "twee",
        {
            "package.yaml": letter("verslag.txt") | {"documents": documents},
            "verslag.txt": TEXT,
            "brief.docx": word_file(other),
        },
    )
    package = str(world.slip("twee", "held")["id"])
    view = shown(world, package)
    second = asked(world, f"/v1/holds/{package}/documents/2").json()
    first_only = edits(view, added=[place_of(view, MISSED)])
    both = first_only["edits"] + [{"document": 2, "seen": second["seen"], "added": [place_of(second, MISSED)]}]

    review(world, package, first_only, by=OFFICER)
    until(lambda: "added-elsewhere" == hold(world, package).get("code"))
    again = hold(world, package)
    answer = review(world, package, RELEASE | {"edits": both}, by=OFFICER)
    parts = sent(world, package)

    assert ("document 2", True, []) == (again["where"], again["releasable"], again["mend"])
    assert MISSED not in str(again) + str(told(world, package))
    assert 201 == answer.status_code, answer.text
    assert MISSED not in parts["01-letter.txt"].decode()
    with zipfile.ZipFile(io.BytesIO(parts["02-letter.docx"])) as written:
        assert "bakker" not in written.read("word/document.xml").decode()


def hold(world: World, package: str) -> dict[str, Any]:
    answer = asked(world, f"/v1/holds/{package}")
    return dict(answer.json()) if 200 == answer.status_code else {}
