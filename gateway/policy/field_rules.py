"""Which verdict a catalogued field gets: steps 2 and 3 of the Wegwijzer, in that order.

    2a internal data never leaves
    2b a block rule of the policy stops the field
    3a the purpose does not need the field
    3b the recipient was not given the field
    2c special and criminal data (GDPR art. 9 and 10) outside the small chain: a necessity and a second person
    3c released

3a and 3b come before 2c, so that nobody is asked for a necessity, or held, for a field that would not go anyway.
A verdict looks at one field only: adding a field to a package never changes another field's verdict.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.package.manifest import Category
from gateway.package.states import Reason, RecipientKind, Verdict
from gateway.policy.policy_set import BlockRule, CatalogueField, Judgement, Purpose
from gateway.policy.rules import RuleId


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCase:
    """Everything besides the field itself that its verdict depends on."""

    kind: RecipientKind
    small_chain: bool
    purpose: Purpose
    given: frozenset[str]
    necessity: bool
    secret_address: bool


def judge_field(
    item: CatalogueField, *, case: FieldCase, blocks: Sequence[BlockRule], reasons: Mapping[RuleId, Reason]
) -> Judgement:
    """Give the verdict on one catalogued field, with the rule that made it."""
    if item.category is Category.INTERNAL:
        return Verdict.BLOCK, reasons[RuleId.FIELD_INTERNAL]
    for rule in blocks:
        if rule.stops(item.id, item.special, case.kind) and (rule.when == "always" or _hides_address(case)):
            return Verdict.BLOCK, rule.reason
    if item.id not in case.purpose.fields:
        return Verdict.STRIP, reasons[RuleId.MINIMUM_NOT_NEEDED]
    if item.id not in case.given:
        return Verdict.STRIP, reasons[RuleId.MINIMUM_NOT_GIVEN]
    if item.category is Category.ORDINARY:
        return Verdict.RELEASE, reasons[RuleId.FIELD_PERMITTED]
    return judge_sensitive(item.category, small_chain=case.small_chain, necessity=case.necessity, reasons=reasons)


def judge_sensitive(
    category: Category, *, small_chain: bool, necessity: bool, reasons: Mapping[RuleId, Reason]
) -> Judgement:
    """Give the verdict on special or criminal data that the purpose needs and no rule blocks."""
    if small_chain:
        return Verdict.RELEASE, reasons[RuleId.SPECIAL_SMALL_CHAIN]
    criminal = category is Category.CRIMINAL
    if necessity:
        held = RuleId.CRIMINAL_SECOND_PERSON if criminal else RuleId.SPECIAL_SECOND_PERSON
        return Verdict.HOLD, reasons[held]
    stripped = RuleId.CRIMINAL_NO_NECESSITY if criminal else RuleId.SPECIAL_NO_NECESSITY
    return Verdict.STRIP, reasons[stripped]


def _hides_address(case: FieldCase) -> bool:
    return case.secret_address and not case.purpose.names_secret_address
