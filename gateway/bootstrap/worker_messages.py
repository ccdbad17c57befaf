"""What passes between the service and a worker process: the length in eight bytes, then a pickle.

Both ends are ours, the socket was made for the two of them, and nobody else can reach it; so a pickle is safe here.
"""

import pickle
from typing import Any, Final

LENGTH_BYTES: Final = 8


def pack(message: object) -> bytes:
    """Write one message. Raises what pickle raises for what can not travel."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return len(content).to_bytes(LENGTH_BYTES, "big") + content


def length_of(head: bytes) -> int:
    """Read how many bytes follow."""
    return int.from_bytes(head, "big")


def unpack(content: bytes) -> Any:
    """Read a message of our own."""
    return pickle.loads(content)  # noqa: S301 - written by our own other end; see above.
