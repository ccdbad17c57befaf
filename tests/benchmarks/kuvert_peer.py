"""Peer: `kuvert -o`, the Debian program that signs, encrypts and forwards what lies in its queue, once.

Configured as strictly as it can be (`mustencrypt`), and run in two ways:

1. Over plain SMTP, straight to the sink. That favours it by wall time: it opens a connection for each message, and
   stunnel waits 0.2 s before it greets a new one. It also does no TLS then, as Sluis and the bare loop must.
2. Over STARTTLS, as the others: for the processor time of the same work. The waiting costs no processor time.

Its start of about 0.1 s is part of a run. Known: it writes the final dot in a small packet of its own, so Nagle's
algorithm and the receiver's delayed acknowledgement cost it 40 ms of waiting in every small message.
"""

import os
import subprocess
import time
from pathlib import Path

from tests.benchmarks.keys import RECIPIENT_ADDRESS, SENDER_ADDRESS, Keys
from tests.benchmarks.mail_sink import HOST, MailSink
from tests.benchmarks.measures import Result, children_seconds

_LIMIT_SECONDS = 300


def run(folder: Path, *, keys: Keys, sink: MailSink, inner: bytes, messages: int, starttls: bool) -> Result:
    """Let kuvert work through a queue of equal messages."""
    settings = _prepare(folder, keys=keys, sink=sink, inner=inner, messages=messages, starttls=starttls)
    environment = {"GNUPGHOME": str(keys.home), "TMPDIR": str(folder / "tmp"), "PATH": os.environ["PATH"]}
    before, agent_before, counted = children_seconds(), keys.agent_seconds(), sink.count()
    begin = time.perf_counter()
    subprocess.run(
        ["/usr/bin/kuvert", "-o", "-c", settings],
        env=environment,
        check=True,
        timeout=_LIMIT_SECONDS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wall, cpu = time.perf_counter() - begin, children_seconds() - before
    sink.await_count(counted + messages, limit_seconds=10)
    return Result(wall_seconds=wall, cpu_seconds=cpu + keys.agent_seconds() - agent_before, sent=messages)


def _prepare(folder: Path, *, keys: Keys, sink: MailSink, inner: bytes, messages: int, starttls: bool) -> Path:
    for name in ("queue", "work", "tmp"):
        (folder / name).mkdir(mode=0o700, parents=True)
    head = f"From: {SENDER_ADDRESS}\nTo: {RECIPIENT_ADDRESS}\nSubject: Bench\n".encode()
    message = head + inner.replace(b"\r\n", b"\n")
    for number in range(1, messages + 1):
        (folder / "queue" / str(number)).write_bytes(message)
    relay = f"msserver {HOST}\nmsport {sink.port}\nssl starttls\nssl-ca {sink.ca}\n"
    if not starttls:
        relay = f"msserver 127.0.0.1\nmsport {sink.plain_port}\n"
    settings = folder / "kuvert.conf"
    settings.write_text(
        f"defaultkey 0x{keys.signer[-16:]}\ndefaultaction mustencrypt\nalwaystrust t\nuse-agent t\ngpg /usr/bin/gpg\n"
        f"can-detach f\nlogfile {folder}/kuvert.log\nqueuedir {folder}/queue\ntempdir {folder}/work\ninterval 1\n"
        f"preamble f\nidentify f\n{relay}",
        encoding="utf-8",
    )
    settings.chmod(0o600)
    return settings
