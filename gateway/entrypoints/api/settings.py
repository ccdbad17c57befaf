"""What the API is built with: limits in bytes and seconds, texts, and who hears of an internal error."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from gateway.package.states import Language

API_VERSION = "1.0.0"
PREFIX = "/v1"
PROBLEM_BASE_URL = "https://sluis.example/problems/"
_MIB = 1024 * 1024

Translate = Callable[[str, Language], str]


def untranslated(text: str, _language: Language) -> str:
    """Give a catalogue text as it stands, in English."""
    return text


def log_failure(request_id: str, error: Exception) -> None:
    """Log an internal error by its class and its place in the code; its text could hold a person's data."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    logging.getLogger("gateway.api").error(
        "internal error %s in request %s: %s", type(error).__name__, request_id, places
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Limits and texts of the API.

    `manifest_limit_bytes` bounds a JSON body: a manifest with the data inside it. A client may be silent for
    `chunk_limit_seconds` and must reach `slowest_bytes_per_second` on average.
    """

    manifest_limit_bytes: int = _MIB
    package_limit_bytes: int = 2048 * _MIB
    preview_limit_bytes: int = 16 * _MIB
    chunk_limit_seconds: float = 30.0
    slowest_bytes_per_second: int = 1024
    requests_at_once: int = 256
    previews_at_once: int = 4
    problem_base_url: str = PROBLEM_BASE_URL
    contact_name: str = "Sluis"
    contact_url: str = "https://sluis.example/"
    contact_email: str = "sluis@sluis.example"
    translate: Translate = untranslated
    on_failure: Callable[[str, Exception], None] = log_failure
