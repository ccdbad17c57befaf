"""The ground of a disclosure as the audit log names it: the articles that the policy gives for a kind of recipient.

    AVG art. 6 lid 1 onder e; Vw 2000 art. 107      becomes      avg-6-1-e/vw-2000-107

Rules:
1. Nothing is invented: what `kinds.yaml` says of a kind of recipient, of which two people approved, and nothing else.
2. A ground is only given for a recipient that the decision cleared: whoever gets nothing gets it on no ground.
"""

import re
from typing import Final

from gateway.package.folding import words_of
from gateway.package.states import Decision
from gateway.policy.policy_set import PolicySet

_LONGEST: Final = 100
_SIGNS: Final = frozenset(
    {"art", "artt", "artikel", "artikelen", "article", "articles", "section", "sections", "lid", "leden", "paragraph"}
    | {"para", "onder", "sub", "point", "punt", "en", "and", "of", "the", "de", "het"}
)
# A law begins with a letter; no number is as long as one that names a person.
_NAMED = re.compile(r"(?!.*[0-9]{9})[a-z][a-z0-9-]*")


def ground_of(article: str) -> str:
    """Write the articles of a kind of recipient as one code; empty when nothing in it can be written so."""
    written = ""
    for part in article.split(";"):
        named = "-".join(word for word in words_of(part) if word not in _SIGNS)
        joined = f"{written}/{named}" if written else named
        if _NAMED.fullmatch(named) and len(joined) <= _LONGEST:
            written = joined
    return written


def grounds_of(decision: Decision, *, policy: PolicySet) -> dict[str, str]:
    """Give the ground on which each recipient was cleared, by recipient id; without one it is left out."""
    grounds = {str(each.recipient): policy.kinds[each.kind].ground for each in decision.cleared()}
    return {recipient: ground for recipient, ground in grounds.items() if ground}
