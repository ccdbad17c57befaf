"""Runs the pick-up service: two addresses with TLS, one for the world and one for the gateway, and a broom.

Nothing is logged of a request: not its address, not its path, and no value that it shows.
"""

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gateway.bootstrap.build_work import build_templates
from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pickup_settings import FILE_NAME, PickupSettings
from gateway.entrypoints.pickup.public_app import PublicSide
from gateway.entrypoints.pickup.push_app import PushSide
from gateway.entrypoints.pickup.store import ParcelStore
from gateway.entrypoints.pickup.visitors import plain_address
from gateway.entrypoints.tls_serving import Place, asked_to_stop, listening, tls_server

_SWEEP_SECONDS = 60.0

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
    doors = (
        Place(settings=settings.public, name="public", file=FILE_NAME, folder=folder),
        Place(settings=settings.push, name="push", file=FILE_NAME, folder=folder),
    )
    with listening(doors[0]) as world, listening(doors[1]) as gateway:
        servers = [tls_server(public.app(), doors[0]), tls_server(push.app(), doors[1])]
        runs = [server.serve(sockets=[each]) for (server, _), each in zip(servers, (world, gateway), strict=True)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in runs]
            sweeping = group.create_task(_sweep(store))
            for _, up in servers:
                await up.wait()
            stop = asked_to_stop()
            started(world.getsockname()[:2], gateway.getsockname()[:2])
            await stop.wait()
            for server, _ in servers:
                server.should_exit = True
            await asyncio.wait(tasks)
            sweeping.cancel()


async def _sweep(store: ParcelStore) -> None:
    """End what has expired: also at once, what did while nobody was there to."""
    while True:
        # A full disk: what is fetched meanwhile is looked at all the same, and the next turn tries again.
        with suppress(OSError):
            await asyncio.to_thread(store.pass_time)
        await asyncio.sleep(_SWEEP_SECONDS)
