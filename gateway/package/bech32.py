"""Checks text in Bech32 (BIP 173): what an age recipient is written in.

Its six last characters are a checksum that finds every fault of up to four characters, so that a key that was mistyped
is refused while the register is read and not when a package waits.
"""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM = 6
_BITS = 5


def decode(text: str, *, prefix: str) -> bytes:
    """Give the bytes that a text in small letters stands for; age knows no limit on its length.

    Raises ValueError for another prefix, a foreign character, a wrong checksum, or bits left over that are not zero.
    """
    found, mark, data = text.rpartition("1")
    if found != prefix or not mark or len(data) < _CHECKSUM or not set(data) <= set(_ALPHABET):
        raise ValueError("text in Bech32 with its prefix expected")
    values = [_ALPHABET.index(char) for char in data]
    if _remainder([*_expanded(prefix), *values]) != 1:
        raise ValueError("the checksum of Bech32 expected")
    return _regrouped(values[:-_CHECKSUM])


def _expanded(prefix: str) -> list[int]:
    return [ord(char) >> _BITS for char in prefix] + [0] + [ord(char) & 31 for char in prefix]


def _remainder(values: list[int]) -> int:
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << _BITS ^ value
        for place, generator in enumerate(_GENERATORS):
            remainder ^= generator if top >> place & 1 else 0
    return remainder


def _regrouped(values: list[int]) -> bytes:
    """Make whole bytes of groups of five bits; what is left over is padding of less than a group, and zero."""
    number = 0
    for value in values:
        number = number << _BITS | value
    size, padding = divmod(len(values) * _BITS, 8)
    if padding >= _BITS or number & ((1 << padding) - 1):
        raise ValueError("padding with zeroes, of less than a character, expected")
    return (number >> padding).to_bytes(size, "big")
