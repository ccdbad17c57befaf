"""Finds the documents and reads their tables, so that tests can compare them with the code."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CODE = re.compile(r"`(?P<text>[^`]+)`")


def documents(root: Path = ROOT) -> list[Path]:
    """Give every document of the project; in hidden folders, at any depth, lies what programs put there themselves."""
    folders = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    found = (path for folder in folders for path in folder.rglob("*.md"))
    inside = (path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts))
    return sorted([*root.glob("*.md"), *inside])


def rows(document: Path, head: str) -> list[list[str]]:
    """Give the cells of every table of a document whose first heading is this."""
    found: list[list[str]] = []
    inside = False
    for line in document.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        inside = bool(cells) and (inside or cells[0] == head)
        if inside and cells[0] != head and not set(cells[0]) <= {"-"}:
            found.append(cells)
    return found


def codes(cells: list[str]) -> list[str]:
    """Give what stands in code quotes in some cells."""
    return [found["text"] for cell in cells for found in _CODE.finditer(cell)]


def first_codes(document: Path, head: str) -> list[str]:
    """Give what stands in code quotes in the first column of a table."""
    return [code for row in rows(document, head) for code in codes(row[:1])]
