"""Makes a new site: folders, settings, secrets, keys, and a sample when asked for.

Rules: only in a new or empty folder; everything private to the service's user; the signing key is drawn on the
machine and never leaves its GNUPGHOME.
"""

import datetime as dt
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.bootstrap.audit_keys import create_audit_key, own_origin
from gateway.bootstrap.layout import SiteLayout, shipped
from gateway.bootstrap.pseudonym_keys import create_pseudonym_key
from gateway.bootstrap.sample import RECIPIENT_NAMES, write_sample_packages, write_sample_registers
from gateway.bootstrap.secrets_store import create_secrets
from gateway.bootstrap.setting_types import NO_ADDRESS
from gateway.bootstrap.settings import ZONE
from gateway.intake.outbox import DUTCH_FOLDERS, ENGLISH_FOLDERS, Outbox
from gateway.package.errors import Code, SluisError
from gateway.package.ids import Fingerprint
from gateway.package.states import Language
from gateway.policy.policy_files import sample_recipients
from gateway.seal.keyring import (
    LONGEST_HOME_BYTES,
    create_home,
    create_recipient_key,
    create_signing_key,
    export_public,
    import_pinned,
    stop_agent,
)

_FOLDERS = ("recipients", "keys", "templates", "drop", "spool", "audit", "log", "run")

_SETTINGS = """\
# Settings of this Sluis site. Durations in seconds, sizes in bytes. Check with: sluis check
format: sluis-site/1
environment: {environment}
organisation: {organisation}
language: {language}

outbox:
  path: outbox
  folders: {language}            # nl: 1-Verzenden, 3-Actie nodig, …; en: 1-Send, 3-Action needed, …
  settleSeconds: {settle}     # an entry that has not changed for so long is finished
  scanSeconds: {scan}
{mail}
seal:
  signingKey: {signing_key}

retry:
  firstSeconds: {retry}
{registers}"""

_SAMPLE_REGISTERS = """
registers:
  caseFolder: registers/cases            # one folder for each case, IS-TV/2026/118
  withdrawals: registers/withdrawals.csv
  bar: registers/bar.csv                 # with bar.csv.json beside it
"""

_NO_REGISTERS = """
# What is not named here can not be asked: consent and lawyers then wait.
# registers:
#   caseFolder: registers/cases
#   withdrawals: registers/withdrawals.csv
#   bar: registers/bar.csv
"""

_MAIL = """
mail:
  host: {host}
  port: {port}
{ca}  fromAddress: {address}
  fromName: {organisation}
"""

_NO_MAIL = """
# Secure mail is not connected until this is filled in. TLS is always required and verified.
# mail:
#   host: mail.example.nl
#   port: 587
#   fromAddress: {address}
"""

_PEOPLE = """\
# Who may hand packages in, and who may look. uid is the operating-system user; `id -u` shows yours.
# roles: caseworker, privacy-officer, security, administrator, application
# A privacy officer may have deputies: [{id: ID, from: DAY, until: DAY}]; email is where notices of holds go.
format: sluis-people/1
people:
"""

_PERSON = "  - {{id: {id}, organisation: {organisation}, roles: [{role}]{uid}}}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWishes:
    """What `sluis init` was asked for; `smtp` is a host and port of loopback or the organisation's own server.

    `from_address` is that from which mail goes, and stands in the signing key.
    """

    sample: bool = False
    language: Language = Language.NL
    organisation: str = "DT&V"
    smtp: tuple[str, int] | None = None
    smtp_ca: Path | None = None
    from_address: str = NO_ADDRESS
    settle_seconds: float = 10.0
    scan_seconds: float = 2.0
    retry_seconds: float = 30.0


def create_site(root: Path, wishes: SiteWishes) -> SiteLayout:
    """Make a site. Raises SluisError `site-exists`, `path-unusable`, `program-missing`, `signing-key-unusable`."""
    # pathlib's own way raises what is no OSError for links in a circle.
    _require_short(SiteLayout(Path(os.path.realpath(root))), wishes)
    if root.exists() and any(root.iterdir()):
        raise SluisError(Code.SITE_EXISTS)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    root.chmod(0o700)
    site = SiteLayout(root.resolve())
    for name in _FOLDERS:
        (site.root / name).mkdir(mode=0o700)
    # The shipped cases are about the sample recipients; a real site writes its own.
    left_out = ("sample",) if wishes.sample else ("sample", "cases.yaml")
    shutil.copytree(shipped("policies"), site.policies, ignore=shutil.ignore_patterns(*left_out))
    create_secrets(site.secrets, random=secrets.token_bytes)
    create_audit_key(site, origin=own_origin(), random=secrets.token_bytes)
    create_pseudonym_key(site, 1, random=secrets.token_bytes)
    signing_key = _make_signing_key(site, wishes)
    folders = DUTCH_FOLDERS if wishes.language is Language.NL else ENGLISH_FOLDERS
    Outbox(root=site.root / "outbox", folders=folders, settle_seconds=0).prepare()
    _write(site.settings, _settings_text(wishes, signing_key))
    _write(site.people, _people_text(wishes))
    if wishes.sample:
        _make_sample(site, signing_key)
    return site


