"""What stayed behind of a package that went: each document, and what its sender could have sent. Pure.

Rules:
1. Of every document that did not go to somebody who got the rest it is said that it did not, to whom, and why: whoever
   puts a document in a package takes it for sent.
2. What a package that is written otherwise takes along (a field, a kind, a necessity) is asked about. What the purpose
   does not need, or what never leaves, is not among it: nobody should be told to try again.
3. Of a document that is not asked about so, the sender is told to ask the Privacy Office, whatever else went.
"""

from collections.abc import Iterator

from gateway.package.problems import DID_YOU_MEAN
from gateway.package.states import DeliveryState, DocumentVerdict, Language, Reason, RecipientDecision, Verdict
from gateway.receipt import wording
from gateway.receipt.slip_model import GOES, Words, printable
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
    asked = dict[Plural, dict[Words, None]]()
    for text, name in _found(words, arrived):
        asked.setdefault(text, {})[name] = None
    for text, names in asked.items():
        said = (_named([each[language] for each in names]) for language in Language)
        nl, en = (words.count(text, len(names), names=each) for each in said)
        yield Words(nl.nl, en.en)
        if text is wording.WANTED_UNKNOWN_KIND and (near := tuple(_may_be_meant(words, arrived))):
            nl, en = (words.say(DID_YOU_MEAN, names=_named([each[language] for each in near])) for language in Language)
            yield Words(nl.nl, en.en)


def documents_not_sent(words: SlipWords, *, arrived: frozenset[DeliveryState]) -> Iterator[Words]:
    """Say of each document that stayed behind that it did not go, to whom, and why."""
    stayed = dict[tuple[int, str, Reason], list[str]]()
    for recipient in _who_got_the_rest(words, arrived):
        for each in recipient.documents:
            if each.verdict not in GOES:
                stayed.setdefault((each.number, each.kind, each.reason), []).append(printable(recipient.name))
    for (number, kind, reason), names in stayed.items():
        label, why, to = words.label(words.facts.labels.document(kind)), words.explain(reason).words, ", ".join(names)
        nl, en = (
            words.say(wording.DOCUMENT_NOT_SENT, number=number, kind=label[each], recipients=to, reason=why[each])
            for each in Language
        )
        yield Words(nl.nl, en.en)


def went_without_documents(words: SlipWords, *, arrived: frozenset[DeliveryState]) -> int:
    """Count the documents of a package when none of them went to anybody who got it; else 0."""
    got_it = list(_who_got_the_rest(words, arrived))
    verdicts = [each.verdict for recipient in got_it for each in recipient.documents]
    return 0 if GOES.intersection(verdicts) else len({each.number for one in got_it for each in one.documents})


def documents_to_ask_for(words: SlipWords, *, arrived: frozenset[DeliveryState]) -> int:
    """Count the documents that stayed behind for somebody who got the rest, and that no question is asked about."""
    return len(
        {
            each.number
            for recipient in _who_got_the_rest(words, arrived)
            for each in recipient.documents
            if each.verdict not in GOES and not _is_asked_about(each)
        }
    )


def _is_asked_about(document: DocumentVerdict) -> bool:
    return document.verdict is Verdict.STRIP and document.reason.rule_id in _DOCUMENTS


def _who_got_the_rest(words: SlipWords, arrived: frozenset[DeliveryState]) -> Iterator[RecipientDecision]:
    facts = words.facts
    got_it = {to for to, (state, _) in facts.deliveries.items() if state in arrived}
    yield from (each for each in (facts.decision.recipients if facts.decision else ()) if each.recipient in got_it)


def _found(words: SlipWords, arrived: frozenset[DeliveryState]) -> Iterator[tuple[Plural, Words]]:
    for recipient in _who_got_the_rest(words, arrived):
        for field in recipient.fields:
            if field.verdict is Verdict.STRIP and field.reason.rule_id in _FIELDS:
                yield _FIELDS[field.reason.rule_id], words.label(words.facts.labels.field(field.path))
        for document in recipient.documents:
            if _is_asked_about(document):
                yield _DOCUMENTS[document.reason.rule_id], Words(str(document.number), str(document.number))


def _may_be_meant(words: SlipWords, arrived: frozenset[DeliveryState]) -> Iterator[Words]:
    """Give each kind of document that is written almost as one that nobody knows: its id, and what it is called."""
    labels = words.facts.labels
    recipients = _who_got_the_rest(words, arrived)
    near = (kind for each in recipients for document in each.documents for kind in labels.near(document.kind))
    for kind in dict.fromkeys(near):
        label = labels.document(kind)
        yield Words(f"{kind} ({label.nl})", f"{kind} ({label.en})")


def _named(names: list[str]) -> str:
    return ", ".join(names[:_MAX_NAMED]) + (", …" if len(names) > _MAX_NAMED else "")
