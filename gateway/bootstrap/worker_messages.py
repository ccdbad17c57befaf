"""What passes between the service and a worker process: the length in eight bytes, then a pickle.

Both ends are ours, the socket was made for the two of them, and nobody else can reach it; so a pickle is safe here.
"""

import dataclasses
import io
import pickle
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, Final

from gateway.package.encoding import decode_decision, encode_decision
from gateway.package.states import Decision

LENGTH_BYTES: Final = 8

_Reduced = str | tuple[Any, ...]
_Reducer = Callable[[Any], _Reduced]


def pack(message: object) -> bytes:
    """Write one message. Raises what pickle raises for what can not travel."""
    content = io.BytesIO()
    content.write(bytes(LENGTH_BYTES))
    _Pickler(content, pickle.HIGHEST_PROTOCOL).dump(message)
    content.seek(0)
    content.write((content.getbuffer().nbytes - LENGTH_BYTES).to_bytes(LENGTH_BYTES, "big"))
    return content.getvalue()


def length_of(head: bytes) -> int:
    """Read how many bytes follow."""
    return int.from_bytes(head, "big")


def unpack(content: bytes) -> Any:
    """Read a message of our own."""
    return pickle.loads(content)  # noqa: S301 - written by our own other end; see above.


class _Reducers(dict[type, _Reducer]):
    """How each type travels, looked up once: a dataclass as the values of its fields, anything else in its own way.

    Left to itself, Python lists a class's fields anew for every one of the dozens of objects of a message.
    """

    def __missing__(self, kind: type) -> _Reducer:
        if issubclass(kind, type):
            # A class of a kind of its own, such as an enum: it travels by its name.
            reducer: _Reducer = attrgetter("__qualname__")
        elif dataclasses.is_dataclass(kind) and len(dataclasses.fields(kind)) > 1:
            reducer = _by_fields(kind)
        else:
            reducer = _by_itself
        self[kind] = reducer
        return reducer


class _Pickler(pickle.Pickler):
    # A decision is most of what travels, and the text that is kept of it takes a third of what its objects would.
    dispatch_table = _Reducers({Decision: lambda decision: (decode_decision, (encode_decision(decision),))})


def _by_itself(value: object) -> _Reduced:
    return value.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


def _by_fields(kind: type) -> _Reducer:
    values = attrgetter(*_names(kind))
    return lambda value: (_restored, (kind, values(value)))


def _restored(kind: type, values: tuple[Any, ...]) -> object:
    """Make an object as it was; its own checks have seen these values already."""
    value: object = object.__new__(kind)
    for name, each in zip(_names(kind), values, strict=True):
        object.__setattr__(value, name, each)
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(each.name for each in dataclasses.fields(kind))
