"""Who may be whom, what the service says of itself, and secrets that nobody else may read."""

import datetime as dt
import os
from pathlib import Path

import pytest

from gateway.bootstrap.people import PeopleRegister, sees_all
from gateway.bootstrap.secrets_store import create_secrets, read_secrets
from gateway.bootstrap.settings import People, read_people, read_site_settings
from gateway.bootstrap.watch import Watch
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, PersonId

PEOPLE = People.model_validate(
    {
        "format": "sluis-people/1",
        "people": [
            {"id": "jansen", "organisation": "DT&V", "roles": ["caseworker"], "uid": 1000},
            {"id": "privacy", "organisation": "DT&V", "roles": ["privacy-officer"], "uid": 1001},
            {"id": "deputy", "organisation": "DT&V", "roles": ["privacy-officer"], "uid": 1001},
        ],
    }
)
SERVICE_UID = 500


class Room:
    def __init__(self, *, room: bool = True) -> None:
        self._room = room

    def room(self) -> bool:
        return self._room


class Log:
    def __init__(self, error: SluisError | None = None) -> None:
        self._error = error

    def check(self) -> None:
        if self._error:
            raise self._error


def watch(*, room: bool = True, error: SluisError | None = None) -> Watch:
    return Watch(spool=Room(room=room), audit=Log(error), now=lambda: dt.datetime(2026, 11, 23, tzinfo=dt.UTC))


def test_a_user_who_plays_several_people_is_none_of_them_without_a_token() -> None:
    register = PeopleRegister(PEOPLE, one_user_plays_all=False)
    known = register.of_uid(1000)

    assert known is not None
    assert "jansen" == known.person
    assert register.of_uid(1001) is None
    assert register.of_uid(4711) is None


@pytest.mark.parametrize("uid", [0, SERVICE_UID, 1000])
def test_in_production_nobody_may_be_another_not_even_root_or_the_service(uid: int) -> None:
    register = PeopleRegister(PEOPLE, one_user_plays_all=False)

    assert register.may_be("privacy", uid=uid, service_uid=SERVICE_UID) is None
    assert register.may_be("privacy", uid=1001, service_uid=SERVICE_UID) is not None


def test_in_a_demonstration_the_services_own_user_plays_everybody_and_others_do_not() -> None:
    register = PeopleRegister(PEOPLE, one_user_plays_all=True)

    assert register.may_be("privacy", uid=SERVICE_UID, service_uid=SERVICE_UID) is not None
    assert register.may_be("privacy", uid=1000, service_uid=SERVICE_UID) is None


def test_a_caseworker_sees_own_packages_and_a_privacy_officer_all() -> None:
    register = PeopleRegister(PEOPLE, one_user_plays_all=False)
    people = [register.may_be(name, uid=uid, service_uid=0) for name, uid in (("jansen", 1000), ("privacy", 1001))]

    assert [False, True] == [sees_all(each) for each in people if each]


def test_the_service_names_each_thing_that_keeps_packages_waiting() -> None:
    seen = watch(room=False, error=SluisError(Code.AUDIT_UNAVAILABLE))
    seen.tell_stuck(2)
    seen.slips_hang = lambda: True

    assert (
        ("disk-full", "spool"),
        ("audit-unavailable", "audit"),
        ("slips-not-written", "outbox"),
        ("entry-unreadable", "outbox: 2"),
    ) == seen.problems()
    assert () == watch().problems()


def test_a_failed_package_gets_another_turn_unless_somebody_else_has_taken_it_over() -> None:
    turns: list[PackageId] = []
    seen = watch()
    seen.again = lambda package, _at: turns.append(package)

    seen.failed(PackageId("one"), ExceptionGroup("group", [SluisError(Code.SPOOL_UNAVAILABLE)]))
    seen.failed(PackageId("two"), SluisError(Code.EPOCH_LOST))

    assert ["one"] == turns


def test_secrets_are_drawn_once_and_come_back(tmp_path: Path) -> None:
    create_secrets(tmp_path / "secrets", random=os.urandom)
    secrets = read_secrets(tmp_path / "secrets", credentials=None)

    assert 3 == len({secrets.site_key, secrets.digest_key, secrets.message_id_key})
    with pytest.raises(FileExistsError):
        create_secrets(tmp_path / "secrets", random=os.urandom)


