"""One delivery over SFTP in a process of its own.

`python -m tests.benchmarks.sftp_side PORT USER HOST_KEY KEY_FILE INBOX FILE NAME` prints a line of JSON: seconds from
before the connection to the result, processor seconds, and memory before and at most (MiB).
"""

import hashlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from gateway.deliver.sftp import SftpCourier
from gateway.deliver.sftp_connection import SftpSettings, read_host_key, read_own_key
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.ids import RecipientId
from gateway.package.states import Channel, SealedParcel
from tests.benchmarks.measures import own_seconds

_CHUNK = 1 << 20


class FileBytes:
    """Ciphertext out of a file, in the pieces in which the spool gives it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        self.sha256 = digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        with self._path.open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK):
                yield chunk


def main() -> None:
    """Deliver the file, and say what that took."""
    port, user, host_key, key_file, inbox, file, name = sys.argv[1:]
    settings = SftpSettings(
        name="peer",
        host="127.0.0.1",
        port=int(port),
        user=user,
        host_keys=(read_host_key(host_key),),
        key=read_own_key(Path(key_file).read_bytes()),
        folder=inbox,
    )
    parcel = SealedParcel(
        recipient=RecipientId("ngo"),
        channel=Channel.FILE_DROP,
        address="sftp:peer/ngo",
        name=name,
        ciphertext=FileBytes(Path(file)),
        manifest=b"{}",
        signature=b"signature",
    )
    print(json.dumps(uvloop.run(_deliver(settings, parcel))))  # noqa: T201 - the way back to who started it


async def _deliver(settings: SftpSettings, parcel: SealedParcel) -> dict[str, float]:
    before, memory, begin = own_seconds(), _peak_mib(), time.perf_counter()
    courier = SftpCourier(settings=settings)
    result = await courier.deliver(parcel)
    wall = time.perf_counter() - begin
    await courier.aclose()
    if result.outcome is not DeliveryOutcome.SENT:
        raise RuntimeError(result.code)
    return {"wall": wall, "cpu": own_seconds() - before, "before": memory, "peak": _peak_mib()}


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
