"""A manifest's bytes become a Manifest, or an error that names every fault; the same for the outbox and the API."""

from typing import Protocol

from pydantic import ValidationError

from gateway.intake.manifest_faults import validation_faults
from gateway.intake.manifest_text import Syntax, json_of, parse_manifest
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import FORMAT, DeclaredFile, FileRole, Manifest, count_fields

__all__ = ["ManifestLimits", "Syntax", "check_manifest", "key_path", "read_manifest", "validation_faults"]

_KEYS = {FileRole.DATA: "dataFile", FileRole.CONSENT: "consent.document", FileRole.MANDATE: "mandate.document"}


class ManifestLimits(Protocol):
    """How many documents and fields a package may hold."""

    @property
    def documents(self) -> int:
        """Documents of one package."""
        ...

    @property
    def fields(self) -> int:
        """Fields of inline data."""
        ...


def read_manifest(text: bytes, *, syntax: Syntax) -> Manifest:
    """Read a manifest.

    Raises SluisError: `manifest-unreadable` with a line, `format-unknown`, `manifest-invalid` with all faults at once
    as (key path, expectation), `package-too-large`. No message holds a value of the manifest.
    """
    value = parse_manifest(text, syntax=syntax)
    if isinstance(value, dict) and value.get("format", FORMAT) != FORMAT:
        raise SluisError(Code.FORMAT_UNKNOWN, where="format")
    try:
        return Manifest.model_validate_json(json_of(value))
    except ValidationError as error:
        faults = validation_faults(error)
        raise SluisError(Code.MANIFEST_INVALID, where=faults[0][0], faults=faults) from None


def check_manifest(manifest: Manifest, *, limits: ManifestLimits) -> None:
    """Check what the form alone does not say: that there is something to share, and not too much.

    Raises SluisError `package-empty`, `package-too-many-files`, `fields-too-many`.
    """
    if not manifest.data and manifest.data_file is None and not manifest.documents:
        raise SluisError(Code.PACKAGE_EMPTY)
    if len(manifest.documents) > limits.documents:
        raise SluisError(Code.PACKAGE_TOO_MANY_FILES, where="documents", detail={"limit": limits.documents})
    if count_fields(manifest.data) > limits.fields:
        raise SluisError(Code.FIELDS_TOO_MANY, where="data", detail={"limit": limits.fields})


def key_path(file: DeclaredFile) -> str:
    """Give the place in the manifest that declares a file: `documents[0]` for the first document, or a key."""
    return _KEYS.get(file.role) or f"documents[{file.number - 1}]"
