"""The audit log tells of each disclosure whom it is about, on which ground and in which trace; of nobody by name."""

import itertools
import json
import re
import unicodedata
from typing import Any

import pytest

from gateway.audit.reading import lines_of, read_events
from gateway.bootstrap.pseudonym_keys import PseudonymKeys
from tests.preloaded import sluis
from tests.scenarios.canary import Search
from tests.scenarios.test_reviews import as_person
from tests.scenarios.world import World, guardian_manifest, manifest, until

V_NUMBER, BSN = "0991234501", "123456782"
CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
_DISCLOSING = {"package-policy-evaluated", "package-release-started", "package-released"}


def about_amina(**changes: Any) -> dict[str, Any]:
    subject = {"name": "Amína Yusuf", "vNumber": V_NUMBER, "dateOfBirth": "1990-05-01"}
    data = {"name": "Amína Yusuf", "town": "Voorbeeldstad", "BSN": BSN}
    return manifest(**{"subject": subject, "data": data, **changes})


@pytest.fixture
def world(quiet_world: World) -> World:
    quiet_world.start()
    return quiet_world


def keys_of(world: World) -> PseudonymKeys:
    return PseudonymKeys.read(world.site)


def events(world: World, package: str, *actions: str) -> list[dict[str, Any]]:
    of_package = (each for each in read_events(world.site.audit_log) if package == each.get("gateway.package.id"))
    return [each for each in of_package if not actions or each["event.action"] in actions]


def submitted(world: World, body: dict[str, Any], traceparent: str = "") -> str:
    headers = {"traceparent": traceparent} if traceparent else {}
    with world.client() as client:
        package = str(client.post("/v1/packages", json=body, headers=headers).raise_for_status().json()["id"])
        until(lambda: "done" == client.get(f"/v1/packages/{package}").json()["state"])
    return package


def test_a_disclosure_names_its_subject_by_every_identifier_and_its_ground(world: World) -> None:
    package = submitted(world, about_amina())

    keys, told = keys_of(world), events(world, package, *_DISCLOSING)
    expected = [
        *keys.searched("vnr", V_NUMBER),
        *keys.searched_name("Yusuf, Amina", "1990-05-01"),
        *keys.searched("bsn", BSN),
    ]
    assert sorted(_DISCLOSING) == sorted(each["event.action"] for each in told)
    assert [expected] * 3 == [each["gateway.subject.pseudonym"] for each in told]
    assert {"avg-6-1-e/gemeentewet-172"} == {each["gateway.legal_basis"] for each in told}


def test_the_same_person_in_two_ways_of_writing_has_one_pseudonym(world: World) -> None:
    names = [unicodedata.normalize(form, "Samuel Tésfay") for form in ("NFC", "NFD")]
    said = [{"name": name, "dateOfBirth": "2014-03-09"} for name in (*names, "TESFAY  Samuel")]
    bodies = [guardian_manifest(subject=each, data={"name": each["name"], "education": "mbo"}) for each in said]

    packages = [submitted(world, each) for each in bodies]

    found = {tuple(events(world, each, "package-released")[0]["gateway.subject.pseudonym"]) for each in packages}
    assert {keys_of(world).searched_name("Samuel Tesfay", "2014-03-09")} == found


@pytest.mark.parametrize("flags", ["01", "00"])
def test_a_callers_trace_is_taken_over_whether_it_is_sampled_or_not(world: World, flags: str) -> None:
    package = submitted(world, about_amina(), f"00-{CALLER}-{SPAN}-{flags}")

    told = events(world, package)
    assert {(CALLER, SPAN)} == {(each["trace.id"], each["gateway.trace.parent_span"]) for each in told}
    assert "package-received" in {each["event.action"] for each in told}


@pytest.mark.parametrize("said", ["", f"00-{'0' * 32}-{SPAN}-01", f"00-{CALLER.upper()}-{SPAN}-01", "ff"])
def test_without_a_trace_that_the_standard_allows_a_package_begins_its_own(world: World, said: str) -> None:
    told = [events(world, submitted(world, about_amina(), said)) for _ in range(2)]

    traces = [{each["trace.id"] for each in of_one} for of_one in told]
    assert [1, 1] == [len(each) for each in traces]
    assert 2 == len(traces[0] | traces[1])
    assert not any("gateway.trace.parent_span" in each for each in itertools.chain(*told))


