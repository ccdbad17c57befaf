"""A case system over HTTPS, the whole way: what it confirms goes, what it can not confirm waits."""

import hashlib
import json
import zipfile
from collections.abc import Iterator

import pytest

from gateway.audit.reading import read_events
from tests.outside import Outside, Said, outside, query_of, said, token_of
from tests.preloaded import sluis
from tests.scenarios.world import World

SECRET = b"geheim-van-de-test"
PACKAGE = "vluchtelingenhulp-machtiging.zip"
REFERENCE = "IS-TV/2026/118"


def _files(world: World) -> dict[str, bytes]:
    with zipfile.ZipFile(world.site.sample / "packages" / "outbox" / PACKAGE) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def case_system(quiet_world: World) -> Iterator[Outside]:
    """A site that asks a case system with the authorisation of the sample in it."""
    site = quiet_world.site.root
    digest = hashlib.sha256(_files(quiet_world)["machtiging.pdf"]).hexdigest()

    def answer(path: str) -> Said:
        filed = {"identificatie": REFERENCE, "integriteit": {"algoritme": "sha_256", "waarde": digest}}
        known = query_of(path).get("identificatie") == [REFERENCE]
        return said({"count": int(known), "next": None, "results": [filed] if known else []})

    (site / "secrets" / "zgw.secret").write_bytes(SECRET)
    (site / "secrets" / "zgw.secret").chmod(0o600)
    with outside(site, answer) as system:
        settings = {"url": system.url, "caFile": str(system.ca_file), "clientId": "sluis", "timeoutSeconds": 5}
        quiet_world.set("registers", caseFolder=None, caseSystem={**settings, "secretFile": "secrets/zgw.secret"})
        yield system


def test_an_ngo_gets_what_the_case_system_confirms_and_waits_while_it_is_down(
    quiet_world: World, case_system: Outside
) -> None:
    files = _files(quiet_world)
    quiet_world.start()
    quiet_world.drop("bevestigd", files)
    done = quiet_world.slip("bevestigd")
    case_system.answer = lambda _: Said(status=503)
    quiet_world.drop("onbereikbaar", files)
    held = quiet_world.slip("onbereikbaar")
    quiet_world.stop()

    assert ("done", "") == (done["state"], done["code"])
    assert ("held", "consent.case-system-unreachable") == (held["state"], held["code"])
    assert {"sluis"} == {token_of(headers, SECRET)["client_id"] for _, headers in case_system.asked}
    logged = b"".join(
        path.read_bytes() for path in (*quiet_world.site.audit_log.iterdir(), quiet_world.site.service_log)
    )
    assert REFERENCE.encode() not in logged
    assert SECRET not in logged


def test_what_waits_for_the_case_system_goes_by_itself_once_that_answers(
    quiet_world: World, case_system: Outside
) -> None:
    confirms, case_system.answer = case_system.answer, lambda _: Said(status=503)
    quiet_world.set("holds", lookSeconds=0.2)
    quiet_world.start()
    quiet_world.drop("wacht", _files(quiet_world))
    held = quiet_world.slip("wacht", "held")
    case_system.answer = confirms
    done = quiet_world.slip("wacht", "done")
    quiet_world.stop()

    assert ("consent.case-system-unreachable", held["id"]) == (held["code"], done["id"])
    actions = [each["event.action"] for each in read_events(quiet_world.site.audit_log)]
    assert (1, 2) == (actions.count("package-held"), actions.count("package-policy-evaluated"))


def test_the_check_says_whether_the_case_system_answers(quiet_world: World, case_system: Outside) -> None:
    well = _check(quiet_world)
    case_system.answer = lambda _: Said(status=401)
    refused = _check(quiet_world)

    assert ("", "register-unreachable") == (well["case system"], refused["case system"])


def _check(world: World) -> dict[str, str]:
    done = sluis(world.site.root, "check", "--json")
    return {each["name"]: each["code"] for each in json.loads(done.stdout)["checks"]}
