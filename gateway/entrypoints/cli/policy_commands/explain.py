"""`sluis policy explain`: what becomes of a field for a recipient and purpose, by which rule, and what changes it."""

import sys
from pathlib import Path
from typing import Any

import click

from gateway.bootstrap.policy_desk import load_policies
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.package_report import said
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, word
from gateway.entrypoints.cli.policy_commands.folders import FOLDER, chosen
from gateway.package.ids import RecipientId
from gateway.package.states import FieldVerdict, Language
from gateway.policy.policy_set import PolicySet
from gateway.policy.remedies import Remedy, remedy_for
from gateway.policy.verdicts import PLAIN, Circumstance, verdicts_on

_WHEN = {
    PLAIN: ("", ""),
    Circumstance(necessity=True): ("Met een geschreven noodzaak", "With a written necessity"),
    Circumstance(secret_address=True): ("Bij een geheim adres", "With a secret address"),
}


@local_command("explain")
@click.argument("recipient")
@click.argument("purpose")
@click.argument("field")
@click.option("--dir", "folder", metavar="DIR", type=FOLDER, help="Rules of this folder instead of the site's.")
def explain(invocation: Invocation, recipient: str, purpose: str, field: str, folder: Path | None) -> int:
    """Explain what becomes of FIELD for RECIPIENT and PURPOSE: the verdict, its rule, and what would have to change."""
    policy = load_policies(chosen(invocation, folder)).policy
    verdicts = verdicts_on(field, recipient=recipient, purpose=purpose, policy=policy)
    told = [_as_json(when, verdict, recipient, purpose, policy) for when, verdict in verdicts.items()]
    if invocation.as_json:
        kind = policy.recipients[RecipientId(recipient)].kind
        needs = sorted(policy.kinds[kind].needs)
        asked = {"recipient": recipient, "kind": kind.value, "purpose": purpose, "field": field}
        print_json({"format": "sluis-policy-explain/1"} | asked | {"needs": needs, "verdicts": told})
    else:
        _show(told, invocation.language)
    return Exit.DONE


def _as_json(
    when: Circumstance, found: FieldVerdict, recipient: str, purpose: str, policy: PolicySet
) -> dict[str, Any]:
    reason = found.reason
    kind = policy.recipients[RecipientId(recipient)].kind.value
    remedy: Remedy = remedy_for(reason.rule_id, recipient=recipient, purpose=purpose, kind=kind)
    return {
        "necessity": when.necessity,
        "secretAddress": when.secret_address,
        "verdict": found.verdict.value,
        "category": found.category.value if found.category else None,
        "ruleId": reason.rule_id,
        "step": reason.step,
        "article": reason.article,
        "reason": {"nl": reason.nl, "en": reason.en},
        "remedy": {"nl": remedy.nl, "en": remedy.en},
    }


def _show(verdicts: list[dict[str, Any]], language: Language) -> None:
    console = console_for(sys.stdout)
    step, change = in_language("stap|Om dit te veranderen:", "step|To change this:", language=language).split("|")
    for each in verdicts:
        when = Circumstance(necessity=each["necessity"], secret_address=each["secretAddress"])
        head = in_language(*_WHEN[when], language=language)
        if head:
            console.print(f"{head}:")
        place = f"{each['ruleId']} ({step} {each['step']}, {each['article']})"
        console.print(word(each["verdict"], said(each["verdict"], language)), printable(place))
        console.print(printable(f"  {each['reason'][language.value]}"))
        console.print(printable(f"  {change} {each['remedy'][language.value]}"))
