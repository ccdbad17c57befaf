"""What the demo shows fits a terminal of the usual width, whole."""

import io
import json
from pathlib import Path

from rich.console import Console

from gateway.entrypoints.demo.story import _show_endings


def test_the_demo_cuts_no_code_off_at_80_columns(tmp_path: Path) -> None:
    entry, code = "vluchtelingenhulp-machtiging.zip", "consent.case-system-unreachable"
    recipient = {"id": "vluchtelingenhulp-voorbeeld", "channel": "secure-mail"}
    slip = {"state": "refused", "code": code, "recipients": [recipient]}
    (tmp_path / "slip.json").write_text(json.dumps(slip), encoding="utf-8")
    there = io.StringIO()

    _show_endings({entry: tmp_path / "slip.json"}, slip, Console(file=there, width=80, highlight=False))

    said = there.getvalue()
    assert [1, 2, 2] == [said.count(each) for each in (entry, code, recipient["id"])]
    assert 80 >= max(map(len, said.splitlines()))
