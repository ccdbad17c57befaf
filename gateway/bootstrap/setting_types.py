"""What every part of a site's settings is made of: durations in seconds, sizes in bytes."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from gateway.package.ids import SLUG

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Seconds = Annotated[float, Field(ge=0)]
Size = Annotated[int, Field(ge=0)]
MAIL_ADDRESS = r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$"
MailAddress = Annotated[str, StringConstraints(pattern=MAIL_ADDRESS, max_length=254)]
NO_ADDRESS = "sluis@afzender.example"
"""Stands in the own signing key of a site that has no address of its own; nothing is mailed to or from it."""
HOST_NAME = r"^[A-Za-z0-9.:-]{1,253}$"
HTTP_ADDRESS = r"^https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?$"
HTTPS_SERVER = r"^https://[A-Za-z0-9.\[\]:-]+$"
POLICY_NAME = r"^[a-z](?:[a-z0-9./_-]{0,98}[a-z0-9])?$"
HTTPS_ADDRESS = r"^https://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~/-]*)?$"

# Where a revocation list is fetched; the name becomes that of its file. Signed lists may come over HTTP.
ListSources = dict[
    Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$")],
    Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~%/?=&+-]*)?$")],
]


class Setting(BaseModel):
    """Part of a file of settings: frozen, camelCase, unknown keys refused, no value in an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, hide_input_in_errors=True
    )


class PeerSettings(Setting):
    """A system outside that is asked over HTTPS; its certificate is always verified."""

    url: Annotated[str, StringConstraints(pattern=HTTPS_ADDRESS)]
    ca_file: str | None = None
    client_certificate_file: str | None = None
    client_key_file: str | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 10.0
