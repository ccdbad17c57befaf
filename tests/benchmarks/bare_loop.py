"""Peer: the bare tuned loop of python-gnupg and aiosmtplib. Reads a file, signs and encrypts it, mails it; no more.

No policy, no audit, no retry, no fsync: what a script without any promise can reach with the same engine, the same
flags, the same bytes and one connection kept open. Run as a process of its own: `python -m tests.benchmarks.bare_loop`.
"""

import asyncio
import json
import ssl
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import aiosmtplib
import gnupg

from tests.benchmarks.keys import RECIPIENT_ADDRESS, SENDER_ADDRESS, Keys
from tests.benchmarks.mail_sink import HOST
from tests.benchmarks.measures import own_seconds

_HEAD = (
    f"From: {SENDER_ADDRESS}\r\nTo: {RECIPIENT_ADDRESS}\r\nSubject: ...\r\nMessage-ID: <%d@afzender.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; protocol=application/pgp-encrypted; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
    "--b\r\nContent-Type: application/octet-stream\r\n\r\n"
)


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one run does."""

    home: str
    signer: str
    recipient: str
    inner: str
    messages: int
    port: int
    ca: str


def main() -> None:
    """Do the job given as JSON and print wall and processor seconds, without the start of this process."""
    job = Job(**json.loads(sys.argv[1]))
    keys = Keys(home=Path(job.home), signer=job.signer, recipient=job.recipient)
    gpg = gnupg.GPG(
        gnupghome=job.home,
        options=["--no-auto-key-locate", "--no-auto-check-trustdb", "--pinentry-mode", "error"],
    )
    sys.stdout.write(json.dumps(asyncio.run(_measure(job, keys, gpg))))


async def _measure(job: Job, keys: Keys, gpg: gnupg.GPG) -> dict[str, float]:
    context = ssl.create_default_context(cafile=job.ca)
    async with aiosmtplib.SMTP(hostname=HOST, port=job.port, start_tls=True, tls_context=context) as smtp:
        before, agent_before, begin = own_seconds(), keys.agent_seconds(), time.perf_counter()
        for number in range(job.messages):
            await smtp.sendmail(SENDER_ADDRESS, [RECIPIENT_ADDRESS], _seal(job, gpg, number))
        wall, cpu = time.perf_counter() - begin, own_seconds() - before
        return {"wall": wall, "cpu": cpu + keys.agent_seconds() - agent_before}


def _seal(job: Job, gpg: gnupg.GPG, number: int) -> bytes:
    sealed = gpg.encrypt(
        Path(job.inner).read_bytes(),
        job.recipient,
        sign=True,
        always_trust=True,
        extra_args=["-u", f"{job.signer}!", "--compress-algo", "none", "--no-emit-version"],
    )
    if not sealed.ok:
        raise RuntimeError(sealed.status)
    return (_HEAD % number).encode() + bytes(sealed.data).replace(b"\n", b"\r\n") + b"\r\n--b--\r\n"


def command(job: Job) -> list[str]:
    """Give the command line that does a job."""
    return [sys.executable, "-m", "tests.benchmarks.bare_loop", json.dumps(asdict(job))]


if __name__ == "__main__":
    main()
