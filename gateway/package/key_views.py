"""A public key as people and programs are shown it: facts, where it came from, who stands behind it."""

import datetime as dt
from dataclasses import dataclass, field

from gateway.package.facts import KeyHealth
from gateway.package.ids import Fingerprint

WARN_DAYS = (60, 30, 7)
"""So many days ahead it is warned of a key's end."""


def warned_stage(days_left: int) -> int | None:
    """Give the narrowest of the warning times that an end has come into; None when it is further away."""
    return next((each for each in reversed(WARN_DAYS) if days_left <= each), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """One key of one recipient; `recipient` is empty for the gateway's own.

    `state` is `proposed`, `trusted` or `retired`. `channels` are those for which the rules in force encrypt to it: that
    is what counts, whatever `state` says. `waits_for` is `trust` or `retire` when another person has to say so too.
    """

    recipient: str
    fingerprint: Fingerprint
    type: str
    state: str
    health: KeyHealth
    channels: tuple[str, ...] = ()
    algorithm: str = ""
    bits: int = 0
    expires: dt.datetime | None = None
    days_left: int | None = None
    small: bool = False
    addresses: tuple[str, ...] = field(default=(), repr=False)
    names_another: bool = False
    source: str = field(default="", repr=False)
    how: str = field(default="", repr=False)
    imported_by: str = ""
    imported_at: dt.datetime | None = None
    renewed_by: str = ""
    renewed_at: dt.datetime | None = None
    renewed_source: str = field(default="", repr=False)
    verified_by: str = ""
    verified_at: dt.datetime | None = None
    retired_by: str = ""
    retired_at: dt.datetime | None = None
    waits_for: str = ""
    asked_by: str = ""

    def is_used(self) -> bool:
        """Tell whether anything is encrypted to it, or signed with it."""
        return bool(self.channels) or not self.recipient

    def differs(self) -> bool:
        """Tell whether its record says something else than the rules in force."""
        return bool(self.recipient) and (self.state == "trusted") != bool(self.channels)

    def warned_days(self) -> int | None:
        """Give the narrowest of the warning times that it has come into; None when its end is further away."""
        return None if self.days_left is None else warned_stage(self.days_left)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientTest:
    """A message without data about anybody that was sent to a recipient, and what came of it.

    `reference` is the number that the recipient must see; `outcome` is that of one attempt, `code` what went wrong.
    """

    recipient: str
    channel: str
    reference: str
    keys: tuple[Fingerprint, ...]
    signed_by: Fingerprint
    outcome: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """The own signing key that is followed by another one: `after` signs from `starts` on.

    `files` are those that recipients get, below the site. `done` when `before` signs nothing any more.
    """

    before: Fingerprint
    after: Fingerprint
    starts: dt.date
    files: tuple[str, ...]
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymKeyView:
    """A key of the pseudonyms that was drawn: its number ("k2"), and its file below the site."""

    key: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyImport:
    """A key file that somebody brings for a recipient; `fingerprint` chooses one of several.

    With an `address` only a key counts that bears it: what a directory gave for that address.
    """

    recipient: str
    content: bytes = field(repr=False)
    source: str = field(repr=False)
    fingerprint: Fingerprint | None = None
    address: str = field(default="", repr=False)
