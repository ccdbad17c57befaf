"""Settings of the pick-up service: `pickup.yaml` in a folder of its own, on a machine or under a user of its own."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.bootstrap.setting_types import Setting
from gateway.bootstrap.settings import read_setting_file
from gateway.package.errors import Code, SluisError

Port = Annotated[int, Field(ge=0, le=65535)]
IpAddress = Annotated[str, AfterValidator(lambda text: str(ipaddress.ip_address(text)))]
FILE_NAME = "pickup.yaml"
PICKUP_FILE_EXPECTED = "this file in the folder of the pick-up service expected"


class ListenSettings(Setting):
    """An address to listen on, and the certificate that is shown there; TLS has no setting to switch it off."""

    host: str = "127.0.0.1"
    port: Port
    certificate_file: str
    key_file: str
    max_connections: Annotated[int, Field(ge=1, le=10_000)] = 256
    max_per_address: Annotated[int, Field(ge=1, le=10_000)] = 24


class PublicSettings(ListenSettings):
    """The address for recipients; `trusted_proxies` are believed when they say for whom they ask."""

    trusted_proxies: tuple[IpAddress, ...] = ()


class PushSettings(ListenSettings):
    """The address for the gateway; with `client_ca_file` only who has a certificate of that authority comes in."""

    client_ca_file: str | None = None


class PickupSettings(Setting):
    """All of pickup.yaml; files are named below its folder, `push_token_sha256` is of the gateway's token."""

    format: Literal["sluis-pickup/1"]
    public: PublicSettings
    push: PushSettings
    push_token_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    max_parcel_bytes: Annotated[int, Field(ge=1)] = 3 * 1024 * 1024 * 1024


def read_pickup_settings(folder: Path) -> PickupSettings:
    """Read them. Raises SluisError `setting-invalid` with every fault, `read-forbidden`."""
    try:
        return read_setting_file(folder / FILE_NAME, PickupSettings)
    except SluisError as error:
        if error.code is not Code.SITE_MISSING:
            raise
        # A pick-up service needs no site, and nobody should look for one.
        fault = (FILE_NAME, PICKUP_FILE_EXPECTED)
        raise SluisError(Code.SETTING_INVALID, where=FILE_NAME, faults=(fault,)) from error
