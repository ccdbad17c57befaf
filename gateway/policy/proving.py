"""What a signed paper proved that a recipient's basis rests on; for the record, so that nobody takes one for the other.

A scan is the sender's statement that this person signed it. A digital signature that holds is the person's own. A seal
vouches for the paper, not for the person.
"""

from gateway.package.facts import Paper, PaperSignature, Proof
from gateway.package.states import Facts
from gateway.policy.policy_set import Need, PolicySet, Recipient

_PROOFS = {
    PaperSignature.NONE: Proof.STATEMENT,
    PaperSignature.VALID: Proof.SIGNATURE,
    PaperSignature.SEAL: Proof.SEAL,
}


def proof_for(facts: Facts, *, recipient: Recipient, policy: PolicySet) -> Proof | None:
    """Give what the paper proved; None when this recipient needs none, or it can not be relied on."""
    needs = policy.kinds[recipient.kind].needs
    if Need.CONSENT in needs and facts.consent is not None:
        return _proof(facts.consent.paper, facts.consent.signature)
    if Need.REPRESENTATION in needs and recipient.bar_number is None:
        return _proof(facts.mandate, facts.mandate_signature)
    return None


def _proof(paper: Paper, signature: PaperSignature) -> Proof | None:
    return _PROOFS.get(signature) if paper is Paper.READABLE else None
