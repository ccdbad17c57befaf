"""Policy sets for whoever works on them: reads files, changes nothing, and needs no service."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.settings import read_site_settings
from gateway.package.drop_addresses import parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel
from gateway.policy.case_files import CaseTable, check_cases, has_cases, load_cases
from gateway.policy.comparing import Change, Changes, Ran, compare, compare_cases, compare_files
from gateway.policy.compiling import LoadedPolicies
from gateway.policy.overview import DueForReview, due_for_review
from gateway.policy.policy_files import compile_files, find_place, read_place
from gateway.policy.policy_set import PolicySet


def lint_policies(folder: Path) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Give the digest of a set and every fault of it and of the cases beside it, as (file:line key, expectation).

    Raises SluisError `read-forbidden`.
    """
    place = find_place(folder)
    read = read_place(place)
    if has_cases(place):
        check_cases(place.policies, faults=read.faults)
    try:
        policy = compile_files(read).policy
    except SluisError as error:
        if error.code is not Code.POLICY_INVALID:
            raise
        return read.digest(), error.faults
    return read.digest(), tuple(_unknown_servers(policy, folder))


def _unknown_servers(policy: PolicySet, folder: Path) -> Iterator[tuple[str, str]]:
    """Give the recipients of a site whose place on others' servers its settings do not name; what goes there waits.

    Settings that this user may not read, or that are broken, say nothing here: `sluis check` speaks of them.
    """
    try:
        settings = read_site_settings(SiteLayout(folder).settings)
        known = settings.drop_servers()
    except SluisError:
        return
    for recipient, entry in sorted(policy.recipients.items()):
        for number, item in enumerate(entry.channels):
            address = parse_drop_address(item.address) if item.channel is Channel.FILE_DROP else None
            where = f"recipients/{recipient}.yaml channels[{number}]"
            if address is not None and address.mailbox and settings.bestandenpostbus is None:
                yield where, "bestandenpostbus in site.yaml expected"
            if address is not None and address.at is not None and address.at not in known:
                told = f"a server that stands under {address.scheme} in site.yaml expected, not '{address.server}'"
                yield where, told


def load_policies(folder: Path) -> LoadedPolicies:
    """Load a set. Raises SluisError `policy-invalid` with every fault."""
    return compile_files(read_place(find_place(folder)))


def load_case_table(folder: Path) -> CaseTable:
    """Load the cases beside a set, and the set. Raises SluisError `policy-invalid`."""
    return load_cases(find_place(folder))


def case_table_if_any(folder: Path) -> CaseTable | None:
    """Load the cases beside a set; None when there are none. Raises SluisError `policy-invalid`."""
    place = find_place(folder)
    return load_cases(place) if has_cases(place) else None


def compare_folders(old: Path, new: Path) -> Changes:
    """Tell everything that differs between two sets, and their cases. Raises SluisError `policy-invalid`."""
    read = [read_place(find_place(folder)) for folder in (old, new)]
    loaded = [compile_files(each) for each in read]
    return Changes(
        before=loaded[0].policy.digest,
        after=loaded[1].policy.digest,
        changes=(*compare(*loaded), *_in_cases(old, new)),
        files=tuple(compare_files(*(each.files for each in read))),
    )


def _in_cases(old: Path, new: Path) -> list[Change]:
    tables = [case_table_if_any(folder) for folder in (old, new)]
    ran = [Ran(tuple(case for _, case in table.cases), table.policy) for table in tables if table]
    return list(compare_cases(*ran)) if len(ran) == len(tables) else []


def due_permissions(folder: Path, *, today: dt.date) -> tuple[DueForReview, ...]:
    """Give the permissions of a set that have to be reviewed soon, or had to be. Raises SluisError `policy-invalid`."""
    return due_for_review(load_policies(folder).policy, today=today)
