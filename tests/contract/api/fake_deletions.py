"""Deletions from an audit log in memory that take two people: 100 lines lie before 2026, and a policy lets them go."""

import datetime as dt
from dataclasses import dataclass

from gateway.package.deletion_views import DeletionView
from gateway.package.errors import Code, SluisError
from gateway.package.states import Submitter
from tests.contract.api.fake_rules import require_role

LATEST = dt.date(2026, 1, 1)
POLICY = "bewaarbeleid-2026"


@dataclass
class FakeDeletions:
    """Satisfies what `GatewayPort` promises of deletions."""

    proposed_by: str = ""

    def delete(self, until: dt.date, person: Submitter) -> DeletionView:
        require_role(person, ("privacy-officer", "administrator"))
        if until > LATEST:
            raise SluisError(Code.AUDIT_RETENTION, where=LATEST.isoformat())
        approved_by = ""
        if self.proposed_by:
            require_role(person, ("privacy-officer",))
            if self.proposed_by == person.person:
                raise SluisError(Code.APPROVAL_OWN_PROPOSAL)
            approved_by = person.person
        self.proposed_by = self.proposed_by or person.person
        return DeletionView(
            first=0, end=100, until=until, policy=POLICY, proposed_by=self.proposed_by, approved_by=approved_by
        )
