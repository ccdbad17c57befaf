"""Serves an application over TLS on an address of its own: what the pick-up service and the witness share.

Nothing is logged of a request: not its address, not its path, and no value that it shows.
"""

import asyncio
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.bootstrap.pickup_settings import ListenSettings, PublicSettings, PushSettings
from gateway.entrypoints.api.server import SignalFreeServer
from gateway.entrypoints.pickup.listening import ConnectionLimits, GuardedListener, PickupProtocol
from gateway.entrypoints.pickup.visitors import plain_address
from gateway.package.errors import Code, SluisError

_STOP_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something listens: its settings, their name in the file of that name, and the folder with both."""

    settings: ListenSettings
    name: str
    file: str
    folder: Path

    def fault(self, keys: tuple[str, ...], expected: str) -> SluisError:
        """Say which keys of these settings are to be looked at."""
        named = ", ".join(f"{self.name}.{key}" for key in keys)
        return SluisError(Code.SETTING_INVALID, where=self.file, faults=((named, expected),))


def tls_server(app: ASGIApp, place: Place) -> tuple[SignalFreeServer, asyncio.Event]:
    """Build a server and what tells that it answers. Raises SluisError `setting-invalid` for its certificate."""
    settings, folder = place.settings, place.folder
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
        keys = ("certificateFile", "keyFile", *(("clientCaFile",) if client_ca else ()))
        raise place.fault(keys, "certificates and a key in PEM expected, in this folder") from error
    if config.ssl is not None:
        config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    up = asyncio.Event()
    return SignalFreeServer(config, up), up


def listening(place: Place) -> GuardedListener:
    """Listen, with the limits of the settings. Raises SluisError `setting-invalid`."""
    settings = place.settings
    exempt = settings.trusted_proxies if isinstance(settings, PublicSettings) else ()
    limits = ConnectionLimits(
        in_all=settings.max_connections,
        for_one=settings.max_per_address,
        exempt=frozenset(plain_address(each) for each in exempt),
    )
    try:
        return GuardedListener((settings.host, settings.port), limits=limits, backlog=512)
    except (OSError, OverflowError) as error:
        expected = "an address of this machine, and a port that nothing listens at"
        raise place.fault(("host", "port"), expected) from error


def asked_to_stop() -> asyncio.Event:
    """Give what is set at SIGTERM or SIGINT; heard from now on, so ask before anybody is told that this runs."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
