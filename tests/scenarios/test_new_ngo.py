"""A new NGO with its purpose, by the steps of policies/README.md: one file, linted, tested, live without a restart."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.layout import shipped
from gateway.seal.keyring import stop_agent
from tests.scenarios.test_new_recipient import gpg, make_key
from tests.scenarios.world import World, manifest, until

NGO = "steunpunt-noord"
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


def sluis(world: World, line: str) -> subprocess.CompletedProcess[str]:
    words = line.removeprefix("sluis ").split()
    command = [sys.executable, "-m", "gateway.entrypoints.cli", "--site", str(world.site.root), *words]
    return subprocess.run(command, capture_output=True, check=False, text=True)


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
    cases.write_text(text.replace("cases:\n", "cases:\n" + page["text"], 1), encoding="utf-8")
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
