"""Reads a policy set from disk; `policy_copies.py` and `case_files.py` rest on it.

Rules:
1. Every file is read once; the same bytes are digested, checked, used and kept.
2. A set with one fault does not load: `policy-invalid` names every fault as (file:line key, expectation). A set that
   may not be read is no set with a fault: `read-forbidden`.
3. The digest covers the names and bytes of all files, recipients included, in the order of their names, so that a
   decision can be traced to exactly these rules.
"""

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway.package.errors import Code, SluisError
from gateway.policy.checking import PolicyForms, Sheet, check_policies, check_recipients
from gateway.policy.compiling import LoadedPolicies, compile_policies
from gateway.policy.policy_form import (
    DocumentsForm,
    FieldsForm,
    Form,
    KindsForm,
    OrganisationsForm,
    PurposesForm,
    RecipientForm,
    RulesForm,
    read_form,
)
from gateway.policy.policy_set import PolicySet
from gateway.policy.policy_yaml import Faults, read_plain

FormT = TypeVar("FormT", bound=Form)

_POLICY_FILES = ("documents", "fields", "kinds", "organisations", "purposes", "rules")
# The table of cases tests the rules; it is no rule.
_OTHER_FILES = frozenset({"cases.yaml"})
_MAX_FILE_BYTES = 1024 * 1024
_MARK = b"@FPR@"
# The set that was made last, by its digest.
_last: dict[str, PolicySet] = {}
_SCHEMAS_HERE, _SCHEMAS_IN_A_SITE = b"=../../schemas/", b"=../policies/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFiles:
    """The files of one set as they were read, by their names below the site, and what could not be read."""

    files: Mapping[str, bytes]
    faults: Faults

    def digest(self) -> str:
        """Digest names and bytes."""
        return _digest(self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPlace:
    """Where one set lies. `samples` when the register is the shipped one, whose keys are made with a site."""

    policies: Path
    recipients: Path | None
    samples: bool = False


def load_policy_set(policies: Path, *, recipients: Path) -> PolicySet:
    """Load the policy files of a folder and the recipient register of another.

    Raises SluisError `policy-invalid` with every fault that was found.
    """
    return policy_of(read_policy_files(policies, recipients=recipients))


def read_policy_files(policies: Path, *, recipients: Path | None) -> PolicyFiles:
    """Read the files of both folders, without looking what stands in them; no register gives none."""
    faults = Faults()
    register = {} if recipients is None else _read_recipients(recipients, faults=faults)
    return PolicyFiles(files=_read_policies(policies, faults=faults) | register, faults=faults)


def find_place(folder: Path) -> PolicyPlace:
    """Find a set: a site or one like it (`policies/` and `recipients/`), or a folder of policy files.

    Beside the latter lies its register; without one the samples in it stand in, or nobody is registered.
    Raises SluisError `read-forbidden`.
    """
    try:
        return _find_place(folder)
    except PermissionError as error:
        raise SluisError(Code.READ_FORBIDDEN, where="policies") from error


def _find_place(folder: Path) -> PolicyPlace:
    if (folder / "policies").is_dir():
        return PolicyPlace(policies=folder / "policies", recipients=folder / "recipients")
    beside, samples = folder.resolve().parent / "recipients", folder / "sample" / "recipients"
    if beside.is_dir():
        return PolicyPlace(policies=folder, recipients=beside)
    return PolicyPlace(policies=folder, recipients=samples if samples.is_dir() else None, samples=samples.is_dir())


def read_place(place: PolicyPlace) -> PolicyFiles:
    """Read the files of a set that was found; sample entries get a key that nobody has."""
    read = read_policy_files(place.policies, recipients=place.recipients)
    if not place.samples:
        return read
    files = {name: content.replace(_MARK, placeholder(name)) for name, content in read.files.items()}
    return PolicyFiles(files=files, faults=read.faults)


def compile_files(read: PolicyFiles) -> LoadedPolicies:
    """Check files together and make a set of them.

    Raises SluisError `policy-invalid` with every fault, `read-forbidden`.
    """
    loaded = _loaded(read)
    if loaded is None or read.faults.found:
        raise policy_invalid(read.faults)
    return loaded


def policy_of(read: PolicyFiles) -> PolicySet:
    """Give the set that these files make; the very same one when they are those of the last time, also in a fork.

    So a service and its foreman share the memory of what was made before there were two of them. Raises SluisError as
    `compile_files` does.
    """
    digest = read.digest()
    known = _last.get(digest)
    if known is None or read.faults.found:
        known = compile_files(read).policy
        _last.clear()
        _last[digest] = known
    return known


def policy_invalid(faults: Faults) -> SluisError:
    """Make the error that names every fault, or the first place that may not be read."""
    if faults.forbidden:
        return SluisError(Code.READ_FORBIDDEN, where=faults.forbidden[0])
    return SluisError(
        Code.POLICY_INVALID,
        where=faults.found[0][0] if faults.found else "",
        detail={"count": len(faults.found)},
        faults=faults.found,
    )


def is_policy_file(name: str) -> bool:
    """Tell whether a file of this name would be read, or be a fault; what editors leave behind is neither."""
    return name.lower().endswith((".yaml", ".yml")) and not name.startswith(".")


def placeholder(name: str) -> bytes:
    """Give the fingerprint of a key that nobody has, another one for each entry of the register."""
    return hashlib.sha256(name.encode()).hexdigest()[:40].upper().encode()


def sample_recipients(policies: Path, *, fingerprints: Mapping[str, str]) -> dict[str, bytes]:
    """Give the sample register entries as a site has them, by file name, with each recipient's own key filled in.

    Raises KeyError when our own code hands in no fingerprint for a sample recipient (misuse).
    """
    samples = sorted((policies / "sample" / "recipients").glob("*.yaml"))
    return {
        path.name: path.read_bytes()
        .replace(_MARK, fingerprints[path.stem].encode())
        .replace(_SCHEMAS_HERE, _SCHEMAS_IN_A_SITE)
        for path in samples
    }


def _read_policies(folder: Path, *, faults: Faults) -> dict[str, bytes]:
    expected = {f"{name}.yaml" for name in _POLICY_FILES}
    for found in _yaml_names(folder, shown="policies", faults=faults):
        if found not in expected | _OTHER_FILES:
            faults.add(f"policies/{found}", "one of the known policy files expected: this one is unknown")
    return {
        f"policies/{name}": content
        for name in sorted(expected)
        if (content := read_bytes(folder / name, shown=f"policies/{name}", faults=faults)) is not None
    }


def _read_recipients(folder: Path, *, faults: Faults) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name in _yaml_names(folder, shown="recipients", faults=faults):
        shown = f"recipients/{name}"
        if not name.endswith(".yaml"):
            faults.add(shown, "a name that ends in .yaml expected")
        elif (content := read_bytes(folder / name, shown=shown, faults=faults)) is not None:
            files[shown] = content
    return files


def _yaml_names(folder: Path, *, shown: str, faults: Faults) -> list[str]:
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError as error:
        faults.unreadable(shown, "a folder that can be read expected", error)
        return []
    return [name for name in names if is_policy_file(name)]


def read_bytes(path: Path, *, shown: str, faults: Faults) -> bytes | None:
    """Read one file under the name that people know it by; None with a fault when that fails."""
    try:
        # A pipe would keep its reader waiting for ever, and a disk image would fill the memory.
        status = path.stat()
        if stat.S_ISREG(status.st_mode) and status.st_size <= _MAX_FILE_BYTES:
            return path.read_bytes()
    except OSError as error:
        faults.unreadable(shown, "a file that can be read expected", error)
        return None
    faults.add(shown, f"an ordinary file of at most {_MAX_FILE_BYTES} bytes expected")
    return None


def _digest(files: Mapping[str, bytes]) -> str:
    # Lengths stand before names and bytes, so that no two different sets of files give the same stream.
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode("utf-8", "surrogateescape"), files[name]):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _loaded(read: PolicyFiles) -> LoadedPolicies | None:
    files, faults = read.files, read.faults
    forms = _policy_forms(files, faults=faults)
    names = [name for name in files if name.startswith("recipients/")]
    sheets = [_sheet(name, files, RecipientForm, faults=faults) for name in names]
    recipients = [sheet for sheet in sheets if sheet is not None]
    if forms is None:
        return None
    check_policies(forms)
    check_recipients(recipients, forms=forms)
    if faults.found:
        return None
    entries = tuple(sheet.form for sheet in recipients)
    policy = compile_policies(forms, recipients=entries, digest=read.digest())
    return LoadedPolicies(policy=policy, forms=forms, recipients=entries)


def _policy_forms(files: Mapping[str, bytes], *, faults: Faults) -> PolicyForms | None:
    fields = _sheet("policies/fields.yaml", files, FieldsForm, faults=faults)
    documents = _sheet("policies/documents.yaml", files, DocumentsForm, faults=faults)
    kinds = _sheet("policies/kinds.yaml", files, KindsForm, faults=faults)
    purposes = _sheet("policies/purposes.yaml", files, PurposesForm, faults=faults)
    organisations = _sheet("policies/organisations.yaml", files, OrganisationsForm, faults=faults)
    rules = _sheet("policies/rules.yaml", files, RulesForm, faults=faults)
    if not (fields and documents and kinds and purposes and organisations and rules):
        return None
    return PolicyForms(
        fields=fields, documents=documents, kinds=kinds, purposes=purposes, organisations=organisations, rules=rules
    )


def _sheet(name: str, files: Mapping[str, bytes], form: type[FormT], *, faults: Faults) -> Sheet[FormT] | None:
    if name not in files:
        return None
    file = read_plain(name, files[name], faults=faults)
    made = read_form(file, form)
    return None if made is None else Sheet(file, made)
