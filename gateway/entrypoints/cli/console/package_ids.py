"""Finds the package that a person means: by its whole id, or by the short form that slips, notices and lists show.

A short form is looked for among what the person may see anyway, and never guessed: it names one package or none.
"""

import re
from collections.abc import Iterator
from typing import Final

from gateway.entrypoints.cli.console.client import Client
from gateway.entrypoints.cli.console.problems import ApiProblem
from gateway.package.errors import Code, SluisError
from gateway.package.ids import PackageId, parse_package_id, short_id

_SHORT: Final = re.compile(r"[0-9a-f]{8}")
_NOT_THEIRS: Final = frozenset({Code.NOT_PERMITTED.value})


def package_id_of(client: Client, text: str) -> PackageId:
    """Give the whole id. Raises SluisError `id-invalid`, `id-ambiguous`; `not-found` for a short form of none."""
    short = text.casefold()
    if not _SHORT.fullmatch(short):
        return parse_package_id(text)
    found = {each for each in _visible(client) if short_id(each) == short}
    if len(found) > 1:
        raise SluisError(Code.ID_AMBIGUOUS)
    if not found:
        raise SluisError(Code.NOT_FOUND)
    return found.pop()


def _visible(client: Client) -> Iterator[PackageId]:
    for path, key in (("/v1/holds", "holds"), ("/v1/packages", "packages")):
        cursor: dict[str, str] = {}
        try:
            while True:
                page = client.get(path, limit="200", **cursor)
                yield from (PackageId(each["id"]) for each in page[key])
                if not page["cursor"]:
                    break
                cursor = {"cursor": page["cursor"]}
        except ApiProblem as problem:
            if problem.body["code"] not in _NOT_THEIRS:
                raise
