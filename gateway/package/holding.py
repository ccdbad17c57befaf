"""When somebody is told again of a hold, and when it ends: reminder, escalation, expiry. Pure.

Rules, in order:
1. One step after the other, and none is skipped: between two steps lie at least the days that the policy has between
   them, also when the service was down for weeks or its clock jumped ahead. Nobody's package is deleted unannounced.
2. A clock that went back repeats no step. What was told at a time that has not come yet counts as told in time.
3. Days count from the moment of the hold. A package that is held again, after a release, begins anew.
"""

import datetime as dt
from dataclasses import dataclass
from enum import IntEnum


class HoldStage(IntEnum):
    """How often people were told that a package waits; kept in the package's row."""

    WAITING = 0
    REMINDED = 1
    ESCALATED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldTimes:
    """After how many days of waiting what happens, each later than the one before; the shipped ones by default."""

    remind_days: int = 2
    escalate_days: int = 5
    expire_days: int = 30

    def ends(self, stage: HoldStage) -> dt.timedelta:
        """Tell how long a package waits, from the moment of the hold, until the step out of this stage."""
        return dt.timedelta(days=(self.remind_days, self.escalate_days, self.expire_days)[stage])

    def lasts(self, stage: HoldStage) -> dt.timedelta:
        """Tell how long this stage lasts at least."""
        before = self.ends(HoldStage(stage - 1)) if stage else dt.timedelta()
        return self.ends(stage) - before

    def step_at(self, stage: HoldStage, *, since: dt.datetime, told_at: dt.datetime | None) -> dt.datetime:
        """Tell when the step out of this stage is due; `told_at` is when people were told of the stage itself."""
        due = since + self.ends(stage)
        return due if told_at is None else max(due, told_at + self.lasts(stage))

    def is_due(self, stage: HoldStage, *, since: dt.datetime, told_at: dt.datetime | None, now: dt.datetime) -> bool:
        """Tell whether the step out of this stage has come."""
        told = None if told_at is None or told_at > now else told_at
        return self.step_at(stage, since=since, told_at=told) <= now

    def expires_at(self, stage: HoldStage, *, since: dt.datetime, told_at: dt.datetime | None) -> dt.datetime:
        """Tell when a hold expires, if nobody decides and every step comes in time."""
        if stage is HoldStage.ESCALATED:
            return self.step_at(stage, since=since, told_at=told_at)
        return since + self.ends(HoldStage.ESCALATED)
