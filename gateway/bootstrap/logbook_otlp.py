"""Says spans as the OpenTelemetry Protocol 1 over HTTP does, and reads what a logbook answers.

Loaded only for a site that has one.

What an answer means, in order:
1. 200 with a whole `ExportTraceServiceResponse` of the promised media type that rejects no span: all are kept there.
2. 200 that rejects spans, 400, 413 and 422: there is something among them that this logbook does not take.
3. Everything else, a login page and a wrong address among it: not now.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from itertools import groupby
from typing import Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2

from gateway.audit.processing import Span, SpanStatus
from gateway.bootstrap.posting import Answered

MEDIA_TYPE: Final = "application/x-protobuf"
_OK: Final = 200
_REFUSALS: Final = frozenset({400, 413, 422})
_SAMPLED: Final = 1
_MOST_SECONDS: Final = 3600.0
_STATUSES: Final = {
    SpanStatus.UNSET: trace_pb2.Status.STATUS_CODE_UNSET,
    SpanStatus.OK: trace_pb2.Status.STATUS_CODE_OK,
    SpanStatus.ERROR: trace_pb2.Status.STATUS_CODE_ERROR,
}


@dataclass(frozen=True, slots=True)
class Taken:
    """All of it is kept there."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Something of it is not taken; `status` is what HTTP said."""

    status: int


@dataclass(frozen=True, slots=True)
class NotNow:
    """Nothing is sure; try again, not before `after_seconds` when the logbook said so."""

    status: int
    after_seconds: float | None = None


Said = Taken | Refused | NotNow


def request_of(spans: Iterable[Span]) -> bytes:
    """Write the body of a request; without a span it asks whether the logbook listens."""
    ours = [
        trace_pb2.ResourceSpans(
            resource=Resource(attributes=_attributes((("service.name", "sluis"), ("service.version", version)))),
            scope_spans=[trace_pb2.ScopeSpans(scope=InstrumentationScope(name="sluis"), spans=map(_span, group))],
        )
        for version, group in groupby(spans, key=lambda each: each.version)
    ]
    written: bytes = ExportTraceServiceRequest(resource_spans=ours).SerializeToString(deterministic=True)
    return written


def said_by(answer: Answered, *, now: dt.datetime) -> Said:
    """Read an answer; `now` is for a Retry-After that is a date."""
    if answer.status in _REFUSALS:
        return Refused(answer.status)
    if answer.status != _OK:
        return NotNow(answer.status, _retry_after(answer.retry_after, now))
    if answer.media_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        return NotNow(answer.status)
    try:
        told = ExportTraceServiceResponse.FromString(answer.body)
    except DecodeError:
        return NotNow(answer.status)
    # The words beside the number may be a hint while nothing was rejected; they are another's, and not read.
    return Refused(answer.status) if told.partial_success.rejected_spans else Taken()


def _span(span: Span) -> trace_pb2.Span:
    return trace_pb2.Span(
        trace_id=span.trace_id,
        span_id=span.span_id,
        parent_span_id=span.parent_span_id,
        flags=_SAMPLED,
        name=span.name,
        kind=trace_pb2.Span.SPAN_KIND_INTERNAL,
        start_time_unix_nano=span.start,
        end_time_unix_nano=span.end,
        attributes=_attributes(span.attributes),
        status=trace_pb2.Status(code=_STATUSES[span.status]),
    )


def _attributes(pairs: Iterable[tuple[str, str]]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in pairs]


def _retry_after(text: str, now: dt.datetime) -> float | None:
    """Read a Retry-After (RFC 9110 section 10.2.3), within bounds: nobody may silence us for ever."""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _MOST_SECONDS)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MOST_SECONDS)
