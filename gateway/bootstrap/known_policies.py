"""The policy sets that a worker process has loaded, and the one by which it decides now.

Rules:
1. The service says by its digest which set decides; the worker never chooses one itself.
2. What the foreman loaded from the site's own files is one of them only under its digest. When those files have
   changed since, the set comes out of its copy (`spool/policies/DIGEST`).
3. Two are remembered, the newest last: while a change is taken, packages may still come with the one before.
"""

from gateway.package.errors import Code, SluisError
from gateway.policy.policy_copies import PolicyCopies
from gateway.policy.policy_set import PolicySet

_REMEMBERED = 2


class KnownPolicies:
    """The loaded sets by digest."""

    def __init__(self, copies: PolicyCopies, *, loaded: PolicySet | None) -> None:
        self._copies = copies
        self._known = {} if loaded is None else {loaded.digest: loaded}
        self._chosen: PolicySet | None = None

    def choose(self, digest: str) -> None:
        """Decide by the set with this digest from now on.

        Raises SluisError `policy-unavailable` (retryable); nothing is chosen then, not the one before either.
        """
        self._chosen = None
        policy = self._known.get(digest) or self._copies.load(digest).policy
        self._known[digest] = policy
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._chosen = policy

    def chosen(self) -> PolicySet:
        """Give the chosen set. Raises SluisError `policy-unavailable` when there is none."""
        if self._chosen is None:
            raise SluisError(Code.POLICY_UNAVAILABLE)
        return self._chosen
