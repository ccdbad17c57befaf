"""What the rules permit, per recipient and purpose, for whoever reads them: the fields that go, and what it takes.

It is made of the very tables by which packages are decided, with the labels that the files give.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from gateway.package.ids import RecipientId
from gateway.package.states import RecipientKind, Verdict
from gateway.policy.compiling import LoadedPolicies
from gateway.policy.policy_form import FieldForm, Label
from gateway.policy.policy_set import PolicySet
from gateway.policy.verdicts import Circumstance, grants_of, verdict_on

_WITH_NECESSITY = Circumstance(necessity=True)


REVIEW_SOON_DAYS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DueForReview:
    """A permission that somebody has to look at again; once it is `past`, packages that rest on it are held."""

    recipient: RecipientId
    purpose: str
    on: dt.date
    past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Permitted:
    """What one recipient may get for one purpose.

    `fields` go by themselves; `after_review` only with a written necessity and a second person. `needs` is what must be
    proved besides; `channels` are those that may be used, in the recipient's order. `review_on` is the first day on
    which it no longer holds.
    """

    recipient: str
    kind: RecipientKind
    purpose: str
    label: Label
    fields: tuple[FieldForm, ...]
    after_review: tuple[FieldForm, ...]
    documents: tuple[str, ...]
    needs: tuple[str, ...]
    channels: tuple[str, ...]
    review_on: dt.date


def permitted(loaded: LoadedPolicies) -> Iterator[Permitted]:
    """Give what every recipient may get for every purpose that it has a permission for."""
    policy, forms = loaded.policy, loaded.forms
    for recipient, purpose in grants_of(policy):
        entry, grant = policy.recipients[recipient], policy.grants[recipient, purpose]
        kind = policy.kinds[entry.kind]
        verdicts = {
            item.id: verdict_on(
                item.id, recipient=recipient, purpose=purpose, policy=policy, circumstance=_WITH_NECESSITY
            ).verdict
            for item in forms.fields.form.fields
        }
        usable = kind.channels | entry.exception_channels
        yield Permitted(
            recipient=recipient,
            kind=entry.kind,
            purpose=purpose,
            label=forms.purposes_of(entry.kind)[purpose].label,
            fields=_with(Verdict.RELEASE, verdicts, loaded),
            after_review=_with(Verdict.HOLD, verdicts, loaded),
            documents=tuple(sorted(grant.documents)),
            needs=tuple(sorted(need.value for need in kind.needs)),
            channels=tuple(each.channel.value for each in entry.channels if each.channel in usable),
            review_on=grant.review_on,
        )


def field_named(name: str, *, loaded: LoadedPolicies) -> FieldForm | None:
    """Find a catalogued field by its id or one of its other spellings."""
    fields = loaded.forms.fields.form.fields
    return next((item for item in fields if name in (item.id, *item.aliases)), None)


def _with(verdict: Verdict, verdicts: dict[str, Verdict], loaded: LoadedPolicies) -> tuple[FieldForm, ...]:
    return tuple(item for item in loaded.forms.fields.form.fields if verdicts[item.id] is verdict)


def due_for_review(policy: PolicySet, *, today: dt.date) -> tuple[DueForReview, ...]:
    """Give the permissions whose review is due within `REVIEW_SOON_DAYS`, or past: those hold every package."""
    soon = today + dt.timedelta(days=REVIEW_SOON_DAYS)
    return tuple(
        DueForReview(recipient=recipient, purpose=purpose, on=grant.review_on, past=grant.review_on <= today)
        for (recipient, purpose), grant in sorted(policy.grants.items())
        if grant.review_on <= soon
    )
