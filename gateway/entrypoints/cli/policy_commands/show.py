"""`sluis policy show`: what each recipient may get for which purpose, what it takes, and until when."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gateway.bootstrap.policy_desk import load_policies
from gateway.entrypoints.cli.console.exits import Exit
from gateway.entrypoints.cli.console.invocation import Invocation, local_command
from gateway.entrypoints.cli.console.package_report import said
from gateway.entrypoints.cli.console.printing import console_for, in_language, print_json, printable, table, word
from gateway.entrypoints.cli.console.speaking import speak
from gateway.entrypoints.cli.policy_commands.folders import FOLDER, chosen
from gateway.entrypoints.cli.policy_commands.review_dates import marked, today
from gateway.package.states import Language, RecipientKind
from gateway.policy.compiling import LoadedPolicies
from gateway.policy.overview import Permitted, field_named, permitted
from gateway.policy.policy_form import FieldForm, Label
from gateway.policy.verdicts import verdict_on

_NEEDS_NL = {
    "consent": "machtiging",
    "representation": "vertegenwoordiging",
    "guardianship": "voogdij",
    "minor": "minderjarig",
}


@local_command("show")
@click.argument("name", metavar="[KIND|RECIPIENT|FIELD]", required=False)
@click.option("--dir", "folder", metavar="DIR", type=FOLDER, help="Rules of this folder instead of the site's.")
def show(invocation: Invocation, name: str | None, folder: Path | None) -> int:
    """Show what each recipient may get for which purpose; only of one kind, one recipient or one field when named."""
    loaded = load_policies(chosen(invocation, folder))
    field = field_named(name, loaded=loaded) if name else None
    known = name is None or name in loaded.policy.recipients or name in set(RecipientKind)
    if field is not None and not known:
        return _show_field(field, loaded, invocation)
    if not known:
        raise click.UsageError(
            speak("'{name}' is no kind, recipient or field of these rules.").format(name=printable(str(name)))
        )
    rows = [each for each in permitted(loaded) if name in (None, each.recipient, each.kind.value)]
    if invocation.as_json:
        told = [_as_json(each) for each in rows]
        print_json({"format": "sluis-policy-show/1", "digest": loaded.policy.digest, "permissions": told})
        return Exit.DONE
    if name in set(RecipientKind):
        _show_kind(RecipientKind(name), loaded, invocation.language)
    _show_permissions(rows, invocation.language)
    return Exit.DONE


def _as_json(row: Permitted) -> dict[str, Any]:
    return {
        "recipient": row.recipient,
        "kind": row.kind.value,
        "purpose": row.purpose,
        "fields": [item.id for item in row.fields],
        "afterReview": [item.id for item in row.after_review],
        "documents": row.documents,
        "needs": row.needs,
        "channels": row.channels,
        "reviewOn": row.review_on.isoformat(),
    }


def _show_kind(kind: RecipientKind, loaded: LoadedPolicies, language: Language) -> None:
    form = loaded.forms.kind_of()[kind]
    basis = in_language("Grondslag", "Basis", language=language)
    console = console_for(sys.stdout)
    console.print(printable(_in(form.label, language)))
    console.print(printable(f"{basis}: {_in(form.basis, language)} ({form.article})"))


def _show_permissions(rows: list[Permitted], language: Language) -> None:
    heads = in_language(
        "Ontvanger|Doel|Krijgt|Na beoordeling|Documenten|Moet blijken|Kanalen|Opnieuw bekijken op",
        "Recipient|Purpose|Gets|After review|Documents|Must be proved|Channels|Review on",
        language=language,
    )
    console_for(sys.stdout).print(table(*heads.split("|"), rows=(_row(each, language) for each in rows)))


def _row(row: Permitted, language: Language) -> Iterator[str]:
    yield row.recipient
    yield f"{_in(row.label, language)} ({row.purpose})"
    for fields in (row.fields, row.after_review):
        yield ", ".join(_in(item.label, language) for item in fields)
    yield ", ".join(row.documents)
    yield ", ".join(_NEEDS_NL.get(each, each) if language is Language.NL else each for each in row.needs)
    yield ", ".join(row.channels)
    yield marked(row.review_on, on=today(), language=language)


def _show_field(field: FieldForm, loaded: LoadedPolicies, invocation: Invocation) -> int:
    found = [
        (entry, verdict_on(field.id, recipient=entry.recipient, purpose=entry.purpose, policy=loaded.policy))
        for entry in permitted(loaded)
    ]
    if invocation.as_json:
        told = [
            {"recipient": row.recipient, "purpose": row.purpose, "verdict": each.verdict, "ruleId": each.reason.rule_id}
            for row, each in found
        ]
        body = {"field": field.id, "category": field.category.value, "aliases": field.aliases, "verdicts": told}
        print_json({"format": "sluis-policy-show/1", "digest": loaded.policy.digest} | body)
        return Exit.DONE
    language = invocation.language
    console = console_for(sys.stdout)
    console.print(printable(f"{_in(field.label, language)} ({field.id}): {field.special or field.category}"))
    heads = in_language("Ontvanger|Doel|Besluit|Regel", "Recipient|Purpose|Verdict|Rule", language=language)
    rows = (
        (row.recipient, row.purpose, word(each.verdict, said(each.verdict, language)), each.reason.rule_id)
        for row, each in found
    )
    console.print(table(*heads.split("|"), rows=rows))
    return Exit.DONE


def _in(label: Label, language: Language) -> str:
    return in_language(label.nl, label.en, language=language)
