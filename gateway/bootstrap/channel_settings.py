"""Settings of the ways out: how each channel is reached, and when a delivery is tried again.

TLS, its verification and encryption have no setting.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.bootstrap.setting_types import MailAddress, Seconds, Setting, Size


class MailServerSettings(Setting):
    """The organisation's own mail server. TLS is required and verified; there is no setting to switch that off."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    ca_file: str | None = None
    implicit_tls: bool = False
    user: str | None = None
    password_file: str | None = None
    from_address: MailAddress
    from_name: str = ""
    connections: Annotated[int, Field(ge=1, le=32)] = 4
    timeout_seconds: Seconds = 60.0
    connect_seconds: Seconds = 20.0
    max_message_bytes: Size = 25 * 1024 * 1024
    when_uncertain: Literal["resend", "hold"] = "resend"


class SftpServerSettings(Setting):
    """A recipient's SFTP server. Only the host keys that stand here are believed; the log-in is by the key in a file.

    `folder` is the one below which the recipients' folders lie; empty, the one in which a session begins.
    """

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:-]{1,253}$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]
    host_keys: Annotated[tuple[str, ...], Field(min_length=1)]
    key_file: str
    folder: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{0,500}$")] = ""
    connections: Annotated[int, Field(ge=1, le=8)] = 2
    timeout_seconds: Annotated[float, Field(gt=0)] = 60.0
    connect_seconds: Annotated[float, Field(gt=0)] = 20.0


class RetrySettings(Setting):
    """When to try a delivery again."""

    first_seconds: Seconds = 30.0
    factor: Annotated[float, Field(ge=1)] = 2.0
    max_seconds: Seconds = 3600.0
    give_up_after_seconds: Seconds = 5 * 86400.0
