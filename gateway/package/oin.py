"""The Organisatie-identificatienummer (OIN): who an organisation is on the chain facility.

Rules (OIN-Stelsel, chapter 6): twenty positions, of which the first eight say from which register the number comes and
the rest is that register's number with zeroes behind it. A number from a foreign register may hold letters. The prefix
00000099 is for tests: such a number proves nothing, and no production site takes it.
"""

import re
from typing import Final, NewType

from gateway.package.errors import Code, SluisError

Oin = NewType("Oin", str)

_PREFIXES = (*(f"0000000{digit}" for digit in (1, 2, 3, 4, 6, 7, 8, 9)), "00000010")
_TEST_PREFIX: Final = "00000099"
OIN: Final = rf"(?:{'|'.join((*_PREFIXES, _TEST_PREFIX))})[0-9A-Z]{{12}}"
"""The pattern of a whole OIN."""
_IS_OIN = re.compile(rf"{OIN}\Z")


def parse_oin(text: str) -> Oin:
    """Check an OIN. Raises SluisError `address-invalid`."""
    if not _IS_OIN.match(text):
        raise SluisError(Code.ADDRESS_INVALID)
    return Oin(text)


def is_test_oin(oin: Oin) -> bool:
    """Tell whether a number is one for tests."""
    return oin.startswith(_TEST_PREFIX)
