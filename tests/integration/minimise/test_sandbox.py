"""The sandbox, with a parser inside that hostile documents have taken over altogether."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.minimise.documents.jobs import Choice, Death, Searched
from gateway.minimise.documents.model import Trouble
from gateway.minimise.people.findings import Known
from gateway.minimise.sandbox import Sandbox, SandboxLimits
from gateway.minimise.sandbox_process import LANDLOCK, NAMESPACES
from gateway.minimise.sandbox_ways import Way, environment, ways
from gateway.package.errors import Code, SluisError
from tests.unit.documents import keeping

TESTS = Path(__file__).parents[2]
ENGINE = "tests.integration.minimise.captured_engine:load"
WAYS = tuple(ways((TESTS,)))
NAMED = [f"{each.name} {number}" for number, each in enumerate(WAYS)]
WALLS = {each.name: each for each in reversed(WAYS)}
LIMITS = SandboxLimits(seconds=20)


def opened(way: Way, *, limits: SandboxLimits = LIMITS, engine: str = ENGINE) -> Sandbox:
    return Sandbox(limits=limits, engine=engine, confined_by=(way,))


@pytest.fixture(scope="module", params=WAYS, ids=NAMED)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with opened(request.param) as sandbox:
        yield sandbox


@pytest.fixture(params=list(WALLS.values()), ids=list(WALLS))
def way(request: pytest.FixtureRequest) -> Way:
    way: Way = request.param
    return way


@contextmanager
def limited(sandbox: Sandbox, limits: SandboxLimits) -> Iterator[None]:
    usual, sandbox._limits = sandbox._limits, limits
    try:
        yield
    finally:
        sandbox._limits = usual


def attack(sandbox: Sandbox, code: str) -> Searched:
    return sandbox.search(b"# a document\n" + textwrap.dedent(code).encode(), "brief.txt", known=Known())


def said(sandbox: Sandbox, code: str) -> list[str]:
    result = attack(sandbox, code)
    assert None is result.findings.trouble
    return list(result.names)


def test_there_are_namespaces_and_the_kernels_own_locks_on_this_machine() -> None:
    assert {NAMESPACES, LANDLOCK} == {each.name for each in WAYS}


def test_a_captured_parser_works_as_any_other(sandbox: Sandbox) -> None:
    assert ["3"] == said(sandbox, "said.append(1 + 2)")


# ---- What can not be reached ---------------------------------------------------------------------------------------


def test_there_is_no_network(sandbox: Sandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        name = f"sluis-test-{os.getpid()}"
        abstract.bind("\0" + name)
        abstract.listen()
        assert ["refused"] * 4 == said(
            sandbox,
            f"""
            import socket
            def connect(*kind, to):
                try:
                    with socket.socket(*kind) as out:
                        out.connect(to)
                        out.send(b"x")
                except OSError:
                    return "refused"
                return "connected"
            said.append(connect(to=("127.0.0.1", {server.getsockname()[1]})))
            said.append(connect(to=("192.0.2.1", 443)))
            said.append(connect(socket.AF_INET, socket.SOCK_DGRAM, to=("192.0.2.1", 53)))
            said.append(connect(socket.AF_UNIX, to=chr(0) + "{name}"))
            """,
        )


def test_no_file_of_the_machine_or_the_site_can_be_read(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "site.key"
    secret.write_text("secret")
    paths = [
        "/etc/passwd",
        "/etc/hostname",
        "/proc/1/environ",
        "/proc/self/maps",
        os.fspath(secret),
        os.fspath(TESTS.parent / "pyproject.toml"),
    ]

    assert ["refused"] * len(paths) == said(
        sandbox,
        f"""
        for path in {paths}:
            try:
                open(path).read()
                said.append(path)
            except OSError:
                said.append("refused")
        """,
    )


def test_nothing_can_be_written_outside(sandbox: Sandbox, tmp_path: Path) -> None:
    folders = ["/", "/usr", "/etc", "/var/tmp", "/dev", "/dev/shm", os.fspath(tmp_path), os.fspath(TESTS), sys.prefix]

    assert ["refused"] * len(folders) == said(
        sandbox,
        f"""
        for folder in {folders}:
            try:
                open(folder + "/written", "w").write("x")
                said.append(folder)
            except OSError:
                said.append("refused")
        """,
    )


def test_nothing_of_the_environment_comes_along(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUIS_SECRET", "secret")
    sandbox.close()
    own = {*environment(), "PWD", "LC_CTYPE"}

    assert set() == set(said(sandbox, "import os; said.extend(os.environ)")) - own


def test_no_right_can_be_had_and_nothing_traced_or_signalled(sandbox: Sandbox) -> None:
    code = f"""
    import ctypes, os, signal
    libc = ctypes.CDLL(None, use_errno=True)
    said.append(os.getuid() != 0 or libc.unshare(0x10000000) == -1)
    said.append(libc.unshare(0x10000000) == -1)
    said.append(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == -1)
    said.append(libc.ptrace(16, {os.getpid()}, None, None) == -1)
    said.append(libc.chroot(b"/tmp") == -1)
    said.append(libc.syscall(250, 0, -3, 1) == -1)
    said.append(libc.shmget(1, 4096, 0o1600) == -1)
    for pid in (1, os.getppid(), {os.getpid()}):
        try:
            os.kill(pid, signal.SIGKILL)
            said.append(pid == 1 or pid == os.getppid() == 1)
        except OSError:
            said.append(True)
    """

    assert {"True"} == set(said(sandbox, code))
    assert ["still there"] == said(sandbox, "said.append('still there')")


def test_files_keep_their_modes(sandbox: Sandbox, tmp_path: Path) -> None:
    # Landlock leaves modes and owners alone; the list of system calls does not.
    mine = tmp_path / "mine"
    mine.touch(mode=0o600)
    said(sandbox, f"import ctypes; said.append(ctypes.CDLL(None).chmod({os.fspath(mine).encode()!r}, 0o777))")

    assert 0o600 == mine.stat().st_mode & 0o777


# ---- What can not be used up ---------------------------------------------------------------------------------------


def test_memory_has_an_end(sandbox: Sandbox) -> None:
    assert Trouble.TOO_LARGE is attack(sandbox, "bytearray(2 * 1024 ** 3)").findings.trouble
    assert Trouble.TOO_LARGE is attack(sandbox, "a = []\nwhile True: a.append(bytearray(10**7))").findings.trouble
    assert ["fine"] == said(sandbox, "said.append('fine')")


def test_processor_time_has_an_end(sandbox: Sandbox) -> None:
    with limited(sandbox, SandboxLimits(processor_seconds=1)):
        assert Death.TIMED_OUT is attack(sandbox, "while True: pass").findings.trouble
        ignoring = "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"
        assert Death.DIED is attack(sandbox, ignoring).findings.trouble
    assert ["fine"] == said(sandbox, "said.append('fine')")


def test_a_small_file_gets_little_processor_time(sandbox: Sandbox) -> None:
    [seconds] = said(sandbox, "import resource; said.append(resource.getrlimit(resource.RLIMIT_CPU)[0])")

    assert 8 <= int(seconds) <= 10


def test_waiting_has_an_end(sandbox: Sandbox) -> None:
    with limited(sandbox, SandboxLimits(seconds=1)):
        start = time.monotonic()
        assert Death.TIMED_OUT is attack(sandbox, "import time; time.sleep(60)").findings.trouble
        assert time.monotonic() - start < 5


def test_files_have_a_size_and_a_number(sandbox: Sandbox) -> None:
    code = """
    import os
    try:
        opened = [os.dup(0) for _ in range(1000)]
        said.append("thousand")
    except OSError:
        said.append("refused")
    """
    assert ["refused"] == said(sandbox, code)
    fill = "f = open('/tmp/big', 'wb')\nfor _ in range(100): f.write(bytes(1024 * 1024))\nsaid.append('written')"
    assert "written" not in attack(sandbox, fill).names


@pytest.mark.parametrize("way", [each for each in WAYS if each.name == NAMESPACES], ids=lambda way: way.confiner[-1])
def test_a_sandbox_that_starts_all_the_processes_it_may_takes_none_from_another(way: Way) -> None:
    def forks(wanted: int, *, then: str) -> str:
        return f"""
            import os, time
            started = 0
            while started < {wanted}:
                try:
                    if os.fork() == 0:
                        time.sleep(10)
                        os._exit(0)
                except OSError:
                    break
                started += 1
            {then}
            said.append(started)
            """

    with opened(way) as greedy, opened(way) as other:
        assert [["1"]] * 2 == [said(each, "said.append(1)") for each in (greedy, other)]
        bomb = threading.Thread(target=attack, args=(greedy, forks(1000, then="time.sleep(6)")))
        bomb.start()
        time.sleep(2)
        assert ["20"] == said(other, forks(20, then=""))
        bomb.join()


def test_a_fork_bomb_ends_with_its_job(sandbox: Sandbox) -> None:
    before = _processes()
    code = """
    import os, time
    end = time.monotonic() + 1
    most = 0
    while time.monotonic() < end:
        try:
            if os.fork() == 0:
                most = 1000
        except OSError:
            time.sleep(0.01)
    """
    attack(sandbox, code)
    assert ["fine"] == said(sandbox, "said.append('fine')")
    assert _processes() - before < 20


def _processes() -> int:
    return sum(each.name.isdigit() for each in Path("/proc").iterdir())


# ---- How a job can end ---------------------------------------------------------------------------------------------

EVERY_DESCRIPTOR = "import os\nfor fd in range(3, 64):\n try:"


@pytest.mark.parametrize(
    "code",
    [
        "import os; os._exit(0)",
        "import os; os._exit(3)",
        "import os; os.abort()",
        "import ctypes; ctypes.string_at(0)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL); os.abort()",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "raise ValueError('x')",
        "def f(): f()\nf()",
        f"{EVERY_DESCRIPTOR} os.close(fd)\n except OSError: pass",
        f"{EVERY_DESCRIPTOR} os.write(fd, b'x' * 100)\n except OSError: pass\nos._exit(0)",
        f"{EVERY_DESCRIPTOR} os.write(fd, b'\\xff' * 8)\n except OSError: pass\nos._exit(0)",
        f"{EVERY_DESCRIPTOR} os.write(fd, bytes(7) + b'\\x02{{}}' + bytes(8))\n except OSError: pass\nos._exit(0)",
    ],
)
def test_whatever_a_parser_dies_of_is_an_outcome(sandbox: Sandbox, code: str) -> None:
    assert Death.DIED is attack(sandbox, code).findings.trouble
    assert ["fine"] == said(sandbox, "said.append('fine')")


def test_a_trouble_is_told_as_such(sandbox: Sandbox) -> None:
    code = "from gateway.minimise.documents.model import Trouble\nraise UnreadableError(Trouble.ENCRYPTED)"

    assert Trouble.ENCRYPTED is attack(sandbox, code).findings.trouble


def test_a_fault_is_told_by_its_type_and_line_without_what_it_fell_over(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(sandbox, "_told", told.append)
    attack(sandbox, "raise ValueError('Merhawi Tesfay')")

    assert 1 == len(told)
    assert told[0].startswith("ValueError jobs:")
    assert "Merhawi" not in told[0]


def test_a_document_is_rebuilt_and_its_bytes_come_back(sandbox: Sandbox) -> None:
    outcome = sandbox.rebuild(
        b"said.append('x' * 500_000)",
        "a.txt",
        known=Known(),
        choice=Choice(stays=keeping(officials=True)),
    )

    assert None is outcome.findings.trouble
    assert outcome.rebuilt is not None
    assert b"x" * 500_000 == outcome.rebuilt.content


def test_a_result_above_the_limit_is_not_taken(sandbox: Sandbox) -> None:
    with limited(sandbox, SandboxLimits(result_bytes=1000)):
        outcome = sandbox.rebuild(
            b"said.append('x' * 2000)",
            "a.txt",
            known=Known(),
            choice=Choice(stays=keeping(officials=True)),
        )

    assert Death.DIED is outcome.findings.trouble
    assert None is outcome.rebuilt


def test_nothing_of_a_document_outlives_its_job(sandbox: Sandbox) -> None:
    code = """
    import os, time
    try:
        open("/tmp/left", "w").write("Merhawi")
        os.makedirs("/tmp/folder/within")
        os.symlink("/usr", "/tmp/folder/link")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(0.5)
                open("/tmp/later", "w").write("Merhawi")
                time.sleep(60)
            os._exit(0)
    except OSError:
        pass
    """
    listed = "import os\ntry: said.extend(sorted(os.listdir('/tmp')))\nexcept OSError: pass"
    # Our own code may lie there, when somebody works on it in that folder; it is mounted and can not be written.
    before = said(sandbox, listed)
    assert set(before) <= {Path(__file__).parts[2]}

    attack(sandbox, code)
    time.sleep(1)

    assert before == said(sandbox, listed)


def _merhawi(texts: Sequence[str]) -> Sequence[Sequence[tuple[int, int]]]:
    return [[(text.index("merhawi"), text.index("merhawi") + 7)] if "merhawi" in text else [] for text in texts]


@pytest.mark.parametrize("number", [each for each, way in enumerate(WAYS) if NAMESPACES == way.name])
def test_code_below_the_folder_for_temporary_files_stays_and_what_a_job_wrote_beside_it_goes(number: int) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        shown = Path(folder, "below", "code")
        shown.mkdir(parents=True)
        (shown / "module.py").touch()
        listed = f"import os\nfor each in {[*map(os.fspath, (shown.parent, shown))]!r}: said.extend(os.listdir(each))"
        with opened([*ways((TESTS, shown))][number]) as sandbox:
            # Nobody in the namespaces of root can not even write there.
            attack(sandbox, f"open({os.fspath(shown.parent / 'left')!r}, 'w').write('Merhawi')")

            assert ["code", "module.py"] == said(sandbox, listed)


def test_a_second_opinion_is_asked_of_the_service(way: Way) -> None:
    small = "tests.unit.minimise.documents.small_engine:load"
    content = b"Hij zag\nde heer merhawi en zijn broer."
    with Sandbox(engine=small, confined_by=(way,), second_opinion=_merhawi) as sandbox:
        assert ("merhawi",) == sandbox.search(content, "a.txt", known=Known()).names
        outcome = sandbox.rebuild(content, "a.txt", known=Known(), choice=Choice(stays=keeping(officials=True)))
        assert outcome.rebuilt is not None
        assert b"Hij zag\nde heer [gelakt: derde] en zijn broer." == outcome.rebuilt.content
    with Sandbox(engine=small, confined_by=(way,)) as sandbox:
        assert () == sandbox.search(content, "a.txt", known=Known()).names


def test_a_captured_parser_that_asks_without_end_gets_one_answer_and_dies(sandbox: Sandbox) -> None:
    code = """
    import os, json
    def send(part):
        os.write(fd, len(part).to_bytes(8, "big") + part)
    for fd in range(3, 64):
        try:
            send(json.dumps({"kind": "asked", "texts": ["x"]}).encode())
            send(b"")
        except OSError:
            pass
    os._exit(0)
    """
    assert Death.DIED is attack(sandbox, code).findings.trouble


# ---- The process that stays warm -----------------------------------------------------------------------------------


def test_a_hundred_jobs_leave_no_descriptor_and_no_memory_behind(sandbox: Sandbox) -> None:
    said(sandbox, "said.append('warm')")
    inside = _inside(sandbox)
    before = _descriptors(os.getpid()), _descriptors(inside), _resident(inside)
    for number in range(100):
        assert [str(number)] == said(sandbox, f"said.append({number})")
    assert before[:2] == (_descriptors(os.getpid()), _descriptors(inside))
    assert _resident(inside) < before[2] + 4 * 1024 * 1024
    assert inside == _inside(sandbox)


def _inside(sandbox: Sandbox) -> int:
    """Find the process inside: that of bubblewrap's child, or the one that was started itself."""
    assert sandbox._warm is not None
    started = sandbox._warm._program.pid
    children = Path(f"/proc/{started}/task/{started}/children").read_text().split()
    return int(children[0]) if children else started


