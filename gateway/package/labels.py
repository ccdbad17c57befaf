"""What people call a field, a kind of document and a purpose, in their language: the labels of the policy files. Pure.

Programs keep ids and the sender's own paths. What nobody classified has no label, and is called by its own path.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from gateway.package.states import Decision, Language, RecipientKind

_MOST_SUGGESTED: Final = 3


@dataclass(frozen=True, slots=True)
class Label:
    """One name in both languages."""

    nl: str
    en: str

    def text(self, language: Language) -> str:
        """Give it in one language."""
        return self.nl if language is Language.NL else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of one policy set: of fields by every spelling, of purposes by the kind of recipient and their id.

    `ordinary` are the kinds of documents of which the name alone tells no illness and no conviction.
    """

    fields: Mapping[str, Label] = field(default_factory=dict)
    documents: Mapping[str, Label] = field(default_factory=dict)
    purposes: Mapping[tuple[RecipientKind, str], Label] = field(default_factory=dict)
    ordinary: frozenset[str] = frozenset()

    def field(self, path: str) -> Label:
        """Call a field by its label, or by its own path."""
        return self.fields.get(path) or Label(path, path)

    def document(self, kind: str) -> Label:
        """Call a kind of document by its label, or by its own id."""
        return self.documents.get(kind) or Label(kind, kind)

    def purpose(self, purpose: str, *, to: RecipientKind) -> Label:
        """Call a purpose by its label, or by its own id."""
        return self.purposes.get((to, purpose)) or Label(purpose, purpose)

    def purpose_for(self, purpose: str, kinds: Iterable[RecipientKind]) -> Label:
        """Call a purpose as it is called for the first of these kinds of recipient that has it, or by its own id."""
        found = (self.purposes.get((kind, purpose)) for kind in kinds)
        return next(filter(None, found), None) or Label(purpose, purpose)

    def of(self, decision: Decision) -> "Labels":
        """Give only those that a decision names, or may have meant, without purposes: what a slip needs."""
        paths = {each.path for recipient in decision.recipients for each in recipient.fields}
        kinds = {each.kind for recipient in decision.recipients for each in recipient.documents}
        return Labels(
            fields={path: self.fields[path] for path in paths & self.fields.keys()},
            documents={
                kind: label
                for kind, label in self.documents.items()
                if kind in kinds or any(kind in self.near(each) for each in kinds)
            },
        )

    def near(self, kind: str) -> tuple[str, ...]:
        """Give the kinds of document that may have been meant by one that nobody knows, by their ids and labels."""
        if kind in self.documents:
            return ()
        written = [(name, known) for known, label in self.documents.items() for name in (known, label.nl, label.en)]
        close = get_close_matches(kind.casefold(), [name.casefold() for name, _ in written], n=_MOST_SUGGESTED)
        return tuple(dict.fromkeys(known for name, known in written if name.casefold() in close))[:_MOST_SUGGESTED]


NO_LABELS = Labels()
