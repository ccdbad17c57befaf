"""What a change of the rules changes: two sets, every recipient, purpose and catalogued field of both, and their cases.

1 the grid: the verdict on each field for each recipient and purpose, also with a necessity and a secret address
2 what a permission says besides: documents, review date
3 recipients and kinds: channels with address and keys, what must be proved
4 the cases of both tables that end in another way
5 the lines of the files themselves: whatever gives another digest stands there, addresses, keys and comments included
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.package.errors import SluisError
from gateway.package.ids import RecipientId
from gateway.package.states import Verdict
from gateway.policy.cases import CaseForm, decide_case, results_of
from gateway.policy.compiling import LoadedPolicies
from gateway.policy.policy_set import Grant, PolicySet, Recipient
from gateway.policy.verdicts import CIRCUMSTANCES, PLAIN, Circumstance, verdict_on

_NOTHING = "-"
_STAYS = frozenset({Verdict.STRIP, Verdict.BLOCK})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: for whom (a recipient or kind, `case` for a case), for which purpose, what, and how."""

    who: str
    purpose: str
    what: str
    before: str
    after: str
    when: Circumstance = PLAIN


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that is new, gone or other: its name, and its lines, each with `+`, `-` or a space before it."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Everything that differs between two sets, by their digests; `before` is empty when there was none."""

    before: str
    after: str
    changes: tuple[Change, ...]
    files: tuple[ChangedFile, ...]


@dataclass(frozen=True, slots=True)
class Ran:
    """The cases of one set, and the set that they are run against."""

    cases: tuple[CaseForm, ...]
    policy: PolicySet


def compare(old: LoadedPolicies, new: LoadedPolicies) -> Iterator[Change]:
    """Give steps 1 to 3."""
    names = [item.id for loaded in (old, new) for item in loaded.forms.fields.form.fields]
    for recipient, purpose in sorted({*old.policy.grants, *new.policy.grants}):
        for name in dict.fromkeys(names):
            yield from _field_changes(name, recipient, purpose, old.policy, new.policy)
        grants = (old.policy.grants.get((recipient, purpose)), new.policy.grants.get((recipient, purpose)))
        yield from _differing(recipient, purpose, _said_of_grant(grants[0]), _said_of_grant(grants[1]))
    for recipient in sorted({*old.policy.recipients, *new.policy.recipients}):
        entries = (old.policy.recipients.get(recipient), new.policy.recipients.get(recipient))
        yield from _differing(recipient, "", _said_of_recipient(entries[0]), _said_of_recipient(entries[1]))
    yield from _kind_changes(old.policy, new.policy)


def compare_cases(old: Ran, new: Ran) -> Iterator[Change]:
    """Give step 4, for the cases that stand in both tables under the same title."""
    before = {case.case: case for case in old.cases}
    for case in new.cases:
        known = before.get(case.case)
        if known is not None:
            yield from _differing("case", case.case, _results(known, old.policy), _results(case, new.policy))


def compare_files(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[ChangedFile]:
    """Give step 5. A line that only looks the same, since its bytes are no text, is shown as bytes."""
    for name in sorted({*old, *new}):
        was, becomes = old.get(name), new.get(name)
        if was != becomes:
            # The first two lines would only name the file twice.
            lines = list(difflib.unified_diff(_lines(was), _lines(becomes), lineterm=""))[2:]
            yield ChangedFile(name, tuple(lines))


def _lines(content: bytes | None) -> list[str]:
    # Only at line feeds: a carriage return is a change that has to be seen, and stays in its line.
    return [] if content is None else content.decode("utf-8", "backslashreplace").split("\n")


def _results(case: CaseForm, policy: PolicySet) -> dict[str, str]:
    try:
        return results_of(decide_case(case, policy=policy))
    except SluisError as error:
        return {"outcome": error.code.value}


def _field_changes(name: str, recipient: str, purpose: str, old: PolicySet, new: PolicySet) -> Iterator[Change]:
    plain: tuple[str, str] | None = None
    for when in CIRCUMSTANCES:
        before, after = (_said_of_field(name, recipient, purpose, policy, when) for policy in (old, new))
        if before != after and (before, after) != plain and not _tells_nothing(before, after):
            yield Change(recipient, purpose, name, before, after, when)
        plain = plain or (before, after)


def _tells_nothing(before: str, after: str) -> bool:
    """Tell whether a field only stays behind where nothing was permitted, or the other way round."""
    words = {each.partition(" ")[0] for each in (before, after)}
    return _NOTHING in words and bool(words & {each.value for each in _STAYS})


def _said_of_field(name: str, recipient: str, purpose: str, policy: PolicySet, when: Circumstance) -> str:
    """Say a verdict with its rule. Without a permission nothing is said: nobody has to be told of every field."""
    if (RecipientId(recipient), purpose) not in policy.grants:
        return _NOTHING
    found = verdict_on(name, recipient=recipient, purpose=purpose, policy=policy, circumstance=when)
    return f"{found.verdict} {found.reason.rule_id}"


def _said_of_grant(grant: Grant | None) -> dict[str, str]:
    if grant is None:
        return {}
    return {"documents": ", ".join(sorted(grant.documents)), "reviewOn": grant.review_on.isoformat()}


def _said_of_recipient(entry: Recipient | None) -> dict[str, str]:
    if entry is None:
        return {}
    channels = (f"{each.channel} {each.address} {' '.join(each.keys)}".strip() for each in entry.channels)
    return {
        "kind": entry.kind.value,
        "organisation": entry.organisation,
        "channels": "; ".join(channels),
        "exceptionChannels": ", ".join(sorted(entry.exception_channels)),
    }


def _kind_changes(old: PolicySet, new: PolicySet) -> Iterator[Change]:
    for kind in old.kinds:
        was, becomes = (
            {"needs": ", ".join(sorted(each.needs)), "channels": ", ".join(sorted(each.channels))}
            for each in (old.kinds[kind], new.kinds[kind])
        )
        yield from _differing(kind.value, "", was, becomes)


def _differing(who: str, purpose: str, before: dict[str, str], after: dict[str, str]) -> Iterator[Change]:
    names: Iterable[str] = dict.fromkeys((*before, *after))
    for name in names:
        was, becomes = before.get(name) or _NOTHING, after.get(name) or _NOTHING
        if was != becomes:
            yield Change(who, purpose, name, was, becomes)
