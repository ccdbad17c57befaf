"""The forms in which the log's lines go elsewhere, by name: one function for whoever exports."""

from enum import StrEnum
from typing import assert_never

from gateway.audit.exports.cef import as_cef
from gateway.audit.exports.ecs import as_ecs
from gateway.audit.exports.lines import ExportLine, read_line, unreadable_line
from gateway.audit.exports.ocsf import as_ocsf
from gateway.audit.exports.syslog import DOCUMENTATION_NUMBER, as_syslog


class ExportForm(StrEnum):
    """A form; `JSONL` is the exact line, on which proofs verify."""

    JSONL = "jsonl"
    ECS = "ecs"
    OCSF = "ocsf"
    CEF = "cef"
    SYSLOG = "syslog"


def formatted(line: bytes, form: ExportForm, *, enterprise: int = DOCUMENTATION_NUMBER) -> bytes:
    """Give one line of the log in a form, on one line and without a break at its end. No line is refused."""
    if form is ExportForm.JSONL:
        return line
    read = read_line(line)
    try:
        return _formatted(read, form, enterprise=enterprise)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        # Somebody wrote it who is not us, such as nested a thousand deep: what can not be said counts as unreadable.
        return _formatted(unreadable_line(line), form, enterprise=enterprise)


def _formatted(read: ExportLine, form: ExportForm, *, enterprise: int) -> bytes:
    match form:
        case ExportForm.JSONL:
            return read.line
        case ExportForm.ECS:
            return as_ecs(read)
        case ExportForm.OCSF:
            return as_ocsf(read)
        case ExportForm.CEF:
            return as_cef(read)
        case ExportForm.SYSLOG:
            return as_syslog(read, enterprise=enterprise)
    assert_never(form)


def in_syslog(line: bytes, form: ExportForm, *, enterprise: int = DOCUMENTATION_NUMBER) -> bytes:
    """Give one line in a form as the text of a syslog message; `JSONL` and `SYSLOG` are the same there."""
    if form in (ExportForm.JSONL, ExportForm.SYSLOG):
        return formatted(line, ExportForm.SYSLOG, enterprise=enterprise)
    message = formatted(line, form)
    try:
        return as_syslog(read_line(line), message=message, enterprise=enterprise)
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError):
        return as_syslog(unreadable_line(line), message=message, enterprise=enterprise)
