"""What the sandbox's process loads once: the lists, the search for people, and the program that reads scans."""

from functools import partial

from gateway.minimise import tesseract, word_lists
from gateway.minimise.documents.jobs import Engine
from gateway.minimise.people.finding import find_people, names_found
from gateway.minimise.people.sensitive import raised_categories


def load() -> Engine:
    """Load everything. Raises OSError when a list or a program is missing, ImportError for a library."""
    lists = word_lists.read_lists()
    return Engine(
        find=partial(find_people, lists=lists),
        names=names_found,
        raised=raised_categories,
        is_ordinary=lists.words.__contains__,
        ocr=tesseract.installed(),
    )
