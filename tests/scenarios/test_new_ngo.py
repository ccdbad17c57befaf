"""A new NGO with its purpose, by the steps of policies/README.md: one file, linted, tested, live without a restart."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.layout import shipped
from gateway.seal.keyring import stop_agent
from tests import preloaded
from tests.scenarios.test_four_eyes import approve_what_lies_there
from tests.scenarios.test_new_recipient import gpg, make_key
from tests.scenarios.test_reviews import as_person
from tests.scenarios.world import World, manifest, until

NGO = "steunpunt-noord"
_BY_PEOPLE = re.compile(r"```bash\n(?P<text>.*?)```", re.DOTALL)
_FENCE = re.compile(r"```(?P<kind>yaml|text|sh)\n(?P<text>.*?)```", re.DOTALL)


def steps() -> dict[str, str]:
    """Read the page: the entry, the case, and what to type."""
    page = (shipped("policies") / "README.md").read_text(encoding="utf-8")
    walk = page.split("**A new recipient.**")[1].split("**A recipient gets less.**")[0]
    return {found["kind"]: found["text"] for found in _FENCE.finditer(walk)}


@pytest.fixture
def their_key(guarded_world: World) -> Iterator[str]:
    """A key of the NGO's own, which the administrator has imported."""
    home = Path(tempfile.mkdtemp(prefix="sk", dir="/tmp"))
    fingerprint = make_key(home)
    public = home / "public.asc"
    public.write_text(gpg(home, "--armor", "--export", fingerprint), encoding="ascii")
    gpg(guarded_world.site.gnupg, "--import", str(public))
    yield fingerprint
    stop_agent(home)
    shutil.rmtree(home, ignore_errors=True)


def sluis(world: World, line: str, *, person: str = "") -> subprocess.CompletedProcess[str]:
    words = line.removeprefix("sluis ").split()
    token = as_person(world, person)["Authorization"].removeprefix("Bearer ") if person else ""
    environment = {**os.environ, "SLUIS_TOKEN": token}
    return preloaded.sluis(world.site.root, *words, env=environment)


def what_is_shown(world: World, line: str, *, person: str) -> tuple[str, str]:
    """Type a line that shows what would change; its text, and the digest at its end."""
    shown = sluis(world, line, person=person).stdout
    return shown, shown.split()[-1]


def test_a_new_ngo_is_made_in_one_file_linted_tested_and_live_without_a_restart(
    guarded_world: World, their_key: str
) -> None:
    page, site = steps(), guarded_world.site
    guarded_world.set("policy", reloadSeconds=0.1)
    guarded_world.start()
    assert NGO not in sluis(guarded_world, "sluis recipients list").stdout

    entry = re.sub("[0-9A-F]{40}", their_key, page["yaml"])
    (site.recipients / f"{NGO}.yaml").write_text(entry, encoding="utf-8")
    cases = site.policies / "cases.yaml"
    text = cases.read_text(encoding="utf-8")
    cases.write_text(text.replace("cases:\n", page["text"], 1), encoding="utf-8")
    typed = {line: sluis(guarded_world, line) for line in page["sh"].splitlines()}
    assert dict.fromkeys(typed, 0) == {line: done.returncode for line, done in typed.items()}
    assert "blijft achter minimum.not-given" in typed[f"sluis policy explain {NGO} legal-support email"].stdout
    assert "Naam, V-nummer, Procedure" in typed[f"sluis policy show {NGO}"].stdout

    until(lambda: NGO in sluis(guarded_world, "sluis recipients list").stdout)
    data = {"name": "Amina Yusuf", "email": "amina@yusuf.example"}
    guarded_world.drop_file("steun.json", manifest(recipients=[NGO], purpose="legal-support", data=data))
    slip = guarded_world.slip("steun.json", "held", "done", "refused")

    assert ("held", "consent.missing") == (slip["state"], slip["code"])
    assert {"name": "release", "email": "strip"} == {each["path"]: each["verdict"] for each in slip["fields"]}


def test_on_a_real_site_two_people_bring_the_new_ngo_into_force_by_the_same_page(
    quiet_world: World, their_key: str
) -> None:
    site = quiet_world.site
    walk = (shipped("policies") / "README.md").read_text(encoding="utf-8").split("**On a real site")[1]
    mine, theirs = (block.splitlines() for block in _BY_PEOPLE.findall(walk)[:2])
    quiet_world.set("policy", reloadSeconds=0.1)
    quiet_world.set(None, fourEyes=True)
    quiet_world.start()
    approve_what_lies_there(quiet_world)
    entry = re.sub("[0-9A-F]{40}", their_key, steps()["yaml"])
    (site.recipients / f"{NGO}.yaml").write_text(entry, encoding="utf-8")
    until(lambda: "policy-not-approved" in sluis(quiet_world, "sluis status").stdout)
    assert NGO not in sluis(quiet_world, "sluis recipients list").stdout

    shown, digest = what_is_shown(quiet_world, mine[0], person="privacy-1")
    proposed = sluis(quiet_world, mine[1].replace("DIGEST", digest), person="privacy-1")
    read, same = what_is_shown(quiet_world, theirs[0], person="privacy-2")
    approved = sluis(quiet_world, theirs[1].replace("DIGEST", same), person="privacy-2")

    assert (digest, 0) == (same, proposed.returncode)
    for text in (shown, read):
        assert ("+    address: spreekuur@steunpunt-noord.example" in text, their_key in text) == (True, True)
    assert 0 == approved.returncode
    assert NGO in sluis(quiet_world, "sluis recipients list").stdout
