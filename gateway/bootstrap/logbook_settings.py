"""Settings of the Logboek Dataverwerkingen: where it takes records, and what our processing activities are called."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.bootstrap.setting_types import HTTPS_ADDRESS, PeerSettings, Slug

# An address in the register of processing activities; whoever reads it in a record has to be able to open it.
ActivityUri = Annotated[
    str, StringConstraints(pattern=r"^(https?://|urn:)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,500}$")
]
_Kind = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,12}$")]
_Named = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~:/?#@=&+% -]{1,200}$")]


class LogbookSettings(PeerSettings):
    """The logbook: `url` takes OTLP over HTTP, as in `https://logboek.example/v1/traces`.

    `secret_file` holds the value of the header `secret_header`, such as `Bearer …`. `default_activity` stands for every
    purpose that `activities` does not name.
    """

    secret_header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] = "Authorization"
    secret_file: str | None = None
    default_activity: ActivityUri
    activities: dict[Slug, ActivityUri] = Field(default={})
    subject_types: dict[_Kind, _Named] = Field(default={})
    applications: dict[Slug, Annotated[str, StringConstraints(pattern=HTTPS_ADDRESS)]] = Field(default={})
    batch_events: Annotated[int, Field(ge=1, le=1000)] = 100
    look_seconds: Annotated[float, Field(gt=0)] = 5.0
    late_seconds: Annotated[float, Field(ge=0)] = 3600.0

    @model_validator(mode="after")
    def _both(self) -> Self:
        """Refuse half of a certificate: the logbook would be asked without any."""
        if (self.client_certificate_file is None) is not (self.client_key_file is None):
            raise ValueError("clientCertificateFile and clientKeyFile, or neither")
        return self
