"""How long lines of the audit log are kept: only what a written policy says, and never by default."""

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.bootstrap.setting_types import POLICY_NAME, Setting

_DAY_SECONDS = 86_400


class AuditRetentionSettings(Setting):
    """What may be deleted from the audit log: lines older than `keep_seconds`, in days that are over.

    `policy` refers to the written retention policy that says so, and stands in the event of each deletion. A log whose
    retention no policy says must not be pruned (C2SP tlog-tiles).
    """

    policy: Annotated[str, StringConstraints(pattern=POLICY_NAME)]
    keep_seconds: Annotated[float, Field(ge=_DAY_SECONDS, le=200 * 366 * _DAY_SECONDS)]
