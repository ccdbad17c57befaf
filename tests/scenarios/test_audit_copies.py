"""What a running site sends elsewhere of its audit log, and what that proves against whoever rewrites the log."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.exports.forms import ExportForm, formatted
from gateway.audit.reading import lines_of
from tests.preloaded import sluis
from tests.scenarios.test_audit_log import verified
from tests.scenarios.test_witness import notices, rewritten, sent
from tests.scenarios.world import World, until
from tests.syslog_receiver import Receiver, syslog_receiver
from tests.time_authority import TimeAuthority, openssl_accepts, time_authority


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with syslog_receiver(tmp_path / "rsyslog") as found:
        yield found


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[TimeAuthority]:
    with time_authority(tmp_path / "tsa") as found:
        yield found


def lines_in(world: World) -> list[bytes]:
    return [line for _, _, line in lines_of(world.site.audit_log)]


def checked(world: World) -> dict[str, str]:
    """Tell what `sluis check` finds of what goes elsewhere."""
    found = json.loads(sluis(world.site.root, "check", "--json").stdout)["checks"]
    return {each["where"]: each["code"] for each in found if each["name"].startswith("audit ") and each["where"]}


def test_all_lines_reach_the_tools_of_the_security_team_also_those_from_while_one_was_away(
    quiet_world: World, receiver: Receiver
) -> None:
    world = quiet_world
    shutil.copy(receiver.ca_file, world.site.root / "siem-ca.pem")
    syslog = {"host": "127.0.0.1", "port": receiver.port, "caFile": "siem-ca.pem"}
    exports = [
        {"name": "siem", "format": "syslog", "syslog": syslog},
        {"name": "elastic", "format": "ecs", "file": "elastic.jsonl"},
    ]
    world.set("audit", exports=exports, exportSeconds=0.2, exportLateSeconds=0)
    world.start()
    sent(world, "eerste.json")
    until(lambda: len(lines_in(world)) == len(receiver.texts()))
    receiver.stop()
    sent(world, "tweede.json")
    until(lambda: "audit-copy-failed" in notices(world))
    away = checked(world)

    receiver.start()
    until(lambda: "audit-copy-failed" not in notices(world))
    until(lambda: lines_in(world) == list(dict.fromkeys(receiver.texts())))

    assert {"siem": "audit-copy-failed", "elastic": ""} == away
    assert {"siem": "", "elastic": ""} == checked(world)
    copied = (world.site.root / "elastic.jsonl").read_bytes().splitlines()
    assert [formatted(line, ExportForm.ECS) for line in lines_in(world)] == copied


@pytest.mark.parametrize("packages", [1, 3], ids=["shorter than before", "longer than before"])
def test_an_attack_that_rewrites_the_log_with_its_true_key_is_refused_by_a_checkpoint_that_was_copied(
    packages: int, quiet_world: World, tmp_path: Path
) -> None:
    world, folder = quiet_world, tmp_path / "worm"
    folder.mkdir()
    world.set("audit", checkpoints={"folder": str(folder), "everySeconds": 0.2})
    world.start()
    sent(world, "eerste.json")
    sent(world, "tweede.json")
    world.stop()
    newest = max(folder.iterdir())
    before = verified(world, "--checkpoint", str(newest))[0]
    rewritten(world)

    world.start()
    for number in range(packages):
        sent(world, f"anders-{number}.json")
    until(lambda: "witness-contradicts" in notices(world))
    world.stop()

    assert (0, 0, 4) == (before, verified(world)[0], verified(world, "--checkpoint", str(newest))[0])
    assert newest == max(folder.iterdir())
    assert {0o440} == {path.stat().st_mode & 0o777 for path in folder.iterdir()}


def test_a_timestamp_of_a_real_authority_stands_beside_the_log_and_convicts_who_rewrites_it(
    quiet_world: World, authority: TimeAuthority
) -> None:
    world = quiet_world
    shutil.copy(authority.roots, world.site.root / "tsa.pem")
    world.set("audit", timestamps={"url": authority.url, "caFile": "tsa.pem", "everySeconds": 0.2})
    world.start()
    sent(world, "eerste.json")
    folder = world.site.audit_timestamps
    until(lambda: folder.is_dir() and any(folder.glob("*.tsr")))
    world.stop()
    code, told = verified(world)
    newest = max(folder.glob("*.tsr"), key=lambda each: int(each.stem))
    shown = sluis(world.site.root, "audit", "verify").stdout
    rewritten(world)
    world.set("audit", timestamps={"url": authority.url, "caFile": "tsa.pem"})
    world.start()
    sent(world, "anders.json")
    world.stop()

    stamped: Any = told["timestamp"]
    assert (0, int(newest.stem)) == (code, stamped["size"])
    assert f"staat over {newest.stem} regels" in shown
    assert openssl_accepts(newest, newest.with_suffix(".checkpoint"), authority.roots)
    assert {"timestamps": ""} == checked(world)
    assert 4 == verified(world)[0]


def _missing_folder(world: World) -> dict[str, Any]:
    return {"checkpoints": {"folder": str(world.site.root / "nowhere")}}


def _missing_roots(_world: World) -> dict[str, Any]:
    return {"timestamps": {"url": "http://127.0.0.1:9/tsa", "caFile": "nowhere.pem"}}


def _missing_export(world: World) -> dict[str, Any]:
    return {"exports": [{"name": "elastic", "format": "ecs", "file": str(world.site.root / "nowhere" / "copy")}]}


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        (_missing_folder, {"checkpoints": "audit-copy-failed"}),
        (_missing_roots, {"audit.timestamps.caFile": "setting-invalid"}),
        (_missing_export, {"elastic": "audit-copy-failed"}),
    ],
)
def test_a_check_names_a_place_that_can_not_be_reached(
    settings: Callable[[World], dict[str, Any]], found: dict[str, str], quiet_world: World
) -> None:
    quiet_world.set("audit", **settings(quiet_world))
    assert found == checked(quiet_world)