@pytest.mark.parametrize("fault", ["missing", "short", "open to others"])
def test_a_key_that_is_missing_short_or_open_to_others_is_a_refusal_and_never_a_new_key(
    tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "secrets"
    create_secrets(folder, random=os.urandom)
    key = folder / "site.key"
    if fault == "missing":
        key.unlink()
    elif fault == "short":
        key.write_bytes(b"x" * 31)
    else:
        key.chmod(0o644)

    with pytest.raises(SluisError) as caught:
        read_secrets(folder, credentials=None)

    assert (Code.SETTING_INVALID, "secrets/site.key") == (caught.value.code, caught.value.where)
    assert (fault == "missing") is not key.exists()
    back = (("secrets/site.key", "this file out of a back-up expected"),)
    assert (back if fault == "missing" else ()) == caught.value.faults


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("format: sluis-people/1\npeople: [{id: a, organisation: x, haast: 1}]", "people[0].haast"),
        ("format: sluis-people/1\npeople: [{id: a, organisation: x}, {id: a, organisation: y}]", "people"),
        ("format: sluis-people/1\npeople: [{id: a, organisation: x, roles: [boss]}]", "people[0].roles[0]"),
    ],
)
def test_a_fault_in_the_people_is_named_by_its_place(tmp_path: Path, text: str, place: str) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SluisError) as caught:
        read_people(path)

    assert place in [where for where, _ in caught.value.faults]


