"""Asks the kernel whether anybody has a file open for writing: a read lease is only given when nobody has (fcntl(2)).

Rules:
1. Only on local Linux file systems: on NFS and CIFS the kernel says "in use" when it can not know.
2. Only for files of our own, or with CAP_LEASE; where it is not allowed the answer is "not known to be held".
3. A lease is given back at once. Who opens the file in those microseconds causes a signal, which is made one that does
   nothing: the default, SIGIO, ends the process.
"""

import errno
import fcntl
import os
import signal
import stat
from pathlib import Path

_LOCAL = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
_FOR_LOOKING = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def leases_work(folder: Path) -> bool:
    """Tell whether leases can be believed in this folder."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return False
    for line in lines:
        # proc(5): "ID PARENT MAJOR:MINOR ROOT POINT OPTIONS … - TYPE SOURCE …".
        mount, _, kind = line.partition(" - ")
        if mount.split(" ")[2:3] == [wanted]:
            return kind.split(" ")[0] in _LOCAL
    return False


def held_for_writing(descriptor: int) -> bool:
    """Tell whether somebody has this opened regular file open for writing; False when that can not be known."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def file_held(name: str, *, folder: int | None = None) -> bool:
    """Tell whether somebody has a file open for writing, by its name in an open folder or its path."""
    try:
        descriptor = os.open(name, _FOR_LOOKING, dir_fd=folder)
    except BlockingIOError:
        # Another program, such as Samba, has a write lease on it.
        return True
    except OSError:
        return False
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode) and held_for_writing(descriptor)
    finally:
        os.close(descriptor)
