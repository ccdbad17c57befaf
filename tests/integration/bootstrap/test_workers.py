"""Worker processes: work that fails is an answer, a worker that dies is replaced, and none outlives its service."""

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.bootstrap.worker import serve
from gateway.bootstrap.worker_messages import LENGTH_BYTES, pack, unpack
from gateway.bootstrap.workers import LENGTHY, Workers
from gateway.intake.outbox import Claimed
from gateway.package.encoding import Record
from gateway.package.errors import Code, SluisError
from gateway.package.problems import problem_of
from gateway.package.states import PackageState
from gateway.parts import Past
from gateway.receipt.port import SlipFacts
from gateway.seal.keyring import stop_agent
from gateway.spool.fresh import Fresh
from gateway.spool.port import PackageRow
from tests.contract.spool.conftest import NOW
from tests.unit.receipt import samples
from tests.unit.spool.test_fresh import new


@pytest.fixture(scope="module")
def site() -> Iterator[SiteLayout]:
    root = Path(tempfile.mkdtemp(prefix="sl", dir="/tmp"))
    made = create_site(root / "s", SiteWishes())
    yield made
    stop_agent(made.gnupg)
    shutil.rmtree(root)


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    yield descriptor
    os.close(descriptor)


@pytest.fixture
async def workers(site: SiteLayout, lock: int) -> AsyncIterator[Workers]:
    made = Workers(site.root, hold=lambda: lock, policy=lambda: "")
    yield made
    await made.aclose()


def gone(site: SiteLayout, name: str = "nowhere.json") -> Claimed:
    return gone_from(site.root / "outbox" / "2-In behandeling", name)


def gone_from(folder: Path, name: str = "nowhere.json") -> Claimed:
    path = folder / name
    return Claimed(name=name, claim_id="0198f0de-7e21-7c3a-9d52-0123456789ab", path=path, owner_uid=0, leases=False)


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def open_descriptors() -> list[str]:
    return os.listdir("/proc/self/fd")  # noqa: PTH208 - names of this moment.


def foremen(site: SiteLayout) -> list[int]:
    named = os.fsencode(site.root)
    return [pid for pid in children(os.getpid()) if named in Path(f"/proc/{pid}/cmdline").read_bytes()]


def seconds_of_ended_children(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[13:15]) / os.sysconf("SC_CLK_TCK")


def facts(entry: str) -> SlipFacts:
    return SlipFacts(id=new().id, entry=entry, at=NOW, state=None, codes=(Code.MANIFEST_MISSING.value,))


async def test_a_slip_is_written_by_a_worker(workers: Workers, site: SiteLayout) -> None:
    await workers.write_slip(facts("brief.json"))

    assert 1 == len(list((site.root / "outbox" / "3-Actie nodig").glob("brief.json.*.txt")))


async def test_slips_that_wait_together_are_all_written_and_one_that_can_not_be_is_its_own_failure(
    workers: Workers, site: SiteLayout
) -> None:
    names = [f"{number}.json" for number in range(40)]
    wanted = [facts(name) for name in names]
    broken = replace(facts("kapot.json"), at=None)  # type: ignore[arg-type]  # the fault
    answers = await asyncio.gather(
        *(workers.write_slip(each) for each in (*wanted[:20], broken, *wanted[20:])), return_exceptions=True
    )
    failed = [answer for answer in answers if answer is not None]
    written = {path.name.split(".")[0] for path in (site.root / "outbox" / "3-Actie nodig").glob("*.json.*.txt")}

    assert [Code.INTERNAL_ERROR] == [answer.code for answer in failed if isinstance(answer, SluisError)]
    assert 1 == len(failed)
    assert {name.split(".")[0] for name in names} <= written
    assert "kapot" not in written


async def test_what_is_wrong_with_an_entry_is_an_answer(workers: Workers, site: SiteLayout) -> None:
    answer = await workers.read(gone(site))

    assert isinstance(answer, SluisError)
    assert Code.PACKAGE_CHANGED is answer.code


def test_an_error_keeps_its_place_and_counts_on_its_way() -> None:
    error = SluisError(Code.PACKAGE_TOO_LARGE, where="a", detail={"limit": 1}, faults=(("b", "c"),))
    same = unpack(pack(error)[LENGTH_BYTES:])
    assert (error.code, "a", {"limit": 1}, (("b", "c"),)) == (same.code, same.where, same.detail, same.faults)


