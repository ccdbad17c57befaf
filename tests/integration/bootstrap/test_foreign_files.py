"""Data files and papers are read in the sandbox: what they do to their parser is a code, and reaches nothing."""

import datetime as dt
import io
import json
import os
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.documents import ENGINE, SandboxedDocuments
from gateway.evidence.data_files import SUFFIXES, read_data
from gateway.evidence.papers import look_at
from gateway.evidence.port import FileReader
from gateway.evidence.signed_pdf import PdfSignatures
from gateway.minimise.sandbox import Sandbox, SandboxLimits
from gateway.minimise.sandbox_ways import Way, ways
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Paper
from gateway.package.states import Data
from tests.signing import plain_pdf
from tests.soak.fuzzing.data_files import KINDS, mutated_data
from tests.unit.documents import READ_HERE

TESTS = Path(__file__).parents[2]
CAPTURED = "tests.integration.minimise.captured_engine:load"
WALLS = {each.name: each for each in reversed(tuple(ways((TESTS,))))}
LARGER = (".xlsx", ".xml", ".yaml", ".yml")
NOW = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
DEATHS = {
    "killed": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nos.abort()",
    "crashed": "import ctypes\nctypes.string_at(0)",
    "out of memory": "a = []\nwhile True: a.append(bytearray(10**7))",
    "out of time": "import time\ntime.sleep(60)",
    "an error of its own": "raise ValueError('Merhawi Tesfay')",
    "gone without a word": "import os\nos._exit(0)",
    "an answer of another kind": "answer = b'[]'",
}


@pytest.fixture(scope="module")
def files() -> Iterator[FileReader]:
    with Sandbox(engine=ENGINE) as sandbox:
        yield SandboxedDocuments(sandbox)


@pytest.fixture(scope="module", params=list(WALLS.values()), ids=list(WALLS))
def captured(request: pytest.FixtureRequest) -> Iterator[FileReader]:
    """Read files by parsers that hostile files have taken over altogether."""
    way: Way = request.param
    with Sandbox(limits=SandboxLimits(seconds=5), engine=CAPTURED, confined_by=(way,)) as sandbox:
        yield SandboxedDocuments(sandbox)


def told(files: FileReader, code: str, *, suffix: str = ".xml") -> dict[str, object]:
    """Have a captured parser do something, and give what it then calls the data of the file."""
    rows = "\nimport json\nanswer = json.dumps({'data': {'shape': 'record', 'rows': [said]}}).encode()"
    data = read_data(f"said = {{}}\n{textwrap.dedent(code)}{rows}".encode(), suffix=suffix, files=files)
    return dict(data.rows[0])


# ---- The same as always --------------------------------------------------------------------------------------------


def outcome(content: bytes, *, suffix: str, files: FileReader) -> Data | str:
    try:
        return read_data(content, suffix=suffix, files=files)
    except SluisError as error:
        return str(error)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_file_holds_or_lacks_is_the_same_inside_as_here(kind: str, files: FileReader) -> None:
    for number in range(25):
        content = mutated_data(kind, seed=7, number=number)
        expected = outcome(content, suffix=kind, files=READ_HERE)

        assert expected == outcome(content, suffix=kind, files=files)


def test_every_digit_and_sign_comes_back_as_it_was_written(files: FileReader) -> None:
    number = "9" * 4300
    content = f'a: {number}\nb: 0.1\nc: [null, true, "\\0\\L"]\nd: {{e: {{f: ""}}}}\n'.encode()
    (row,) = read_data(content, suffix=".yaml", files=files).rows

    assert {"a": int(number), "b": 0.1, "c": [None, True, "\0\u2028"], "d": {"e": {"f": ""}}} == row


def test_a_place_is_named_as_before(files: FileReader) -> None:
    for suffix, content in ((".yaml", b"a: 1\na: 2\n"), (".xml", b"<z>\n<a b='c'/></z>")):
        with pytest.raises(SluisError) as caught:
            read_data(content, suffix=suffix, files=files)
        assert (Code.DATA_AMBIGUOUS, "line 2") == (caught.value.code, caught.value.where)


def test_a_paper_is_looked_at_inside(files: FileReader) -> None:
    assert Paper.READABLE is look_at(io.BytesIO(plain_pdf()), files=files).paper
    assert Paper.UNREADABLE is look_at(io.BytesIO(plain_pdf()[:200]), files=files).paper


# ---- What a hostile file can do ------------------------------------------------------------------------------------


