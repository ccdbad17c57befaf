"""A real site sends packages about people, some come back, and the log is asked who got what."""

import csv
import email
import io
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.reading import lines_of, read_events
from tests.integration.audit.outside.programs import shipped_says
from tests.preloaded import CLI, preloaded
from tests.scenarios.world import GUARDIAN, MUNICIPALITY, World, guardian_manifest, manifest, new_world, until
from tests.unit.deliver.test_delivery_notices import report

AMINA = {"vNumber": "2812345678", "name": "Amina Yusuf", "dateOfBirth": "1990-05-01"}
SAMUEL = {"vNumber": "2987654321", "name": "Samuel Tesfay", "dateOfBirth": "2014-03-09"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A site over which three packages about Amina went and one about Samuel; one of Amina's mails came back."""
    with new_world() as made:
        for name in ("new", "cur", "tmp"):
            (made.site.root / "terug" / name).mkdir(parents=True)
        made.set("mail", bounces={"maildir": "terug", "lookSeconds": 0.2})
        made.start()
        unnumbered = {key: value for key, value in AMINA.items() if key != "vNumber"}
        for number, subject in enumerate((AMINA, AMINA, unnumbered)):
            made.drop_file(f"amina-{number}.json", manifest(subject=subject))
            made.slip(f"amina-{number}.json", "done")
        made.drop_file("samuel.json", guardian_manifest(subject=SAMUEL))
        made.slip("samuel.json", "done")
        _come_back(made, "amina-1.json", number=1)
        yield made
        made.stop()


def _come_back(world: World, entry: str, *, number: int) -> None:
    """Let the mail of an entry, the one of that number, come back, as a mail server reports it."""
    mail = world.mail.messages()[number]
    name = re.search(r"<(.+)>", str(email.message_from_bytes(mail.content)["Message-ID"]))
    assert name is not None
    letter = report(
        about=f"Reporting-MTA: dns; mx.ngo.example\nOriginal-Envelope-Id: {name[1]}\n",
        recipients=f"Final-Recipient: rfc822; {mail.recipients[0]}\nAction: failed\nStatus: 5.1.1\n",
    )
    (world.site.root / "terug" / "new" / f"{time.monotonic_ns()}.host").write_bytes(letter)
    until(lambda: world.slips(entry)[0]["recipients"][0]["state"] == "undeliverable")


def ask(world: World, *words: str | Path, typed: str = "") -> subprocess.CompletedProcess[bytes]:
    return preloaded(CLI).run("--site", world.site.root, "audit", *words, input=typed.encode())


def answer(world: World, *words: str | Path, typed: str = "") -> dict[str, Any]:
    done = ask(world, *words, "--json", typed=typed)
    assert (0, b"") == (done.returncode, done.stderr.replace(b"V-nummer: ", b""))
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def ids(world: World, *entries: str) -> set[str]:
    return {world.slips(each)[0]["id"] for each in entries}


def test_who_received_tells_each_package_of_one_person_and_of_nobody_else(world: World) -> None:
    told = answer(world, "who-received", typed="281.234.5678\n")

    assert ids(world, "amina-0.json", "amina-1.json") == {each["package"] for each in told["recipients"]}
    assert [(MUNICIPALITY, "sent"), (MUNICIPALITY, "returned")] == [(e["id"], e["state"]) for e in told["recipients"]]
    came_back = told["recipients"][1]
    assert ("mail-bounced", "secure-mail", "public-order") == tuple(
        came_back[k] for k in ("reason", "channel", "purpose")
    )
    decided = next(
        each
        for each in read_events(world.site.audit_log)
        if each["event.action"] == "package-policy-evaluated" and each["gateway.package.id"] == came_back["package"]
    )
    assert decided["gateway.field_categories"] == came_back["categories"]
    assert decided["rule.version"] == came_back["policy"]
    assert decided.get("gateway.legal_basis") == came_back["legalBasis"]


def test_a_package_names_whom_it_is_about_from_the_moment_on_at_which_it_comes_in(world: World) -> None:
    [decided], [received] = (
        [
            each["gateway.subject.pseudonym"]
            for each in read_events(world.site.audit_log)
            if (action, *ids(world, "amina-0.json")) == (each["event.action"], each.get("gateway.package.id"))
        ]
        for action in ("package-policy-evaluated", "package-received")
    )

    assert {each for each in decided if not each.startswith("bsn:")} == set(received)


def test_a_package_that_names_the_person_in_another_way_is_pointed_at_and_found_by_that(world: World) -> None:
    by_number = answer(world, "who-received", typed="2812345678\n")
    by_name = json.loads(ask(world, "who-received", "--by", "name", "--json", typed="amina YUSUF\n1990-05-01\n").stdout)

    assert 1 == by_number["mayAlsoBeAbout"]
    assert ids(world, "amina-0.json", "amina-1.json", "amina-2.json") == {e["package"] for e in by_name["recipients"]}
    assert 0 == by_name["mayAlsoBeAbout"]


def test_the_list_for_a_correction_names_only_who_has_the_data(world: World) -> None:
    told = answer(world, "who-received", "--notify", typed="2812345678\n")
    for_people = ask(world, "who-received", "--notify", typed="2812345678\n")

    assert ids(world, "amina-0.json") == {each["package"] for each in told["recipients"]}
    assert b"1 pakket staat er niet bij" in for_people.stderr
    assert MUNICIPALITY.encode() in for_people.stdout


def test_the_answer_comes_with_proofs_that_convince_who_knows_nothing_of_sluis(world: World, tmp_path: Path) -> None:
    told = answer(world, "who-received", "--proofs", tmp_path, typed="2987654321\n")

    [samuels] = told["recipients"]
    assert GUARDIAN == samuels["id"]
    proved = {int(each.stem) for each in tmp_path.glob("*.tlog-proof")}
    assert set(samuels["events"]) == proved
    for number in proved:
        proof = tmp_path / f"{number}.tlog-proof"
        assert shipped_says("receipt", tmp_path / f"{number}.json", proof, "--keys", world.site.audit_keys)


def test_nothing_that_was_typed_about_a_person_is_said_again(world: World) -> None:
    none = ask(world, "who-received", typed="2812345679\n")
    wrong = ask(world, "who-received", typed="281234567\n")
    no_date = ask(world, "who-received", "--by", "name", typed="Amina Yusuf\n1 mei 1990\n")

    assert [0, 2, 2] == [each.returncode for each in (none, wrong, no_date)]
    said = b"".join(part for each in (none, wrong, no_date) for part in (each.stdout, each.stderr))
    assert not [word for word in (b"28123", b"Amina", b"mei 1990") if word in said]
    assert "Niemand kreeg iets" in none.stdout.decode()


def test_search_combines_what_is_asked(world: World) -> None:
    package = ids(world, "amina-1.json").pop()

    by_package = answer(world, "search", "--package", package[-8:])
    failed = answer(
        world, "search", "--recipient", MUNICIPALITY, "--code", "mail-bounced", "--action", "package-release-failed"
    )
    limited = answer(world, "search", "--limit", "2", "--category", "ordinary", "--person", "medewerker")

    assert {package} == {each["gateway.package.id"] for each in by_package["events"]}
    assert "package-received" == by_package["events"][-1]["event.action"]
    assert [package] == [each["gateway.package.id"] for each in failed["events"]]
    assert (2, True) == (len(limited["events"]), limited["more"])
    assert [] == answer(world, "search", "--until", "2020-01-01")["events"]


def test_an_export_holds_every_line_of_the_log_as_it_stands(world: World) -> None:
    whole, some = ask(world, "export"), ask(world, "export", "--recipient", GUARDIAN, "--format", "csv")
    as_json = json.loads(ask(world, "export", "--format", "json").stdout)

    lines = [line for _, _, line in lines_of(world.site.audit_log)]
    assert lines == whole.stdout.splitlines()
    assert lines == [json.dumps(each, separators=(",", ":"), ensure_ascii=False).encode() for each in as_json["events"]]
    rows = [*csv.DictReader(io.StringIO(some.stdout.decode()))]
    assert {GUARDIAN} == {each["recipient"] for each in rows}


def test_the_counts_are_those_of_the_packages_that_went(world: World) -> None:
    told = answer(world, "stats")

    assert {MUNICIPALITY: 3, GUARDIAN: 1} == told["recipients"]
    assert {"secure-mail": 3, "file-drop": 1} == told["channels"]
    assert [4] == [*told["months"].values()]
    assert 4 == told["events"]["package-received"]


def test_the_log_answers_without_the_service_and_without_trust_in_its_index(world: World) -> None:
    before = answer(world, "who-received", typed="2812345678\n")
    world.stop()
    try:
        after = answer(world, "who-received", typed="2812345678\n")
        anew = answer(world, "who-received", "--anew", typed="2812345678\n")
    finally:
        world.start()

    assert before["recipients"] == after["recipients"] == anew["recipients"]


def test_a_second_person_on_standard_input_is_refused_and_not_left_out_unseen(world: World) -> None:
    done = ask(world, "who-received", typed=f"{AMINA['vNumber']}\n{SAMUEL['vNumber']}\n")

    assert (2, b"") == (done.returncode, done.stdout)
    assert "Vraag naar één persoon tegelijk" in done.stderr.decode()
    assert AMINA["vNumber"].encode() not in done.stderr
