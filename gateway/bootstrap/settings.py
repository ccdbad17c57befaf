"""Settings of a site: site.yaml and people.yaml, read once, frozen, unknown keys refused.

Durations are in seconds, sizes in bytes, as their names say. What is dangerous says so in its name and can not
start in production.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from gateway.bootstrap.alert_settings import AlertSettings
from gateway.bootstrap.audit_copy_settings import CheckpointSettings, ExportList, TimestampSettings
from gateway.bootstrap.channel_settings import (
    BestandenpostbusSettings,
    ChainFacilitySettings,
    HttpsUrl,
    MailServerSettings,
    PostbusSettings,
    RetrySettings,
    SftpServerSettings,
    SmsSettings,
    WebDavServerSettings,
)
from gateway.bootstrap.logbook_settings import LogbookSettings
from gateway.bootstrap.retention_settings import AuditRetentionSettings
from gateway.bootstrap.setting_faults import setting_faults
from gateway.bootstrap.setting_types import ListSources, MailAddress, PeerSettings, Seconds, Setting, Size, Slug
from gateway.package.drop_addresses import DropScheme
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint, parse_fingerprint
from gateway.package.states import Language

ZONE = ZoneInfo("Europe/Amsterdam")
"""Where days are counted: ages, terms and reviews."""

Environment = Literal["production", "acceptance", "demo", "test"]
Role = Literal["caseworker", "privacy-officer", "security", "administrator", "application"]


class OutboxSettings(Setting):
    """The outbox folder. `folders` chooses the set of names; `settle_seconds` how long an entry must not change."""

    path: str = "outbox"
    folders: Literal["nl", "en"] = "nl"
    settle_seconds: Seconds = 10.0
    scan_seconds: Annotated[float, Field(gt=0)] = 2.0


class LimitSettings(Setting):
    """What a package may hold at most."""

    package_bytes: Size = 2 * 1024**3
    documents: Annotated[int, Field(ge=1, le=500)] = 500
    fields: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    search_bytes: Size = 50 * 1024 * 1024


class RetentionSettings(Setting):
    """How long content of refused packages, records of ended ones, and submissions without all their files are kept."""

    content_seconds: Seconds = 5 * 86400.0
    record_seconds: Seconds = 30 * 86400.0
    unfinished_seconds: Seconds = 7 * 86400.0


class HistorySettings(Setting):
    """How long it is remembered, under keyed digests, what was sent about whom to whom: for the recipient guard."""

    keep_seconds: Seconds = 365 * 86400.0


class ApiSettings(Setting):
    """The local API: always on the socket `run/api.sock`; on loopback TCP only when asked for.

    `group` is the operating-system group whose members may connect to the socket; who they are, the kernel says.
    """

    group: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_-]{0,31}$")] | None = None

    tcp: Annotated[str, StringConstraints(pattern=r"^(127\.0\.0\.1|\[::1\]|localhost):[0-9]{1,5}$")] | None = None
    token_seconds: Seconds = 8 * 3600.0


class PolicySettings(Setting):
    """The rules and the register; `reload_seconds` is how often a change of their files is looked for."""

    reload_seconds: Annotated[float, Field(gt=0)] = 5.0


class SealSettings(Setting):
    """The own signing key by its fingerprint, the one that signs from a day on, and how long gpg may take.

    `engine` signs and encrypts small OpenPGP messages; gpg judges all keys and does the large ones.

    `certificate_file` and `certificate_key_file` sign for recipients with an X.509 certificate, `certificate_trust` is
    a folder with who vouches for those; they lie below the site. `revocation_lists` are fetched into that folder.
    """

    engine: Literal["gnupg", "sequoia"] = "gnupg"
    signing_key: str
    next_signing_key: str | None = None
    next_from: dt.date | None = None
    certificate_file: str | None = None
    certificate_key_file: str | None = None
    certificate_trust: str | None = None
    revocation_lists: ListSources | None = None
    timeout_seconds: Annotated[float, Field(gt=0)] = 120.0

    def signers(self) -> tuple[Fingerprint, ...]:
        """Give the own keys, the one of now first. Raises SluisError `fingerprint-invalid`."""
        return tuple(parse_fingerprint(each) for each in (self.signing_key, self.next_signing_key) if each)

    def follows_at(self) -> dt.datetime:
        """Give the moment from which the next key signs; there has to be one."""
        if self.next_from is None:
            raise ValueError("no next key in the settings")
        return dt.datetime.combine(self.next_from, dt.time(), ZONE)

    @model_validator(mode="after")
    def _lists_have_a_folder(self) -> Self:
        if self.revocation_lists and not self.certificate_trust:
            raise ValueError("revocationLists only with certificateTrust")
        return self

    @model_validator(mode="after")
    def _next_key_with_its_day(self) -> Self:
        if (self.next_signing_key is None) != (self.next_from is None):
            raise ValueError("nextSigningKey and nextFrom together")
        return self


class KeyDirectorySettings(Setting):
    """How a Web Key Directory is asked for a key. `hosts`: another `host:port` for some of them, for closed nets."""

    ca_file: str | None = None
    hosts: dict[str, Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.\[\]:-]{1,253}:[0-9]{1,5}$")]] | None = None


class CaseSystemSettings(PeerSettings):
    """A case system with the ZGW Documenten API; `source_organisation` is an RSIN."""

    client_id: str
    secret_file: str
    source_organisation: Annotated[str, StringConstraints(pattern=r"^[0-9]{9}$")] | None = None


class BarServiceSettings(PeerSettings):
    """The register of the bar behind a service of the organisation."""

    token_file: str


class HoldSettings(Setting):
    """How often it is looked whether a hold is to be told of, has ended or is mended; the days stand in rules.yaml."""

    look_seconds: Annotated[float, Field(gt=0)] = 60.0


class ClockSettings(Setting):
    """How far the service's clock runs ahead of the machine's: days pass in tests. Only with `environment: test`."""

    ahead_seconds: Seconds


class MalwareScanSettings(Setting):
    """ClamAV's daemon: the path of its socket, or `host:port`. When it is named, what it did not clear is held."""

    address: Annotated[str, StringConstraints(pattern=r"^(/[^\x00]{1,100}|[A-Za-z0-9.-]{1,253}:[0-9]{1,5})$")]
    timeout_seconds: Annotated[float, Field(gt=0, le=300)] = 60.0


