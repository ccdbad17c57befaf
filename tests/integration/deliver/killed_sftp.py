"""Deliver one parcel over SFTP until somebody kills this process.

`python killed_sftp.py PORT USER HOST_KEY KEY_FILE FOLDER`

It brings a megabyte at a time and says so, with a pause after each: whoever kills it knows that it is half-way.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.deliver.sftp import SftpCourier
from gateway.deliver.sftp_connection import SftpSettings, read_host_key, read_own_key
from tests.unit.deliver.parcels import SealedBytes, drop_parcel

CONTENT = bytes(range(256)) * 4096 * 8
SERVER = "keten"


class _Slow(SealedBytes):
    def chunks(self) -> Iterator[bytes]:
        for chunk in super().chunks():
            yield chunk
            sys.stdout.write("one more\n")
            sys.stdout.flush()
            time.sleep(0.3)


def main() -> None:
    port, user, host_key, key_file, folder = sys.argv[1:]
    settings = SftpSettings(
        name=SERVER,
        host="127.0.0.1",
        port=int(port),
        user=user,
        host_keys=(read_host_key(host_key),),
        key=read_own_key(Path(key_file).read_bytes()),
        folder=folder,
    )
    parcel = drop_parcel(address=f"sftp:{SERVER}/ngo", sealed=_Slow(CONTENT))
    asyncio.run(SftpCourier(settings=settings).deliver(parcel))


if __name__ == "__main__":
    main()