def test_a_setting_that_stands_twice_is_refused_by_name_for_only_the_last_would_count(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(f"format: sluis-site/1\norganisation: DT&V\nseal: {{signingKey: {'A' * 40}}}\nfourEyes: true\n")
    assert read_site_settings(path).four_eyes

    path.write_text(path.read_text() + "fourEyes: false\n")
    with pytest.raises(SluisError) as caught:
        read_site_settings(path)

    assert (caught.value.code, caught.value.where) == (Code.SETTING_INVALID, "site.yaml")
    assert [place for place, _ in caught.value.faults] == ["fourEyes"]


def test_there_is_no_setting_that_switches_tls_off(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    mail = "mail: {host: h, fromAddress: a@b.example, startTls: false}"
    path.write_text(f"format: sluis-site/1\norganisation: x\nseal: {{signingKey: y}}\n{mail}\n", encoding="utf-8")

    with pytest.raises(SluisError) as caught:
        read_site_settings(path)

    assert ["mail.startTls"] == [where for where, _ in caught.value.faults]


def test_two_people_of_one_operating_system_user_are_one_user_but_not_in_a_demonstration() -> None:
    officer, deputy, jansen = PersonId("privacy"), PersonId("deputy"), PersonId("jansen")
    real, demo = (PeopleRegister(PEOPLE, one_user_plays_all=demo) for demo in (False, True))

    assert real.are_one_user(officer, deputy, uid=None)
    assert not real.are_one_user(officer, jansen, uid=None)
    assert not demo.are_one_user(officer, deputy, uid=1001)


def test_renamed_person_who_acted_first_is_known_by_the_user_that_was_kept() -> None:
    register = PeopleRegister(PEOPLE, one_user_plays_all=False)
    officer, jansen, gone = PersonId("privacy"), PersonId("jansen"), PersonId("privacy-before-the-marriage")

    assert register.are_one_user(gone, officer, uid=1001)
    assert not register.are_one_user(gone, jansen, uid=1001)
    # The id of somebody who got another one was given to a new colleague.
    assert register.are_one_user(jansen, officer, uid=1001)


def test_renamed_person_of_whom_no_user_was_kept_may_be_anybody() -> None:
    register = PeopleRegister(PEOPLE, one_user_plays_all=False)
    assert register.are_one_user(PersonId("gone"), PersonId("privacy"), uid=None)


OFFICER = "{id: privacy, organisation: DT&V, roles: [privacy-officer], deputies: [%s]}"
DEPUTY = "{id: deputy, organisation: DT&V, roles: [caseworker]}"


def people_file(folder: Path, *people: str) -> Path:
    path = folder / "people.yaml"
    path.write_text("format: sluis-people/1\npeople:\n" + "".join(f"  - {each}\n" for each in people), encoding="utf-8")
    return path


def test_a_deputy_stands_in_from_the_first_day_up_to_and_including_the_last(tmp_path: Path) -> None:
    path = people_file(tmp_path, OFFICER % "{id: deputy, from: 2026-12-21, until: 2027-01-03}", DEPUTY)
    register = PeopleRegister(read_people(path), one_user_plays_all=False)
    days = [dt.date(2026, 12, 20), dt.date(2026, 12, 21), dt.date(2027, 1, 3), dt.date(2027, 1, 4)]

    assert [(), ("privacy",), ("privacy",), ()] == [register.deputised_by(PersonId("deputy"), on=day) for day in days]
    assert () == register.deputised_by(PersonId("privacy"), on=days[1])


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ((OFFICER % "{id: nobody}",), "the id of another person"),
        ((OFFICER % "{id: privacy}",), "the id of another person"),
        (
            (OFFICER % "{id: app}", "{id: app, organisation: DT&V, roles: [caseworker, application]}"),
            "the id of another person",
        ),
        ((OFFICER % "{id: coa}", "{id: coa, organisation: COA}"), "a person of the same organisation"),
        ((OFFICER % "{id: deputy, from: 2026-12-21, until: 2026-12-20}", DEPUTY), "'until' not before 'from'"),
        (
            ("{id: a, organisation: DT&V, roles: [caseworker], deputies: [{id: deputy}]}", DEPUTY),
            "deputies of a privacy-officer only",
        ),
    ],
)
def test_a_deputy_is_another_person_of_the_officers_organisation(
    tmp_path: Path, people: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(SluisError) as refused:
        read_people(people_file(tmp_path, *people))

    assert [("people[0].deputies[0]", expected)] == list(refused.value.faults)


@pytest.mark.parametrize("environment", ["production", "acceptance", "demo"])
def test_a_clock_that_runs_ahead_does_not_start_outside_tests(tmp_path: Path, environment: str) -> None:
    settings = tmp_path / "site.yaml"
    text = f"format: sluis-site/1\nenvironment: %s\norganisation: DT&V\nseal: {{signingKey: {'A' * 40}}}\n"
    clock = "testClock: {aheadSeconds: 60}\n"

    settings.write_text(text % environment + clock, encoding="utf-8")
    with pytest.raises(SluisError) as refused:
        read_site_settings(settings)
    settings.write_text(text % "test" + clock, encoding="utf-8")

    assert ["testClock with environment: test only"] == [expected for _, expected in refused.value.faults]
    assert read_site_settings(settings).test_clock is not None


@pytest.mark.parametrize(
    ("own", "peer"),
    [("00000099000000001000", "00000001001299992000"), ("00000001003214345000", "00000099000000002000")],
)
def test_a_number_for_tests_proves_nothing_in_production(tmp_path: Path, own: str, peer: str) -> None:
    settings = tmp_path / "site.yaml"
    text = (
        f"format: sluis-site/1\nenvironment: %s\norganisation: DT&V\nseal: {{signingKey: {'A' * 40}}}\n"
        f"chain: {{ownOin: '{own}', certificateFile: a, keyFile: b, rootFile: c, crlFolder: d,\n"
        f"  peers: {{'{peer}': {{url: 'https://partner.example/sluis/v1'}}}}}}\n"
    )

    settings.write_text(text % "production", encoding="utf-8")
    with pytest.raises(SluisError) as refused:
        read_site_settings(settings)
    settings.write_text(text % "acceptance", encoding="utf-8")

    assert ["no OIN for tests (00000099) under chain with environment: production"] == [
        expected for _, expected in refused.value.faults
    ]
    assert read_site_settings(settings).chain is not None


@pytest.mark.parametrize("url", ["http://partner.example", "https://partner.example/?a=b", "https://a@partner.example"])
def test_a_partner_is_reached_over_https_at_a_plain_address(tmp_path: Path, url: str) -> None:
    settings = tmp_path / "site.yaml"
    settings.write_text(
        f"format: sluis-site/1\norganisation: DT&V\nseal: {{signingKey: {'A' * 40}}}\n"
        "chain: {ownOin: '00000001003214345000', certificateFile: a, keyFile: b, rootFile: c, crlFolder: d,\n"
        f"  peers: {{'00000001001299992000': {{url: '{url}'}}}}}}\n",
        encoding="utf-8",
    )

    with pytest.raises(SluisError) as refused:
        read_site_settings(settings)

    assert Code.SETTING_INVALID is refused.value.code
