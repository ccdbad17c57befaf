"""How fast a large file reaches an OpenSSH server, against OpenSSH's own `sftp`, which makes fewer promises.

Both bring it to the server's disk and then give it its name. Ours also checks what it sends, never overwrites, and lays
two more files beside it.
"""

import json
import os
import secrets
import statistics
import subprocess
import sys
import time
from pathlib import Path

from rich.table import Table

from tests.benchmarks.measures import Result, children_seconds, median_ratio
from tests.integration.deliver.ssh_server import HOST, SshServer

_MIB = 1 << 20
_COPY = 8 * _MIB


def measure(folder: Path, *, size: int, rounds: int) -> tuple[Table, str]:
    """Let both bring the same file in turns; give their ratios, and what ours took of memory."""
    folder.mkdir()
    file = _random_file(folder / "large", size)
    bare: list[Result] = []
    ours: list[Result] = []
    memory: list[tuple[float, float]] = []
    home = folder / "sshd"
    home.mkdir()
    with SshServer(home).running() as server:
        for turn in range(rounds):
            bare.append(_bare(server, file, home=home))
            result, before, peak = _sluis(server, file, name=f"round{turn}.ngo.tar.pgp")
            ours.append(result)
            memory.append((before, peak))
    shown = Table(title=f"A file of {size // _MIB} MiB to an OpenSSH server")
    for heading in ("who", "MiB/s", "CPU s of the client", "x bare, wall", "x bare, processor"):
        shown.add_column(heading, justify="left" if heading == "who" else "right")
    for name, results in (("bare sftp -b: put -f, rename", bare), ("Sluis, file drop over SFTP", ours)):
        speed = statistics.median(size / _MIB / each.wall_seconds for each in results)
        cpu = statistics.median(each.cpu_seconds for each in results)
        ratio = median_ratio([each.rate for each in results], [each.rate for each in bare])
        used = median_ratio([1 / each.cpu_seconds for each in results], [1 / each.cpu_seconds for each in bare])
        shown.add_row(name, f"{speed:.0f}", f"{cpu:.1f}", ratio, used)
    before, peak = max(memory, key=lambda each: each[1])
    return shown, f"Memory of that delivery's process: {before:.0f} MiB before, at most {peak:.0f} MiB"


def _random_file(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        for _ in range(max(1, size // _COPY)):
            file.write(secrets.token_bytes(min(size, _COPY)))
    return path


def _bare(server: SshServer, file: Path, *, home: Path) -> Result:
    known = home / "known_hosts"
    known.write_text(f"[{HOST}]:{server.port} {server.host_key_line}\n", encoding="ascii")
    target = server.inbox / "ngo" / "bare"
    batch = f"put -f {file} {target}.part\nrename {target}.part {target}\n"
    command = [
        *("sftp", "-q", "-b", "-", "-P", str(server.port), "-i", os.fspath(server.key_file)),
        *("-F", "/dev/null", "-o", f"UserKnownHostsFile={known}", "-o", "StrictHostKeyChecking=yes"),
        *("-c", "aes256-gcm@openssh.com", f"{server.user}@{HOST}"),
    ]
    before, begin = children_seconds(), time.perf_counter()
    subprocess.run(command, input=batch.encode(), stdout=subprocess.DEVNULL, check=True)
    result = Result(wall_seconds=time.perf_counter() - begin, cpu_seconds=children_seconds() - before, sent=1)
    target.unlink()
    return result


def _sluis(server: SshServer, file: Path, *, name: str) -> tuple[Result, float, float]:
    arguments = [str(server.port), server.user, server.host_key_line, server.key_file, server.inbox, file, name]
    command = [sys.executable, "-m", "tests.benchmarks.sftp_side", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    told = json.loads(done.stdout)
    for each in (server.inbox / "ngo").iterdir():
        each.unlink()
    return Result(wall_seconds=told["wall"], cpu_seconds=told["cpu"], sent=1), told["before"], told["peak"]
