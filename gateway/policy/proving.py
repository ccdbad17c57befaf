"""What a signed paper proved that a recipient's basis rests on; for the record, so that nobody takes one for the other.

A scan is the sender's statement that this person signed it. A digital signature that holds is the person's own. A seal
vouches for the paper, not for the person.
"""

from gateway.package.facts import Paper, PaperSignature, Proof
from gateway.package.states import Examined
from gateway.policy.policy_set import Need, PolicySet, Recipient

_PROOFS = {
    PaperSignature.NONE: Proof.STATEMENT,
    PaperSignature.VALID: Proof.SIGNATURE,
    PaperSignature.SEAL: Proof.SEAL,
}


def proof_for(examined: Examined, *, recipient: Recipient, policy: PolicySet) -> Proof | None:
    """Give what the paper proved; None when this recipient needs none, or it can not be relied on."""
    needs, evidence = policy.kinds[recipient.kind].needs, examined.evidence
    if Need.CONSENT in needs and evidence.consent is not None:
        return _proof(evidence.consent.paper, evidence.consent.signature)
    if Need.REPRESENTATION in needs and recipient.bar_number is None:
        return _proof(evidence.mandate, evidence.mandate_signature)
    return None


def _proof(paper: Paper, signature: PaperSignature) -> Proof | None:
    return _PROOFS.get(signature) if paper is Paper.READABLE else None
