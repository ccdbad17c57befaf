"""One person goes through every flow; afterwards no place that keeps or shows anything holds a trace of that person."""

import base64
import os
import random
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.audit.exports.forms import ExportForm
from tests.scenarios.canary import Canary, Search, make_canary, traces
from tests.scenarios.canary_flows import Flows, Seen, start, watched_processes
from tests.scenarios.world import World, new_world

_SLIP_ENDINGS = (".txt", ".html", ".json")
_ID8 = 8
_LARGEST = 50_000_000


@dataclass
class Told:
    """What is left after all flows: the site, while its service ran and after its end, and what was seen outside."""

    world: World
    canary: Canary
    seen: Seen
    folder: Path
    while_running: Path
    began: float
    temporary_changed: bool

    def everything(self) -> Search:
        return Search(self.canary.everything())

    def values(self) -> Search:
        return Search(self.canary.values)


@pytest.fixture(scope="module")
def told() -> Iterator[Told]:
    folder = Path(tempfile.mkdtemp(prefix="sc", dir="/tmp"))
    began = time.time()
    canary, seen = make_canary(random.Random(secrets.token_bytes(16))), Seen()
    with new_world() as world:
        world.set("audit", exports=list(_exports(folder)), exportSeconds=0.2)
        start(world, folder)
        (folder / "tmp").touch()
        before = (folder / "tmp").stat().st_mtime_ns
        with watched_processes(seen):
            _tell(Flows(world, canary, seen), world, folder)
        changed = before != (folder / "tmp").stat().st_mtime_ns
        # What lies in memory maps and journals of a database is there only while it is open.
        shutil.copytree(world.site.spool, folder / "running")
        world.stop()
        yield Told(world, canary, seen, folder, folder / "running", began, changed)
    shutil.rmtree(folder)


def _exports(folder: Path) -> Iterator[dict[str, object]]:
    """Give settings that send the log's lines on in every form."""
    (folder / "exports").mkdir()
    for form in ExportForm:
        yield {"name": form.value, "format": form.value, "file": str(folder / "exports" / form), "checkpoints": True}
    yield {"name": "journal", "format": "ecs", "stdout": True}


def _tell(flows: Flows, world: World, folder: Path) -> None:
    def restart() -> None:
        world.stop()
        start(world, folder)

    flows.done()
    flows.rejected()
    flows.held()
    flows.refused()
    flows.api()
    flows.numbers()
    flows.command_line(folder)
    flows.questions(folder)
    flows.broken_template(restart)
    restart()
    flows.mail_server_down()