def test_attempts_before_and_after_a_kill_have_one_trace_and_one_subject_and_each_its_own_span(world: World) -> None:
    world.stop()
    mended = world.site.settings.read_bytes()
    world.set("mail", port=1)
    world.start()
    with world.client() as client:
        headers = {"traceparent": f"00-{CALLER}-{SPAN}-01"}
        package = client.post("/v1/packages", json=about_amina(), headers=headers).raise_for_status().json()["id"]
    until(lambda: 2 <= len(events(world, package, "package-release-failed")))
    world.kill()
    world.site.settings.write_bytes(mended)
    world.start()
    until(lambda: events(world, package, "package-released"))

    told = [each for each in events(world, package) if each["event.action"].startswith("package-release")]
    spans: dict[int, set[str]] = {}
    for each in told:
        spans.setdefault(each["gateway.attempt"], set()).add(each["span.id"])
    assert {1} == {len(each) for each in spans.values()}
    assert len(spans) == len(set.union(*spans.values()))
    assert {CALLER} == {each["trace.id"] for each in told}
    assert 1 == len({tuple(each["gateway.subject.pseudonym"]) for each in told})
    assert {"avg-6-1-e/gemeentewet-172"} == {each["gateway.legal_basis"] for each in told}


def test_what_is_held_and_withdrawn_names_its_subject_and_no_ground(world: World) -> None:
    with world.client() as client:
        # Without the order that made somebody the guardian it waits.
        body = guardian_manifest(guardianship=None)
        package = client.post("/v1/packages", json=body).raise_for_status().json()["id"]
        until(lambda: "held" == client.get(f"/v1/packages/{package}").json()["state"])
        client.post(f"/v1/packages/{package}/withdrawal").raise_for_status()

    expected = [*keys_of(world).searched_name("Samuel Tesfay", "2014-03-09")]
    told = events(world, package, "package-policy-evaluated", "package-withdrawn")
    assert [expected, expected] == [each["gateway.subject.pseudonym"] for each in told]
    assert not any("gateway.legal_basis" in each for each in told)
    assert 1 == len({each["trace.id"] for each in events(world, package)})


def test_after_a_rotation_the_new_key_is_used_and_old_and_new_lines_are_found(world: World) -> None:
    before = submitted(world, about_amina())
    token = as_person(world, "beheer")["Authorization"].removeprefix("Bearer ")
    done = sluis(world.site.root, "audit", "rotate-pseudonyms", "--json", "--token", token)
    still = submitted(world, about_amina())
    world.stop()
    world.start()
    after = submitted(world, about_amina())

    expected = {"format": "sluis-audit-rotate-pseudonyms/1", "key": "k2", "file": "secrets/pseudonym-2.key"}
    assert expected == json.loads(done.stdout)
    [told_by] = [
        each["user.id"] for each in read_events(world.site.audit_log) if each["event.action"] == "pseudonym-key-rotated"
    ]
    assert "beheer" == told_by
    keys = keys_of(world)
    released = [events(world, each, "package-released")[0] for each in (before, still, after)]
    told = [each["gateway.subject.pseudonym"][0] for each in released]
    assert ["vnr:k1", "vnr:k1", "vnr:k2"] == [each.rpartition(":")[0] for each in told]
    assert set(keys.searched("vnr", "0991.234.501")) == set(told)


def test_a_lost_key_is_a_refusal_to_start_and_no_new_key_is_drawn(world: World) -> None:
    submitted(world, about_amina())
    world.stop()
    (world.site.secrets / "pseudonym-1.key").unlink()
    world.site.pseudonym_keys.unlink()

    start, check = (sluis(world.site.root, command) for command in ("run", "check"))

    assert "secrets/pseudonym-1.key" in start.stdout + start.stderr
    assert "secrets/pseudonym-1.key" in check.stdout + check.stderr
    assert not (world.site.secrets / "pseudonym-1.key").exists()


def test_a_site_from_before_there_were_pseudonyms_gets_its_key_at_its_next_start(quiet_world: World) -> None:
    (quiet_world.site.secrets / "pseudonym-1.key").unlink()

    quiet_world.start()
    package = submitted(quiet_world, about_amina())

    found = events(quiet_world, package, "package-released")[0]["gateway.subject.pseudonym"][0]
    assert keys_of(quiet_world).searched("vnr", V_NUMBER) == (found,)


def test_no_line_holds_an_identifier_in_any_encoding_or_digest_without_a_key(world: World) -> None:
    package = submitted(world, about_amina())

    lines = [line for _, _, line in lines_of(world.site.audit_log)]
    values = {"name": "Amína Yusuf", "V-number": V_NUMBER, "BSN": BSN, "date of birth": "1990-05-01"}
    kinds = itertools.product((("vnr", V_NUMBER), ("bsn", BSN)), "\x00:")
    typed = {f"{kind} {mark!r}": f"{kind}{mark}{value}" for (kind, value), mark in kinds}
    assert any(package.encode() in line for line in lines)
    assert {} == Search(values | typed).of_all(("line", line) for line in lines)
    assert not any(re.search(rb"(?<![0-9a-f])[0-9]{9,10}(?![0-9a-f])", line) for line in lines)
