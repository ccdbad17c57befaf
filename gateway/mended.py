"""Decides on a hold again once what no review settles is mended: a key, a channel, a register, a rule.

Rules:
1. Only what waits for something to mend is looked at. What a person alone has to settle waits for that person, also
   when the rules have changed since.
2. A look is a guess and lets nothing go: the kept question is decided with today's keys, channels and rules. When
   something that held the package holds it no more, the package goes the whole way again, by its own evidence, and its
   decision is told as any other. What a person has to release waits for that person then.
3. It is tried once for each mending: a package that is held again for the same is left alone until that came back.
4. What would be refused by now is left to a person, who sees it among the holds.
"""

import asyncio
import hashlib
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from typing import Final

from gateway.endings import Endings, each_apart
from gateway.lasting import facts_of_today
from gateway.package.encoding import Record, RestsOn
from gateway.package.errors import SluisError
from gateway.package.facts import KEY_REFUSALS, Filing, KeyHealth
from gateway.package.ids import PackageId
from gateway.package.manifest import FileRole, Manifest
from gateway.package.question import decode_question
from gateway.package.states import Contents, Document, Facts, Outcome, PackageState
from gateway.parts import Parts
from gateway.pipeline import Pipeline
from gateway.policy.deciding import decide
from gateway.policy.policy_set import PolicySet
from gateway.policy.register import fingerprints
from gateway.policy.reviewing import holding_rules, not_releasable
from gateway.policy.rules import RuleId
from gateway.spool.candidates import documents_of, read_manifest
from gateway.spool.port import PackageRow, StateChange, Stored

_PAGE: Final = 100
_CHUNK: Final = 256 * 1024
_KEY_CODES: Final = frozenset(KEY_REFUSALS.values())
_OF_REGISTERS: Final = frozenset(
    {
        RuleId.CONSENT_WITHDRAWALS_UNREACHABLE,
        RuleId.CONSENT_CASE_SYSTEM_UNREACHABLE,
        RuleId.BAR_REGISTER_UNREACHABLE,
        RuleId.BAR_REGISTER_SUSPENDED,
    }
)


class Mended:
    """Looks at the holds of a site; `forget` lets go of what was shown of one that goes its way again."""

    def __init__(
        self, pipeline: Pipeline, parts: Parts, *, endings: Endings, forget: Callable[[PackageId], None]
    ) -> None:
        self._pipeline = pipeline
        self._parts = parts
        self._endings = endings
        self._forget = forget
        self._tried: dict[PackageId, str] = {}
        self._wanted = asyncio.Event()

    def look_soon(self) -> None:
        """Ask for a look: a key came or was trusted, or rules came into force."""
        self._wanted.set()

    async def wanted(self, *, seconds: float) -> None:
        """Wait until a look is asked for, or for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        self._wanted.clear()

    async def look(self) -> None:
        """Look at every hold; one that fails keeps no other waiting. Raises SluisError, what went wrong last."""
        policy = self._parts.policy_in_force()
        if policy is None:
            return
        before, held = None, list[PackageId]()
        while rows := await self._parts.spool.page(state=PackageState.HELD, before=before, person=None, limit=_PAGE):
            # Read apart from the looks, which change what a page is counted from.
            held += [row.id for row in rows if not_releasable(self._codes(row))]
            before = rows[-1].id
        await each_apart(held, self._look_at)

    def _codes(self, row: PackageRow) -> tuple[str, ...]:
        try:
            return self._pipeline.record_of(row).codes
        except Exception:  # noqa: BLE001 - whatever it was, as with a record of another version.
            # What can not be read any more waits for its end, and keeps nothing else from being looked at.
            return ()

    async def _look_at(self, package: PackageId) -> None:
        async with self._endings.turn(package):
            stored, policy = await self._parts.spool.load(package), self._parts.policy()
            if stored is None or stored.row.state is not PackageState.HELD:
                return
            record = self._pipeline.record_of(stored.row)
            if not await asyncio.to_thread(self._is_mended, stored, record, policy):
                self._tried.pop(package, None)
            elif self._tried.get(package) != policy.digest:
                self._tried[package] = policy.digest
                await self._go_again(stored.row)

    async def _go_again(self, row: PackageRow) -> None:
        change = StateChange(state=PackageState.RECEIVED, at=self._parts.now())
        await self._parts.spool.change_held(row.id, row.epoch, change)
        self._forget(row.id)
        self._parts.dispatcher.submit(row.id, sender=row.person)

    def _is_mended(self, stored: Stored, record: Record, policy: PolicySet) -> bool:
        """Tell whether something that held a package holds it no more; blocking. Nobody can tell: it is not."""
        to_mend = set(not_releasable(record.codes))
        try:
            if record.decision is None or not record.decided:
                return bool(to_mend & _KEY_CODES) and self._keys_are_usable(stored.row, policy)
            asked = decode_question(record.decided[-1].question)
            facts = self._facts(stored, asked.facts, to_mend, policy)
            found = decide(replace(asked, facts=facts, at=self._parts.now()), policy=policy)
        except SluisError:
            return False
        # What was found after the decision, in what it let go, is for the sender to mend.
        held = to_mend.intersection(holding_rules(record.decision))
        return found.outcome is not Outcome.REFUSED and bool(held.difference(holding_rules(found)))

    def _keys_are_usable(self, row: PackageRow, policy: PolicySet) -> bool:
        pinned = fingerprints(policy, row.recipients)
        return all(self._parts.key_health(each) is KeyHealth.USABLE for each in pinned)

    def _facts(self, stored: Stored, facts: Facts, to_mend: set[str], policy: PolicySet) -> Facts:
        """Gather again what others mend; a register is asked only by a package that waits for one."""
        row, parts = stored.row, self._parts
        if not to_mend.isdisjoint(_OF_REGISTERS):
            contents = parts.vault.contents(row, stored.payloads)
            manifest = read_manifest(contents)
            facts = facts_of_today(parts, row, facts, rests_on=RestsOn.of(manifest), policy=policy)
            filing = self._filing(manifest, documents_of(manifest, stored.payloads), contents)
            if filing is not None and facts.consent is not None:
                facts = replace(facts, consent=replace(facts.consent, filing=filing))
            return facts
        return replace(
            facts,
            today=parts.now().astimezone(parts.settings.zone).date(),
            keys={each: parts.key_health(each) for each in fingerprints(policy, row.recipients)},
            open_channels=frozenset(parts.couriers),
        )

    def _filing(self, manifest: Manifest, documents: tuple[Document, ...], contents: Contents) -> Filing | None:
        """Ask the case system again for the authorisation; None when there is nothing to ask it for."""
        reference = manifest.consent.case_reference if manifest.consent is not None else None
        paper = next((each for each in documents if each.role is FileRole.CONSENT), None)
        if reference is None or paper is None:
            return None
        digest = hashlib.sha256()
        with closing(contents.open(paper)) as reader:
            while piece := reader.read(_CHUNK):
                digest.update(piece)
        return self._parts.registers.cases.filing(reference, sha256=digest.hexdigest())
