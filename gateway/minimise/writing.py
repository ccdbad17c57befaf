"""Writes what leaves besides the documents: `data.json`, and `left-out.json` that says what stayed behind and why.

Rules:
1. UTF-8 JSON, keys in the sender's order, whole numbers with every digit.
2. Text stays as it is. A leading `=` is harmless in JSON; formulas are guarded against where a spreadsheet is made.
3. The list of what was left out holds no value ever, and names only ordinary fields: that there is a diagnosis to leave
   out is health data too. Other fields are counted. So are documents, but for those that simply are not needed: those
   are told by their number.
"""

import json
from collections.abc import Mapping
from typing import Final

import orjson
from pydantic import JsonValue

from gateway.package.errors import Code, SluisError
from gateway.package.states import DocumentVerdict, FieldVerdict, Reason, RecipientDecision, Verdict

LEFT_OUT_FORMAT: Final = "sluis-left-out/1"
# A redacted document goes; its own text shows where something was taken out.
_GOES: Final = frozenset({Verdict.RELEASE, Verdict.REDACT})


def write_data(projected: JsonValue) -> bytes:
    """Write the projected data. Raises SluisError `data-unreadable` for a value that JSON does not know."""
    try:
        return orjson.dumps(projected, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        # Numbers beyond 64 bits, which the standard library writes in full.
        return _write_slowly(projected)


def _write_slowly(projected: JsonValue) -> bytes:
    try:
        return (json.dumps(projected, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()
    except (ValueError, RecursionError):
        raise SluisError(Code.DATA_UNREADABLE) from None


def write_left_out(decision: RecipientDecision) -> bytes:
    """Write for one recipient which fields and documents were left out, by which rule, and why in two languages."""
    fields = [each for each in decision.fields if each.verdict not in _GOES]
    named = [each for each in fields if each.may_be_named()]
    documents = [each for each in decision.documents if each.verdict not in _GOES]
    told = [each for each in documents if each.may_be_told()]
    content = {
        "format": LEFT_OUT_FORMAT,
        "fields": [_field(each) for each in named],
        "unnamedFields": len(fields) - len(named),
        "documents": [_document(each) for each in told],
        "unnamedDocuments": len(documents) - len(told),
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _field(verdict: FieldVerdict) -> Mapping[str, object]:
    return {"path": verdict.path, "verdict": verdict.verdict, **_why(verdict.reason)}


def _document(verdict: DocumentVerdict) -> Mapping[str, object]:
    return {"number": verdict.number, "verdict": verdict.verdict, **_why(verdict.reason)}


def _why(reason: Reason) -> Mapping[str, object]:
    return {
        "ruleId": reason.rule_id,
        "step": reason.step,
        "article": reason.article,
        "reason": {"nl": reason.nl, "en": reason.en},
    }
