"""Replays of decisions, by the id of the event that tells of one.

Rules, in order:
1. Only a person or application with the role privacy-officer or security asks.
2. The event says which package, which policy set, and the keyed digest of what was asked and decided. What is kept
   with another digest is not what was decided on: nothing is concluded from it.
3. The policy set is the copy with the event's digest; what lies in `policies/` now makes no difference.
4. Nothing is written, sent or changed.
"""

import asyncio
import hmac
from pathlib import Path
from typing import Any

from gateway.audit.events import EventAction
from gateway.audit.reading import find_event
from gateway.package.encoding import Decided
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, RecipientId
from gateway.package.labels import NO_LABELS, Labels
from gateway.package.states import Decision, Submitter
from gateway.package.views import ReplayView
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.policy.policy_copies import PolicyCopies
from gateway.policy.replaying import replay
from gateway.spool.candidates import decision_digest

_ROLES = frozenset({"privacy-officer", "security"})
_TAMPERED = ("digest", "as the log says", "otherwise")


class Replays:
    """Decides again what was decided."""

    def __init__(self, pipeline: Pipeline, parts: Parts, *, log: Path, copies: PolicyCopies) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._log = log
        self._copies = copies

    async def replay(self, audit_id: str, *, asked_by: Submitter) -> ReplayView:
        """Replay the decision that an event tells of.

        Raises SluisError `not-permitted`, `not-found`, `event-no-decision`, `decision-not-kept`, `policy-unavailable`,
        `payload-corrupt`, `audit-unavailable`.
        """
        if _ROLES.isdisjoint(asked_by.roles):
            raise SluisError(Code.NOT_PERMITTED, detail={"role": "privacy-officer"})
        event = await asyncio.to_thread(find_event, self._log, audit_id)
        if event is None:
            raise SluisError(Code.NOT_FOUND, where="auditId")
        if event["event.action"] != EventAction.PACKAGE_POLICY_EVALUATED:
            raise SluisError(Code.EVENT_NO_DECISION)
        row = await self._parts.spool.find(PackageId(event["gateway.package.id"]))
        decided = self._pipeline.record_of(row).decided_as(audit_id) if row else None
        if decided is None or "gateway.decision.hmac" not in event:
            raise SluisError(Code.DECISION_NOT_KEPT)
        return await asyncio.to_thread(self._replay, event, decided)

    def _replay(self, event: dict[str, Any], decided: Decided) -> ReplayView:
        digest = decision_digest(decided, vault=self._parts.vault)
        if not hmac.compare_digest(digest, event["gateway.decision.hmac"]):
            return _view(event, decided, None, (_TAMPERED,), labels=NO_LABELS)
        policy = self._copies.load(event["rule.version"]).policy
        decision, found = replay(decided, policy=policy)
        differences = tuple((each.place, each.kept, each.found) for each in found)
        return _view(event, decided, decision, differences, labels=policy.labels)


def _view(
    event: dict[str, Any],
    decided: Decided,
    decision: Decision | None,
    differences: tuple[tuple[str, str, str], ...],
    *,
    labels: Labels,
) -> ReplayView:
    return ReplayView(
        audit_id=event["event.id"],
        package=PackageId(event["gateway.package.id"]),
        recipient=RecipientId(event["gateway.recipient.id"]),
        purpose=event["gateway.purpose"],
        policy_digest=event["rule.version"],
        decided_by=event["service.version"],
        decided_at=decided.at,
        decision=decision,
        differences=differences,
        labels=labels,
    )