class DocumentSettings(Setting):
    """How documents are read. `second_opinion`: the folder of another program that knows names, below the site."""

    malware_scan: MalwareScanSettings | None = None
    second_opinion: str | None = None
    seconds: Annotated[float, Field(gt=0, le=3600)] = 180.0


class RegisterSettings(Setting):
    """Where the registers lie that evidence asks, below the site; what is not named can not be asked, and holds."""

    case_folder: str | None = None
    case_system: CaseSystemSettings | None = None
    withdrawals: str | None = None
    bar: str | None = None
    bar_service: BarServiceSettings | None = None
    bar_max_age_seconds: Seconds = 30 * 86400.0
    signature_trust: str | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        """Refuse two sources of one truth: nobody could say which of them let something through."""
        if (self.case_folder and self.case_system) or (self.bar and self.bar_service):
            raise PydanticCustomError("one_register", "")
        return self


class AuditWitnessSettings(Setting):
    """A witness of the audit log; its public key stands in audit/vkeys under the same name."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    url: HttpsUrl
    ca_file: str | None = None


class AuditSettings(Setting):
    """Who cosigns the audit log, how often they are asked, and how long one may be missed before anybody is told.

    `logbook` is told what is done with people's data. Then where its lines and checkpoints go besides, and who vouches
    for their time. Without `retention` nothing is ever deleted from it.
    """

    witnesses: tuple[AuditWitnessSettings, ...] = ()
    witness_seconds: Annotated[float, Field(gt=0)] = 60.0
    witness_late_seconds: Annotated[float, Field(ge=0)] = 86_400.0
    logbook: LogbookSettings | None = None
    exports: ExportList = ()
    export_seconds: Annotated[float, Field(gt=0)] = 5.0
    export_late_seconds: Seconds = 900.0
    checkpoints: CheckpointSettings | None = None
    timestamps: TimestampSettings | None = None
    retention: AuditRetentionSettings | None = None
    alerts: AlertSettings = AlertSettings()


class SiteSettings(Setting):
    """All of site.yaml. `four_eyes`: changed rules take a second person; unset, see `needs_four_eyes`."""

    format: Literal["sluis-site/1"]
    environment: Environment = "production"
    organisation: str
    language: Language = Language.NL
    outbox: OutboxSettings = OutboxSettings()
    mail: MailServerSettings | None = None
    postbus: PostbusSettings | None = None
    file_drop: bool = True
    sms: SmsSettings | None = None
    bestandenpostbus: BestandenpostbusSettings | None = None
    chain: ChainFacilitySettings | None = None
    sftp: dict[Slug, SftpServerSettings] = Field(default={})
    webdav: dict[Slug, WebDavServerSettings] = Field(default={})
    seal: SealSettings
    api: ApiSettings = ApiSettings()
    policy: PolicySettings = PolicySettings()
    retry: RetrySettings = RetrySettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    holds: HoldSettings = HoldSettings()
    test_clock: ClockSettings | None = None
    history: HistorySettings = HistorySettings()
    registers: RegisterSettings = RegisterSettings()
    documents: DocumentSettings = DocumentSettings()
    audit: AuditSettings = AuditSettings()
    key_directory: KeyDirectorySettings = KeyDirectorySettings()
    four_eyes: bool | None = None
    min_free_bytes: Size = 256 * 1024 * 1024
    workers: Annotated[int, Field(ge=1, le=64)] = 8

    def drop_servers(self) -> frozenset[tuple[DropScheme, str]]:
        """Give the servers of others on which a file drop can be."""
        named = {DropScheme.SFTP: self.sftp.keys(), DropScheme.WEBDAV: self.webdav.keys()}
        return frozenset((scheme, name) for scheme, names in named.items() for name in names)

    def needs_four_eyes(self) -> bool:
        """Tell whether changed rules take a second person: as the setting says, else not in `demo` and `test`."""
        return self.environment not in ("demo", "test") if self.four_eyes is None else self.four_eyes

    @model_validator(mode="after")
    def _tells_the_true_time(self) -> "SiteSettings":
        if self.test_clock is not None and self.environment != "test":
            raise ValueError("testClock with environment: test only")
        return self

    @model_validator(mode="after")
    def _knows_real_partners(self) -> "SiteSettings":
        if self.environment == "production" and self.chain is not None and self.chain.has_test_numbers():
            raise ValueError("no OIN for tests (00000099) under chain with environment: production")
        return self

    @model_validator(mode="after")
    def _mails_the_links(self) -> "SiteSettings":
        """Refuse a postbus without mail: nobody would ever get a link."""
        if self.postbus is not None and self.mail is None:
            raise ValueError("mail beside postbus: the links go by mail")
        return self


class Deputy(Setting):
    """Who may decide in a privacy officer's place: always, or from one day up to and including another."""

    id: Slug
    from_day: Annotated[dt.date | None, Field(alias="from")] = None
    until: dt.date | None = None

    def stands_in(self, day: dt.date) -> bool:
        """Tell whether the deputyship holds on a day in Europe/Amsterdam."""
        return (self.from_day is None or self.from_day <= day) and (self.until is None or day <= self.until)


