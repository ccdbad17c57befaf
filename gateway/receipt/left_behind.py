"""What stayed behind although its sender could have sent it: a field, a kind, a necessity. Pure.

What the purpose does not need, or what never leaves, is not among it: nobody should be told to try again.
"""

from collections.abc import Iterator

from gateway.package.states import DeliveryState, Language, Verdict
from gateway.receipt import wording
from gateway.receipt.slip_model import Words
from gateway.receipt.slip_words import SlipWords
from gateway.receipt.wording import Plural

_MAX_NAMED = 10
_FIELDS: dict[str, Plural] = {
    "field.unclassified": wording.WANTED_UNKNOWN_FIELDS,
    "special.no-necessity": wording.WANTED_WITH_NECESSITY,
    "criminal.no-necessity": wording.WANTED_WITH_NECESSITY,
}
_DOCUMENTS: dict[str, Plural] = {
    "document.unknown-kind": wording.WANTED_UNKNOWN_KIND,
    "special.no-necessity": wording.WANTED_DOCUMENTS_WITH_NECESSITY,
    "criminal.no-necessity": wording.WANTED_DOCUMENTS_WITH_NECESSITY,
}


def ask_about_left_behind(words: SlipWords, *, arrived: frozenset[DeliveryState]) -> Iterator[Words]:
    """Ask whether each thing should have gone along, with what to do; once for all recipients who got the rest."""
    facts, asked = words.facts, dict[Plural, dict[Words, None]]()
    got_the_rest = {to for to, (state, _) in facts.deliveries.items() if state in arrived}
    for text, name in _found(words, got_the_rest):
        asked.setdefault(text, {})[name] = None
    for text, names in asked.items():
        said = (_named([each[language] for each in names]) for language in Language)
        nl, en = (words.count(text, len(names), names=each) for each in said)
        yield Words(nl.nl, en.en)


def _found(words: SlipWords, recipients: set[str]) -> Iterator[tuple[Plural, Words]]:
    decision = words.facts.decision
    for recipient in decision.recipients if decision else ():
        if recipient.recipient not in recipients:
            continue
        for field in recipient.fields:
            if field.verdict is Verdict.STRIP and field.reason.rule_id in _FIELDS:
                yield _FIELDS[field.reason.rule_id], words.label(words.facts.labels.field(field.path))
        for document in recipient.documents:
            if document.verdict is Verdict.STRIP and document.reason.rule_id in _DOCUMENTS:
                yield _DOCUMENTS[document.reason.rule_id], Words(str(document.number), str(document.number))


def _named(names: list[str]) -> str:
    return ", ".join(names[:_MAX_NAMED]) + (", …" if len(names) > _MAX_NAMED else "")
