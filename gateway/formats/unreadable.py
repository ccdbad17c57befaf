"""Why a file of a foreign format can not be read, and how large it may be."""

from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """Why a document can not be searched."""

    NOT_KNOWN = "not-known"
    """A type that has no reader here."""
    TYPE_MISMATCH = "type-mismatch"
    """Name, structure and content do not agree on what it is, or it is two things at once."""
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TOO_LARGE = "too-large"
    """Beyond a limit of bytes, members, pages, pixels or depth."""
    ACTIVE = "active"
    """Macros, embedded objects or scripts, which are not left out in silence."""
    NO_TEXT = "no-text"
    """A picture, handwriting or a page in which no text can be read with any confidence."""


class UnreadableError(Exception):
    """A document can not be searched; holds no text of it."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may come to; times are the sandbox's."""

    members: int = 10_000
    inflated_bytes: int = 200 * 1024 * 1024
    inflation: int = 200
    """How many times larger than its packed form a member above 1 MiB may be."""
    pages: int = 500
    pixels: int = 40_000_000
    depth: int = 5
    """Documents within documents: attachments of mail, members of archives."""
