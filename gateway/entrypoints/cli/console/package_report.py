"""One package as the command line tells it: one JSON object for programs, tables for people."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console

from gateway.entrypoints.cli.console.printing import in_language, printable, table, word
from gateway.package.states import Language

Body = dict[str, Any]
_WORDS_NL = {
    "incomplete": "onvolledig", "received": "ontvangen", "held": "wacht op actie", "refused": "geweigerd",
    "releasing": "wordt verzonden", "done": "verzonden", "withdrawn": "ingetrokken", "expired": "verlopen",
    "waiting": "wacht", "sending": "wordt verzonden", "uncertain": "onzeker", "sent": "verzonden",
    "delivered": "afgeleverd", "undeliverable": "niet te bezorgen", "cleared": "mag door",
    "transient": "nu niet gelukt", "permanent": "niet gelukt",
    "reminded": "herinnerd", "escalated": "opgeschaald",
    "release": "mag mee", "strip": "blijft achter", "redact": "wordt gelakt", "hold": "wacht", "block": "geblokkeerd",
}  # fmt: skip


def package_object(command: str, package: Body, decision: Body | None) -> Body:
    """Give the JSON object of a package: state, recipients, and the verdict on every field."""
    return {
        "format": f"sluis-{command}/1",
        "id": package["id"],
        "state": package["state"],
        "code": package["code"],
        "recipients": [{key: each[key] for key in _RECIPIENT_KEYS} for each in package["recipients"]],
        "fields": fields_of(decision),
        "expected": package["expected"],
    }


_OVER = frozenset({"withdrawn", "expired"})
_RECIPIENT_KEYS = ("id", "state", "channel", "outcome", "code")


def fields_of(decision: Body | None) -> list[Body]:
    """Give the verdict on every field of every recipient."""
    recipients = decision["recipients"] if decision else []
    return [{"recipient": each["id"], **verdict} for each in recipients for verdict in each["fields"]]


def show_package(console: Console, package: Body, *, language: Language) -> None:
    """Print where a package is, and each of its recipients."""
    console.print(f"{package['id']}  ", word(package["state"], said(package["state"], language)), package["code"])
    rows = (
        (
            each["id"],
            word(outcome, said(outcome, language)),
            each["channel"] or "",
            word(state, said(state, language)),
            each["code"],
        )
        for each in package["recipients"]
        for outcome, state in (_standing(package, each),)
    )
    heads = in_language(
        "Ontvanger|Besluit|Kanaal|Verzending|Code", "Recipient|Decision|Channel|Delivery|Code", language=language
    )
    console.print(table(*heads.split("|"), rows=rows))


def show_codes(console: Console, slip: Body | None, *, language: Language) -> None:
    """Print which code the sender reads out to whom, of what waits at the postbus."""
    for each in slip.get("recipients", ()) if slip else ():
        if each.get("pickup"):
            console.print(printable(f"{each['id']}: {each['pickup'][language.value]}"), style="bold")


def is_over(package: Body) -> bool:
    """Tell whether a package ended before anything was sent, so that what was decided on it does not count any more."""
    return package["state"] in _OVER


def _standing(package: Body, recipient: Body) -> tuple[str, str]:
    """Give the outcome and the delivery's state as they count now: nothing waits in a package that is over."""
    outcome, state = recipient["outcome"] or "", recipient["state"] or ""
    if is_over(package):
        return "", state or package["state"]
    return _held_if_allowed(package, outcome), state


def as_it_stands(decision: Body, package: Body) -> Body:
    """Give a decision with the outcomes as they count now."""
    recipients = [{**each, "outcome": _held_if_allowed(package, each["outcome"])} for each in decision["recipients"]]
    return {**decision, "outcome": _held_if_allowed(package, decision["outcome"]), "recipients": recipients}


def _held_if_allowed(package: Body, outcome: str) -> str:
    """Say held of what the rules allowed and was stopped for what was found when it was made ready to go."""
    return "held" if package["state"] == "held" and outcome == "cleared" else outcome


def show_decision(console: Console, decision: Body, *, language: Language) -> None:
    """Print for each recipient what goes, what does not, why, and what would have to change."""
    for recipient in decision["recipients"]:
        console.print(printable(f"{recipient['id']} ({recipient['organisation']}): "), _outcome(recipient, language))
        verdicts = [(each["path"], each) for each in recipient["fields"]]
        verdicts += [(f"documents[{each['number']}] {each['kind']}", each) for each in recipient["documents"]]
        heads = in_language("Veld|Besluit|Waarom", "Field|Verdict|Why", language=language).split("|")
        console.print(table(*heads, rows=((path, *_verdict(each, language)) for path, each in verdicts)))
        _show_remedies(console, recipient["fields"], language)
        _show_reasons(console, recipient["reasons"], *_heads(recipient), language=language)
        _show_reasons(console, recipient["warnings"], "Let op:", "Please note:", language=language)
    if decision["outcome"] != "cleared" and decision["privacyOffice"]:
        office = decision["privacyOffice"]
        helps = in_language("Twijfel? Vraag uw Privacy Office", "In doubt? Ask your Privacy Office", language=language)
        console.print(printable(f"{helps}: {office['organisation']}, {office['email']}"))


def show_decided(console: Console, decision: Body, *, language: Language) -> None:
    """Print which decisions were made, oldest first, and by which id each is replayed."""
    heads = in_language(
        "Besluit genomen op|Ontvanger|Na te spelen met sluis policy replay",
        "Decided at|Recipient|To be replayed by sluis policy replay",
        language=language,
    ).split("|")
    rows = ((each["decidedAt"], each["recipient"], each["auditId"]) for each in decision["decided"])
    console.print(table(*heads, rows=rows))


def _outcome(recipient: Body, language: Language) -> Any:
    return word(recipient["outcome"], said(recipient["outcome"], language))


def _verdict(verdict: Body, language: Language) -> tuple[Any, str]:
    source = f" ({verdict['article']})" if verdict["article"] else ""
    return word(verdict["verdict"], said(verdict["verdict"], language)), verdict["reason"][language.value] + source


def _show_remedies(console: Console, fields: Iterable[Body], language: Language) -> None:
    """Print what would have to change for a field to go, once for all fields for which it is the same."""
    paths: dict[str, list[str]] = {}
    for each in fields:
        if each["remedy"]:
            paths.setdefault(each["remedy"][language.value], []).append(each["path"])
    if paths:
        nl, en = "Nodig om een veld wel te sturen:", "Needed for a field to go:"
        console.print(in_language(nl, en, language=language), style="bold")
    for remedy, names in paths.items():
        console.print(printable(f"  - {', '.join(names)}: {remedy}"))


def _heads(recipient: Body) -> tuple[str, str]:
    """Say what the reasons are: what stops the package, or what a person decided, so that it may go."""
    if recipient["outcome"] == "cleared":
        return "Waarom het zo mag:", "Why it may go like this:"
    return "Wat er moet veranderen:", "What would have to change:"


def _show_reasons(console: Console, reasons: Iterable[Body], nl: str, en: str, *, language: Language) -> None:
    """Print what stops the package, or what only deserves a look; each sentence says what to do."""
    for number, each in enumerate(reasons):
        if number == 0:
            console.print(in_language(nl, en, language=language), style="bold")
        console.print(printable(f"  - {each['reason'][language.value]} [{each['ruleId']}]"))


def said(key: str | None, language: Language) -> str:
    """Say a state, outcome or verdict in the reader's language."""
    return _WORDS_NL.get(key or "", key or "") if language is Language.NL else key or ""
