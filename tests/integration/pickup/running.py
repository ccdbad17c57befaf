"""The pick-up service as a process of its own, with certificates of a small authority, and a parcel to put in it."""

import base64
import datetime as dt
import hashlib
import itertools
import json
import signal
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import trustme
import yaml

from gateway.package.pickup import ParcelDescription, PickUp
from gateway.seal.pickup import Derived, derive, encrypted_pieces
from tests.preloaded import CLI, preloaded

TOKEN = "een-geheim-van-de-gateway-0123456789"
SECRET, CODE = bytes(range(32)).hex(), "ABCDE23456"
SOON = dt.timedelta(days=3)
_NUMBERS = itertools.count(1)


@dataclass(kw_only=True)
class Parcel:
    """One sealed parcel and what opens it."""

    id: str
    plaintext: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    description: ParcelDescription
    pickup: PickUp
    derived: Derived

    @property
    def shown(self) -> dict[str, str]:
        return shown(self.derived.access, self.derived.link)

    @property
    def wrong(self) -> dict[str, str]:
        """What somebody shows who has the link and types a wrong code."""
        return shown(bytes(32), self.derived.link)

    def header(self) -> str:
        return base64.b64encode(self.description.as_json()).decode()


def shown(access: bytes, link: bytes) -> dict[str, str]:
    """Give what a browser shows."""
    return {"Authorization": f"Sluis {access.hex()}.{link.hex()}"}


def sealed(plaintext: bytes = b"PK een pakket", *, lasting: dt.timedelta = SOON, downloads: int = 2) -> Parcel:
    """Seal a parcel under an id of its own, so that tests share a service."""
    parcel, until = f"{next(_NUMBERS):040x}", dt.datetime.now(dt.UTC) + lasting
    derived = derive(secret=SECRET, code=CODE, parcel=parcel)
    ciphertext = b"".join(encrypted_pieces([plaintext], key=derived.content, salt=bytes(16)))
    return Parcel(
        id=parcel,
        plaintext=plaintext,
        ciphertext=ciphertext,
        description=ParcelDescription(
            file_name="sluis-0123abcd.zip",
            size=len(ciphertext),
            sha256=hashlib.sha256(ciphertext).hexdigest(),
            verifier=derived.verifier(),
            link_verifier=derived.link_verifier(),
            until=until,
            downloads=downloads,
        ),
        pickup=PickUp(secret=SECRET, code=CODE, until=until),
        derived=derived,
    )


class RunningPickup:
    """Started with `with`; stopped by SIGTERM, and asked whether it ended well."""

    def __init__(self, folder: Path, *, push: Mapping[str, object] | None = None, **public: object) -> None:
        """Make its folder and certificates; `public` and `push` are further settings of its two sides."""
        self.settings, self.push_settings = public, push or {}
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ca_file = folder.parent / f"{folder.name}-ca.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        leaf = authority.issue_cert("localhost", "127.0.0.1")
        leaf.private_key_and_cert_chain_pem.write_to_path(folder / "tls.pem")
        self.said = b""
        self.public = self.push = ""

    def __enter__(self) -> Self:
        port = {"host": "127.0.0.1", "certificateFile": "tls.pem", "keyFile": "tls.pem"}
        content = {
            "format": "sluis-pickup/1",
            "public": {**port, **self.settings, "port": int(self.public.rpartition(":")[2] or 0)},
            "push": {**port, **self.push_settings, "port": int(self.push.rpartition(":")[2] or 0)},
            "pushTokenSha256": hashlib.sha256(TOKEN.encode()).hexdigest(),
        }
        (self.folder / "pickup.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        self._server = preloaded(CLI).listening("pickup", self.folder, "--json")
        started = json.loads(self._server.first)
        self.public, self.push = (f"https://{started[each]}" for each in ("public", "push"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.process.send_signal(signal.SIGTERM)
        code, out, err = self._server.ended()
        self.said += out + err
        assert 0 == code, err.decode()

    @property
    def pid(self) -> int:
        return self._server.process.pid

    def client(self) -> httpx.Client:
        return httpx.Client(verify=ssl.create_default_context(cafile=str(self.ca_file)))

    def put(self, parcel: Parcel, *, content: bytes | None = None, token: str = TOKEN) -> int:
        headers = {"Authorization": f"Bearer {token}", "Sluis-Description": parcel.header()}
        body = parcel.ciphertext if content is None else content
        with self.client() as client:
            return client.put(f"{self.push}/v1/parcels/{parcel.id}", headers=headers, content=body).status_code

    def report(self, parcel: Parcel) -> dict[str, object]:
        with self.client() as client:
            answer = client.get(f"{self.push}/v1/parcels/{parcel.id}", headers={"Authorization": f"Bearer {TOKEN}"})
        found: dict[str, object] = answer.json()
        return found

    def recall(self, parcel: Parcel) -> int:
        with self.client() as client:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            return client.delete(f"{self.push}/v1/parcels/{parcel.id}", headers=headers).status_code

    def link(self, parcel: Parcel, *, language: str = "nl") -> str:
        return f"{self.public}/{language}/{parcel.id}#{parcel.pickup.fragment()}"

    def expire(self, parcel: str) -> None:
        """Let a parcel's time be over, as the service's own clock would."""
        path = self.folder / "parcels" / parcel / "description.json"
        description = json.loads(path.read_bytes())
        path.write_text(json.dumps({**description, "until": "2026-01-01T00:00:00+00:00"}), encoding="utf-8")

    def on_disk(self) -> bytes:
        """Give every byte below the service's folder, names included."""
        files = [each for each in sorted(self.folder.rglob("*")) if each.is_file()]
        return b"\n".join(str(each).encode() + b"\n" + each.read_bytes() for each in files)
