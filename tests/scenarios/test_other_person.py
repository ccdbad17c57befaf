"""Attack: the papers are one person's, and the data another's. Who looks at the subject looks at the data."""

from collections.abc import Iterator

import pytest

from tests.scenarios.world import World, guardian_manifest, new_world

OTHER = {"name": "Samuel Tesfay", "vNumber": "0991234502", "dateOfBirth": "2014-03-09"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with new_world() as made:
        made.start()
        yield made


def test_attack_an_adults_data_under_a_minors_guardianship_is_held_and_leaves_nothing(world: World) -> None:
    adult = {"name": "Samuel Tesfay", "dateOfBirth": "1990-01-01", "vNumber": "0991234502"}
    world.drop_file("volwassen.json", guardian_manifest(data=adult))
    slip = world.slip("volwassen.json")

    assert ("held", "subject.data-differs") == (slip["state"], slip["code"])
    assert [] == list((world.site.root / "drop" / "nidos-voorbeeld").iterdir())


def test_attack_a_list_of_other_people_behind_one_persons_subject_is_held(world: World) -> None:
    table = "naam,V-nummer\r\nSamuel Tesfay,0991234502\r\nAmina Yusuf,0991234503\r\n"
    said = guardian_manifest(data=None, dataFile="lijst.csv", subject=OTHER)
    world.drop("lijst", {"package.json": said, "lijst.csv": table})
    slip = world.slip("lijst")

    assert ("held", "subject.data-differs") == (slip["state"], slip["code"])
    assert [] == list((world.site.root / "drop" / "nidos-voorbeeld").iterdir())
