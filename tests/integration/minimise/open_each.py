"""Opens hostile files in one process, away from the test: `python -m tests.integration.minimise.open_each FILE.pdf …`.

Prints for each the trouble, the seconds that it took, and the peak of memory in MiB until then.
"""

import re
import sys
import time
from pathlib import Path
from typing import Never

from gateway.minimise.documents import image, pdf
from gateway.minimise.documents.model import Limits, Tools, UnreadableError
from gateway.minimise.tesseract import Tesseract


def _no_other(_content: bytes, _name: str) -> Never:
    raise AssertionError("a picture opens no other document")


_TOOLS = Tools(ocr=Tesseract(), limits=Limits(), open_other=_no_other)


def _opened(file: Path) -> str:
    reader = pdf if file.suffix == ".pdf" else image
    try:
        document = reader.open_document(file.read_bytes(), _TOOLS)
        document.rebuilt([[] for _ in document.passages])
    except UnreadableError as error:
        return error.trouble.value
    return "opened"


def _peak() -> int:
    # Not `ru_maxrss`, in which the process that started this one counts too.
    told = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    if told is None:
        raise OSError("the kernel tells no peak of memory")
    return int(told[1]) // 1024


def main() -> None:
    """Open each file that is named."""
    for name in sys.argv[1:]:
        begin = time.monotonic()
        said = _opened(Path(name))
        print(said, round(time.monotonic() - begin, 1), _peak())  # noqa: T201 - it is what the test reads.


if __name__ == "__main__":
    main()