def _descriptors(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def _resident(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_process_that_was_killed_between_jobs_is_started_again(way: Way) -> None:
    with opened(way) as sandbox:
        said(sandbox, "said.append('warm')")
        os.kill(_inside(sandbox), signal.SIGKILL)
        time.sleep(0.2)
        assert ["again"] == said(sandbox, "said.append('again')")


def test_a_process_that_is_killed_within_a_job_is_started_again_and_the_job_done(way: Way) -> None:
    with opened(way) as sandbox:
        said(sandbox, "said.append('warm')")
        killing = threading.Timer(0.5, os.kill, (_inside(sandbox), signal.SIGKILL))
        killing.start()
        assert ["done"] == said(sandbox, "import time; time.sleep(1); said.append('done')")
        killing.join()


def test_it_ends_when_it_is_idle_and_starts_for_the_next_job(way: Way) -> None:
    with opened(way, limits=SandboxLimits(idle_seconds=0.1)) as sandbox:
        said(sandbox, "said.append('warm')")
        first = _inside(sandbox)
        time.sleep(0.2)
        said(sandbox, "said.append('again')")
        assert first != _inside(sandbox)


def test_it_ends_with_its_service(way: Way) -> None:
    code = textwrap.dedent(f"""
        import sys, time
        sys.path.insert(0, {os.fspath(TESTS.parent)!r})
        from tests.integration.minimise.test_sandbox import WAYS, _inside, opened, said
        sandbox = opened(WAYS[{WAYS.index(way)}])
        said(sandbox, "said.append(1)")
        print(_inside(sandbox), flush=True)
        time.sleep(60)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        inside = Path(f"/proc/{int(service.stdout.readline())}")
        assert inside.exists()
        service.kill()
    for _ in range(100):
        if not inside.exists():
            break
        time.sleep(0.05)
    assert not inside.exists()


def test_after_a_fork_each_process_has_its_own(way: Way) -> None:
    with opened(way) as sandbox:
        said(sandbox, "said.append('warm')")
        theirs = _inside(sandbox)
        child = os.fork()
        if child == 0:
            try:
                ok = said(sandbox, "said.append('child')") == ["child"] and _inside(sandbox) != theirs
                sandbox.close()
                os._exit(0 if ok else 1)
            finally:
                os._exit(2)
        assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert theirs == _inside(sandbox)
        assert ["parent"] == said(sandbox, "said.append('parent')")


def test_threads_take_turns(sandbox: Sandbox) -> None:
    said(sandbox, "said.append('started by a thread that lives on')")
    results: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda each=number: results.append(said(sandbox, f"said.append({each})")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[str(number)] for number in range(8)] == sorted(results)


# ---- Without a sandbox ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "confiner", [("/bin/false",), ("/nonexistent",), ("/usr/bin/env",)], ids=["fails", "missing", "confines nothing"]
)
def test_without_a_sandbox_nothing_is_parsed(confiner: tuple[str, ...], tmp_path: Path) -> None:
    way = Way(name=NAMESPACES, confiner=confiner, readable=())
    with opened(way) as sandbox, pytest.raises(SluisError) as raised:
        attack(sandbox, f"open({os.fspath(tmp_path / 'parsed')!r}, 'w')")

    assert Code.SANDBOX_MISSING is raised.value.code
    assert {"part": "sandbox"} == raised.value.detail
    assert not (tmp_path / "parsed").exists()


def test_without_a_way_at_all_nothing_is_parsed() -> None:
    with Sandbox(engine=ENGINE, confined_by=()) as sandbox, pytest.raises(SluisError) as raised:
        sandbox.check()

    assert Code.SANDBOX_MISSING is raised.value.code


def test_what_is_missing_inside_is_told_apart(way: Way) -> None:
    with opened(way, engine=f"{ENGINE}_nothing") as sandbox, pytest.raises(SluisError) as raised:
        sandbox.check()

    assert {"part": "lists"} == raised.value.detail


def test_the_first_way_that_works_is_taken(way: Way) -> None:
    broken = Way(name=NAMESPACES, confiner=("/bin/false",), readable=())
    with Sandbox(engine=ENGINE, confined_by=(broken, way)) as sandbox:
        assert way.name == sandbox.check()
