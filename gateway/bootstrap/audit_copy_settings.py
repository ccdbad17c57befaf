"""Settings of what goes elsewhere from the audit log: its lines, its checkpoints, and timestamps over them."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.audit.exports.forms import ExportForm
from gateway.audit.exports.syslog import DOCUMENTATION_NUMBER
from gateway.bootstrap.setting_types import HOST_NAME, HTTP_ADDRESS, Seconds, Setting, Slug

_HttpUrl = Annotated[str, StringConstraints(pattern=HTTP_ADDRESS)]


class SyslogSettings(Setting):
    """A syslog receiver over TLS; its certificate is always verified, and nothing goes there otherwise.

    `enterprise` is the organisation's number at IANA, under which structured data stands. With `close_notify: required`
    lines have arrived when the receiver answered the end of the connection, as RFC 5425 demands of it.
    """

    host: Annotated[str, StringConstraints(pattern=HOST_NAME)]
    port: Annotated[int, Field(ge=1, le=65535)] = 6514
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    enterprise: Annotated[int, Field(ge=1, le=2**32 - 1)] = DOCUMENTATION_NUMBER
    close_notify: Literal["required", "optional"] = "required"
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0

    @model_validator(mode="after")
    def _key_with_its_certificate(self) -> Self:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificateFile and keyFile together, or neither")
        return self


class ExportSettings(Setting):
    """One export of the log's lines: its name, which names its place in the log too, its form and its one target."""

    name: Slug
    format: ExportForm
    file: Annotated[str, Field(min_length=1)] | None = None
    stdout: bool = False
    syslog: SyslogSettings | None = None
    checkpoints: bool = False

    @model_validator(mode="after")
    def _has_one_target(self) -> Self:
        if [self.file is not None, self.stdout, self.syslog is not None].count(True) != 1:
            raise ValueError("one of file, stdout and syslog expected, and one only")
        return self


def _with_names_of_their_own(exports: tuple[ExportSettings, ...]) -> tuple[ExportSettings, ...]:
    if len({each.name for each in exports}) != len(exports):
        raise ValueError("each name once expected")
    if sum(each.stdout for each in exports) > 1:
        raise ValueError("stdout in one export only expected")
    return exports


ExportList = Annotated[tuple[ExportSettings, ...], AfterValidator(_with_names_of_their_own)]


class CheckpointSettings(Setting):
    """A folder elsewhere that gets the newest checkpoint, a file each, never written over."""

    folder: Annotated[str, Field(min_length=1)]
    every_seconds: Annotated[float, Field(gt=0)] = 600.0


class TimestampSettings(Setting):
    """Who vouches for the time of checkpoints (RFC 3161); `ca_file` holds the roots that its certificate leads to.

    `tls_ca_file` is who vouches for the address, when that is `https://`.
    """

    url: _HttpUrl
    ca_file: str
    tls_ca_file: str | None = None
    every_seconds: Annotated[float, Field(gt=0)] = 86_400.0
    late_seconds: Seconds = 172_800.0
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0
