import os
import subprocess
import sys
from pathlib import Path

from gateway.audit.reading import read_events
from gateway.audit.tree import leaf_hash
from gateway.audit.verifying import verify_log
from tests.integration.audit.recording import open_log
from tests.integration.audit.signing import SIGNER

ROOT = Path(__file__).parents[3]
PROGRAM = (sys.executable, "-m", "tests.integration.audit.recording")


def acknowledged_before_the_kill(folder: Path, *, after: int) -> list[str]:
    """Kill a recording child the moment it has acknowledged that many events; give every digest it told us."""
    with subprocess.Popen([*PROGRAM, "load", folder], stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(after)]
        child.kill()
        told += child.stdout.readlines()
    return [line.decode().strip() for line in told]


def test_kill_9_under_load_loses_no_acknowledged_event(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    acknowledged: list[str] = []
    for after in (1, 150, 700):
        told = acknowledged_before_the_kill(folder, after=after)
        assert len(told) >= after
        acknowledged += told
        written = [
            leaf_hash(line).hex() for path in sorted(folder.iterdir()) for line in path.read_bytes().splitlines()
        ]
        assert set(acknowledged) <= set(written)
    assert len(set(acknowledged)) == len(acknowledged)
    # What was on disk when the last kill came, and not yet signed, nobody was told of; the next start signs it.
    open_log(folder).close()
    assert verify_log(folder.parent, [SIGNER.public()]).holds
    assert len(list(read_events(folder))) >= len(acknowledged)


def test_a_full_disk_stops_the_log_and_it_resumes_by_itself_when_there_is_room(tmp_path: Path) -> None:
    # The small disk is mounted in a namespace of the child's own and is gone with it; who is not root gets the
    # right to mount by a user namespace.
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    mounted = f'mount -t tmpfs -o size=256k tmpfs "{tmp_path}" && exec "$@"'
    answer = subprocess.run(
        [*unshare, "sh", "-c", mounted, "sh", *PROGRAM, "full-disk", tmp_path / "log"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    expected = [*["refused audit-unavailable 28"] * 3, "before the end True", "kept True recovered 1", "faults 0"]
    assert expected == answer.stdout.splitlines()
    assert not list(tmp_path.iterdir())
