"""A log, a spool and what tells a logbook of them; also as a program, which is killed.

python -m tests.integration.bootstrap.telling SITE SETTINGS    tells until it is killed
"""

import asyncio
import datetime as dt
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.audit.events import Event, EventAction
from gateway.audit.log_files import AuditLogFiles
from gateway.bootstrap.build_logbook import build_logbook
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.logbook import Logbook
from gateway.bootstrap.logbook_settings import LogbookSettings
from gateway.spool.payloads import PayloadFolder
from gateway.spool.sqlite import SqliteSpool
from tests.integration.audit.recording import open_log


@dataclass(kw_only=True)
class Telling:
    """A log that is open, and what tells of it."""

    audit: AuditLogFiles
    logbook: Logbook

    async def record(self, *numbers: int, action: EventAction = EventAction.PACKAGE_RELEASED, **parts: Any) -> None:
        """Record an event about a person of their own for each number, between two that are about nobody."""
        await self.audit.record(Event(action=EventAction.SERVICE_STARTED))
        for number in numbers:
            await self.audit.record(Event(action=action, subjects=(pseudonym(number),), **parts))
        await self.audit.record(Event(action=EventAction.POLICY_LOADED))


def pseudonym(number: int) -> str:
    return f"vnr:k1:{number:032x}"


@asynccontextmanager
async def telling(site: SiteLayout, settings: dict[str, Any]) -> AsyncIterator[Telling]:
    """Open all of it, and close it in the end; nothing is told before `Logbook.run`."""
    site.audit_log.parent.mkdir(exist_ok=True)
    site.spool.mkdir(exist_ok=True)
    audit = open_log(site.audit_log)
    spool = SqliteSpool(site.spool, folder=PayloadFolder(site.spool / "payloads"), journal=audit, min_free_bytes=0)
    try:
        await spool.open()
        wanted = LogbookSettings.model_validate(settings)
        logbook = build_logbook(site, wanted, audit=audit, spool=spool, now=lambda: dt.datetime.now(dt.UTC))
        yield Telling(audit=audit, logbook=logbook)
    finally:
        spool.close()
        audit.close()


async def _main(site: Path, settings: dict[str, Any]) -> None:
    async with telling(SiteLayout(site), settings) as told:
        await told.logbook.run()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), json.loads(sys.argv[2])))
