"""Attack: an officer hands a package in through an application, and releases it as the second person."""

from tests.scenarios.test_reviews import RELEASE, as_person, review, with_health
from tests.scenarios.world import new_world, until

PEOPLE = """format: sluis-people/1
people:
  - {id: zaaksysteem, organisation: DT&V, roles: [caseworker, application], uid: 1500}
  - {id: p-jansen, organisation: DT&V, roles: [privacy-officer], uid: 1002}
  - {id: m-bakker, organisation: DT&V, roles: [privacy-officer], uid: 1003}
  - {id: zelf, organisation: DT&V, roles: [security], uid: 0}
"""


def test_attack_an_officer_releases_what_an_application_handed_in_for_that_officer() -> None:
    with new_world() as world:
        world.site.people.write_text(PEOPLE, encoding="utf-8")
        world.start()
        said = with_health(sender={"organisation": "DT&V", "name": "P. Jansen"})
        application, looker = as_person(world, "zaaksysteem"), as_person(world, "zelf")
        with world.client() as client:
            package = str(client.post("/v1/packages", json=said, headers=application).json()["id"])
            until(lambda: "held" == client.get(f"/v1/packages/{package}", headers=looker).json()["state"])

        own = review(world, package, RELEASE, by="p-jansen")
        assert (403, "review-own-package") == (own.status_code, own.json()["code"])
        assert 201 == review(world, package, RELEASE, by="m-bakker").status_code
