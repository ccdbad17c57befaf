"""Reads a secret out of a file that the settings name: nobody but the service's user may read it."""

from pathlib import Path

from gateway.package.errors import Code, SluisError


def read_secret_file(path: Path, where: str) -> bytes:
    """Read a secret that nobody else may read; `where` is its setting. Raises SluisError `setting-invalid`."""
    try:
        status, content = path.stat(), path.read_bytes().strip()
    except OSError as error:
        raise SluisError(Code.SETTING_INVALID, where=where) from error
    if not content:
        raise SluisError(Code.SETTING_INVALID, where=where, faults=((where, "a secret in the file expected"),))
    if status.st_mode & 0o077:
        raise SluisError(Code.SETTING_INVALID, where=where, faults=((where, "a file of mode 0600 expected"),))
    return content
