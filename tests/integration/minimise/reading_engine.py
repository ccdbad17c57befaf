"""The readers of this installation with a small search for people: what documents do to their readers."""

import dataclasses

from gateway.minimise.documents.jobs import Engine
from gateway.minimise.documents.registry import reader_of
from tests.unit.minimise.documents.small_engine import ENGINE


def load() -> Engine:
    """Give the engine, as the sandbox's process asks for it."""
    return dataclasses.replace(ENGINE, readers=reader_of)