def files_under(*roots: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file with its name; folders too, since their names may tell."""
    for root in roots:
        for path in sorted(root.rglob("*")):
            name = str(path.relative_to(root))
            if path.is_symlink():
                yield name, b""
            elif path.is_file():
                yield name, path.read_bytes()
            elif path.is_dir():
                yield name, b""


# ---- Sinks ---------------------------------------------------------------------------------------------------


def test_the_audit_log_holds_no_trace(told: Told) -> None:
    contents = list(files_under(told.world.site.root / "audit"))

    assert any(b"package-held" in content for _, content in contents)
    assert any(name == "ledger.sqlite" for name, _ in contents)
    assert {} == told.everything().of_all(contents)


def test_what_the_tools_of_a_security_team_get_holds_no_trace(told: Told) -> None:
    contents = list(files_under(told.folder / "exports"))

    assert len(ExportForm) == sum(b"package-held" in content for _, content in contents)
    assert b"package-held" in (told.folder / "stdout").read_bytes()
    assert {} == told.everything().of_all(contents)


def test_the_service_log_holds_no_trace_not_even_of_exceptions_that_quoted_one(told: Told) -> None:
    contents = list(files_under(told.world.site.service_log.parent))

    assert any(b'"error.type":"builtins.ValueError"' in content for _, content in contents)
    assert {} == told.everything().of_all(contents)


def test_the_output_of_the_service_holds_no_trace(told: Told) -> None:
    contents = [(name, (told.folder / name).read_bytes()) for name in ("stdout", "stderr")]

    assert {} == told.everything().of_all(contents)


def test_state_and_payloads_at_rest_hold_no_trace_while_the_service_runs(told: Told) -> None:
    contents = list(files_under(told.while_running))

    assert any(name.endswith("-wal") and content for name, content in contents)
    assert any(name.startswith("payloads/") and content for name, content in contents)
    assert {} == told.everything().of_all(contents)


def test_state_and_payloads_at_rest_hold_no_trace_after_the_end(told: Told) -> None:
    contents = list(files_under(told.world.site.spool))

    assert any(content.startswith(b"SQLite format 3") for _, content in contents)
    assert {} == told.everything().of_all(contents)


def test_nothing_on_the_drop_holds_a_trace(told: Told) -> None:
    contents = list(files_under(told.world.site.drop))

    assert any(name.endswith(".manifest.json") for name, _ in contents)
    assert {} == told.everything().of_all(contents)


def test_mails_their_headers_and_envelopes_hold_no_trace(told: Told) -> None:
    contents = list(files_under(Path(told.world.mail.ca_file).parent))

    assert any(name.endswith(".eml") for name, _ in contents)
    assert {} == told.everything().of_all(contents)


def test_slips_name_entries_and_fields_but_hold_no_value(told: Told) -> None:
    slips = [(name, content) for name, content in files_under(told.world.outbox) if _is_slip(name)]

    assert len(slips) > 3 * 20
    assert any(told.canary["field"].encode() in content for _, content in slips)
    assert {} == told.values().of_all(slips)


def _is_slip(name: str) -> bool:
    stem, dot, ending = name.rpartition(".")
    number = stem.rpartition(".")[2]
    return dot + ending in _SLIP_ENDINGS and len(number) == _ID8 and set(number) <= set("0123456789abcdef")


def test_the_outbox_holds_nothing_else_than_slips_and_what_was_given_back(told: Told) -> None:
    others = [name for name, _ in files_under(told.world.outbox) if not _is_slip(name) and "/" in name]

    assert others
    assert all(name.startswith("3-Actie nodig/") for name in others)


def test_the_rest_of_the_site_holds_no_trace(told: Told) -> None:
    known = ("outbox", "spool", "audit", "log", "drop")
    rest = [path for path in told.world.site.root.iterdir() if path.name not in known]

    assert {} == told.everything().of_all((path.name, b"") for path in rest)
    assert {} == told.everything().of_all(files_under(*(path for path in rest if path.is_dir())))
    assert {} == told.everything().of_all((path.name, path.read_bytes()) for path in rest if path.is_file())


def test_no_answer_of_the_api_holds_a_value(told: Told) -> None:
    assert {200, 201, 400, 401, 403, 404, 405, 409, 415} <= told.seen.statuses
    assert {} == told.values().of_all(told.seen.answers)


def test_no_output_of_a_command_holds_a_value(told: Told) -> None:
    assert all(content for _, content in told.seen.output)
    answers = [content for name, content in told.seen.output if "who-received" in name]
    assert 4 == sum(b"gemeente-voorbeeld" in content for content in answers)
    assert {} == told.values().of_all(told.seen.output)


def test_no_command_line_on_the_machine_holds_a_trace(told: Told) -> None:
    assert any(b"gpg" in line and b"--encrypt" in line for line in told.seen.processes)
    assert {} == told.everything().of_all(("process", line) for line in told.seen.processes)


def test_the_service_made_no_temporary_file_at_all(told: Told) -> None:
    assert [] == list((told.folder / "tmp").iterdir())
    assert not told.temporary_changed


def test_nothing_new_in_the_machine_s_folder_for_temporary_files_holds_a_trace(told: Told) -> None:
    own = {told.folder, told.world.site.root.parent}
    contents = [
        (path.name, content)
        for path in _files_in(Path("/tmp"), without=own)
        if (content := _new_content(path, since=told.began)) is not None
    ]

    assert {} == told.everything().of_all(contents)


def _files_in(top: Path, *, without: set[Path]) -> Iterator[Path]:
    """Give what lies in a folder that others work in too: one of theirs that goes meanwhile is passed over."""
    for name, folders, files in os.walk(top):
        folder = Path(name)
        yield from (folder / each for each in files)
        folders[:] = [each for each in folders if folder / each not in without]


def _new_content(path: Path, *, since: float) -> bytes | None:
    """Read a file that was changed since; other programs make and remove theirs meanwhile."""
    try:
        about = path.stat()
        small = path.is_file() and about.st_size < _LARGEST
        return path.read_bytes() if small and about.st_mtime >= since else None
    except OSError:
        return None


# ---- The search can find -------------------------------------------------------------------------------------


def planted() -> list[tuple[str, str, bytes]]:
    canary = make_canary(random.Random(1))
    return [
        (label, form, trace)
        for label, text in canary.everything().items()
        for form, found in traces(text).items()
        for trace in found
    ]


def test_the_search_finds_each_form_of_each_value_in_a_log(told: Told) -> None:
    log = told.world.site.service_log.read_bytes()
    search = Search(make_canary(random.Random(1)).everything())

    assert set() == search.of(log)
    forms = set()
    for label, form, trace in planted():
        forms.add(form)
        assert f"{label} ({form})" in search.of(b'{"x": "' + trace + b'"}')
    assert "bsn (digest)" in search.of(log + b'{"subject": "' + planted_digest() + b'"}')
    assert len(forms) >= 10


def planted_digest() -> bytes:
    return traces(make_canary(random.Random(1))["bsn"])["digest"][0]


def test_the_search_finds_a_name_at_every_alignment_of_base64() -> None:
    canary = make_canary(random.Random(2))
    for shift in range(3):
        coded = base64.urlsafe_b64encode(b"x" * shift + canary["name"].encode() + b"yy")
        assert "name (base64)" in Search(canary.values).of(coded)