def _require_short(site: SiteLayout, wishes: SiteWishes) -> None:
    """Raise SluisError `path-unusable` when GnuPG could not work below the site, before any secret lies there."""
    samples = RECIPIENT_NAMES if wishes.sample else ()
    homes = [site.gnupg, *(_sample_home(site, recipient) for recipient in samples)]
    over = max(len(os.fsencode(home)) for home in homes) - LONGEST_HOME_BYTES
    if over > 0:
        most = len(os.fsencode(site.root)) - over
        raise SluisError(Code.PATH_UNUSABLE, faults=((str(site.root), f"a path of at most {most} bytes expected"),))


def _sample_home(site: SiteLayout, recipient: str) -> Path:
    return site.sample / recipient / "gnupg"


def _make_signing_key(site: SiteLayout, wishes: SiteWishes) -> Fingerprint:
    create_home(site.gnupg)
    fingerprint = create_signing_key(site.gnupg, name=f"Sluis {wishes.organisation}", email=wishes.from_address)
    _write_bytes(site.keys / f"{fingerprint}.asc", export_public(site.gnupg, fingerprint))
    return fingerprint


def _settings_text(wishes: SiteWishes, signing_key: Fingerprint) -> str:
    address = wishes.from_address
    mail = _NO_MAIL.format(address="sluis@example.nl" if address == NO_ADDRESS else address)
    if wishes.smtp is not None:
        ca = f"  caFile: {wishes.smtp_ca}\n" if wishes.smtp_ca else ""
        host, port = wishes.smtp
        mail = _MAIL.format(host=host, port=port, ca=ca, address=address, organisation=wishes.organisation)
    return _SETTINGS.format(
        environment="demo" if wishes.sample else "production",
        organisation=wishes.organisation,
        language=wishes.language.value,
        settle=wishes.settle_seconds,
        scan=wishes.scan_seconds,
        retry=wishes.retry_seconds,
        signing_key=signing_key,
        mail=mail,
        registers=_SAMPLE_REGISTERS if wishes.sample else _NO_REGISTERS,
    )


def _people_text(wishes: SiteWishes) -> str:
    """Write the people; in a sample one operating-system user plays them all, by `sluis login`."""
    me = f", uid: {os.getuid()}"
    roles = {"medewerker": "caseworker"}
    if wishes.sample:
        roles |= {"privacy-1": "privacy-officer", "privacy-2": "privacy-officer"}
        roles |= {"beveiliging": "security", "beheer": "administrator"}
    return _PEOPLE + "".join(
        _PERSON.format(id=person, organisation=wishes.organisation, role=role, uid=me if role == "caseworker" else "")
        for person, role in roles.items()
    )


def _make_sample(site: SiteLayout, signer: Fingerprint) -> None:
    today = dt.datetime.now(ZONE).date()
    write_sample_packages(site.sample / "packages", today=today)
    write_sample_registers(site.root / "registers", today=today)
    fingerprints = {
        recipient: _make_recipient(site, recipient, name, signer=signer) for recipient, name in RECIPIENT_NAMES.items()
    }
    _write_register(site, fingerprints)


def _make_recipient(site: SiteLayout, recipient: str, name: str, *, signer: Fingerprint) -> Fingerprint:
    """Draw a recipient's key in its own home, so that anyone can open what arrives, and pin its public half."""
    home = _sample_home(site, recipient)
    create_home(home)
    fingerprint = create_recipient_key(home, name=name, email=f"post@{recipient}.example")
    public = export_public(home, fingerprint)
    import_pinned(home, (site.keys / f"{signer}.asc").read_bytes(), expected=signer)
    stop_agent(home)
    import_pinned(site.gnupg, public, expected=fingerprint)
    _write_bytes(site.keys / f"{fingerprint}.asc", public)
    (site.drop / recipient).mkdir(mode=0o750)
    return fingerprint


def _write_register(site: SiteLayout, fingerprints: Mapping[str, Fingerprint]) -> None:
    for name, content in sample_recipients(shipped("policies"), fingerprints=fingerprints).items():
        _write_bytes(site.recipients / name, content)


def _write(path: Path, text: str) -> None:
    _write_bytes(path, text.encode())


def _write_bytes(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o640)
