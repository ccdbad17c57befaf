"""What a slip is made of: one model for every ending, rendered as text, page and JSON."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.package.ids import PackageId
from gateway.package.labels import NO_LABELS, Labels
from gateway.package.pickup import PickUp
from gateway.package.reviews import ReviewReason
from gateway.package.states import Decision, DeliveryState, PackageState, PrivacyOffice


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFacts:
    """Everything that a slip may say, gathered by the pipeline.

    `state` None means rejected: it never became a package. `codes` are rule ids or problem codes that explain the
    ending, most important first; `detail` fills their sentences; `faults` are the single faults of a manifest.
    `deliveries` maps a recipient id to its state and the last problem's code; `in_doubt` are recipients of those that
    were given up while one copy may have arrived. `privacy_office` is the
    sending organisation's. Of a hold `expires_at` is when it ends by itself, and `reminded` tells that its Privacy
    Office was told again. `withdrawn_by_sender` is None when nobody withdrew it, or it is not known who did;
    `review_reason` is the code by which a reviewer refused it. `labels` are those of what the decision names.
    `pickups` are what opens parcels at the postbus that nobody has fetched, by recipient id.
    """

    id: PackageId
    entry: str = field(default="", repr=False)
    at: dt.datetime
    state: PackageState | None
    codes: tuple[str, ...] = ()
    where: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)
    faults: tuple[tuple[str, str], ...] = ()
    decision: Decision | None = None
    deliveries: Mapping[str, tuple[DeliveryState, str]] = field(default_factory=dict)
    in_doubt: frozenset[str] = frozenset()
    privacy_office: PrivacyOffice | None = None
    expires_at: dt.datetime | None = None
    reminded: bool = False
    withdrawn_by_sender: bool | None = None
    review_reason: ReviewReason | None = None
    labels: Labels = NO_LABELS
    pickups: Mapping[str, PickUp] = field(default_factory=dict, repr=False)
