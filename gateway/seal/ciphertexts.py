"""Sealed bytes in memory: what a mail and a small drop file are until the spool keeps them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BytesCiphertext:
    """Ciphertext in memory; satisfies `Ciphertext`. `size` is in bytes, `sha256` hexadecimal."""

    content: bytes = field(repr=False)
    size: int = field(init=False)
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.content))
        object.__setattr__(self, "sha256", hashlib.sha256(self.content).hexdigest())

    def chunks(self) -> Iterator[bytes]:
        """Give the ciphertext from its beginning, in pieces of at most 1 MiB."""
        for start in range(0, self.size, _PIECE):
            yield self.content[start : start + _PIECE]
