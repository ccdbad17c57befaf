"""A held package is released or refused by a second person, and by nobody else; what was decided survives a kill."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from gateway.audit.reading import read_events
from gateway.entrypoints.demo.opening import open_mail
from gateway.package.ids import PackageId
from tests.preloaded import sluis
from tests.scenarios.test_the_whole_way import mail_of
from tests.scenarios.world import MUNICIPALITY, World, manifest, until

NECESSITY = "De politie moet weten dat deze persoon insuline gebruikt bij de ontruiming."
WRITTEN = "Gesproken met de arts over de heer Kanarie."
RELEASE = {"verdict": "release", "reasonCode": "necessity-proven", "ground": "AVG 9(2)(c); UAVG 30", "text": WRITTEN}
REFUSE = {"verdict": "refuse", "reasonCode": "not-necessary"}
SENDER, OFFICER, DEPUTY = "medewerker", "privacy-1", "privacy-2"


def with_health(**changes: Any) -> dict[str, Any]:
    return manifest(data={"name": "Amina Yusuf", "health": "diabetes"}, necessity=NECESSITY, **changes)


def as_person(world: World, person: str) -> dict[str, str]:
    with world.client() as client:
        token = client.post("/v1/tokens", json={"person": person}).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def review(world: World, package: str, body: dict[str, str], *, by: str, language: str = "en") -> httpx.Response:
    headers = as_person(world, by) | {"Accept-Language": language}
    with world.client() as client:
        return client.post(f"/v1/packages/{package}/reviews", json=body, headers=headers)


def submitted(world: World, body: dict[str, Any]) -> str:
    """Hand a package in that comes to wait."""
    with world.client() as client:
        package = str(client.post("/v1/packages", json=body).json()["id"])
    until(lambda: "held" == state_of(world, package))
    return package


def state_of(world: World, package: str) -> str:
    with world.client() as client:
        return str(client.get(f"/v1/packages/{package}").json()["state"])


def told(world: World, package: str) -> list[dict[str, Any]]:
    return list(read_events(world.site.audit_log, package=PackageId(package)))


def test_health_data_goes_once_a_second_person_has_released_it_and_the_log_names_both(world: World) -> None:
    world.drop("met-gezondheid", {"package.yaml": with_health()})
    held = world.slip("met-gezondheid", "held")

    own = review(world, held["id"], RELEASE, by=SENDER)
    answer = review(world, held["id"], RELEASE, by=OFFICER)
    slip = world.slip("met-gezondheid", "done")
    opened = open_mail(mail_of(world, slip["id"]), home=world.home(MUNICIPALITY))

    assert ("3-Actie nodig", "special.second-person") == (held["folder"], held["code"])
    assert "avg@dtv.minvenj.nl" in json.dumps(held)
    assert "Lever het pakket niet opnieuw in" in json.dumps(held)
    assert (403, "review-own-package") == (own.status_code, own.json()["code"])
    assert 201 == answer.status_code
    assert {"name": "Amina Yusuf", "health": "diabetes"} == json.loads(opened.parts["data.json"])
    assert ["5-Verzonden"] == [each["folder"] for each in world.slips("met-gezondheid")]
    events = {each["event.action"]: each for each in told(world, slip["id"])}
    assert (SENDER, OFFICER) == (events["package-received"]["user.id"], events["package-reviewed"]["user.id"])
    assert ["special.second-person"] == events["package-reviewed"]["rule.id"]
    assert "necessity-proven" == events["package-reviewed"]["gateway.review.reason"]


def test_a_review_comes_before_the_release_in_the_log_and_its_words_stand_nowhere_in_clear(world: World) -> None:
    package = submitted(world, with_health())
    review(world, package, RELEASE, by=OFFICER)
    until(lambda: "done" == state_of(world, package))

    actions = [each["event.action"] for each in told(world, package)]
    kept = [path for path in world.site.root.rglob("*") if path.is_file() and "gnupg" not in path.parts]

    assert actions.index("package-held") < actions.index("package-reviewed") < actions.index("package-release-started")
    assert [] == [path for path in kept if b"Kanarie" in path.read_bytes()]


def test_a_refusal_ends_the_package_and_its_sender_reads_who_decided(world: World) -> None:
    world.drop("niet-nodig", {"package.yaml": with_health()})
    held = world.slip("niet-nodig", "held")

    answer = review(world, held["id"], REFUSE, by=DEPUTY)
    slip = world.slip("niet-nodig", "refused")
    again = [review(world, held["id"], body, by=OFFICER) for body in (REFUSE, RELEASE)]

    assert (201, "refused", "review.refused") == (
        answer.status_code,
        *(answer.json()[key] for key in ("state", "code")),
    )
    assert ("4-Geweigerd", "review.refused") == (slip["folder"], slip["code"])
    assert "Het Privacy Office heeft naar dit pakket gekeken" in json.dumps(slip, ensure_ascii=False)
    assert [(409, "state-conflict")] * 2 == [(each.status_code, each.json()["code"]) for each in again]
    assert not [mail for mail in world.mail.messages() if held["id"].encode() in mail.content]


def test_what_nobody_may_settle_can_be_refused_but_not_released_and_says_what_to_mend(world: World) -> None:
    body = with_health(recipients=["vluchtelingenhulp-voorbeeld"], purpose="legal-support")
    package = submitted(world, body)

    answer = review(world, package, RELEASE, by=OFFICER)
    in_dutch = review(world, package, RELEASE, by=OFFICER, language="nl")

    assert (409, "hold-not-releasable") == (answer.status_code, answer.json()["code"])
    assert "consent.missing" in {each["where"] for each in answer.json()["errors"]}
    assert "Deze ontvanger heeft toestemming van de persoon nodig." in str(in_dutch.json()["errors"])
    assert "held" == state_of(world, package)
    assert 201 == review(world, package, REFUSE, by=OFFICER).status_code


@pytest.mark.parametrize("ground", [" ", "geen idee"])
def test_special_data_is_not_released_without_an_article_of_law(world: World, ground: str) -> None:
    package = submitted(world, with_health())

    answer = review(world, package, {**RELEASE, "ground": ground}, by=OFFICER)

    assert (400, ["ground"]) == (answer.status_code, [each["where"] for each in answer.json()["errors"]])
    assert "held" == state_of(world, package)


@pytest.mark.parametrize("person", ["beveiliging", "beheer"])
def test_no_other_role_looks_at_holds_or_decides(world: World, person: str) -> None:
    package = submitted(world, with_health())

    answer = review(world, package, RELEASE, by=person)
    with world.client() as client:
        looked = client.get("/v1/holds", headers=as_person(world, person))

    assert [(403, "not-permitted")] * 2 == [(each.status_code, each.json()["code"]) for each in (answer, looked)]
    assert "held" == state_of(world, package)


def test_of_many_decisions_at_once_one_counts_and_the_log_tells_of_that_one_only(world: World) -> None:
    package = submitted(world, with_health())
    headers = [as_person(world, person) for person in (OFFICER, DEPUTY)] * 4

    def decide(number: int) -> int:
        with world.client() as client:
            body = RELEASE if number % 2 else REFUSE
            return client.post(f"/v1/packages/{package}/reviews", json=body, headers=headers[number]).status_code

    with ThreadPoolExecutor(len(headers)) as pool:
        statuses = sorted(pool.map(decide, range(len(headers))))
    until(lambda: state_of(world, package) in {"done", "refused"})

    reviews = [each for each in told(world, package) if each["event.action"] == "package-reviewed"]
    ending = {"release": "done", "refuse": "refused"}[reviews[0]["gateway.review.verdict"]]
    assert [201, *[409] * (len(headers) - 1)] == statuses
    assert 1 == len(reviews)
    assert ending == state_of(world, package)


def test_an_officer_of_another_organisation_finds_nothing_and_decides_nothing(quiet_world: World) -> None:
    with quiet_world.site.people.open("a", encoding="utf-8") as people:
        people.write("  - {id: coa-privacy, organisation: COA, roles: [privacy-officer]}\n")
    quiet_world.start()
    package = submitted(quiet_world, with_health())

    answer = review(quiet_world, package, RELEASE, by="coa-privacy")
    with quiet_world.client() as client:
        headers = as_person(quiet_world, "coa-privacy")
        listed, shown = (client.get(path, headers=headers) for path in ("/v1/holds", f"/v1/holds/{package}"))

    assert (403, "not-permitted") == (answer.status_code, answer.json()["code"])
    assert [] == listed.json()["holds"]
    assert (404, "not-found") == (shown.status_code, shown.json()["code"])
    assert "held" == state_of(quiet_world, package)
    quiet_world.stop()


def test_an_officer_finds_the_hold_with_its_necessity_and_releases_it_from_the_command_line(world: World) -> None:
    package = submitted(world, with_health())
    token = as_person(world, OFFICER)["Authorization"].removeprefix("Bearer ")

    listed = typed(world, token, "list")
    shown = typed(world, token, "show", package)
    released = typed(world, token, "release", package, "--reason", "necessity-proven", "--ground", "AVG 9(2)(c)")
    until(lambda: "done" == state_of(world, package))

    assert package in {each["id"] for each in listed["holds"]}
    assert (NECESSITY, True) == (shown["necessity"], shown["releasable"])
    assert package == released["id"]


def typed(world: World, token: str, *words: str) -> dict[str, Any]:
    done = command(world, "holds", *words, "--json", "--token", token)
    answer: dict[str, Any] = json.loads(done.stdout)
    assert 0 == done.returncode
    return answer


def command(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return sluis(world.site.root, *words)


def test_a_hold_for_residue_tells_the_officer_and_the_sender_where_it_stands(world: World) -> None:
    data = {"name": "Amina Yusuf", "departureStrategy": "via Brusselstraat"}
    world.drop("rest", {"package.yaml": manifest(data=data, request={"reference": "zaak Brusselstraat"})})
    slip = world.slip("rest", "held")
    token = as_person(world, OFFICER)["Authorization"].removeprefix("Bearer ")

    shown = command(world, "holds", "show", slip["id"], "--token", token).stdout
    answer = review(world, slip["id"], RELEASE, by=OFFICER)

    assert ("residue-found", "request.reference") == (slip["code"], slip["where"])
    assert "Plaats: het kenmerk in de brief (request.reference)" in shown
    assert "mag door" not in shown
    (fault,) = answer.json()["errors"]
    assert (409, "residue-found") == (answer.status_code, fault["where"])
    assert fault["expected"].startswith("After stripping, a value")


def test_kill_9_between_the_release_and_the_sending_loses_neither_the_decision_nor_the_package(
    quiet_world: World,
) -> None:
    world = quiet_world
    world.start()
    packages = [submitted(world, with_health()) for _ in range(3)]

    officer = as_person(world, OFFICER)
    with world.client() as client:
        for package in packages:
            answer = client.post(f"/v1/packages/{package}/reviews", json=RELEASE, headers=officer)
            assert 201 == answer.status_code
    world.kill()
    world.start()

    until(lambda: {"done"} == {state_of(world, package) for package in packages})
    for package in packages:
        opened = open_mail(mail_of(world, package), home=world.home(MUNICIPALITY))
        actions = [each["event.action"] for each in told(world, package)]
        assert {"name": "Amina Yusuf", "health": "diabetes"} == json.loads(opened.parts["data.json"])
        assert (1, 1) == (actions.count("package-reviewed"), actions.count("package-held"))
    world.stop()
