"""Makes examined packages and policy folders for tests: everything that a test does not name is ordinary and fine."""

import datetime as dt
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import JsonValue

from gateway.package.facts import ConsentFacts, KeyHealth, Paper, Searchability, Standing
from gateway.package.ids import Fingerprint, PackageId, PersonId, RecipientId
from gateway.package.manifest import Category, FileRole, Manifest
from gateway.package.reviews import Opinion, Review, ReviewReason, ReviewVerdict
from gateway.package.states import Channel, Data, Document, Evidence, Examined, Package, Source, Submitter
from gateway.policy.deciding import decide_only
from gateway.policy.policy_files import load_policy_set, placeholder, sample_recipients
from gateway.policy.policy_set import PolicySet
from gateway.policy.reviewing import holding_rules
from gateway.policy.value_forms import SPECIMENS, ValueForm

SHIPPED = Path(__file__).parents[3] / "policies"
KEY = Fingerprint("A" * 40)
NOW = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)
TODAY = NOW.date()
SAMPLES = (
    "advocaat-voorbeeld",
    "gemeente-voorbeeld",
    "ind-voorbeeld",
    "nidos-voorbeeld",
    "vluchtelingenhulp-voorbeeld",
)
SPARE = Fingerprint("9" * 40)
"""A usable key that no recipient has."""
KEYS = {name: Fingerprint(letter * 40) for letter, name in zip("CADEF", SAMPLES, strict=True)}


@dataclass(frozen=True)
class Folders:
    """A copy of the shipped policies and of the sample register that a test may change."""

    policies: Path
    recipients: Path

    def load(self) -> PolicySet:
        return load_policy_set(self.policies, recipients=self.recipients)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change one text in one file, which must be there exactly once."""
        path = (self.recipients if name.startswith("recipients/") else self.policies) / Path(name).name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{name} holds {text.count(old)} times {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add_recipient(self, entry: Mapping[str, Any]) -> None:
        text = yaml.safe_dump(dict(entry), allow_unicode=True).replace("@FPR@", placeholder(entry["id"]).decode())
        (self.recipients / f"{entry['id']}.yaml").write_text(text, encoding="utf-8")


def make_folders(root: Path) -> Folders:
    policies, recipients = root / "policies", root / "recipients"
    shutil.copytree(SHIPPED, policies)
    recipients.mkdir()
    for name, content in sample_recipients(SHIPPED, fingerprints=KEYS).items():
        (recipients / name).write_bytes(content)
    return Folders(policies, recipients)


def document(
    kind: str = "letter", *, number: int = 1, holds: Iterable[str] = ("ordinary",), role: FileRole = FileRole.DOCUMENT
) -> Document:
    return Document(
        number=number,
        role=role,
        kind=kind,
        size=10,
        digest="0" * 64,
        stream=f"document-{number}",
        declared_categories=tuple(map(Category, holds)),
    )


def examined(
    to: str | Iterable[str] = "gemeente-voorbeeld",
    *,
    purpose: str = "public-order",
    rows: Iterable[Mapping[str, JsonValue]] | None = ({"name": "x"},),
    sender: str = "DT&V",
    documents: tuple[Document, ...] = (),
    search: Mapping[int, Searchability] | None = None,
    ages: tuple[int | None, int | None] = (30, 30),
    keys: Mapping[Fingerprint, KeyHealth] | None = None,
    connected: Iterable[Channel] = (Channel.SECURE_MAIL, Channel.FILE_DROP),
    today: dt.date = TODAY,
    secret_address: bool = False,
    subject: str = "x",
    consent_facts: ConsentFacts | None = None,
    mandate_paper: Paper = Paper.MISSING,
    bar: Mapping[RecipientId, Standing] | None = None,
    **manifest: Any,
) -> Examined:
    whole = {
        "format": "sluis-package/1",
        "recipients": [to] if isinstance(to, str) else list(to),
        "purpose": purpose,
        "sender": {"organisation": sender, "name": "x"},
        "subject": {
            "name": subject,
            "secretAddress": secret_address,
            "vNumber": SPECIMENS[ValueForm.V_NUMBER],
            "dateOfBirth": SPECIMENS[ValueForm.DATE],
        },
        **manifest,
    }
    package = Package(
        id=PackageId("00000000-0000-4000-8000-000000000000"),
        source=Source.API,
        submitter=Submitter(person=PersonId("caseworker"), organisation=sender, roles=("caseworker",)),
        received_at=NOW,
        manifest=Manifest.model_validate(whole),
        documents=documents,
    )
    evidence = Evidence(
        today=today,
        youngest=ages[0],
        oldest=ages[1],
        keys=dict.fromkeys((*KEYS.values(), SPARE), KeyHealth.USABLE) if keys is None else keys,
        documents={each.number: Searchability.SEARCHED for each in documents} if search is None else search,
        open_channels=frozenset(connected),
        data=None if rows is None else Data(shape="list", rows=tuple(rows)),
        consent=consent_facts,
        mandate=mandate_paper,
        bar={} if bar is None else bar,
    )
    return Examined(package=package, evidence=evidence)


RELEASE = Opinion(verdict=ReviewVerdict.RELEASE, reason=ReviewReason.NECESSITY_PROVEN, ground="AVG 9(2)(c); UAVG 30")


def covering(facts: Examined, policy: PolicySet, *, opinion: Opinion = RELEASE, reviewer: str = "officer") -> Review:
    """Make the review of a privacy officer who has looked at the hold as it stands."""
    hold = decide_only(facts, policy=policy, now=NOW)
    return Review(
        reviewer=PersonId(reviewer),
        organisation=facts.package.submitter.organisation,
        opinion=opinion,
        rule_ids=holding_rules(hold),
        policy_digest=hold.policy_digest,
        at=NOW,
    )


def with_reviews(facts: Examined, *reviews: Review) -> Examined:
    """Give the same package with these reviews as facts."""
    return replace(facts, evidence=replace(facts.evidence, reviews=reviews))
