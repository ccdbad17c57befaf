"""Runs the bare loop as a process of its own and counts at the sink what it sent."""

import json
import subprocess
from pathlib import Path

from tests.benchmarks import bare_loop
from tests.benchmarks.keys import Keys
from tests.benchmarks.mail_sink import MailSink
from tests.benchmarks.measures import Result

_ROOT = Path(__file__).parents[2]
_LIMIT_SECONDS = 300


def run(folder: Path, *, keys: Keys, sink: MailSink, inner: bytes, messages: int) -> Result:
    """Let the bare loop send so many equal messages over one STARTTLS connection."""
    folder.mkdir(parents=True)
    (folder / "inner").write_bytes(inner)
    job = bare_loop.Job(
        home=str(keys.home),
        signer=keys.signer,
        recipient=keys.recipient,
        inner=str(folder / "inner"),
        messages=messages,
        port=sink.port,
        ca=str(sink.ca),
    )
    counted = sink.count()
    done = subprocess.run(bare_loop.command(job), cwd=_ROOT, stdout=subprocess.PIPE, check=True, timeout=_LIMIT_SECONDS)
    sink.await_count(counted + messages, limit_seconds=10)
    measured = json.loads(done.stdout)
    return Result(wall_seconds=measured["wall"], cpu_seconds=measured["cpu"], sent=messages)