def test_what_travels_arrives_as_it_was() -> None:
    package = new()
    message = ("prepare", (package, gone_from(Path("a")), PackageState.HELD, NOW, [1, "é", None], PackageState))
    assert message == unpack(pack(message)[LENGTH_BYTES:])


@pytest.mark.parametrize("told", samples.ENDINGS.values(), ids=samples.ENDINGS)
def test_a_decision_arrives_as_it_was_with_all_that_a_slip_is_told(told: SlipFacts) -> None:
    assert told == unpack(pack(told)[LENGTH_BYTES:])


async def test_a_fault_of_our_own_in_a_worker_is_an_internal_error_and_the_worker_lives(
    workers: Workers, site: SiteLayout
) -> None:
    with pytest.raises(SluisError) as raised:
        await workers.discard([None])  # type: ignore[list-item]  # the fault
    before = children(*foremen(site))
    await workers.discard([])

    assert Code.INTERNAL_ERROR is raised.value.code
    assert before == children(*foremen(site))


async def test_work_that_comes_together_is_shared_and_never_by_more_than_there_may_be(
    workers: Workers, site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else one that ends for want of work, and takes a moment to do so, is counted with the one in its place.
    monkeypatch.setattr("gateway.bootstrap.workers._SPARE_SECONDS", 60.0)
    await asyncio.gather(*(workers.read(gone(site)) for _ in range(20)), *(workers.discard([]) for _ in range(20)))

    assert 1 == len(foremen(site))
    assert 1 <= len(children(*foremen(site))) <= LENGTHY + 1


async def test_a_worker_that_dies_in_the_middle_is_an_error_of_its_work_alone_and_is_replaced(
    workers: Workers, site: SiteLayout
) -> None:
    await workers.discard([])
    (worker,) = children(*foremen(site))
    os.kill(worker, signal.SIGSTOP)
    waiting = asyncio.create_task(workers.discard([]))
    await asyncio.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    with pytest.raises(SluisError) as raised:
        await waiting

    assert Code.WORKER_LOST is raised.value.code
    assert [] == await workers.discard([])
    assert [worker] != children(*foremen(site))


async def test_a_foreman_that_dies_takes_its_workers_along_and_is_replaced(workers: Workers, site: SiteLayout) -> None:
    await workers.discard([])
    (foreman,) = foremen(site)
    (worker,) = children(foreman)
    os.kill(foreman, signal.SIGKILL)
    await _ended(worker)
    await asyncio.sleep(0.1)

    assert [] == await workers.discard([])
    assert [foreman] != foremen(site)


def test_a_worker_whose_service_is_killed_before_it_answers_ends_without_an_error() -> None:
    class Nothing:
        def discard(self, accepted: list[Claimed]) -> list[Claimed]:
            return accepted

    ours, theirs = socket.socketpair()
    ours.sendall(pack(("discard", ([],))))
    ours.close()
    with theirs:
        serve(theirs, Nothing())  # type: ignore[arg-type]  # all of the work that is asked for here


async def test_who_is_cancelled_does_not_stop_the_work(workers: Workers, site: SiteLayout) -> None:
    slip = asyncio.create_task(workers.write_slip(facts("doorgaan.json")))
    await asyncio.sleep(0)
    slip.cancel()
    await workers.aclose()

    assert 1 == len(list((site.root / "outbox" / "3-Actie nodig").glob("doorgaan.json.*.txt")))


async def test_workers_beyond_the_first_end_when_they_have_nothing_to_do_and_come_back_with_the_work(
    workers: Workers, site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.workers._SPARE_SECONDS", 0.2)
    await workers.start()

    async def three_at_once() -> int:
        at_work = asyncio.gather(*(workers.discard([]) for _ in range(3)))
        seen = set(children(*foremen(site)))
        while not at_work.done():
            await asyncio.sleep(0.01)
            seen.update(children(*foremen(site)))
        return len(seen)

    async def left_at_last() -> int:
        deadline = time.monotonic() + 20
        while len(children(*foremen(site))) > 1 and time.monotonic() < deadline:  # noqa: ASYNC110 - as above.
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        return len(children(*foremen(site)))

    assert 3 == await three_at_once()
    assert 1 == await left_at_last()
    assert 3 == await three_at_once()
    assert 1 == await left_at_last()


async def test_a_worker_that_needed_long_for_a_package_keeps_its_sandbox_and_stays_when_others_end(
    workers: Workers, site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.workers._SPARE_SECONDS", 0.2)
    monkeypatch.setattr("gateway.bootstrap.workers._LONG_SECONDS", 0.0)
    await workers.start()
    deciding = (workers.prepare(row(), (), NOW, Past()) for _ in range(2))
    await asyncio.gather(*deciding, *(workers.discard([]) for _ in range(3)), return_exceptions=True)
    await _until(lambda: len(children(*foremen(site))) == 2)
    await asyncio.sleep(0.5)

    assert 2 == len(children(*foremen(site)))


async def test_what_ended_workers_used_is_counted_with_their_foreman_and_none_is_left_as_a_zombie(
    workers: Workers, site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.workers._SPARE_SECONDS", 0.1)
    await workers.start()
    (foreman,) = foremen(site)
    long = [facts(f"{number}.json") for number in range(200)]
    await asyncio.gather(*(workers.write_slip(each) for each in long), *(workers.discard([]) for _ in range(2)))
    for worker in children(foreman):
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while children(foreman) and time.monotonic() < deadline:  # noqa: ASYNC110 - they tell nobody here.
        await asyncio.sleep(0.05)

    assert [] == children(foreman)
    assert seconds_of_ended_children(foreman) > 0


async def test_closed_workers_take_no_work_and_leave_no_process(site: SiteLayout, lock: int) -> None:
    workers = Workers(site.root, hold=lambda: lock, policy=lambda: "")
    await workers.discard([])
    await workers.aclose()
    with pytest.raises(SluisError) as raised:
        await workers.discard([])

    assert Code.WORKER_LOST is raised.value.code
    assert [] == foremen(site)


async def test_a_fault_of_our_own_in_reading_one_entry_is_its_answer_and_no_failure_of_the_work(
    workers: Workers, site: SiteLayout
) -> None:
    answer = await workers.read(replace(gone(site), name=None))  # type: ignore[arg-type]  # the fault

    assert isinstance(answer, SluisError)
    assert Code.INTERNAL_ERROR is answer.code


async def test_a_service_does_not_start_without_a_worker_and_tells_that_work_is_lost_again_and_again(
    tmp_path: Path, lock: int
) -> None:
    nowhere = Workers(tmp_path / "nowhere", hold=lambda: lock, policy=str)
    with pytest.raises(SluisError) as raised:
        await nowhere.start()
    first = nowhere.problem()
    for _ in range(2):
        with pytest.raises(SluisError):
            await nowhere.discard([])
    last = nowhere.problem()
    await nowhere.aclose()

    assert Code.WORKER_LOST is raised.value.code
    assert (False, True) == (first, last)


async def test_closing_ends_also_a_worker_that_hangs_in_the_middle_of_its_work(
    site: SiteLayout, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.workers._FINISH_SECONDS", 0.5)
    monkeypatch.setattr("gateway.bootstrap.workers._END_SECONDS", 0.5)
    workers = Workers(site.root, hold=lambda: lock, policy=str)
    await workers.start()
    (worker,) = children(*foremen(site))
    os.kill(worker, signal.SIGSTOP)
    hanging = asyncio.create_task(workers.discard([]))
    await asyncio.sleep(0.1)
    await workers.aclose()
    with pytest.raises(SluisError) as raised:
        await hanging

    assert Code.WORKER_LOST is raised.value.code
    assert [] == foremen(site)


class _EndsItsWorker(str):
    """A text that ends whoever reads the message it is in."""

    __slots__ = ()

    def __reduce__(self) -> tuple[object, ...]:
        return os._exit, (1,)


async def test_a_slip_that_ends_its_worker_is_lost_alone_and_keeps_no_other_from_being_written(
    workers: Workers, site: SiteLayout
) -> None:
    poison = replace(facts("gif.json"), where=_EndsItsWorker("x"))
    told = [facts("voor.json"), poison, facts("na.json")]
    answers = await asyncio.gather(*(workers.write_slip(each) for each in told), return_exceptions=True)

    assert [None, "worker-lost", None] == [each and str(each) for each in answers]
    found = site.root / "outbox" / "3-Actie nodig"
    assert [1, 0, 1] == [len([*found.glob(f"{each.entry}.*.txt")]) for each in told]


async def test_a_writer_that_hangs_keeps_no_slip_waiting_and_is_told_until_it_writes_again(
    workers: Workers, site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.slip_writing._PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr("gateway.bootstrap.workers._MOMENT_SECONDS", 0.1)
    await workers.start()
    (worker,) = children(*foremen(site))
    os.kill(worker, signal.SIGSTOP)
    told = [facts(f"hangt-{number}.json") for number in range(20)]
    given_up = await asyncio.gather(*(workers.write_slip(each) for each in told), return_exceptions=True)
    with pytest.raises(SluisError) as at_once:
        await workers.write_slip(facts("hangt-nu.json"))
    others = await asyncio.gather(*(workers.discard([]) for _ in range(6)))
    hung = workers.slips_hang()
    os.kill(worker, signal.SIGCONT)
    await _until(lambda: not workers.slips_hang())
    again = await asyncio.gather(*(workers.write_slip(each) for each in told))

    assert ["slips-not-written"] * 21 == [str(each) for each in (*given_up, at_once.value)]
    assert ([[]] * 6, True) == (others, hung)
    assert [None] * 20 == again


async def test_work_that_hangs_in_every_worker_gives_its_places_to_the_next(
    workers: Workers, site: SiteLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.workers._MOMENT_SECONDS", 0.3)
    monkeypatch.setattr("gateway.bootstrap.workers._SPARE_SECONDS", 60.0)
    await asyncio.gather(*(workers.discard([]) for _ in range(3)))
    stopped = children(*foremen(site))
    for each in stopped:
        os.kill(each, signal.SIGSTOP)
    hanging = [asyncio.create_task(workers.discard([])) for _ in stopped]
    await asyncio.sleep(0.1)
    answer = await asyncio.wait_for(workers.discard([]), timeout=10)
    for each in stopped:
        os.kill(each, signal.SIGCONT)

    assert (3, []) == (len(stopped), answer)
    assert [[]] * 3 == await asyncio.gather(*hanging)


async def test_closing_while_a_slip_hangs_starts_nothing_for_those_that_wait_behind_it(
    site: SiteLayout, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.bootstrap.workers._FINISH_SECONDS", 0.5)
    monkeypatch.setattr("gateway.bootstrap.workers._END_SECONDS", 0.5)
    workers = Workers(site.root, hold=lambda: lock, policy=str)
    await workers.start()
    (worker,) = children(*foremen(site))
    os.kill(worker, signal.SIGSTOP)
    waiting = [asyncio.create_task(workers.write_slip(facts(f"{number}.json"))) for number in range(20)]
    await asyncio.sleep(0.1)
    await workers.aclose()
    done, _ = await asyncio.wait(waiting, timeout=5)

    assert ["worker-lost"] * 20 == [str(each.exception()) for each in done]
    assert [] == foremen(site)


async def test_work_without_descriptors_is_lost_and_leaves_none_open(workers: Workers, site: SiteLayout) -> None:
    await workers.start()
    (foreman,) = foremen(site)
    os.kill(foreman, signal.SIGKILL)
    await asyncio.sleep(0.2)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    before = open_descriptors()
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(before), hard))
    try:
        with pytest.raises(SluisError) as raised:
            await workers.discard([])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    left = open_descriptors()

    assert Code.WORKER_LOST is raised.value.code
    assert len(left) <= len(before)
    assert [] == await workers.discard([])


async def test_a_foreman_takes_no_module_from_the_current_folder(
    site: SiteLayout, lock: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ctypes.py").write_text(f"open({str(tmp_path / 'taken')!r}, 'w')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    workers = Workers(site.root, hold=lambda: lock, policy=str)
    await workers.start()
    await workers.aclose()

    assert not (tmp_path / "taken").exists()


def row() -> PackageRow:
    fresh, package = Fresh(), new()
    fresh.put(package, Record())
    taken = fresh.take(package.id)
    assert taken is not None
    return taken[0].row


async def test_a_worker_that_does_not_find_the_announced_rules_decides_nothing_and_says_try_again(
    site: SiteLayout, lock: int
) -> None:
    workers = Workers(site.root, hold=lambda: lock, policy=lambda: "0" * 64)
    with pytest.raises(SluisError) as raised:
        await workers.prepare(row(), (), NOW, Past())
    await workers.aclose()

    assert Code.POLICY_UNAVAILABLE is raised.value.code
    assert problem_of(raised.value).retryable


SERVICE = """
import asyncio, os, signal, sys
from pathlib import Path
from gateway.bootstrap.workers import Foreman, Workers
root, how = Path(sys.argv[1]), sys.argv[2]
foreman = Foreman.forked(root) if how == "forked" else None
async def main():
    workers = Workers(root, hold=lambda: 0, policy=lambda: "", foreman=foreman)
    await workers.discard([])
    print("works", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.sleep(0.1)
    print(await workers.discard([]), flush=True)
    await workers.aclose()
asyncio.run(main())
"""


@pytest.fixture(params=["forked", "started"])
def service(request: pytest.FixtureRequest, site: SiteLayout) -> Iterator["subprocess.Popen[str]"]:
    """A service whose foreman was forked before anything else, or is started at the first work; a worker works."""
    command = [sys.executable, "-c", SERVICE, str(site.root), request.param]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdout is not None
        assert "works\n" == process.stdout.readline()
        yield process


async def test_no_worker_outlives_a_service_that_was_killed(service: "subprocess.Popen[str]") -> None:
    (foreman,) = children(service.pid)
    (worker,) = children(foreman)
    service.kill()

    await _ended(foreman)
    await _ended(worker)


async def test_a_supervisor_that_asks_all_processes_to_end_stops_no_work_of_a_service_that_still_finishes_it(
    service: "subprocess.Popen[str]",
) -> None:
    (foreman,) = children(service.pid)
    (worker,) = children(foreman)
    for each in (worker, foreman):
        os.kill(each, signal.SIGTERM)
    await asyncio.sleep(0.2)

    assert (True, True) == (_runs(worker), _runs(foreman))
    assert ("[]\n", "") == service.communicate("\n", timeout=60)


NO_SECOND_WORKER = """
import asyncio, os, sys
from pathlib import Path
from gateway.bootstrap.workers import Foreman, Workers
fork, forks = os.fork, 0
def fork_but_not_the_third_time():
    global forks
    forks += 1
    if forks == 3:
        raise BlockingIOError("no more processes")
    return fork()
os.fork = fork_but_not_the_third_time
foreman = Foreman.forked(Path(sys.argv[1]))
def children(pid): return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
async def main():
    workers = Workers(Path(sys.argv[1]), hold=lambda: 0, policy=lambda: "", foreman=foreman)
    await workers.start()
    before = [children(each) for each in children(os.getpid())]
    print(await asyncio.gather(workers.discard([]), workers.discard([]), return_exceptions=True))
    await asyncio.sleep(0.5)
    print(before == [children(each) for each in children(os.getpid())])
    print(await asyncio.gather(workers.discard([]), workers.discard([])))
    await workers.aclose()
asyncio.run(main())
"""


def test_where_no_process_can_be_had_one_piece_of_work_is_lost_and_no_other_worker_with_it(site: SiteLayout) -> None:
    command = [sys.executable, "-c", NO_SECOND_WORKER, str(site.root)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)

    assert "[[], SluisError('worker-lost')]\nTrue\n[[], []]\n" == done.stdout
    assert 0 == done.returncode


async def test_a_foreman_that_died_is_replaced_however_it_began(service: "subprocess.Popen[str]") -> None:
    (foreman,) = children(service.pid)
    os.kill(foreman, signal.SIGKILL)
    await _ended(foreman)
    said, errors = service.communicate("\n", timeout=60)

    assert ("[]\n", "", 0) == (said, errors, service.returncode)


async def test_a_service_ends_its_foreman_and_its_workers(service: "subprocess.Popen[str]") -> None:
    (foreman,) = children(service.pid)
    (worker,) = children(foreman)
    said, errors = service.communicate("\n", timeout=60)

    assert ("[]\n", "", 0) == (said, errors, service.returncode)
    assert not any(map(_runs, (foreman, worker)))


def test_a_forked_foreman_builds_nothing_before_there_is_work_and_ends_without_a_word(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from gateway.bootstrap.workers import Foreman
Foreman.forked(Path(sys.argv[1])).end()
"""
    command = [sys.executable, "-c", program, str(tmp_path / "nowhere")]
    done = subprocess.run(command, capture_output=True, check=False, text=True)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_a_forked_foreman_whose_service_died_at_once_ends_without_a_word(tmp_path: Path) -> None:
    program = """
import os, sys
from pathlib import Path
from gateway.bootstrap.workers import Foreman
os.getppid = lambda: 1
foreman = Foreman.forked(Path(sys.argv[1]))
foreman.process.wait()
"""
    command = [sys.executable, "-c", program, str(tmp_path / "nowhere")]
    done = subprocess.run(command, capture_output=True, check=False, text=True)

    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


async def _until(happened: Callable[[], bool]) -> None:
    """Wait until something happened; the patience is a bound for what is broken, never a measurement."""
    end = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


async def _ended(pid: int) -> None:
    await _until(lambda: not _runs(pid))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != b"Z"