@pytest.mark.parametrize("death", DEATHS)
def test_whatever_the_parser_of_a_data_file_dies_of_holds_it_and_the_next_is_read(
    captured: FileReader, death: str
) -> None:
    suffix = LARGER[list(DEATHS).index(death) % len(LARGER)]
    with pytest.raises(SluisError) as caught:
        read_data(DEATHS[death].encode(), suffix=suffix, files=captured)

    assert Code.DATA_READING_FAILED is caught.value.code
    assert "Merhawi" not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
    assert {"next": 1} == told(captured, "said['next'] = 1", suffix=suffix)


@pytest.mark.parametrize("death", DEATHS)
def test_whatever_the_parser_of_a_paper_dies_of_holds_it_and_is_no_readable_paper(
    captured: FileReader, death: str, tmp_path: Path
) -> None:
    hostile = DEATHS[death].encode()
    with pytest.raises(SluisError) as caught:
        look_at(io.BytesIO(b"%PDF-\n" + hostile), files=_Unmarked(captured))
    assert Code.PAPER_READING_FAILED is caught.value.code
    with pytest.raises(SluisError) as caught:
        PdfSignatures(tmp_path, files=captured).verify(hostile, signed_by="Amina Yusuf", at=NOW)
    assert Code.PAPER_READING_FAILED is caught.value.code


class _Unmarked:
    """Takes the mark of a PDF off, so that what follows it is what a captured parser does."""

    def __init__(self, files: FileReader) -> None:
        self._files = files

    def read_file(self, content: bytes, question: str, /) -> bytes | None:
        return self._files.read_file(content.removeprefix(b"%PDF-\n"), question)


def test_a_captured_parser_reaches_no_network_no_key_and_no_home(
    captured: FileReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, home = tmp_path / "secrets" / "site.key", tmp_path / "home"
    for path in (key, home / ".gnupg" / "pubring.kbx"):
        path.parent.mkdir(parents=True)
        path.write_text("secret")
    monkeypatch.setenv("HOME", os.fspath(home))
    paths = [os.fspath(key), os.fspath(home / ".gnupg" / "pubring.kbx"), "/etc/passwd", "/proc/1/environ"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = told(
            captured,
            f"""
            import os, socket
            for path in {paths}:
                try:
                    said[path] = open(path).read()
                except OSError:
                    said[path] = "refused"
            try:
                with socket.socket() as out:
                    out.connect(("127.0.0.1", {server.getsockname()[1]}))
                said["network"] = "reached"
            except OSError:
                said["network"] = "refused"
            said["home"] = os.path.expanduser("~")
            try:
                open({os.fspath(tmp_path)!r} + "/left", "w").write("x")
                said["written"] = "left"
            except OSError:
                said["written"] = "refused"
            """,
        )

    assert {**dict.fromkeys([*paths, "network", "written"], "refused"), "home": "/nonexistent"} == found


# ---- Who needs no sandbox ------------------------------------------------------------------------------------------


class _NobodyAsked:
    """Stands where a sandbox would be; to be asked is a failure."""

    def read_file(self, _content: bytes, _question: str, /) -> bytes | None:
        raise AssertionError("a sandbox was asked")


def test_json_and_csv_ask_for_no_sandbox() -> None:
    read = {
        suffix: read_data(content, suffix=suffix, files=_NobodyAsked()).rows
        for suffix, content in ((".json", b'{"name": "Jan"}'), (".csv", b"name\nJan\n"))
    }

    assert {".json": ({"name": "Jan"},), ".csv": ({"name": "Jan"},)} == read
    assert set(LARGER) == SUFFIXES - read.keys()


def test_who_reads_other_peoples_files_has_loaded_no_parser_of_them() -> None:
    program = """
import json, sys
import gateway.bootstrap.worker
from gateway.bootstrap.build_work import build_documents
parsers = ("data_xml", "data_yaml", "data_workbook", "file_answers", "signed_pdf_verdict")
loaded = [each for each in parsers if f"gateway.evidence.{each}" in sys.modules]
print(json.dumps(loaded + [each for each in ("lxml", "pyhanko") if each in sys.modules]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert [] == json.loads(done.stdout)


def test_on_a_machine_without_a_sandbox_a_larger_file_waits_and_a_small_one_does_not() -> None:
    nowhere = SandboxedDocuments(Sandbox(confined_by=()))
    for suffix in LARGER:
        with pytest.raises(SluisError) as caught:
            read_data(b"a: 1", suffix=suffix, files=nowhere)
        assert Code.SANDBOX_MISSING is caught.value.code
    assert ({"a": 1},) == read_data(b'{"a": 1}', suffix=".json", files=nowhere).rows
