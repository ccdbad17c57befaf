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


HttpsUrl = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.\[\]:-]+$")]


class PostbusSettings(Setting):
    """The organisation's own pick-up service: `url` for recipients, `push_url` for us alone, with a token."""

    url: HttpsUrl
    push_url: HttpsUrl
    ca_file: str | None = None
    token_file: str
    days: Annotated[int, Field(ge=1, le=90)] = 14
    downloads: Annotated[int, Field(ge=1, le=100)] = 3
    remind_days: Annotated[int, Field(ge=1, le=30)] = 3
    look_seconds: Annotated[float, Field(gt=0)] = 60.0
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0


class RetrySettings(Setting):
    """When to try a delivery again."""

    first_seconds: Seconds = 30.0
    factor: Annotated[float, Field(ge=1)] = 2.0
    max_seconds: Seconds = 3600.0
    give_up_after_seconds: Seconds = 5 * 86400.0
