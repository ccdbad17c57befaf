"""Settings of the ways out: how each channel is reached, and when a delivery is tried again.

TLS, its verification and encryption have no setting.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.bootstrap.setting_types import (
    HOST_NAME,
    HTTPS_ADDRESS,
    HTTPS_SERVER,
    ListSources,
    MailAddress,
    Seconds,
    Setting,
    Size,
)
from gateway.package.oin import OIN, Oin, is_test_oin

_Folder = Annotated[str, StringConstraints(pattern=r'^[^\x00-\x1f\x7f-\U0010ffff"\\&*%]{1,200}$')]


class ImapBoxSettings(Setting):
    """The mailbox of the sender's address on an IMAP server. TLS is required and verified; nothing switches that off.

    Letters are moved to `move_to` once they are treated; without one they are marked as seen.
    """

    host: Annotated[str, StringConstraints(pattern=HOST_NAME)]
    port: Annotated[int, Field(ge=1, le=65535)] = 993
    implicit_tls: bool = True
    ca_file: str | None = None
    user: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,254}$")]
    password_file: str
    folder: _Folder = "INBOX"
    move_to: _Folder | None = None
    connect_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0


class BounceSettings(Setting):
    """Where reports on our mails come back: a maildir, below the site or absolute, or a mailbox on an IMAP server."""

    maildir: str | None = None
    imap: ImapBoxSettings | None = None
    look_seconds: Annotated[float, Field(gt=0)] = 60.0

    @model_validator(mode="after")
    def _is_one_place(self) -> "BounceSettings":
        """Refuse none and two."""
        if (self.maildir is None) == (self.imap is None):
            raise ValueError("either maildir or imap")
        return self


class MailServerSettings(Setting):
    """The organisation's own mail server. TLS is required and verified; there is no setting to switch that off."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    ca_file: str | None = None
    implicit_tls: bool = False
    require_tls: Literal["never", "offered", "demanded"] = "offered"
    user: str | None = None
    password_file: str | None = None
    from_address: MailAddress
    from_name: str = ""
    connections: Annotated[int, Field(ge=1, le=32)] = 4
    domain_connections: Annotated[int, Field(ge=1, le=32)] | None = None
    domain_per_minute: Annotated[int, Field(ge=1)] | None = None
    timeout_seconds: Seconds = 60.0
    connect_seconds: Seconds = 20.0
    max_message_bytes: Size = 25 * 1024 * 1024
    when_uncertain: Literal["resend", "hold"] = "resend"
    bounces: BounceSettings | None = None


class SftpServerSettings(Setting):
    """A recipient's SFTP server. Only the host keys that stand here are believed; the log-in is by the key in a file.

    `folder` is the one below which the recipients' folders lie; empty, the one in which a session begins.
    """

    host: Annotated[str, StringConstraints(pattern=HOST_NAME)]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,64}$")]
    host_keys: Annotated[tuple[str, ...], Field(min_length=1)]
    key_file: str
    folder: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{0,500}$")] = ""
    connections: Annotated[int, Field(ge=1, le=8)] = 2
    timeout_seconds: Annotated[float, Field(gt=0)] = 60.0
    connect_seconds: Annotated[float, Field(gt=0)] = 20.0


class WebDavServerSettings(Setting):
    """A recipient's WebDAV server: `url` is the collection below which the recipients' collections lie."""

    url: Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.\[\]:-]+(/[A-Za-z0-9._~%-]+)*/?$")]
    user: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f:]{1,100}$")]
    password_file: str
    ca_file: str | None = None
    connections: Annotated[int, Field(ge=1, le=8)] = 2
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0
    connect_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0


HttpsUrl = Annotated[str, StringConstraints(pattern=HTTPS_SERVER)]


class PostbusSettings(Setting):
    """The organisation's own pick-up service: `url` for recipients, `push_url` for us alone, with a token.

    A certificate of ours and its key, for a service that asks for one, stand there both or not at all.
    """

    url: HttpsUrl
    push_url: HttpsUrl
    ca_file: str | None = None
    token_file: str
    certificate_file: str | None = None
    key_file: str | None = None
    days: Annotated[int, Field(ge=1, le=90)] = 14
    downloads: Annotated[int, Field(ge=1, le=100)] = 3
    remind_days: Annotated[int, Field(ge=1, le=30)] = 3
    look_seconds: Annotated[float, Field(gt=0)] = 60.0
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 60.0

    @model_validator(mode="after")
    def _both(self) -> Self:
        """Refuse half of a certificate: the service would be asked without any."""
        if (self.certificate_file is None) is not (self.key_file is None):
            raise ValueError("certificateFile and keyFile together, or neither")
        return self


class SmsSettings(Setting):
    """A gateway for text messages: codes of the postbus go there. A value of `body` is one place, or text as it is."""

    url: Annotated[str, StringConstraints(pattern=HTTPS_ADDRESS)]
    ca_file: str | None = None
    token_file: str
    sender: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+ ]{1,16}$")]
    body: dict[str, str | list[str]] = Field(default={"to": "{number}", "from": "{sender}", "text": "{text}"})
    look_seconds: Annotated[float, Field(gt=0)] = 10.0
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 30.0

    @model_validator(mode="after")
    def _says_what_to_whom(self) -> "SmsSettings":
        """Refuse a body without number or text: no code would ever come."""
        values = [each for value in self.body.values() for each in ([value] if isinstance(value, str) else value)]
        if not {"{number}", "{text}"} <= set(values):
            raise ValueError("{number} and {text} as values in body")
        return self


class BestandenpostbusSettings(Setting):
    """The folder from which people upload to the Bestandenpostbus of Justid, below the site or absolute."""

    folder: str
    look_seconds: Annotated[float, Field(gt=0)] = 10.0
    remind_seconds: Annotated[float, Field(gt=0)] = 86400.0


class RetrySettings(Setting):
    """When to try a delivery again."""

    first_seconds: Seconds = 30.0
    factor: Annotated[float, Field(ge=1)] = 2.0
    max_seconds: Seconds = 3600.0
    give_up_after_seconds: Seconds = 5 * 86400.0


OinText = Annotated[str, StringConstraints(pattern=f"^{OIN}$")]


class ChainPeerSettings(Setting):
    """A chain partner: where it listens; what FSC's log calls its service, and by which grant we may use it."""

    url: Annotated[str, StringConstraints(pattern=HTTPS_ADDRESS)]
    service_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{0,100}$")] = ""
    grant_hash: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9$+/=_-]{0,200}$")] = ""


class ChainFacilitySettings(Setting):
    """The chain facility (BVV): who we are there, whom we trust, and where each partner listens, by its OIN."""

    own_oin: OinText
    certificate_file: str
    key_file: str
    root_file: str
    crl_folder: str
    revocation_lists: ListSources | None = None
    peers: dict[OinText, ChainPeerSettings]
    max_content_bytes: Annotated[int, Field(ge=1, le=64 * 1024 * 1024)] = 20 * 1024 * 1024
    connections: Annotated[int, Field(ge=1, le=32)] = 4
    connect_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 120.0

    def has_test_numbers(self) -> bool:
        """Tell whether an OIN in it is one for tests, which proves nothing."""
        return any(is_test_oin(Oin(each)) for each in (self.own_oin, *self.peers))
