"""What the letter to a recipient is told: names, field paths and reasons, never a value out of the data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.package.errors import Code, SluisError
from gateway.package.labels import Labels
from gateway.package.manifest import unsafe_name
from gateway.package.states import (
    DocumentVerdict,
    Language,
    Minimised,
    Parcel,
    ParcelDocument,
    Reason,
    RecipientDecision,
    Verdict,
)

_GOES = frozenset({Verdict.RELEASE, Verdict.REDACT})


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedDocument:
    """A document of the parcel under the name by which letter, mail and container speak of it."""

    number: int
    kind: str
    name: str = field(repr=False)
    document: ParcelDocument


def numbered_documents(parcel: Parcel) -> tuple[NumberedDocument, ...]:
    """Join what was decided with what was made of it: `NN-name`, NN being the document's number in the manifest.

    Raises ValueError when they do not match, SluisError `name-unsafe` for a name that could leave its folder.
    """
    decided = [verdict for verdict in parcel.recipient.documents if verdict.verdict in _GOES]
    pairs = zip(decided, parcel.documents, strict=True)
    return tuple(
        NumberedDocument(
            number=verdict.number,
            kind=verdict.kind,
            name=_numbered(verdict.number, document.name),
            document=document,
        )
        for verdict, document in pairs
    )


def letter_context(
    minimised: Minimised, parcel: Parcel, *, documents: tuple[NumberedDocument, ...], labels: Labels
) -> Mapping[str, object]:
    """Gather the variables of the letter's template; all of them, always, and in words that its reader knows."""
    examined = minimised.cleared.examined
    manifest, recipient = examined.package.manifest, parcel.recipient
    return {
        "package_id": examined.package.id,
        "purpose": labels.purpose(manifest.purpose, to=recipient.kind).text(recipient.language),
        "recipient_name": recipient.name,
        "recipient_organisation": recipient.organisation,
        "sender_organisation": manifest.sender.organisation,
        "sender_unit": manifest.sender.unit or "",
        "reference": (manifest.request.reference if manifest.request else None) or "",
        "released": [_field(each.path, recipient, labels) for each in recipient.fields if each.verdict in _GOES],
        "left_out": _left_out(recipient, labels) if recipient.tell_left_out else [],
        "unnamed": _unnamed(recipient) if recipient.tell_left_out else 0,
        "unnamed_documents": _untold(recipient) if recipient.tell_left_out else 0,
        "redacted_documents": _redacted(recipient) if recipient.tell_left_out else 0,
        "documents": [
            {
                "number": each.number,
                "kind": labels.document(each.kind).text(recipient.language),
                "name": each.name,
            }
            for each in documents
        ],
        "has_data": parcel.data is not None,
        "date": examined.evidence.today,
    }


def _field(path: str, recipient: RecipientDecision, labels: Labels) -> str:
    """Call a field by its label, and by the key in data.json where that is another word."""
    label = labels.field(path).text(recipient.language)
    return label if label.casefold() == path.casefold() else f"{label} ({path})"


def _left_out(recipient: RecipientDecision, labels: Labels) -> list[dict[str, str]]:
    """Say what stayed behind, as far as the recipient may know that it exists."""
    kept = [each for each in recipient.fields if each.verdict not in _GOES and each.may_be_named()]
    said = [(labels.field(each.path).text(recipient.language), each.reason) for each in kept]
    stayed = (each for each in recipient.documents if each.verdict not in _GOES and each.may_be_told())
    said += [(_document(each, recipient, labels), each.reason) for each in stayed]
    return [{"path": path, "reason": _sentence(reason, recipient.language)} for path, reason in said]


def _document(verdict: DocumentVerdict, recipient: RecipientDecision, labels: Labels) -> str:
    """Call a document by its number, and by its kind when that is an ordinary one.

    That a medical report stayed behind tells of an illness, and a kind that no policy knows is a word of the sender.
    """
    said = f" ({labels.document(verdict.kind).text(recipient.language)})" if verdict.kind in labels.ordinary else ""
    return f"Document {verdict.number}{said}"


def _unnamed(recipient: RecipientDecision) -> int:
    """Count the fields that stayed behind and may not be named."""
    return sum(each.verdict not in _GOES and not each.may_be_named() for each in recipient.fields)


def _untold(recipient: RecipientDecision) -> int:
    """Count the documents that stayed behind and of which nothing may be told."""
    return sum(each.verdict not in _GOES and not each.may_be_told() for each in recipient.documents)


def _redacted(recipient: RecipientDecision) -> int:
    """Count the documents that go without a part of them."""
    return sum(each.verdict is Verdict.REDACT for each in recipient.documents)


def _sentence(reason: Reason, language: Language) -> str:
    return reason.nl if language is Language.NL and reason.nl else reason.en


def _numbered(number: int, name: str) -> str:
    if unsafe_name(name):
        raise SluisError(Code.NAME_UNSAFE, where=f"documents[{number}]")
    prefix = f"{number:02d}-"
    return name if name.startswith(prefix) else prefix + name
