"""How a process is put in a sandbox: with namespaces by bubblewrap, or without them by the kernel's own locks.

Rules:
1. Inside there is: programs and libraries of the system, Python's, this code and the lists that are named, all of it
   read-only; a folder of memory for temporary files; two devices. No network, no home, no configuration, no other
   process, no right.
2. The ways are tried in order: namespaces of root, who becomes nobody inside; namespaces of an ordinary user; landlock
   and seccomp alone, where containers do not give namespaces. In the last one no program can be started, so that scans
   can not be read there.
3. No right of the service comes along, also none that it was given for all its programs. The environment is written
   anew. Hashes have no chance in them, so that the same document gives the same bytes.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Final

import gateway
from gateway.minimise.sandbox_process import LANDLOCK, NAMESPACES

_CODE: Final = Path(gateway.__file__).resolve().parents[1]
_SYSTEM: Final = Path("/usr")
_SYSTEM_LINKS: Final = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
_PROGRAMS: Final = "/usr/local/bin:/usr/bin:/bin"
_LIBRARY_CACHE: Final = "/etc/ld.so.cache"
_DEVICES: Final = (Path(os.devnull), Path("/dev/urandom"))
_TEMPORARY: Final = "/tmp"  # noqa: S108 - inside the sandbox, where it is memory of its own.
_TEMPORARY_BYTES: Final = 64 * 1024 * 1024
_NOBODY: Final = "65534"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way: what it is called, the program that confines with its arguments, and what may be read inside."""

    name: str
    confiner: tuple[str, ...]
    readable: tuple[str, ...]

    def command(self, *, engine: str, idle_seconds: float) -> tuple[str, ...]:
        """Give the whole command."""
        python = os.path.realpath(sys.executable)
        module = ("-P", "-s", "-m", "gateway.minimise.sandbox_process")
        return (*self.confiner, python, *module, self.name, engine, str(idle_seconds), *self.readable)


def _packages() -> Sequence[Path]:
    """Give the folders that libraries are loaded from beside Python's own."""
    named = (each for each in sys.path if each.endswith(("site-packages", "dist-packages")))
    return [path for path in map(Path, named) if path.is_dir()]


def environment() -> dict[str, str]:
    """Give the variables that are set inside."""
    return {
        "PATH": _PROGRAMS,
        "LC_ALL": "C.UTF-8",
        "HOME": "/nonexistent",
        "TMPDIR": _TEMPORARY,
        "PYTHONPATH": os.pathsep.join((os.fspath(_CODE), *map(os.path.realpath, _packages()))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def ways(extra: Iterable[Path] = ()) -> Iterator[Way]:
    """Give the ways that may work on this machine, the best first; `extra` may be read inside as well."""
    paths = tuple(_readable(extra))
    # A right that a service was given for all its programs (capabilities(7), ambient) would make bubblewrap refuse.
    setpriv = which("setpriv", path=_PROGRAMS)
    plain = (setpriv, "--ambient-caps", "-all", "--inh-caps", "-all") if setpriv and os.geteuid() else ()
    system = (os.fspath(_SYSTEM), *(f"/{each}" for each in _SYSTEM_LINKS), _LIBRARY_CACHE)
    readable = (*system, *map(os.fspath, paths))
    bubblewrap = which("bwrap", path=_PROGRAMS)
    if bubblewrap is not None:
        inside = tuple(_arguments(paths))
        if os.geteuid() == 0:
            kept = ("--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
            yield Way(name=NAMESPACES, confiner=(bubblewrap, *inside, *kept), readable=readable)
        user = ("--unshare-user", "--uid", _NOBODY, "--gid", _NOBODY, "--cap-drop", "ALL")
        yield Way(name=NAMESPACES, confiner=(*plain, bubblewrap, *user, *inside), readable=readable)
    yield Way(name=LANDLOCK, confiner=plain, readable=readable)


def _readable(extra: Iterable[Path]) -> Iterator[Path]:
    """Give what is read beyond the system: Python, its packages, this code and what else is named."""
    named = (Path(sys.base_prefix), Path(sys.prefix), *_packages(), _CODE / "gateway", *extra)
    shown = [_SYSTEM]
    for path in dict.fromkeys(each.resolve() for each in named):
        if not any(map(path.is_relative_to, shown)):
            shown.append(path)
            yield path


def _arguments(paths: Sequence[Path]) -> Iterator[str]:
    yield from ("--unshare-pid", "--as-pid-1", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv")
    for name, value in environment().items():
        yield from ("--setenv", name, value)
    yield from ("--size", str(_TEMPORARY_BYTES), "--perms", "1777", "--tmpfs", _TEMPORARY)
    yield from ("--ro-bind", os.fspath(_SYSTEM), os.fspath(_SYSTEM))
    for each in _SYSTEM_LINKS:
        place = Path("/") / each
        if place.is_symlink():
            yield from ("--symlink", os.fspath(place.readlink()), os.fspath(place))
        elif place.is_dir():
            yield from ("--ro-bind", os.fspath(place), os.fspath(place))
    yield from ("--ro-bind-try", _LIBRARY_CACHE, _LIBRARY_CACHE)
    # Folders on the way to what is shown: bubblewrap would make them so that only their owner may pass.
    shown = (*_DEVICES, *paths)
    for folder in dict.fromkeys(parent for path in shown for parent in reversed(path.parents)):
        if folder != Path("/"):
            yield from ("--perms", "0755", "--dir", os.fspath(folder))
    for device in map(os.fspath, _DEVICES):
        yield from ("--dev-bind", device, device)
    for path in paths:
        yield from ("--ro-bind", os.fspath(path), os.fspath(path))
    yield from ("--chdir", "/", "--remount-ro", "/")
