"""People with an age key, made by Debian's age: the independent program that opens what was sealed for them."""

import subprocess
from pathlib import Path

from gateway.package.ids import Fingerprint, parse_key


class AgeIdentity:
    """A secret key in a file, and what it opens."""

    def __init__(self, file: Path) -> None:
        self._file = file
        subprocess.run(["age-keygen", "-o", str(file)], check=True, capture_output=True, timeout=20)
        public = subprocess.run(["age-keygen", "-y", str(file)], check=True, capture_output=True, timeout=20)
        self.recipient: Fingerprint = parse_key(public.stdout.decode().strip())

    def decrypt(self, sealed: bytes, *, fails: bool = False) -> bytes:
        """Decrypt with age; `fails` says that it has to refuse."""
        command = ["age", "-d", "-i", str(self._file)]
        result = subprocess.run(command, input=sealed, capture_output=True, timeout=60, check=False)
        assert fails == (result.returncode != 0), result.stderr.decode()
        return result.stdout
