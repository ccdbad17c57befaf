"""Reads the table of cases beside the policies, and the set that it is run against.

The set has the register's entries and those that only the table uses; the register's own win. A table is no rule: it is
not part of the digest, and a fault in it keeps no service from working.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from gateway.package.errors import Code, SluisError
from gateway.policy.cases import CaseForm, CasesForm
from gateway.policy.policy_files import (
    PolicyFiles,
    PolicyPlace,
    compile_files,
    placeholder,
    policy_invalid,
    read_bytes,
    read_place,
)
from gateway.policy.policy_form import read_form
from gateway.policy.policy_set import PolicySet
from gateway.policy.policy_yaml import Faults, PlainFile, read_plain

CASES = "policies/cases.yaml"
_MARK = b"@FPR@"
# The form wants a fingerprint; each entry gets one of its own as soon as it can be told from the others.
_NOBODYS = placeholder(CASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTable:
    """The cases of one folder, each with the line on which it stands, and the set to run them against."""

    cases: tuple[tuple[int, CaseForm], ...]
    policy: PolicySet


def has_cases(place: PolicyPlace) -> bool:
    """Tell whether there is a table beside the policies. Raises SluisError `read-forbidden`."""
    try:
        return (place.policies / Path(CASES).name).is_file()
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="policies") from error


def load_cases(place: PolicyPlace) -> CaseTable:
    """Load the table and its set. Raises SluisError `policy-invalid` with every fault of both."""
    read = read_place(place)
    table = _read_table(place.policies, faults=read.faults)
    if table is None:
        raise policy_invalid(read.faults)
    file, form = table
    policy = compile_files(_with_entries(read, file)).policy
    lines = (file.lines[("cases", number)] for number in range(len(form.cases)))
    return CaseTable(cases=tuple(zip(lines, form.cases, strict=True)), policy=policy)


def check_cases(policies: Path, *, faults: Faults) -> None:
    """Write down the faults in the form of the table."""
    _read_table(policies, faults=faults)


def _read_table(policies: Path, *, faults: Faults) -> tuple[PlainFile, CasesForm] | None:
    content = read_bytes(policies / Path(CASES).name, shown=CASES, faults=faults)
    if content is None:
        return None
    file = read_plain(CASES, content.replace(_MARK, _NOBODYS), faults=faults)
    form = read_form(file, CasesForm)
    return None if form is None else (file, form)


def _with_entries(read: PolicyFiles, file: PlainFile) -> PolicyFiles:
    """Add the entries of the table to the register, in the same form as there."""
    value = file.value if isinstance(file.value, dict) else {}
    named = ((f"recipients/{each['id']}.yaml", each) for each in value.get("recipients", ()))
    entries = {name: json.dumps(each).encode().replace(_NOBODYS, placeholder(name)) for name, each in named}
    return PolicyFiles(files=entries | dict(read.files), faults=read.faults)
