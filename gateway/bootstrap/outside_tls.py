"""TLS to services of others: registers, witnesses, time-stamping authorities, a logbook, directories of keys and lists.

What is spoken is that of our couriers (`gateway.deliver.tls`): whoever is asked is verified, always.
"""

import ssl
from pathlib import Path
from typing import Final

from gateway.bootstrap.secret_files import read_secret_file
from gateway.deliver.tls import harden
from gateway.package.errors import Code, SluisError

_AUTHORITIES: Final = "a PEM file with the certificates of its authorities expected"
_OWN: Final = "a certificate in PEM with its key, without a pass-phrase, expected"
EXPECTATIONS: Final = (_AUTHORITIES, _OWN)
"""What is said of a file that can not be used."""


def outside_context(
    folder: Path, *, where: str, ca_file: str | None, certificate: str | None = None, key: str | None = None
) -> ssl.SSLContext:
    """Verify by `ca_file` and no other authority, or by those of this machine; show a certificate of ours, if any.

    The files are named as in the settings, from `folder` on; `where` is their place there. Raises SluisError
    `setting-invalid` for a file that can not be used, and for a key that others may read.
    """
    try:
        context = harden(ssl.create_default_context(cafile=folder / ca_file if ca_file else None))
    except (OSError, ValueError) as error:
        raise _invalid(where, _AUTHORITIES) from error
    if certificate and key:
        read_secret_file(folder / key, where)
        try:
            # A key with a pass-phrase is an error; without one given here, it would be asked for on the terminal.
            context.load_cert_chain(folder / certificate, folder / key, password="")
        except (OSError, ValueError) as error:
            raise _invalid(where, _OWN) from error
    return context


def _invalid(where: str, expected: str) -> SluisError:
    return SluisError(Code.SETTING_INVALID, where=where, faults=((where, expected),))
