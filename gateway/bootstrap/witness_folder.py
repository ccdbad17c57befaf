"""What a witness remembers, on disk: one file for each log, with the last checkpoint that it cosigned."""

import hashlib
from pathlib import Path

from gateway.bootstrap.durable_files import write_durably


class WitnessFolder:
    """Implements the port `Memory`; a file is named by a digest of its log's origin."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self) -> None:
        """Make the folder. Raises OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def last(self, origin: str, /) -> bytes | None:
        """See the port."""
        try:
            return self._path(origin).read_bytes()
        except FileNotFoundError:
            return None

    def keep(self, origin: str, note: bytes, /) -> None:
        """See the port."""
        write_durably(self._path(origin), note)

    def _path(self, origin: str) -> Path:
        return self._folder / f"{hashlib.sha256(origin.encode()).hexdigest()[:32]}.note"
