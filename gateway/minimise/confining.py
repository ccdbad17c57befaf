"""Takes from a process, for good, what a parser of documents does not need: limits, landlock and seccomp of the kernel.

Rules, in order:
1. Limits on memory, processor time, the size and number of files and the number of processes (setrlimit(2)).
2. Landlock (Linux 5.13): files may be read below the named folders and written below others; nothing else of the file
   system may be opened, no TCP port used (6.7), no process outside signalled (6.12).
3. Seccomp: no new sockets, no tracing, mounting, namespaces, keys, kernel modules, shared memory, owners or modes of
   files, which landlock leaves alone; and no system call that is younger than this list. `alone` also takes starting
   processes and programs, and signals to any process but itself.
4. What does not exist on this machine raises OSError: whoever relies on it must not go on without it.

Numbers are those of Linux for x86-64 and AArch64; on another architecture rule 3 raises OSError.
"""

import ctypes
import math
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# ---- Limits --------------------------------------------------------------------------------------------------------

SOON: Final = 8
"""Seconds of processor time in which a job has to tell what it needs (`allow_processor`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What one job may use. `memory_bytes` is of address space, each process for itself."""

    memory_bytes: int = 512 * 1024 * 1024
    processor_seconds: int = 300
    file_bytes: int = 32 * 1024 * 1024
    open_files: int = 64
    processes: int = 32


def limit(limits: ProcessLimits) -> None:
    """Apply rule 1 to this process and all that it starts."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # Who ignores the signal at the soft limit is killed a second later.
    most = limits.processor_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (min(SOON, most), most + 1))


def allow_processor(seconds: float) -> None:
    """Let this process use so many seconds of processor time from now on, within its limit, and be killed then.

    What it starts has the same limit, each process for itself.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (min(wanted, most - 1), most))


_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2


def _called(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "not possible on this kernel")
    return result


def give_up_privileges() -> None:
    """Gain no right by starting a program, show this memory to no other process, and end with the parent."""
    _called(_LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    _called(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _called(_LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))


# ---- Landlock ------------------------------------------------------------------------------------------------------

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG: Final = 1
_PATH_BENEATH: Final = 1
_READ: Final = 1 << 0 | 1 << 2 | 1 << 3
_FILE_RIGHTS: Final = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 14
# For each version of the interface, the rights on files that it knows (include/uapi/linux/landlock.h).
_FILES_BY_VERSION: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_FILES_LATER: Final = (1 << 16) - 1
_TCP_SINCE, _TCP = 4, 0b11
_SCOPE_SINCE, _SCOPE = 6, 0b11


def lock_files(*, readable: Iterable[str], writable: Iterable[str] = ()) -> None:
    """Apply rule 2, after `give_up_privileges`; what does not exist is passed over. Raises OSError without landlock."""
    version = _called(_LIBC.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG))
    files = _FILES_BY_VERSION.get(version, _FILES_LATER)
    tcp = _TCP if version >= _TCP_SINCE else 0
    scope = _SCOPE if version >= _SCOPE_SINCE else 0
    handled = struct.pack("<3Q", files, tcp, scope)[: 24 if scope else 16 if tcp else 8]
    ruleset = _called(_LIBC.syscall(_CREATE_RULESET, handled, len(handled), 0))
    try:
        for paths, rights in ((readable, _READ), (writable, files)):
            for path in paths:
                _allow(ruleset, path, rights & files)
        _called(_LIBC.syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rights = rights if os.path.isdir(path) else rights & _FILE_RIGHTS  # noqa: PTH112 - a path in another root.
        _called(_LIBC.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("<Qi", rights, place), 0))
    finally:
        os.close(place)


# ---- Seccomp -------------------------------------------------------------------------------------------------------

_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NONE: Final = -1
# System calls by their numbers on x86-64 and AArch64 (include/uapi/asm-generic/unistd.h, unistd_64.h of Linux 6.1).
_REFUSED: Final = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "personality": (135, 92),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "inotify_init": (253, _NONE),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "chmod": (90, _NONE),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, _NONE),
    "fchown": (93, 55),
    "lchown": (94, _NONE),
    "fchownat": (260, 54),
    "truncate": (76, 45),
    "utime": (132, _NONE),
    "utimes": (235, _NONE),
    "futimesat": (261, _NONE),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "iopl": (172, _NONE),
    "ioperm": (173, _NONE),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
}
_REFUSED_ALONE: Final = {
    "fork": (57, _NONE),
    "vfork": (58, _NONE),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
}
_CLONE: Final = (56, 220)
_CLONE3: Final = (435, 435)
_TGKILL: Final = (234, 131)
_PRLIMIT: Final = (302, 261)
_FIRST_UNKNOWN: Final = 463
"""The first system call that is younger than the list; the caller is told that this kernel does not have it."""

_NEW_NAMESPACES: Final = 0x7E020080
_NEW_THREAD: Final = 0x00010000
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_NOT_PERMITTED, _NO_SUCH_CALL = 0x00050001, 0x00050026

_Step = tuple[int, int, int, int]


def refuse_calls(*, alone: bool) -> None:
    """Apply rule 3, after `give_up_privileges`. Raises OSError without seccomp, or on another architecture."""
    steps = _program(platform.machine(), alone=alone, own=os.getpid())
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(steps), ctypes.addressof(buffer))
    _called(_LIBC.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0))


def _program(machine: str, *, alone: bool, own: int) -> Sequence[_Step]:
    """Write the filter: a list of comparisons, each followed by its answer."""
    if machine not in _ARCHITECTURES:
        raise OSError(f"no list of system calls for {machine}")
    column, architecture = _ARCHITECTURES[machine]
    refused = (*_REFUSED.values(), *(_REFUSED_ALONE.values() if alone else ()))
    return (
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        *_answer(_AT_LEAST, _FIRST_UNKNOWN, _NO_SUCH_CALL),
        *_answer(_EQUAL, _CLONE3[column], _NO_SUCH_CALL),
        *(step for each in refused if each[column] != _NONE for step in _answer(_EQUAL, each[column], _NOT_PERMITTED)),
        *_by_argument(_CLONE[column], _clone_steps(alone=alone)),
        # Other processes of the same user may run beside this one: it may raise a signal in itself only.
        *(_by_argument(_TGKILL[column], _only(own)) if alone else ()),
        *_by_argument(_PRLIMIT[column], _only(0)),
        (_RETURN, 0, 0, _ALLOW),
    )


def _answer(comparison: int, value: int, answer: int) -> Iterator[_Step]:
    yield (comparison, 0, 1, value)
    yield (_RETURN, 0, 0, answer)


def _by_argument(number: int, steps: Sequence[_Step]) -> Iterator[_Step]:
    """Look at the first argument of one call; the steps end the program."""
    yield (_EQUAL, 0, len(steps) + 1, number)
    yield (_LOAD, 0, 0, _FIRST_ARGUMENT_AT)
    yield from steps


def _clone_steps(*, alone: bool) -> Sequence[_Step]:
    """Glibc falls back to clone, whose flags can be seen, where clone3 does not exist."""
    last = _ALLOW if not alone else _NOT_PERMITTED
    return (
        *_answer(_ANY_BIT, _NEW_NAMESPACES, _NOT_PERMITTED),
        *_answer(_ANY_BIT, _NEW_THREAD, _ALLOW),
        (_RETURN, 0, 0, last),
    )


def _only(value: int) -> Sequence[_Step]:
    return (*_answer(_EQUAL, value, _ALLOW), (_RETURN, 0, 0, _NOT_PERMITTED))
