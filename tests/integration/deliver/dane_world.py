"""A small internet with a signed zone, in a network of its own, for the mail server of `deploy/postfix`.

`unshare -mn python -m tests.integration.deliver.dane_world FOLDER` starts, all on that network's loopback: nsd with the
zones below, unbound with `deploy/unbound/sluis.conf`, the receiving servers, and Postfix with the files of
`deploy/postfix`. It sends one mail to each domain by the courier for secure mail, and writes one line of JSON: for each
domain what arrived (`mail`, base64), by which version of TLS, and what Postfix said of it (`reason`).

It has a mount namespace too, since Postfix reads the system's own `/etc/resolv.conf`.
"""

import asyncio
import base64
import hashlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.deliver.smtp import SmtpCourier, SmtpSettings
from gateway.package.delivery_results import DeliveryOutcome
from tests.unit.deliver.parcels import mail_parcel

_DEPLOY: Final = Path(__file__).parents[3] / "deploy"
_WAIT_SECONDS: Final = 60
_OWN: Final = "uit.sluis.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One recipient's domain: how its zone and its mail server are, and what the site's tls_policy says of it.

    `signed` is whether its zone is signed, `broken` whether the parent vouches for another key than it is signed with,
    `tlsa` whether records are published and `other_key` whether they are of another key than the server's;
    `certificate` names the host that its certificate is for, `authority` whether the site knows who issued it.
    """

    name: str
    address: str
    signed: bool = True
    broken: bool = False
    tlsa: bool = True
    other_key: bool = False
    starttls: bool = True
    newest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    policy: str = ""
    certificate: str = ""
    authority: bool = False

    @property
    def zone(self) -> str:
        """The zone's name."""
        return f"{self.name}.example"

    @property
    def host(self) -> str:
        """The mail server's name."""
        return f"mx.{self.zone}"


DOMAINS: Final = (
    Domain(name="dane", address="127.0.0.2"),
    Domain(name="other-key", address="127.0.0.3", other_key=True),
    Domain(name="without-tlsa", address="127.0.0.4", tlsa=False),
    Domain(name="unsigned", address="127.0.0.5", signed=False),
    Domain(name="broken", address="127.0.0.6", broken=True),
    Domain(name="without-starttls", address="127.0.0.7", starttls=False),
    Domain(name="old-tls", address="127.0.0.8", newest_tls=ssl.TLSVersion.TLSv1_1),
    Domain(
        name="secure",
        address="127.0.0.9",
        signed=False,
        tlsa=False,
        policy="secure match=mx.secure.example",
        authority=True,
    ),
    Domain(
        name="other-name",
        address="127.0.0.10",
        signed=False,
        tlsa=False,
        policy="secure match=mx.other-name.example",
        certificate="mx.elsewhere.example",
        authority=True,
    ),
    Domain(
        name="unknown-authority",
        address="127.0.0.11",
        signed=False,
        tlsa=False,
        policy="secure match=mx.unknown-authority.example",
    ),
)


@dataclass
class _Mailbox:
    """What one receiving server got."""

    mail: bytes = b""
    tls: str = ""

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name.
        """Keep a message. See aiosmtpd."""
        self.mail = envelope.original_content or b""
        transport = session.ssl
        self.tls = transport["ssl_object"].version() if isinstance(transport, dict) else ""
        return "250 taken"


