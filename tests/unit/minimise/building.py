"""A cleared package with documents in memory, and the decision that a test wants."""

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.package.facts import Searchability
from gateway.package.ids import PackageId, PersonId, RecipientId
from gateway.package.manifest import Category, FileRole, Manifest
from gateway.package.paths import iter_leaves
from gateway.package.states import (
    Channel,
    Cleared,
    Data,
    Decision,
    Document,
    DocumentVerdict,
    Evidence,
    Examined,
    FieldVerdict,
    Language,
    Outcome,
    Package,
    Reason,
    RecipientDecision,
    RecipientKind,
    Source,
    Submitter,
    Verdict,
)

NOON = dt.datetime(2026, 11, 23, 11, 0, tzinfo=dt.UTC)


class DocumentsInMemory:
    """The contents of one package; remembers its open streams."""

    def __init__(self, documents: Mapping[int, bytes]) -> None:
        self._documents = documents
        self.opened: list[io.BytesIO] = []

    def open(self, document: Document, /) -> io.BytesIO:
        self.opened.append(io.BytesIO(self._documents[document.number]))
        return self.opened[-1]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a test hands to the stage."""

    cleared: Cleared
    contents: DocumentsInMemory


def field_verdict(
    path: str, verdict: Verdict, *, category: Category | None = Category.ORDINARY, rule: str = "rule.one"
) -> FieldVerdict:
    reason = Reason(rule_id=rule, nl="Om deze reden.", en="For this reason.", step=3, article="AVG art. 5")
    return FieldVerdict(path=path, verdict=verdict, reason=reason, category=category)


def document_verdict(number: int, verdict: Verdict, *, kind: str = "letter", rule: str = "rule.two") -> DocumentVerdict:
    reason = Reason(rule_id=rule, nl="Daarom.", en="That is why.", step=3)
    return DocumentVerdict(number=number, kind=kind, verdict=verdict, reason=reason)


def recipient_decision(name: str = "gemeente-voorbeeld", **more: Any) -> RecipientDecision:
    return RecipientDecision(
        recipient=RecipientId(name),
        name="Gemeente",
        organisation="Gemeente",
        kind=RecipientKind.MUNICIPALITY,
        language=Language.NL,
        outcome=more.pop("outcome", Outcome.CLEARED),
        channel=Channel.SECURE_MAIL,
        **more,
    )


def verdicts_for(
    rows: Iterable[Mapping[str, Any]],
    released: Iterable[str],
    *,
    category: Category | None = Category.ORDINARY,
) -> tuple[FieldVerdict, ...]:
    goes = set(released)
    paths = dict.fromkeys(path for row in rows for path, _ in iter_leaves(row))
    return tuple(
        field_verdict(path, Verdict.RELEASE) if path in goes else field_verdict(path, Verdict.STRIP, category=category)
        for path in paths
    )


def make_case(
    data: Data | None,
    *recipients: RecipientDecision,
    documents: Mapping[int, bytes] | None = None,
    kind: str = "letter",
    searchability: Searchability = Searchability.TEXT,
) -> Case:
    files = documents or {}
    manifest = Manifest.model_validate(
        {
            "format": "sluis-package/1",
            "recipients": [each.recipient for each in recipients],
            "purpose": "public-order",
            "sender": {"organisation": "COA", "name": "Een Medewerker"},
            "subject": {"name": "Iemand"},
        }
    )
    package = Package(
        id=PackageId("0190b3a0-0000-7000-8000-000000000001"),
        source=Source.API,
        submitter=Submitter(person=PersonId("jan"), organisation="COA", roles=()),
        received_at=NOON,
        manifest=manifest,
        documents=tuple(
            Document(
                number=number,
                role=FileRole.DOCUMENT,
                kind=kind,
                size=len(content),
                digest="",
                stream=str(number),
                name="brief van Jan de Vries.txt",
            )
            for number, content in files.items()
        ),
    )
    evidence = Evidence(
        today=NOON.date(),
        youngest=None,
        oldest=None,
        keys={},
        documents=dict.fromkeys(files, searchability),
        open_channels=frozenset(),
        data=data,
    )
    decision = Decision(outcome=Outcome.CLEARED, recipients=recipients, policy_digest="", decided_at=NOON)
    cleared = Cleared(examined=Examined(package=package, evidence=evidence), decision=decision)
    return Case(cleared=cleared, contents=DocumentsInMemory(files))
