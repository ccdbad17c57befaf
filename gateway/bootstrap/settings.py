"""Settings of a site: site.yaml and people.yaml, read once, frozen, unknown keys refused.

Durations are in seconds, sizes in bytes, as their names say. What is dangerous says so in its name and can not
start in production.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from gateway.package.errors import Code, SluisError
from gateway.package.ids import SLUG
from gateway.package.states import Language

ZONE = ZoneInfo("Europe/Amsterdam")
"""Where days are counted: ages, terms and reviews."""

Slug = Annotated[str, StringConstraints(pattern=SLUG)]
Seconds = Annotated[float, Field(ge=0)]
Size = Annotated[int, Field(ge=0)]
MailAddress = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$", max_length=254)]

Environment = Literal["production", "acceptance", "demo", "test"]
Role = Literal["caseworker", "privacy-officer", "security", "administrator", "application"]


class _Setting(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, hide_input_in_errors=True
    )


class OutboxSettings(_Setting):
    """The outbox folder. `folders` chooses the set of names; `settle_seconds` how long an entry must not change."""

    path: str = "outbox"
    folders: Literal["nl", "en"] = "nl"
    settle_seconds: Seconds = 10.0
    scan_seconds: Annotated[float, Field(gt=0)] = 2.0


class MailServerSettings(_Setting):
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


class RetrySettings(_Setting):
    """When to try a delivery again."""

    first_seconds: Seconds = 30.0
    factor: Annotated[float, Field(ge=1)] = 2.0
    max_seconds: Seconds = 3600.0
    give_up_after_seconds: Seconds = 5 * 86400.0


class LimitSettings(_Setting):
    """What a package may hold at most."""

    package_bytes: Size = 2 * 1024**3
    documents: Annotated[int, Field(ge=1, le=500)] = 500
    fields: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    search_bytes: Size = 50 * 1024 * 1024


class RetentionSettings(_Setting):
    """How long content of refused packages, and records of ended ones, are kept."""

    content_seconds: Seconds = 5 * 86400.0
    record_seconds: Seconds = 30 * 86400.0


class ApiSettings(_Setting):
    """The local API: always on the socket `run/api.sock`; on loopback TCP only when asked for.

    `group` is the operating-system group whose members may connect to the socket; who they are, the kernel says.
    """

    group: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] | None = None

    tcp: Annotated[str, StringConstraints(pattern=r"^(127\.0\.0\.1|\[::1\]|localhost):[0-9]{1,5}$")] | None = None
    token_seconds: Seconds = 8 * 3600.0


class PolicySettings(_Setting):
    """The rules and the register; `reload_seconds` is how often a change of their files is looked for."""

    reload_seconds: Annotated[float, Field(gt=0)] = 5.0


class SealSettings(_Setting):
    """The own signing key by its fingerprint, and how long gpg may take."""

    signing_key: str
    timeout_seconds: Annotated[float, Field(gt=0)] = 120.0


class RegisterSettings(_Setting):
    """Where the registers lie that evidence asks, below the site; what is not named can not be asked, and holds."""

    case_folder: str | None = None
    withdrawals: str | None = None
    bar: str | None = None
    bar_max_age_seconds: Seconds = 30 * 86400.0


class SiteSettings(_Setting):
    """All of site.yaml. `four_eyes`: changed rules take a second person; unset, see `needs_four_eyes`."""

    format: Literal["sluis-site/1"]
    environment: Environment = "production"
    organisation: str
    language: Language = Language.NL
    outbox: OutboxSettings = OutboxSettings()
    mail: MailServerSettings | None = None
    file_drop: bool = True
    seal: SealSettings
    api: ApiSettings = ApiSettings()
    policy: PolicySettings = PolicySettings()
    retry: RetrySettings = RetrySettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    registers: RegisterSettings = RegisterSettings()
    four_eyes: bool | None = None
    min_free_bytes: Size = 256 * 1024 * 1024
    workers: Annotated[int, Field(ge=1, le=64)] = 8

    def needs_four_eyes(self) -> bool:
        """Tell whether changed rules take a second person: as the setting says, else not in `demo` and `test`."""
        return self.environment not in ("demo", "test") if self.four_eyes is None else self.four_eyes


class Person(_Setting):
    """One person or application of people.yaml."""

    id: Slug
    organisation: str
    roles: tuple[Role, ...] = ()
    uid: Annotated[int, Field(ge=0)] | None = None


class People(_Setting):
    """All of people.yaml."""

    format: Literal["sluis-people/1"]
    people: tuple[Person, ...]


_Model = TypeVar("_Model", bound=_Setting)
_EXPECTED = {"missing": "this key is required", "extra_forbidden": "no such key is known here"}


def read_site_settings(path: Path) -> SiteSettings:
    """Read site.yaml. Raises SluisError `site-missing`, or `setting-invalid` with every fault."""
    return _read(path, SiteSettings)


def read_people(path: Path) -> People:
    """Read people.yaml. Raises SluisError `site-missing`, or `setting-invalid` with every fault."""
    people = _read(path, People)
    ids = [person.id for person in people.people]
    if len(set(ids)) != len(ids):
        raise SluisError(Code.SETTING_INVALID, where=path.name, faults=(("people", "each id once"),))
    return people


def _read(path: Path, model: type[_Model]) -> _Model:
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SluisError(Code.SITE_MISSING, where=path.name) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SluisError(Code.SETTING_INVALID, where=path.name) from error
    if not isinstance(content, Mapping):
        raise SluisError(Code.SETTING_INVALID, where=path.name)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        faults = tuple(
            (".".join(str(part) for part in each["loc"]), _EXPECTED.get(each["type"], each["type"].replace("_", " ")))
            for each in error.errors()
        )
        raise SluisError(Code.SETTING_INVALID, where=path.name, faults=faults) from error
