"""The service: a house, its API, and an orderly end on SIGTERM and SIGINT."""

import asyncio
import grp
import signal
from collections.abc import Callable
from functools import partial

from gateway.audit.events import Event, EventAction
from gateway.bootstrap.build import House, open_house
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.running import run_house
from gateway.bootstrap.watch import report_request
from gateway.bootstrap.workers import Foreman
from gateway.entrypoints.api.app import build_app
from gateway.entrypoints.api.server import ApiServer
from gateway.entrypoints.api.settings import ApiSettings
from gateway.entrypoints.web.review_page import TEMPLATE, ReviewPage
from gateway.package.errors import Code, SluisError
from gateway.package.states import Language


async def serve(site: SiteLayout, *, started: Callable[[House], None], foreman: Foreman | None = None) -> None:
    """Run the service until a signal asks for its end; `started` is called once it answers.

    `foreman` leads its workers, when one was forked. Raises SluisError when it can not start, alone or in an
    ExceptionGroup.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_house(site, foreman=foreman) as house:
        server = _api_server(house)
        async with asyncio.TaskGroup() as group:
            work = group.create_task(run_house(house))
            api = group.create_task(server.run())
            announce = group.create_task(_announce(server, house, started))
            await stop.wait()
            # The doors close first; what was accepted goes on from its row at the next start.
            server.stop()
            await asyncio.wait([api])
            announce.cancel()
            work.cancel()
        await house.audit.record(Event(action=EventAction.SERVICE_STOPPED))


async def _announce(server: ApiServer, house: House, started: Callable[[House], None]) -> None:
    await server.started.wait()
    started(house)


def _api_server(house: House) -> ApiServer:
    settings = ApiSettings(
        package_limit_bytes=house.settings.limits.package_bytes,
        translate=partial(_translated, house),
        on_failure=report_request,
    )
    page = ReviewPage(
        lambda language, context: house.templates.render(TEMPLATE, language=language, context=context),
        settings.translate,
    )
    tcp = house.settings.api.tcp
    host, _, port = tcp.rpartition(":") if tcp else ("", "", "")
    return ApiServer(
        build_app(house.gateway, settings=settings, pages=(page.routes,)),
        socket_path=house.site.socket,
        socket_group=_group_id(house.settings.api.group),
        tcp=(host, int(port)) if tcp else None,
        settings=settings,
    )


def _translated(house: House, text: str, language: Language) -> str:
    """Say a text of the catalogue, or the sentence of a rule: its Dutch stands beside it in the policy."""
    said = house.templates.text(text, language=language)
    if said != text or language is not Language.NL:
        return said
    try:
        reasons = house.parts.policy().reasons.values()
    except SluisError:
        return text
    return next((each.nl for each in reasons if each.en == text), text)


def _group_id(name: str | None) -> int | None:
    try:
        return None if name is None else grp.getgrnam(name).gr_gid
    except KeyError as error:
        fault = ("api.group", "a group of this machine")
        raise SluisError(Code.SETTING_INVALID, where="site.yaml", faults=(fault,)) from error
