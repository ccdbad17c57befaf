"""Rules in memory that take two people: what is in force, what lies there, and who proposed it."""

import datetime as dt
from dataclasses import dataclass, field

from gateway.package.errors import Code, SluisError
from gateway.package.states import Submitter
from gateway.policy.comparing import Change, ChangedFile, Changes
from gateway.policy.standing import PolicyView, Proposal, Standing

_PROPOSERS = ("privacy-officer", "administrator")
FIRST, SECOND = "d" * 64, "e" * 64


@dataclass
class FakeRules:
    """Satisfies what `GatewayPort` promises of rules; a test puts another set there by `on_disk`."""

    in_force: str = FIRST
    on_disk: str = FIRST
    standing: Standing = field(default_factory=Standing)
    at: dt.datetime = dt.datetime(2026, 11, 20, 9, 30, tzinfo=dt.UTC)

    def view(self, person: Submitter) -> PolicyView:
        require_role(person, (*_PROPOSERS, "security"))
        return PolicyView(
            four_eyes=True,
            in_force=self.in_force,
            standing=self.standing.without_other(self.on_disk),
            on_disk=self.on_disk,
            changed_at=self.at,
        )

    def changes(self, person: Submitter) -> Changes:
        require_role(person, (*_PROPOSERS, "security"))
        differ = self.on_disk != self.in_force
        change = Change("gemeente-voorbeeld", "", "channels", "secure-mail a@a.example", "secure-mail b@b.example")
        file = ChangedFile(
            "recipients/gemeente-voorbeeld.yaml", ("-    address: a@a.example", "+    address: b@b.example")
        )
        return Changes(
            before=self.in_force,
            after=self.on_disk,
            changes=(change,) if differ else (),
            files=(file,) if differ else (),
        )

    def propose(self, digest: str, person: Submitter) -> PolicyView:
        require_role(person, _PROPOSERS)
        if digest != self.on_disk:
            raise SluisError(Code.POLICY_CHANGED)
        if digest == self.in_force:
            raise SluisError(Code.POLICY_UNCHANGED)
        proposal = Proposal(digest=digest, proposer=person.person, organisation=person.organisation, at=self.at)
        self.standing = self.standing.proposed(proposal)
        return self.view(person)

    def approve(self, digest: str, person: Submitter) -> PolicyView:
        require_role(person, ("privacy-officer",))
        standing = self.standing.approved_by(person.person, digest=digest, at=self.at)
        if digest != self.on_disk:
            raise SluisError(Code.POLICY_CHANGED)
        self.standing, self.in_force = standing, digest
        return self.view(person)


def require_role(person: Submitter, roles: tuple[str, ...]) -> None:
    if not set(roles) & set(person.roles):
        raise SluisError(Code.NOT_PERMITTED, detail={"role": ", ".join(roles)})