class Person(Setting):
    """One person or application of people.yaml. `email` is where notices of holds go; without it none are sent."""

    id: Slug
    organisation: str
    roles: tuple[Role, ...] = ()
    uid: Annotated[int, Field(ge=0)] | None = None
    email: MailAddress | None = None
    deputies: tuple[Deputy, ...] = ()


class People(Setting):
    """All of people.yaml."""

    format: Literal["sluis-people/1"]
    people: tuple[Person, ...]


_Model = TypeVar("_Model", bound=Setting)


def read_site_settings(path: Path) -> SiteSettings:
    """Read site.yaml. Raises SluisError `site-missing`, or `setting-invalid` with every fault."""
    return read_setting_file(path, SiteSettings)


def read_people(path: Path) -> People:
    """Read people.yaml. Raises SluisError `site-missing`, or `setting-invalid` with every fault."""
    people = read_setting_file(path, People)
    ids = [person.id for person in people.people]
    if len(set(ids)) != len(ids):
        raise SluisError(Code.SETTING_INVALID, where=path.name, faults=(("people", "each id once"),))
    if faults := tuple(_deputy_faults(people)):
        raise SluisError(Code.SETTING_INVALID, where=path.name, faults=faults)
    return people


def _deputy_faults(people: People) -> Iterator[tuple[str, str]]:
    """Give what is wrong with deputies: each is another person of the officer's own organisation."""
    known = {person.id: person for person in people.people}
    for number, person in enumerate(people.people):
        for place, deputy in enumerate(person.deputies):
            where, found = f"people[{number}].deputies[{place}]", known.get(deputy.id)
            if "privacy-officer" not in person.roles:
                yield where, "deputies of a privacy-officer only"
            if found is None or found.id == person.id or "application" in found.roles:
                yield where, "the id of another person"
            elif found.organisation.casefold() != person.organisation.casefold():
                yield where, "a person of the same organisation"
            if deputy.from_day and deputy.until and deputy.until < deputy.from_day:
                yield where, "'until' not before 'from'"


class _EachKeyOnce(yaml.SafeLoader):
    """Refuses a key that stands twice: of two, only the last would count."""

    def construct_mapping(self, node: yaml.MappingNode, *rest: Any, **named: Any) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            faults = tuple((key, "each key once expected") for key in twice)
            raise SluisError(Code.SETTING_INVALID, where=Path(node.start_mark.name).name, faults=faults)
        return super().construct_mapping(node, *rest, **named)


def read_setting_file(path: Path, model: type[_Model]) -> _Model:
    """Read a file of settings as what it should be. Raises SluisError `site-missing`, `setting-invalid`."""
    try:
        with path.open(encoding="utf-8") as file:
            content: Any = yaml.load(file, Loader=_EachKeyOnce)  # noqa: S506 - a SafeLoader
    except FileNotFoundError as error:
        raise SluisError(Code.SITE_MISSING, where=path.name) from error
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where=path.name) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SluisError(Code.SETTING_INVALID, where=path.name) from error
    if not isinstance(content, Mapping):
        raise SluisError(Code.SETTING_INVALID, where=path.name)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise SluisError(Code.SETTING_INVALID, where=path.name, faults=setting_faults(error)) from error
