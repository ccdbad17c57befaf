"""Reads a small JSON request strictly: known keys, each once, all faults at once, and no word of the input in them."""

import json
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.entrypoints.api.invalid_input import faults_of
from gateway.package.errors import Code, SluisError

_Request = TypeVar("_Request", bound=BaseModel)


def read_json_request(model: type[_Request], text: bytes) -> _Request:
    """Check a request. Raises SluisError `request-invalid` with all faults, a key that stands twice too."""
    try:
        json.loads(text, object_pairs_hook=_each_key_once)
        return model.model_validate_json(text)
    except ValidationError as error:
        raise SluisError(Code.REQUEST_INVALID, where="body", faults=faults_of(error.errors())) from None
    except (ValueError, RecursionError):
        _refuse("JSON in UTF-8")


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) != len(pairs):
        _refuse("each key once")
    return dict(pairs)


def _refuse(expected: str) -> NoReturn:
    raise SluisError(Code.REQUEST_INVALID, where="body", faults=(("body", expected),)) from None
