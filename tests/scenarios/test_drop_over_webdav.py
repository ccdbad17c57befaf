"""A package goes by file drop to a recipient's own WebDAV server: Debian's Apache."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from gateway.entrypoints.demo.opening import open_drop
from tests.integration.deliver.webdav_server import PASSWORD, SERVER, USER, WebDavFolders
from tests.scenarios.world import GUARDIAN, World, guardian_manifest, new_world, until
from tests.unit.cli.conftest import run

NORTH = "nidos-noord"
_FOLDER = "Van-DTenV"
_LETTER = "Hierbij de gegevens voor de voogd.\n" * 500


@dataclass
class WebDrop:
    """A site with a second guardian, the server of that guardian, and the folder there."""

    world: World
    server: WebDavFolders
    inbox: Path

    def connect(self, *, password: str = PASSWORD, mode: int = 0o600, name: str = SERVER) -> None:
        file = self.world.site.secrets / "webdav.password"
        file.write_text(f"{password}\n", encoding="utf-8")
        file.chmod(mode)
        shutil.copy(self.server.ca_file, self.world.site.root / "webdav-ca.pem")
        server = {
            "url": self.server.url,
            "user": USER,
            "passwordFile": "secrets/webdav.password",
            "caFile": "webdav-ca.pem",
        }
        self.world.set(None, webdav={name: server})

    def check(self) -> dict[str, str]:
        """Give what `sluis check` says, name and place to code."""
        told = run("--site", self.world.site.root, "--json", "check").json
        return {f"{each['name']} {each['where']}".strip(): each["code"] for each in told["checks"]}

    def drop(self, entry: str) -> None:
        document = {"file": "brief.txt", "kind": "letter", "declaredCategories": ["ordinary"]}
        whole = guardian_manifest(recipients=[NORTH], documents=[document])
        self.world.drop(entry, {"package.json": whole, "brief.txt": _LETTER})


def web_drop_of(world: World, home: Path) -> WebDrop:
    """Give a site a second guardian, with the key of the first and a server of its own, which does not run yet."""
    server = WebDavFolders(home)
    entry = yaml.safe_load((world.site.recipients / f"{GUARDIAN}.yaml").read_text(encoding="utf-8"))
    entry["id"] = NORTH
    entry["channels"][0]["address"] = f"webdav:{SERVER}/{_FOLDER}"
    (world.site.recipients / f"{NORTH}.yaml").write_text(yaml.safe_dump(entry), encoding="utf-8")
    return WebDrop(world, server, server.make_folder(_FOLDER))


@pytest.fixture
def web_drop() -> Iterator[WebDrop]:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp", prefix="sw")))
        yield web_drop_of(stack.enter_context(new_world()), home)


def test_it_lies_whole_on_the_server_and_is_opened_with_plain_gpg(web_drop: WebDrop) -> None:
    web_drop.connect()
    with web_drop.server.running():
        assert {""} == set(web_drop.check().values())
        web_drop.world.start()
        web_drop.drop("pakket")
        slip = web_drop.world.slip("pakket", "done", "held", "refused", "rejected")
        web_drop.world.stop()

    assert ("done", "") == (slip["state"], slip["code"])
    (file,) = web_drop.inbox.glob("*.tar.pgp")
    opened = open_drop(file, home=web_drop.world.home(GUARDIAN))
    letter = next(content for name, content in opened.parts.items() if name.endswith("01-letter.txt"))
    assert opened.good_signature
    assert _LETTER.strip() == letter.decode().strip()
    assert "Samuel Tesfay" == json.loads(opened.parts["data.json"])["name"]


def test_a_wrong_password_is_told_to_the_administrator_and_the_package_goes_once_it_is_mended(
    web_drop: WebDrop,
) -> None:
    web_drop.connect(password="verkeerd")
    with web_drop.server.running():
        checked = web_drop.check()
        web_drop.world.start()
        web_drop.drop("pakket")
        told = until(lambda: [each for each in _notices(web_drop) if each["code"] == "webdav-login-refused"])
        waiting = list(web_drop.inbox.iterdir())
        web_drop.world.stop()
        web_drop.connect()
        web_drop.world.start()
        done = until(lambda: [each for each in web_drop.world.slips("pakket") if each["state"] == "done"])
        web_drop.world.stop()

    assert "webdav-login-refused" == checked[f"file-drop webdav.{SERVER}"]
    assert "webdav-login-refused" == checked[f"server folder {NORTH}"]
    assert told
    assert [] == waiting
    assert done
    assert 1 == len(list(web_drop.inbox.glob("*.manifest.json")))


def _notices(web_drop: WebDrop) -> list[dict[str, str]]:
    found: list[dict[str, str]] = run("--site", web_drop.world.site.root, "--json", "status").json["notices"]
    return found


def test_a_server_that_the_settings_do_not_know_is_told_by_lint_and_check(web_drop: WebDrop) -> None:
    web_drop.connect(name="een-andere")
    with web_drop.server.running():
        linted = run("--site", web_drop.world.site.root, "--json", "policy", "lint")
        checked = web_drop.check()

    expected = f"a server that stands under webdav in site.yaml expected, not '{SERVER}'"
    assert [{"where": f"recipients/{NORTH}.yaml channels[0]", "expected": expected}] == linted.json["faults"]
    assert "webdav-server-unknown" == checked[f"server folder {NORTH}"]


def test_a_password_that_others_may_read_is_a_fault_of_the_settings(web_drop: WebDrop) -> None:
    web_drop.connect(mode=0o644)

    assert "setting-invalid" == web_drop.check()[f"channels webdav.{SERVER}.passwordFile"]


@pytest.mark.parametrize(
    "url", ["http://keten.example/in", "https://dtenv:geheim@keten.example/in", "https://keten.example/in?a=b"]
)
def test_an_address_without_tls_or_with_a_password_in_it_is_a_fault_of_the_settings(
    url: str, web_drop: WebDrop
) -> None:
    web_drop.connect()
    server = yaml.safe_load(web_drop.world.site.settings.read_text(encoding="utf-8"))["webdav"][SERVER]
    web_drop.world.set(None, webdav={SERVER: {**server, "url": url}})

    told = run("--site", web_drop.world.site.root, "--json", "check")
    (fault,) = (each for each in told.json["checks"] if each["name"] == "settings")
    assert ("setting-invalid", "site.yaml") == (fault["code"], fault["where"])
    assert f"webdav.{SERVER}.url" in told.out
    assert "geheim" not in told.out + told.err
