"""The foreman and the worker processes that do a service's blocking work.

Rules:
1. The service has one foreman, forked when everything is loaded and before the service has a second thread, or started
   anew when it died. It forks a worker whenever the service hands it a socket for one; it builds what they need at the
   first. It has a single thread, so that a fork is safe, and what it loaded is shared by all workers' memory.
2. A worker does one piece of work after another for whoever holds the other end of its socket, and ends when that
   closes. The foreman ends when the service closes, after its last worker.
3. All of them end with the service: the kernel kills them when it dies. They hold the spool's lock until then, so that
   no second service starts while one of them may still be moving an entry.
"""

import gc
import os
import signal
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from gateway.bootstrap.blocking_work import BlockingWork
from gateway.bootstrap.build_work import build_blocking_work
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.service_log import configure_service_log
from gateway.bootstrap.watch import report_work
from gateway.bootstrap.worker_messages import LENGTH_BYTES, length_of, pack, unpack
from gateway.bootstrap.worker_start import die_with
from gateway.package.errors import Code, SluisError

_DESCRIPTORS = 2


def lead(root: str, *, descriptor: int) -> None:
    """Be the foreman of a site, with orders over this socket; in each worker, serve and return."""
    # What is built now lives as long as the process: looking through it, or filling the holes that a collection leaves
    # in it, would only copy the memory that workers share.
    gc.disable()
    with socket.socket(fileno=descriptor) as orders:
        first = _next(orders)
        if first is None:
            # The service ended over its settings; it has said so, and this would only say it again.
            return
        site = SiteLayout(root=Path(root))
        configure_service_log(site.service_log, strict=False)
        work = build_blocking_work(site)
        gc.freeze()
        _fork_workers(orders, work, first)


def serve(peer: socket.socket, work: BlockingWork) -> None:
    """Answer each (name, arguments) with (True, result) or (False, error), until the other end closes."""
    while (asked := _receive(peer)) is not None:
        name, arguments = unpack(asked)
        answer = answer_of(getattr(work, name), arguments)
        try:
            peer.sendall(answer)
        except (BrokenPipeError, ConnectionResetError):
            # Whoever asked has gone meanwhile, as when the service is killed: there is nobody to tell.
            return


def answer_of(job: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """Do one piece of work and write its answer; an error that can not be told apart is one of our own."""
    try:
        return pack((True, job(*arguments)))
    except (SluisError, OSError) as error:
        return pack((False, error))
    except Exception as error:  # noqa: BLE001 - whatever it was, the service is told, and the worker lives.
        report_work(error)
        return pack((False, SluisError(Code.INTERNAL_ERROR)))


def _fork_workers(orders: socket.socket, work: BlockingWork, first: tuple[socket.socket, int]) -> None:
    """Fork a worker for every socket that comes, until no more can come and every worker has ended."""
    signal.signal(signal.SIGCHLD, _lay_to_rest)
    foreman = os.getpid()
    # The lock that came with the first order stays open here, and in every worker.
    order: tuple[socket.socket, int] | None = first
    _, held = first
    while order is not None:
        peer, lock = order
        with peer:
            if _forked() == 0:
                _be_worker(peer, work, orders=orders, foreman=foreman)
                return
        if lock != held:
            os.close(lock)
        order = _next(orders)
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _forked() -> int:
    """Fork; -1 where the system gives no process now: then one socket closes unserved, and other workers go on."""
    try:
        return os.fork()
    except OSError as error:
        report_work(error)
        return -1


def _lay_to_rest(_signal: int, _frame: FrameType | None) -> None:
    """Take leave of every worker that has ended; whoever asks what a service used finds it in the foreman's sums."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _next(orders: socket.socket) -> tuple[socket.socket, int] | None:
    """Wait for an order: the socket of a worker, and the descriptor of the spool's lock; None when no more can come."""
    _, descriptors, _, _ = socket.recv_fds(orders, 1, _DESCRIPTORS)
    if len(descriptors) != _DESCRIPTORS:
        return None
    return socket.socket(fileno=descriptors[0]), descriptors[1]


def _be_worker(peer: socket.socket, work: BlockingWork, *, orders: socket.socket, foreman: int) -> None:
    orders.close()
    die_with(foreman)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    gc.enable()
    # Its sandbox ends with it, and is waited for here: nobody else may take leave of the processes in a container.
    with closing(work):
        serve(peer, work)


def _receive(peer: socket.socket) -> bytes | None:
    head = _exactly(peer, LENGTH_BYTES)
    return None if head is None else _exactly(peer, length_of(head))


def _exactly(peer: socket.socket, size: int) -> bytes | None:
    """Read so many bytes; None when the other end has closed."""
    content = bytearray(size)
    rest = memoryview(content)
    while rest:
        try:
            count = peer.recv_into(rest)
        except ConnectionResetError:
            return None
        if not count:
            return None
        rest = rest[count:]
    return bytes(content)
