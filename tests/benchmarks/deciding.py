"""How fast a package of 40 fields is decided. Against Cedar, which decides the same 40 fields by the same rules.

Fair to Cedar: its policies and entities are parsed once, outside of what is measured, and the 40 questions of a package
go in one batch, its fastest call for them. Its answer is 40 times yes or no.
Ours has for each field a verdict with its rule, step, article and sentence, and steps 1 (who asks) and 4 (the channel)
besides. Both are asked whether they agree on every field before anything is measured.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from gateway.package.facts import Standing
from gateway.package.ids import RecipientId
from gateway.package.states import Examined, Verdict
from gateway.policy.deciding import decide_only
from gateway.policy.policy_set import PolicySet
from gateway.policy.value_forms import SPECIMENS
from tests.benchmarks import cedar_peer
from tests.benchmarks.measures import Result, median_ratio, own_seconds
from tests.unit.policy.building import NOW, examined, make_folders

_FIELDS = 40
_RECIPIENT, _PURPOSE = RecipientId("advocaat-voorbeeld"), "representation"
_FIRST = ("name", "bsn", "health", "religion", "criminalRecord", "foto", "dna", "internalNotes", "departureStrategy")
_SLUIS, _CEDAR = "Sluis, with rule and reason for each field", "Cedar by cedarpy, one batch of 40"
# So that both sides are measured for about as long.
_MORE = 20


def measure(*, packages: int, rounds: int) -> Table:
    """Let both decide in turns, and show their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        policy = make_folders(Path(folder)).load()
    facts = _package(policy)
    cedar = cedar_peer.deciding(policy, recipient=_RECIPIENT, purpose=_PURPOSE, paths=_paths(policy))
    if _released(facts, policy) != cedar():
        raise RuntimeError("Sluis and Cedar do not agree on what goes")
    results: dict[str, list[Result]] = {_SLUIS: [], _CEDAR: []}
    for _ in range(rounds):
        results[_SLUIS].append(_run(lambda: decide_only(facts, policy=policy, now=NOW), packages=packages * _MORE))
        results[_CEDAR].append(_run(cedar, packages=packages))
    return _table(results)


def _run(decide: Callable[[], object], *, packages: int) -> Result:
    before, begin = own_seconds(), time.perf_counter()
    for _ in range(packages):
        decide()
    return Result(wall_seconds=time.perf_counter() - begin, cpu_seconds=own_seconds() - before, sent=packages)


def _paths(policy: PolicySet) -> tuple[str, ...]:
    """Choose the fields: a third may go; the others are special, criminal, blocked, internal or not needed."""
    known = [path for path in policy.grants[_RECIPIENT, _PURPOSE].verdicts[0][0] if path.isalpha()]
    others = [path for path in known if path not in _FIRST]
    return (*_FIRST, *others[:: len(others) // _FIELDS])[:_FIELDS]


def _package(policy: PolicySet) -> Examined:
    row = {path: SPECIMENS[policy.forms[path]] if path in policy.forms else "x" for path in _paths(policy)}
    return examined(_RECIPIENT, purpose=_PURPOSE, rows=[row], bar={_RECIPIENT: Standing.REGISTERED})


def _released(facts: Examined, policy: PolicySet) -> list[bool]:
    fields = decide_only(facts, policy=policy, now=NOW).recipients[0].fields
    return [each.verdict is Verdict.RELEASE for each in fields]


def _table(results: dict[str, list[Result]]) -> Table:
    shown = Table(title=f"Decided, packages of {_FIELDS} fields")
    for heading in ("who", "a second", "us a package", "x Cedar"):
        shown.add_column(heading, justify="left" if heading == "who" else "right")
    cedar = [each.rate for each in results[_CEDAR]]
    for name, runs in results.items():
        rate = statistics.median(each.rate for each in runs)
        shown.add_row(name, f"{rate:.0f}", f"{1e6 / rate:.0f}", median_ratio([each.rate for each in runs], cedar))
    return shown
