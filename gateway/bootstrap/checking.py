"""Looks whether a site can work, without changing anything and without sending a package: `sluis check`.

Each check ends well or in a problem code with a place. The order is the order in which an administrator mends.
"""

import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from gateway.bootstrap.audit_copy_checks import audit_copy_findings
from gateway.bootstrap.audit_keys import read_audit_signer
from gateway.bootstrap.build_chain import build_chain_sealer
from gateway.bootstrap.build_couriers import build_bounces, build_couriers
from gateway.bootstrap.build_work import (
    build_documents,
    build_openpgp,
    build_outbox,
    build_sealer,
    read_policy,
)
from gateway.bootstrap.certificate_checks import certificate_findings
from gateway.bootstrap.chain_checks import chain_key_findings, chain_peer_findings
from gateway.bootstrap.channel_settings import SmsSettings
from gateway.bootstrap.clock import clock_of
from gateway.bootstrap.endings_ahead import end_findings
from gateway.bootstrap.finding import Finding
from gateway.bootstrap.key_checks import (
    known_keys,
    own_key_findings,
    recipient_key_findings,
    record_findings,
    require_no_secret_keys,
)
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.logbook_settings import LogbookSettings
from gateway.bootstrap.pseudonym_keys import PseudonymKeys
from gateway.bootstrap.registers import build_registers, close_registers, to_check
from gateway.bootstrap.secrets_store import credentials_folder, read_secrets
from gateway.bootstrap.settings import SiteSettings, read_people, read_site_settings
from gateway.bootstrap.standing_file import StandingFile
from gateway.deliver.file_drop import FileDropCourier
from gateway.package.drop_addresses import parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel
from gateway.policy.policy_set import PolicySet
from gateway.seal.chain_port import ChainSealer
from gateway.seal.openpgp import OpenPgpSealer

_T = TypeVar("_T")


async def check_site(site: SiteLayout) -> list[Finding]:
    """Look at everything that can be looked at; what rests on a failed check is left out."""
    found: list[Finding] = []
    settings = _try(found, "settings", lambda: read_site_settings(site.settings))
    _try(found, "people", lambda: read_people(site.people))
    _try(found, "secrets", lambda: read_secrets(site.secrets, credentials=credentials_folder()))
    _try(found, "audit key", lambda: read_audit_signer(site, credentials=credentials_folder()))
    _try(found, "pseudonym keys", lambda: PseudonymKeys.read(site, credentials=credentials_folder()))
    _try(found, "programs", _programs)
    policy = _try(found, "policy", lambda: read_policy(site))
    if policy is not None and settings is not None and settings.needs_four_eyes():
        _try(found, "approval", lambda: _require_approved(site, policy))
    _try(found, "public keys only", lambda: require_no_secret_keys(site, settings))
    if settings is None:
        return found
    documents = build_documents(site, settings)
    registers = _try(found, "registers", lambda: build_registers(site, settings, files=documents))
    if registers is not None:
        for name, register in to_check(registers):
            _try(found, name, register.check)
        close_registers(registers)
    _try(found, "sandbox", documents.check_sandbox)
    if settings.documents.malware_scan is not None:
        _try(found, "malware scanner", documents.check_scanner)
    documents.close()
    _try(found, "outbox", lambda: build_outbox(site, settings).prepare())
    sealer = _try(found, "signing key", lambda: _signer(site, settings))
    if policy is not None:
        found += _sender(policy, settings)
    chain = _try(found, "chain certificate", lambda: _chain(site, settings)) if settings.chain else None
    if policy is not None and sealer is not None:
        found += _keys(site, settings, policy=policy, sealer=sealer)
    if policy is not None:
        found += _drop_folders(policy, site) if settings.file_drop else []
        found += chain_peer_findings(policy, settings.chain) if settings.chain else ()
        found += chain_key_findings(policy, chain) if chain is not None else ()
    await _ways_out(found, site, settings, policy)
    if settings.mail is not None and settings.mail.bounces is not None:
        _try(found, "bounces", lambda: _bounces(site, settings))
    found += await audit_copy_findings(site, settings)
    return found


async def _ways_out(found: list[Finding], site: SiteLayout, settings: SiteSettings, policy: PolicySet | None) -> None:
    """Look at each channel, and at each recipient's folder on another's server."""
    if settings.sms is not None:
        await _try_async(found, "text messages", partial(_text_messages, site, settings.sms))
    if settings.audit.logbook is not None:
        await _logbook(found, site, settings, settings.audit.logbook, policy)
    try:
        couriers = build_couriers(site, settings)
    except SluisError as error:
        found.append(Finding(name="channels", error=error))
        return
    for channel, courier in couriers.items():
        await _try_async(found, channel.value, courier.check)
        if policy is not None and isinstance(courier, FileDropCourier):
            for recipient, address in _on_servers(policy):
                await _try_async(found, "server folder", partial(courier.check_folder, address), where=recipient)
        await courier.aclose()


def _try(found: list[Finding], name: str, look: Callable[[], _T]) -> _T | None:
    try:
        result = look()
    except SluisError as error:
        found.append(Finding(name=name, error=error))
        return None
    except PermissionError:
        # What this user may not read may be well or not: it is a finding, and the other checks go on.
        found.append(Finding(name=name, error=SluisError(Code.READ_FORBIDDEN)))
        return None
    found.append(Finding(name=name))
    return result


