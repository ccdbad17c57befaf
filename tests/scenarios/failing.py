"""A site on which everything around the service can be made to fail, and mended again."""

import contextlib
import subprocess
from collections.abc import Iterator
from typing import Any

import yaml

from gateway.audit.reading import read_events
from tests.scenarios.arrivals import released_ids
from tests.scenarios.faulty_mail import FaultyMail
from tests.scenarios.world import MUNICIPALITY, World, until


class Site:
    """A world whose mail goes to a relay that fails on request."""

    def __init__(self, world: World, mail: FaultyMail) -> None:
        self.world = world
        self.mail = mail

    @contextlib.contextmanager
    def changed(self, section: str | None, **changes: Any) -> Iterator[None]:
        """Restart the service under other settings, and again under the old ones."""
        before = self.world.site.settings.read_bytes()
        self.world.stop()
        self.world.set(section, **changes)
        self.world.start()
        try:
            yield
        finally:
            self.world.stop()
            self.world.site.settings.write_bytes(before)
            self.world.start()

    def get(self, path: str) -> Any:
        with self.world.client() as client:
            return client.get(path).json()

    def problems(self) -> set[str]:
        return {problem["code"] for problem in self.get("/health/ready").get("problems", [])}

    def received(self, code: str) -> str:
        """Wait for a package that waits with this code before it is sealed; give its id."""

        def look() -> str | None:
            waiting = self.get("/v1/packages?state=received")["packages"]
            return next((each["id"] for each in waiting if each["code"] == code), None)

        found: str = until(look)
        return found

    def events(self, package: str) -> list[str]:
        found = read_events(self.world.site.audit_log)
        return [each["event.action"] for each in found if each.get("gateway.package.id") == package]

    def message_id(self, package: str) -> str:
        return released_ids(self.world)[package]

    def fingerprint(self) -> str:
        """Give the municipality's key as the register names it."""
        entry = yaml.safe_load((self.world.site.recipients / f"{MUNICIPALITY}.yaml").read_text(encoding="utf-8"))
        return str(entry["channels"][0]["keys"][0])

    def agent(self) -> int:
        command = ["gpg-connect-agent", "--homedir", str(self.world.site.gnupg), "getinfo pid", "/bye"]
        return int(subprocess.run(command, capture_output=True, timeout=10, check=True).stdout.split()[1])