@dataclass(kw_only=True)
class World:
    """All of it, below one folder."""

    folder: Path
    known: trustme.CA = field(default_factory=trustme.CA)
    unknown: trustme.CA = field(default_factory=trustme.CA)
    mailboxes: dict[str, _Mailbox] = field(default_factory=dict)
    certificates: dict[str, trustme.LeafCert] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start everything, in the order in which it needs each other."""
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with ExitStack() as stack:
            for domain in DOMAINS:
                stack.enter_context(self._receiving(domain))
            stack.enter_context(self._names())
            stack.enter_context(self._postfix())
            yield

    # ---- receiving servers -------------------------------------------------------------------------------------

    @contextmanager
    def _receiving(self, domain: Domain) -> Iterator[None]:
        authority = self.known if domain.authority else self.unknown
        certificate = authority.issue_cert(domain.certificate or domain.host)
        self.certificates[domain.name] = certificate
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        if domain.newest_tls < ssl.TLSVersion.TLSv1_2:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = domain.newest_tls
        mailbox = self.mailboxes[domain.name] = _Mailbox()
        controller = Controller(
            mailbox, hostname=domain.address, port=25, tls_context=context if domain.starttls else None
        )
        controller.start()
        try:
            yield
        finally:
            controller.stop()

    # ---- names -------------------------------------------------------------------------------------------------

    @contextmanager
    def _names(self) -> Iterator[None]:
        """Serve the zones with nsd, and validate them with unbound on the address that programs ask."""
        anchor = self._write_zones()
        zones = "".join(
            f'zone:\n  name: "{zone}"\n  zonefile: "{self.folder}/{zone}.signed"\n'
            for zone in ("example", *(each.zone for each in DOMAINS))
        )
        _write(
            self.folder / "nsd.conf",
            f'server:\n  ip-address: 127.0.0.1@5353\n  username: ""\n  chroot: ""\n  zonesdir: "{self.folder}"\n'
            f'  pidfile: ""\n  database: ""\n  zonelistfile: "{self.folder}/zone.list"\n'
            f'  xfrdfile: "{self.folder}/xfrd.state"\n  logfile: "{self.folder}/nsd.log"\n'
            f"remote-control:\n  control-enable: no\n{zones}",
        )
        _write(
            self.folder / "unbound.conf",
            f'include: "{_DEPLOY}/unbound/sluis.conf"\nserver:\n  do-not-query-localhost: no\n  username: ""\n'
            f'  chroot: ""\n  pidfile: ""\n  directory: "{self.folder}"\n  use-syslog: no\n'
            f'  logfile: "{self.folder}/unbound.log"\n  trust-anchor-file: "{anchor}"\n'
            f'stub-zone:\n  name: "example."\n  stub-addr: 127.0.0.1@5353\n'
            "remote-control:\n  control-enable: no\n",
        )
        _write(self.folder / "resolv.conf", "nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", self.folder / "resolv.conf", "/etc/resolv.conf"], check=True)
        nsd = ["nsd", "-d", "-c", os.fspath(self.folder / "nsd.conf")]
        unbound = ["unbound", "-d", "-c", os.fspath(self.folder / "unbound.conf")]
        with _program(nsd), _program(unbound):
            _wait_until(self._answers)
            yield

    def _answers(self) -> bool:
        asked = subprocess.run(
            ["drill", "-D", "@127.0.0.1", DOMAINS[0].zone, "MX"], capture_output=True, text=True, check=False
        )
        return DOMAINS[0].host in asked.stdout and " ad" in asked.stdout

    def _write_zones(self) -> Path:
        """Write the zones of all domains, and the one above that vouches for them; give the anchor of that."""
        lines = []
        for domain in DOMAINS:
            lines += [f"{domain.zone}. IN NS ns.example.", *self._delegation(domain)]
        anchor = self._sign("example", ["ns.example. IN A 127.0.0.1", *lines])
        path = self.folder / "anchor"
        _write(path, "\n".join(anchor) + "\n")
        return path

    def _delegation(self, domain: Domain) -> Sequence[str]:
        records = [
            f"{domain.zone}. IN MX 10 {domain.host}.",
            f"{domain.host}. IN A {domain.address}",
        ]
        if domain.tlsa:
            records.append(f"_25._tcp.{domain.host}. IN TLSA 3 1 1 {self._digest(domain)}")
        if not domain.signed:
            _write(self.folder / f"{domain.zone}.signed", _zone(domain.zone, records))
            return ()
        vouched = self._sign(domain.zone, records)
        if domain.broken:
            # Signed once more with another key than the one above vouches for.
            self._sign(domain.zone, records)
        return vouched

    def _digest(self, domain: Domain) -> str:
        shown = self.unknown.issue_cert(domain.host) if domain.other_key else self.certificates[domain.name]
        certificate = x509.load_pem_x509_certificate(shown.cert_chain_pems[0].bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(key).hexdigest()

    def _sign(self, zone: str, records: Sequence[str]) -> Sequence[str]:
        """Sign a zone with a new key; give the DS records of it."""
        _write(self.folder / zone, _zone(zone, records))
        made = self._run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", zone)
        self._run("ldns-signzone", "-n", "-f", f"{zone}.signed", zone, made)
        return self._run("ldns-key2ds", "-n", "-2", f"{made}.key").splitlines()

    def _run(self, *command: str) -> str:
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    # ---- the mail server of the site ---------------------------------------------------------------------------

    @contextmanager
    def _postfix(self) -> Iterator[None]:
        """Run Postfix with the files of `deploy/postfix`; what is changed is where it keeps its things."""
        etc = self.folder / "postfix"
        etc.mkdir()
        for name in ("main.cf", "master.cf"):
            shutil.copy(_DEPLOY / "postfix" / name, etc)
        lines = "".join(f"{each.zone} {each.policy}\n" for each in DOMAINS if each.policy)
        _write(etc / "tls_policy", (_DEPLOY / "postfix" / "tls_policy").read_text() + lines)
        for name in ("queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        self.known.cert_pem.write_to_path(self.folder / "known.pem")
        self.known.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(etc / "sluis.pem")
        changed = {
            "queue_directory": self.folder / "queue",
            "data_directory": self.folder / "data",
            "maillog_file": self.folder / "mail.log",
            "maillog_file_prefixes": self.folder,
            "myhostname": _OWN,
            "smtpd_tls_chain_files": etc / "sluis.pem",
            "smtp_tls_CAfile": self.folder / "known.pem",
        }
        settings = ["-c", os.fspath(etc)]
        subprocess.run(["postconf", *settings, "-e", *(f"{key}={value}" for key, value in changed.items())], check=True)
        subprocess.run(["postfix", *settings, "check"], check=True)
        with _program(["/usr/lib/postfix/sbin/master", *settings, "-d"]):
            _wait_until(lambda: "daemon started" in self._log())
            yield

    def _log(self) -> str:
        path = self.folder / "mail.log"
        return path.read_text() if path.exists() else ""

    # ---- one mail to each --------------------------------------------------------------------------------------

    async def send(self) -> None:
        """Hand one mail for each domain to Postfix, by the courier. Raises RuntimeError when it takes one not."""
        courier = SmtpCourier(
            settings=SmtpSettings(
                host="127.0.0.1",
                port=587,
                from_address=f"verzending@{_OWN}",
                local_hostname=_OWN,
                ca_file=self.folder / "known.pem",
            )
        )
        try:
            for domain in DOMAINS:
                result = await courier.deliver(replace(mail_parcel(), address=f"loket@{domain.zone}"))
                if result.outcome is not DeliveryOutcome.SENT:
                    raise RuntimeError(f"{domain.name}: {result}\n{self._log()}")
        finally:
            await courier.aclose()

    def told(self) -> dict[str, dict[str, str]]:
        """Wait until Postfix has said of every mail what became of it; give that with what arrived."""
        _wait_until(lambda: all(self._reason(domain) for domain in DOMAINS))
        return {
            domain.name: {
                "mail": base64.b64encode(self.mailboxes[domain.name].mail).decode(),
                "tls": self.mailboxes[domain.name].tls,
                "reason": self._reason(domain),
            }
            for domain in DOMAINS
        }

    def _reason(self, domain: Domain) -> str:
        lines = [line for line in self._log().splitlines() if f"to=<loket@{domain.zone}>" in line and "status=" in line]
        return lines[0].partition("status=")[2] if lines else ""


def _zone(zone: str, records: Sequence[str]) -> str:
    soa = f"{zone}. 300 IN SOA ns.example. hostmaster.example. 1 3600 600 86400 300"
    return "\n".join((f"$ORIGIN {zone}.", "$TTL 300", soa, f"{zone}. IN NS ns.example.", *records)) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@contextmanager
def _program(command: Sequence[str]) -> Iterator[None]:
    """Run a program for as long as this one lives; in a session of its own, since it tells its whole group to stop."""
    guarded = ["setpriv", "--pdeathsig", "TERM", *command]
    with subprocess.Popen(
        guarded, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr, start_new_session=True
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("the small internet did not come up, or a mail stayed without a word")
        time.sleep(0.05)


def main() -> None:
    """Run it, and write what became of each mail."""
    folder = Path(sys.argv[1])
    folder.chmod(0o755)
    world = World(folder=folder)
    try:
        with world.running():
            asyncio.run(world.send())
            sys.stdout.write(json.dumps(world.told()))
    except BaseException:
        for name in ("mail.log", "unbound.log", "nsd.log"):
            path = folder / name
            sys.stderr.write(f"--- {name}\n{path.read_text() if path.exists() else ''}\n")
        raise


if __name__ == "__main__":
    main()
