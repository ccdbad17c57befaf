"""Lines of the audit log are deleted only by a written policy, and never by default."""

import pytest
from pydantic import ValidationError

from gateway.bootstrap.retention_settings import AuditRetentionSettings
from gateway.bootstrap.settings import AuditSettings

SEVEN_YEARS = 220_924_800.0


def test_as_shipped_nothing_is_ever_deleted() -> None:
    assert AuditSettings().retention is None


def test_a_policy_and_its_term_are_read() -> None:
    found = AuditSettings.model_validate({"retention": {"policy": "selectielijst-2026/12.3", "keepSeconds": 220924800}})

    assert AuditRetentionSettings(policy="selectielijst-2026/12.3", keep_seconds=SEVEN_YEARS) == found.retention


@pytest.mark.parametrize(
    "content",
    [
        {"policy": "selectielijst-2026"},
        {"keepSeconds": SEVEN_YEARS},
        {"policy": "", "keepSeconds": SEVEN_YEARS},
        {"policy": "Onze bewaartermijnen", "keepSeconds": SEVEN_YEARS},
        {"policy": "selectielijst-2026", "keepSeconds": 3600},
        {"policy": "selectielijst-2026", "keepSeconds": 1e12},
    ],
    ids=["no term", "no policy", "an empty policy", "words", "an hour", "a term without end"],
)
def test_a_policy_without_a_name_or_a_sensible_term_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AuditRetentionSettings.model_validate(content)
