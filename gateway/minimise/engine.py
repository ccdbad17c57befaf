"""What the sandbox's process loads once: the lists, the search for people, and the program that reads scans.

Its parts are loaded by name, since only this process needs them.
"""

from functools import partial
from importlib import import_module
from typing import Any

from gateway.minimise.documents.jobs import Engine


def load() -> Engine:
    """Load everything. Raises OSError when a list or a program is missing, ImportError for a library."""
    lists: Any = import_module("gateway.minimise.word_lists").read_lists()
    finding: Any = import_module("gateway.minimise.people.finding")
    sensitive: Any = import_module("gateway.minimise.people.sensitive")
    tesseract: Any = import_module("gateway.minimise.tesseract")
    return Engine(
        find=partial(finding.find_people, lists=lists),
        names=finding.names_found,
        raised=sensitive.raised_categories,
        is_ordinary=lists.words.__contains__,
        ocr=tesseract.installed(),
    )
