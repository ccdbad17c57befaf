"""Damages the bytes of any file: flips, cuts, copies, pieces that mean something, and splices of two files."""

import random
from collections.abc import Sequence


def damaged(content: bytes, chance: random.Random, pieces: Sequence[bytes]) -> bytes:
    """Change up to a hundred places; `pieces` are what this format takes for more than text."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20, 100))):
        if not changed:
            break
        at, kind = chance.randrange(len(changed)), chance.random()
        if kind < 0.4:
            changed[at] = chance.randrange(256)
        elif kind < 0.5:
            changed[at] ^= 1 << chance.randrange(8)
        elif kind < 0.7:
            changed[at:at] = chance.choice(pieces)
        elif kind < 0.85:
            del changed[at : at + chance.choice((1, 2, 8, 200))]
        else:
            other, size = chance.randrange(len(changed)), chance.choice((4, 16, 200))
            changed[at : at + size] = changed[other : other + size]
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    """Keep a beginning, or an end."""
    at = chance.randrange(len(content) + 1)
    return content[:at] if chance.random() < 0.8 else content[at:]


def spliced(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Put the end of another file behind the beginning of one, or a piece of it in between."""
    at, start = chance.randrange(len(content) + 1), chance.randrange(len(other) + 1)
    if chance.random() < 0.5:
        return content[:at] + other[start:]
    return content[:at] + other[start : start + chance.choice((16, 200, 4000))] + content[at:]
