"""How the rules stand where nobody changes them alone: which set was approved, and which one waits for a second person.

Rules:
1. A digest stands for every byte of rules, register and the fingerprints in it; a proposal and an approval are for
   exactly one digest.
2. Approving is another person's act. Who that may be is looked at in `gateway.bootstrap.rule_changes`.
3. What was approved stays in force until the next approval. A proposal ends with an approval, with another proposal, or
   when the files are not what was proposed any more.
"""

import datetime as dt
from dataclasses import dataclass, replace

from gateway.package.errors import Code, SluisError
from gateway.package.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A person's wish that the set with this digest comes into force.

    `uid` is the operating-system user of the proposer, None when it has none or an older version kept the proposal.
    """

    digest: str
    proposer: PersonId
    organisation: str
    at: dt.datetime
    uid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Two people stand behind the set with this digest; `at` is when the second one did."""

    digest: str
    proposer: PersonId
    approver: PersonId
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is approved and what is proposed; either may be nothing."""

    approved: Approval | None = None
    proposal: Proposal | None = None

    def proposed(self, proposal: Proposal) -> "Standing":
        """Give how things stand after a proposal: the latest one counts."""
        return replace(self, proposal=proposal)

    def without_other(self, digest: str) -> "Standing":
        """Give how things stand when this set lies on disk: a proposal of another one is void."""
        if self.proposal is None or self.proposal.digest == digest:
            return self
        return replace(self, proposal=None)

    def proposal_of(self, digest: str) -> Proposal:
        """Give the proposal of this set. Raises SluisError `policy-changed` when there is none."""
        if self.proposal is None or self.proposal.digest != digest:
            raise SluisError(Code.POLICY_CHANGED)
        return self.proposal

    def approved_by(self, approver: PersonId, *, digest: str, at: dt.datetime) -> "Standing":
        """Give how things stand after an approval of this set.

        Raises SluisError `policy-changed` without a proposal of it, `approval-own-proposal` for its proposer.
        """
        proposal = self.proposal_of(digest)
        if proposal.proposer == approver:
            raise SluisError(Code.APPROVAL_OWN_PROPOSAL)
        return Standing(approved=Approval(digest=digest, proposer=proposal.proposer, approver=approver, at=at))


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyView:
    """How the rules stand, for whoever may look.

    `in_force` is the digest by which packages are decided, empty when there is none. `on_disk` is that of the files as
    they lie there, `changed_at` when they were last written, and `code` what is wrong with them, empty when they are
    well.
    """

    four_eyes: bool
    in_force: str
    standing: Standing
    on_disk: str
    changed_at: dt.datetime
    code: str = ""

    def waits(self) -> bool:
        """Tell whether what lies on disk is not what is in force."""
        return self.on_disk != self.in_force
