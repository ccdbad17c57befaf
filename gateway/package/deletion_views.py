"""What people see of a deletion from the audit log."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionView:
    """The lines from `first` up to `end`, of days before `until`, and who wants them deleted by which written policy.

    `approved_by` is empty as long as a second person has to say so too; then nothing was deleted yet.
    """

    first: int
    end: int
    until: dt.date
    policy: str
    proposed_by: str
    approved_by: str = ""
