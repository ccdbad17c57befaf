"""Pseudonyms of the people that events are about: they can be searched for, and tell nothing to who has no key.

    vnr:k2:9f3c…    which identifier, under which key, and 128 bits of
                    HMAC-SHA-256(key, identifier || 0x00 || the value in one form)

Rules:
1. Never an unkeyed digest: there are 10^10 V-numbers and fewer BSNs, and every digest of one is found in minutes.
2. The value is brought into one form first, so that the same person gives the same pseudonym however it was written.
3. The identifier is part of what is digested: a V-number and a BSN with equal digits have nothing in common.
4. A new pseudonym is made under the newest key. Whoever searches asks under every key that there is.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from gateway.package.folding import words_of
from gateway.package.identity import by_name
from gateway.package.manifest import PartialDate, Subject

KEY_BYTES: Final = 32
_DIGEST_BYTES: Final = 16
_V_NUMBER_DIGITS: Final = 10
_BSN_DIGITS: Final = 9
_SHORTEST_BSN: Final = 8


@unique
class Identifier(StrEnum):
    """By what a person is known; the values stand in front of pseudonyms, and are never given another meaning."""

    V_NUMBER = "vnr"
    BSN = "bsn"
    NAME_AND_BIRTH = "nbd"


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymKey:
    """One key, and its number: 1 for the first one of a site."""

    number: int
    secret: bytes = field(repr=False)

    def of_number(self, identifier: Identifier, value: str) -> str:
        """Give the pseudonym of a V-number or a BSN, with or without signs between its digits.

        Raises ValueError, which does not hold the value, for what is no such number.
        """
        return self._of(identifier, _number(identifier, value))

    def of_name(self, name: str, date_of_birth: str) -> str:
        """Give the pseudonym of a name with a date of birth, YYYY-MM-DD with 00 for unknown parts; empty: unknown.

        Raises ValueError, which does not hold the value, for a name without a letter and for what is no date.
        """
        if not words_of(name):
            raise ValueError("a name with letters expected")
        if date_of_birth:
            PartialDate.parse(date_of_birth)
        return self._of(Identifier.NAME_AND_BIRTH, "\x00".join(by_name(name, date_of_birth)))

    def of_subject(self, subject: Subject) -> tuple[str, ...]:
        """Give every pseudonym of a package's subject, the V-number's first; none for who has neither number nor name.

        Variants of a name give none: of several people one may have the name of another.
        """
        return tuple(self._all_of(subject))

    def _all_of(self, subject: Subject) -> Iterator[str]:
        if subject.v_number is not None:
            yield self.of_number(Identifier.V_NUMBER, subject.v_number)
        if words_of(subject.name):
            yield self.of_name(subject.name, subject.date_of_birth or "")

    def _of(self, identifier: Identifier, normalised: str) -> str:
        content = identifier.value.encode() + b"\x00" + normalised.encode("utf-8", "surrogatepass")
        digest = hmac.digest(self.secret, content, "sha256")[:_DIGEST_BYTES]
        return f"{identifier}:k{self.number}:{digest.hex()}"


def _number(identifier: Identifier, value: str) -> str:
    """Give the digits of a number alone; signs between them, and kinds of digits and spaces, make no difference."""
    digits = "".join(words_of(value))
    plain = digits.isascii() and digits.isdigit()
    if identifier is Identifier.V_NUMBER and plain and len(digits) == _V_NUMBER_DIGITS:
        return digits
    if identifier is Identifier.BSN and plain and _SHORTEST_BSN <= len(digits) <= _BSN_DIGITS:
        # A table writes it as a number, and drops the zero in front.
        return digits.zfill(_BSN_DIGITS)
    raise ValueError("a V-number of 10 digits or a BSN of 9 expected")
