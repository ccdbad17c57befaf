"""What nearly every scenario begins with, made once: a sample site that is copied, and a mail server that is forked.

Copies have the same keys and the same audit key: no scenario has two sites. That each site that `sluis init` makes has
keys of its own is told by `tests/integration/bootstrap/test_init.py`.
"""

import atexit
import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Self

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.entrypoints.demo.mail_server import HOST, MailServer
from gateway.seal.keyring import stop_agent
from tests.preloaded import Listening, preloaded

_PROGRAM = "gateway.entrypoints.demo.mail_server"
_NOBODY_LISTENS = 1
_NO_AUTHORITY = Path("/nowhere/ca.pem")
_STOP_SECONDS = 5
_WISHES = SiteWishes(
    sample=True,
    smtp=(HOST, _NOBODY_LISTENS),
    smtp_ca=_NO_AUTHORITY,
    # Everything is renamed into place here; who writes more slowly sets a longer time.
    settle_seconds=0.05,
    scan_seconds=0.2,
    retry_seconds=0.5,
)


class ForkedMailServer(MailServer):
    """The demo's mail server, whose program was loaded before."""

    _server: Listening | None = None
    _end: int | None = None

    def __enter__(self) -> Self:
        given, self._end = os.pipe()
        words = ("--dir", self.ca_file.parent, "--port", str(self.port))
        self._server = preloaded(_PROGRAM).listening(*words, stdin=given)
        self.port = int(json.loads(self._server.first)["port"])
        return self

    def stop(self) -> None:
        """Close its standard input, and wait until it has ended."""
        server, end, self._server, self._end = self._server, self._end, None, None
        if server is None or end is None:
            return
        os.close(end)
        try:
            server.ended(seconds=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.process.kill()


def ready_site(root: Path, mail: MailServer) -> SiteLayout:
    """Give a sample site that sends its mail to this server."""
    shutil.copytree(_made().root, root, symlinks=True)
    site = SiteLayout(root.resolve())
    settings = site.settings.read_text(encoding="utf-8")
    places = ((f"port: {_NOBODY_LISTENS}\n", f"port: {mail.port}\n"), (str(_NO_AUTHORITY), str(mail.ca_file)))
    for there, here in places:
        assert 1 == settings.count(there)
        settings = settings.replace(there, here)
    site.settings.write_text(settings, encoding="utf-8")
    return site


@cache
def _made() -> SiteLayout:
    folder = Path(tempfile.mkdtemp(prefix="sl", dir="/tmp"))
    atexit.register(shutil.rmtree, folder)
    site = create_site(folder / "s", _WISHES)
    stop_agent(site.gnupg)
    return site
