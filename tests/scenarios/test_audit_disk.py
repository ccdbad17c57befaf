"""The disk of the audit log is full, then read-only: nothing leaves, the reason is told, and work resumes by itself.

The audit folder of a whole service lies on a real file system of its own, a small one in memory, in a mount namespace
that is gone with the service; who is not root gets the right to mount by a user namespace, in which he is root.
"""

import os
import subprocess
import sys
from pathlib import Path

import yaml

from gateway.audit.reading import read_events
from gateway.bootstrap.audit_reading import verify_site_log
from gateway.bootstrap.layout import SiteLayout
from tests.integration.audit.recording import fill
from tests.preloaded import sluis
from tests.scenarios.world import GUARDIAN, World, guardian_manifest, manifest, until

_ROOT = Path(__file__).parents[2]
_IS_ROOT = os.geteuid() == 0
_UNSHARE = ["unshare", "--mount"] if _IS_ROOT else ["unshare", "--mount", "--map-root-user"]
_ENTER = ["nsenter", "--mount"] if _IS_ROOT else ["nsenter", "--mount", "--user", "--preserve-credentials"]
_MOUNTED = (
    'cp -a "$1" "$1.aside" && mount -t tmpfs -o size=256k,mode=0700 tmpfs "$1" && cp -a "$1.aside/." "$1" '
    '&& shift && exec "$@"'
)


def start_on_a_small_disk(world: World) -> SiteLayout:
    """Start the service; give the site as the service sees it, whose audit folder is another one than outside."""
    if not _IS_ROOT:
        people = yaml.safe_load(world.site.people.read_text(encoding="utf-8"))
        for each in people["people"]:
            each.update({"uid": 0} if "uid" in each else {})
        world.site.people.write_text(yaml.safe_dump(people), encoding="utf-8")
    run = [sys.executable, "-m", "gateway.entrypoints.cli", "--site", str(world.site.root), "run"]
    command = [*_UNSHARE, "sh", "-c", _MOUNTED, "sh", str(world.site.root / "audit"), *run]
    world.start(subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
    assert world.service is not None
    return SiteLayout(Path(f"/proc/{world.service.pid}/root{world.site.root}"))


def inside(world: World, *command: str) -> None:
    assert world.service is not None
    subprocess.run([*_ENTER, "--target", str(world.service.pid), *command], check=True, timeout=30)


def problems(world: World) -> set[str]:
    with world.client() as client:
        return {each["code"] for each in client.get("/health/ready").json().get("problems", [])}


def left(world: World) -> int:
    """Count what has left: files in the guardian's drop, and mails."""
    return len(list((world.site.drop / GUARDIAN).glob("*.tar.pgp"))) + len(world.mail.messages())


def announced(site: SiteLayout) -> int:
    return sum(each["event.action"] == "package-release-started" for each in read_events(site.audit_log))


def tries(world: World) -> int:
    """Count how often the service found that it can not open the log again."""
    return world.site.service_log.read_bytes().count(b'"audit-unavailable"')


def test_a_full_and_then_read_only_audit_disk_lets_nothing_leave_and_work_resumes_by_itself(quiet_world: World) -> None:
    world = quiet_world
    site = start_on_a_small_disk(world)
    audit = str(world.site.root / "audit")
    folder = os.open(site.audit_log.parent, os.O_RDONLY | os.O_DIRECTORY)
    world.drop_file("eerste.json", guardian_manifest())
    world.slip("eerste.json", "done")
    fill(site.audit_log.parent / "ballast")
    entries = [f"vol-{number}.json" for number in range(6)]
    for number, entry in enumerate(entries):
        world.drop_file(entry, manifest() if number % 2 else guardian_manifest())
    until(lambda: "audit-unavailable" in problems(world))

    with world.client() as client:
        refused = client.post("/v1/packages", json=manifest())
    full, gone = sluis(world.site.root, "status"), left(world)
    assert gone <= announced(site)
    inside(world, "mount", "--bind", audit, audit)
    inside(world, "mount", "-o", "remount,bind,ro", audit)
    # Now there is room again, which nobody may use: the folder was opened before that mount.
    os.unlink("ballast", dir_fd=folder)
    os.close(folder)
    before = tries(world)
    until(lambda: tries(world) > before + 1)
    read_only = sluis(world.site.root, "status")

    assert (503, "audit-unavailable") == (refused.status_code, refused.json()["code"])
    assert [(1, True)] * 2 == [(each.returncode, "audit-unavailable" in each.stdout) for each in (full, read_only)]
    assert gone == left(world)
    inside(world, "umount", "--lazy", audit)
    for entry in entries:
        world.slip(entry, "done")
    assert 1 + len(entries) == left(world) == announced(site)
    assert verify_site_log(site).holds
    assert "audit-log-recovered" in {each["event.action"] for each in read_events(site.audit_log)}