async def _try_async(found: list[Finding], name: str, look: Callable[[], Awaitable[None]], *, where: str = "") -> None:
    try:
        await look()
    except SluisError as error:
        found.append(Finding(name=name, where=where, error=error))
    else:
        found.append(Finding(name=name, where=where))


def _programs() -> None:
    for program in ("gpg", "gpg-agent", "gpgconf"):
        if shutil.which(program) is None:
            raise SluisError(Code.PROGRAM_MISSING, detail={"program": program})


def _require_approved(site: SiteLayout, policy: PolicySet) -> None:
    """Say so when what lies on disk is not what a second person approved: packages are not decided by it."""
    keys = read_secrets(site.secrets, credentials=credentials_folder())
    approved = StandingFile(site.policy_standing, secret=keys.digest_key).read().approved
    if approved is None or approved.digest != policy.digest:
        raise SluisError(Code.POLICY_NOT_APPROVED, where=policy.digest)


def _signer(site: SiteLayout, settings: SiteSettings) -> OpenPgpSealer:
    build_sealer(site, settings).check_signer()
    return build_openpgp(site, settings)


def _keys(site: SiteLayout, settings: SiteSettings, *, policy: PolicySet, sealer: OpenPgpSealer) -> list[Finding]:
    found: list[Finding] = []
    now = clock_of(settings)()
    known = _try(found, "keys", lambda: known_keys(site, settings, policy=policy, sealer=sealer, now=now))
    if known is None:
        return found
    others = certificate_findings(site, settings, policy=policy, sealer=build_sealer(site, settings))
    return [
        *own_key_findings(known),
        *recipient_key_findings(known),
        *record_findings(known),
        *end_findings(known.ends),
        *others,
    ]


def _sender(policy: PolicySet, settings: SiteSettings) -> list[Finding]:
    """Find an organisation that may not send: each of its packages would be refused."""
    organisation = policy.organisations.get(settings.organisation.casefold())
    if organisation is not None and organisation.privacy_office is not None:
        return []
    fault = ("organisation", "an organisation with a privacyOffice in policies/organisations.yaml expected")
    return [Finding(name="sender", error=SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,)))]


def _drop_folders(policy: PolicySet, site: SiteLayout) -> list[Finding]:
    """Find recipients whose folder on the drop is not there: their packages would be sealed, and then wait."""
    found = []
    for recipient, entry in sorted(policy.recipients.items()):
        for item in entry.channels:
            address = parse_drop_address(item.address) if item.channel is Channel.FILE_DROP else None
            if (
                address is not None
                and address.folder
                and not address.server
                and not (site.drop / address.folder).is_dir()
            ):
                fault = (f"drop/{item.address}", "a folder expected")
                error = SluisError(Code.DROP_UNAVAILABLE, where=recipient, faults=(fault,))
                found.append(Finding(name="drop folder", where=recipient, error=error))
    return found


def _chain(site: SiteLayout, settings: SiteSettings) -> ChainSealer | None:
    keys = read_secrets(site.secrets, credentials=credentials_folder())
    return build_chain_sealer(site, settings, keys)


async def _text_messages(site: SiteLayout, wanted: SmsSettings) -> None:
    from gateway.bootstrap import text_gateway  # noqa: PLC0415 - megabytes that most sites do not need

    await text_gateway.build_text_gateway(site, wanted).check()


async def _logbook(
    found: list[Finding], site: SiteLayout, settings: SiteSettings, wanted: LogbookSettings, policy: PolicySet | None
) -> None:
    """Look whether the logbook listens, and which purposes have no processing activity of their own."""
    from gateway.bootstrap import build_logbook  # noqa: PLC0415 - megabytes that most sites do not need

    await _try_async(found, "logbook", partial(build_logbook.check_logbook, site, wanted, now=clock_of(settings)))
    for purpose in sorted((policy.purposes if policy else frozenset()) - wanted.activities.keys()):
        doubt = SluisError(Code.LOGBOOK_DEFAULT_ACTIVITY, where=purpose)
        found.append(Finding(name="processing activity", where=purpose, doubts=(doubt,)))


def _bounces(site: SiteLayout, settings: SiteSettings) -> None:
    box = build_bounces(site, settings)
    if box is not None:
        box.check()


def _on_servers(policy: PolicySet) -> list[tuple[str, str]]:
    """Give the recipients whose drop is on another's server, with its address."""
    return [
        (recipient, channel.address)
        for recipient, entry in sorted(policy.recipients.items())
        for channel in entry.channels
        if channel.channel is Channel.FILE_DROP and (found := parse_drop_address(channel.address)) and found.server
    ]


def check_keys(site: SiteLayout) -> tuple[list[Finding], tuple[str, ...]]:
    """Look at keys alone, and give those who have to act when something is found: ids with their role.

    Raises SluisError `site-missing`, `setting-invalid`, `policy-invalid`.
    """
    settings, policy = read_site_settings(site.settings), read_policy(site)
    found: list[Finding] = []
    _try(found, "public keys only", lambda: require_no_secret_keys(site, settings))
    sealer = _try(found, "signing key", lambda: _signer(site, settings))
    if sealer is not None:
        found += _keys(site, settings, policy=policy, sealer=sealer)
    roles = ("administrator", "privacy-officer")
    people = read_people(site.people).people
    return found, tuple(f"{each.id} ({role})" for role in roles for each in people if role in each.roles)
