"""Runs the pick-up service: two addresses with TLS, one for the world and one for the gateway, and a broom.

Nothing is logged of a request: not its address, not its path, and no value that it shows.
"""

import asyncio
import datetime as dt
import signal
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.bootstrap.build_work import build_templates
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pickup_settings import FILE_NAME, ListenSettings, PickupSettings, PublicSettings, PushSettings
from gateway.entrypoints.api.server import SignalFreeServer
from gateway.entrypoints.pickup.listening import ConnectionLimits, GuardedListener, PickupProtocol
from gateway.entrypoints.pickup.public_app import PublicSide
from gateway.entrypoints.pickup.push_app import PushSide
from gateway.entrypoints.pickup.store import ParcelStore
from gateway.entrypoints.pickup.visitors import plain_address
from gateway.package.errors import Code, SluisError

_SWEEP_SECONDS = 60.0
_STOP_SECONDS = 10

Started = Callable[[tuple[str, int], tuple[str, int]], None]


async def serve_pickup(folder: Path, settings: PickupSettings, *, started: Started) -> None:
    """Serve until a signal asks for its end; `started` is called with both addresses once they answer.

    Raises SluisError `setting-invalid` when an address can not be had or a certificate not be read.
    """
    store = ParcelStore(folder / "parcels", now=lambda: dt.datetime.now(dt.UTC))
    store.prepare()
    templates = build_templates(SiteLayout(folder))
    public = PublicSide(
        store,
        render=lambda template, language, context: templates.render(template, language=language, context=context),
        proxies=frozenset(plain_address(each) for each in settings.public.trusted_proxies),
    )
    push = PushSide(store, token_sha256=settings.push_token_sha256, max_bytes=settings.max_parcel_bytes)
    with _listening(settings.public, "public") as world, _listening(settings.push, "push") as gateway:
        servers = [
            _server(public.app(), folder, settings.public, "public"),
            _server(push.app(), folder, settings.push, "push"),
        ]
        runs = [server.serve(sockets=[each]) for (server, _), each in zip(servers, (world, gateway), strict=True)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in runs]
            sweeping = group.create_task(_sweep(store))
            for _, up in servers:
                await up.wait()
            started(world.getsockname()[:2], gateway.getsockname()[:2])
            await _asked_to_stop()
            for server, _ in servers:
                server.should_exit = True
            await asyncio.wait(tasks)
            sweeping.cancel()


def _server(app: ASGIApp, folder: Path, settings: ListenSettings, where: str) -> tuple[SignalFreeServer, asyncio.Event]:
    client_ca = settings.client_ca_file if isinstance(settings, PushSettings) else None
    config = uvicorn.Config(
        app,
        http=PickupProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ssl_certfile=str(folder / settings.certificate_file),
        ssl_keyfile=str(folder / settings.key_file),
        ssl_ca_certs=str(folder / client_ca) if client_ca else None,
        ssl_cert_reqs=ssl.CERT_REQUIRED if client_ca else ssl.CERT_NONE,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        named = f"{where}.certificateFile, {where}.keyFile" + (f", {where}.clientCaFile" if client_ca else "")
        fault = (named, "certificates and a key in PEM expected, in this folder")
        raise SluisError(Code.SETTING_INVALID, where=FILE_NAME, faults=(fault,)) from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    up = asyncio.Event()
    return SignalFreeServer(config, up), up


def _listening(settings: ListenSettings, where: str) -> GuardedListener:
    exempt = settings.trusted_proxies if isinstance(settings, PublicSettings) else ()
    limits = ConnectionLimits(
        in_all=settings.max_connections,
        for_one=settings.max_per_address,
        exempt=frozenset(plain_address(each) for each in exempt),
    )
    try:
        return GuardedListener((settings.host, settings.port), limits=limits, backlog=512)
    except (OSError, OverflowError) as error:
        fault = (f"{where}.host, {where}.port", "an address of this machine, and a port that nothing listens at")
        raise SluisError(Code.SETTING_INVALID, where=FILE_NAME, faults=(fault,)) from error


async def _asked_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


async def _sweep(store: ParcelStore) -> None:
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        # A full disk: what is fetched meanwhile is looked at all the same, and the next turn tries again.
        with suppress(OSError):
            await asyncio.to_thread(store.pass_time)
