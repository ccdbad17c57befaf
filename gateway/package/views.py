"""What people and programs may see of a package: names, numbers and codes, never a value out of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.package.holding import HoldStage
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.labels import NO_LABELS, Label, Labels
from gateway.package.states import (
    Channel,
    Decision,
    DeliveryState,
    PackageState,
    PrivacyOffice,
    Source,
    Submitter,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One delivery: state, attempts made, the last problem's code, and when the next attempt is due.

    `receipt` is what the far side signed for it, empty when there is none: ids, digests and times, nothing personal.
    """

    recipient: RecipientId
    channel: Channel
    state: DeliveryState
    attempts: int
    code: str = ""
    due: dt.datetime | None = None
    receipt: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDocument:
    """A declared file that has not arrived yet: its number for PUT and its role."""

    number: int
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedView:
    """One decision that was made: when, and by recipient the id of the audit event that tells of it."""

    at: dt.datetime
    events: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageView:
    """One package as its submitter, or somebody with the right role, may see it.

    `decided` are the decisions that can be replayed, oldest first; `decision` is how things stand now. `code` is the
    rule id or problem code that explains the state; empty when nothing needs explaining. `labels` are what people call
    what the decision names.
    """

    id: PackageId
    state: PackageState
    source: Source
    submitter: PersonId
    purpose: str
    recipients: tuple[RecipientId, ...]
    received_at: dt.datetime
    updated_at: dt.datetime
    code: str
    deliveries: tuple[DeliveryView, ...]
    expected: tuple[ExpectedDocument, ...] = ()
    decision: Decision | None = None
    decided: tuple[DecidedView, ...] = ()
    labels: Labels = field(default=NO_LABELS, repr=False)
    slip: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of packages, newest first; `cursor` asks for the next page, empty at the end."""

    packages: tuple[PackageView, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A held package as a privacy officer of its organisation sees it.

    `stage` tells how often people were told that it waits; it expires by itself at `expires_at`. `to_mend` are those of
    its rules and codes that no review settles; with any of them it can only be refused.
    `purpose_label` is what people call its purpose. `where` is the place in the package, if it waits for one to be
    mended, and `kinds` which kinds of values were found there that may not leave, where that is known.
    `necessity` is what the sender wrote, for the officer to judge, and only given when this one hold is shown.
    """

    package: PackageView
    purpose_label: Label
    rule_ids: tuple[str, ...]
    to_mend: tuple[str, ...]
    needs_ground: bool
    held_since: dt.datetime
    expires_at: dt.datetime
    stage: HoldStage
    privacy_office: PrivacyOffice | None
    where: str = ""
    kinds: tuple[str, ...] = ()
    necessity: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPage:
    """One page of holds, newest first; `cursor` asks for the next page, empty at the end."""

    holds: tuple[HoldView, ...]
    cursor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """A decision that was made again: `differences` as (place, kept, found) are empty when not one byte differs.

    `audit_id` is the event's, about one `recipient`; the decision is about all of the package's. `decided_by` is the
    version of Sluis that decided. `decision` is what was found now; None when what is kept is not what the log says.
    `labels` are what the rules of that day call what it names.
    """

    audit_id: str
    package: PackageId
    recipient: RecipientId
    purpose: str
    policy_digest: str
    decided_by: str
    decided_at: dt.datetime
    decision: Decision | None
    differences: tuple[tuple[str, str, str], ...]
    labels: Labels = field(default=NO_LABELS, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientView:
    """A recipient as anybody who may submit sees it: no address, no key."""

    id: str
    kind: str
    organisation: str
    name: str
    channels: tuple[str, ...]
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the service lives and works: `problems` are codes with a place, empty when all is well.

    `holds` counts what waits for a person, by how often people were told of it.
    `notices` are alike, of what waits for a person or a channel and does not keep the service from working.
    """

    ready: bool
    version: str
    problems: tuple[tuple[str, str], ...] = ()
    packages: Mapping[str, int] = field(default_factory=dict)
    policy_digest: str = ""
    holds: Mapping[HoldStage, int] = field(default_factory=dict)
    notices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenGrant:
    """Who a token speaks for and what it may do."""

    submitter: Submitter
    scopes: frozenset[str]
