"""What opens one parcel of the postbus: the secret of its link and the one-time code that goes by another road.

Kept in the encrypted record only. Neither opens anything without the other, and the pick-up service gets neither.
"""

import base64
import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""What can be told apart by ear and by eye: no 0 and O, no 1, I and L."""
CODE_CHARACTERS: Final = 10
PARCEL_ID_CHARACTERS: Final = 40
"""A parcel's id is this many hexadecimal digits; it can not be guessed, and tells nothing."""
PARCEL_FORMAT: Final = "sluis-parcel/1"
_GROUP: Final = 5
_CHECK_BYTES: Final = 4


class Texted(StrEnum):
    """What became of the text message with a code: its gateway took it, or somebody has to read the code out."""

    NOT_TRIED = ""
    BEGUN = "begun"
    TAKEN = "taken"
    NOT_TAKEN = "not-taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUp:
    """One parcel's secret (32 bytes in hexadecimal), its code, and until when it can be fetched.

    `reference` is the package's short id, by which mail, slip and file are known to belong together: with the code of
    another package five tries are soon gone. `language` is the recipient's. `reminded` tells whether both sides were
    told that it ends soon. `texted` tells how the code went as a text message, as far as that was tried. `wrong` counts
    the wrong codes that were told to the audit log.
    """

    secret: str = field(repr=False)
    code: str = field(repr=False)
    until: dt.datetime
    reference: str = ""
    language: str = "nl"
    reminded: bool = False
    texted: Texted = Texted.NOT_TRIED
    wrong: int = 0

    def spoken(self) -> str:
        """Give the code as it is read out: two groups of five."""
        return f"{self.code[:_GROUP]}-{self.code[_GROUP:]}"

    def fragment(self) -> str:
        """Give what stands behind the `#` of the link: the secret, and four bytes by which a cut link is noticed.

        So a link that a mail program broke costs none of the five tries.
        """
        secret = bytes.fromhex(self.secret)
        return base64.urlsafe_b64encode(secret + hashlib.sha256(secret).digest()[:_CHECK_BYTES]).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDescription:
    """What the pick-up service is told of a parcel, and all that it knows: no name, no address, no key.

    `size` in bytes and `sha256` are of the ciphertext; `verifier` is the SHA-256 of what whoever has link and code can
    show, `link_verifier` of what whoever has the link can; `downloads` how often it may be fetched.
    """

    file_name: str
    size: int
    sha256: str
    verifier: str
    link_verifier: str
    until: dt.datetime
    downloads: int

    def as_json(self) -> bytes:
        """Write it as it travels."""
        content = {
            "format": PARCEL_FORMAT,
            "fileName": self.file_name,
            "size": self.size,
            "sha256": self.sha256,
            "verifier": self.verifier,
            "linkVerifier": self.link_verifier,
            "until": self.until.astimezone(dt.UTC).isoformat(timespec="seconds"),
            "downloads": self.downloads,
        }
        return json.dumps(content, indent=2).encode("ascii") + b"\n"
