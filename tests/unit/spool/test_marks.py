"""The marks by which later packages are compared: equal for equal content, whoever sends it, and silent about it."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.package.ids import RecipientId
from gateway.package.manifest import Manifest
from gateway.spool.candidates import history_question, marks_of
from gateway.spool.payloads import PayloadFolder
from gateway.spool.port import HistoryQuestion, Payload
from gateway.spool.vault import SiteVault

VAULT = SiteVault(site_key=bytes(32), digest_key=bytes(32), folder=PayloadFolder(Path("unused")), random=os.urandom)
MANIFEST: dict[str, Any] = {
    "format": "sluis-package/1",
    "recipients": ["gemeente-voorbeeld"],
    "purpose": "public-order",
    "sender": {"organisation": "DT&V", "name": "M. de Vries"},
    "subject": {"name": "Amina Yusuf", "vNumber": "0991234501", "dateOfBirth": "1990-05-01"},
    "data": {"name": "Amina Yusuf", "town": "Ergens"},
    "documents": [{"file": "brief.txt", "kind": "letter"}],
    "consent": {"document": "machtiging.pdf"},
}
ARRIVED = (Payload(stream="document-1", size=1, digest="one"), Payload(stream="document-2", size=1, digest="two"))


def question(*, organisation: str = "DT&V", arrived: tuple[Payload, ...] = ARRIVED, **changes: Any) -> HistoryQuestion:
    manifest = Manifest.model_validate_json(Manifest.model_validate(MANIFEST | changes).model_dump_json(by_alias=True))
    marks = marks_of(manifest, organisation=organisation, vault=VAULT)
    recipients = tuple(map(RecipientId, manifest.recipients))
    return history_question(marks, arrived, organisation=organisation, recipients=recipients, vault=VAULT)


@pytest.mark.parametrize(
    "same",
    [
        {"sender": {"organisation": "DT&V", "name": "A. Bakker"}},
        {"id": "6f0c2a52-6f6c-4c0e-9f3e-2d1f0c9a1b11"},
        {"request": {"reference": "anders"}},
        {"data": {"town": "Ergens", "name": "Amina Yusuf"}},
        {"arrived": (ARRIVED[0], Payload(stream="document-2", size=1, digest="another scan of the consent"))},
        {"organisation": "dt&v"},
        {"subject": {**MANIFEST["subject"], "name": "A. Yusuf"}},
    ],
)
def test_who_sends_it_and_what_is_said_around_it_make_the_same_content_no_other(same: dict[str, Any]) -> None:
    assert (question().subject, question().content) == (question(**same).subject, question(**same).content)


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"name": "Amina Yusuf", "town": "Elders"}},
        {"arrived": (Payload(stream="document-1", size=1, digest="edited"), ARRIVED[1])},
        {"subject": {**MANIFEST["subject"], "vNumber": "0991234502"}},
        {"organisation": "IND"},
    ],
)
def test_other_data_another_document_person_or_organisation_is_other_content(other: dict[str, Any]) -> None:
    assert question().content != question(**other).content


def test_without_a_v_number_a_person_is_known_by_name_however_written_and_date_of_birth() -> None:
    written = [
        {"name": "José Van Der Berg", "dateOfBirth": "1990-05-01"},
        {"name": "berg van der JOSE", "dateOfBirth": "1990-05-01"},
        {"name": "José Van Der Berg", "dateOfBirth": "1991-05-01"},
        {"name": "José Van Der Berg"},
    ]
    subjects = [question(subject=subject).subject for subject in written]

    assert subjects[0] == subjects[1]
    assert 3 == len(set(subjects))


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_a_v_number_can_not_pass_for_a_name_and_stands_in_no_mark(v_number: str) -> None:
    numbered = question(subject={"name": "x", "vNumber": v_number})
    named = question(subject={"name": f"v number {v_number}"})

    assert numbered.subject != named.subject
    assert v_number not in numbered.subject + numbered.content
    assert (64, 64) == (len(numbered.subject), len(numbered.content))
