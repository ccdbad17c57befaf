"""The gateway proves itself to a pick-up service that asks for it by a certificate beside its token."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
import yaml
from pydantic import ValidationError

from gateway.bootstrap import channel_settings
from gateway.deliver.notice_mail import NoticeMailer
from gateway.deliver.postbus import PostbusCourier, PostbusSettings
from gateway.deliver.smtp import SmtpSettings, domain_limits
from gateway.entrypoints.demo.mail_server import MailServer
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code, SluisError
from tests.integration.pickup.running import TOKEN, RunningPickup
from tests.unit.cli.conftest import run as sluis
from tests.unit.deliver.parcels import postbus_parcel

PARCEL = postbus_parcel()
REFUSED = (DeliveryOutcome.TRANSIENT, Code.POSTBUS_NOT_ADMITTED)


class Mutual:
    """A pick-up service that asks the gateway for a certificate of its own authority, and two who have one."""

    def __init__(self, folder: Path) -> None:
        self.service = RunningPickup(folder / "pickup", push={"clientCaFile": "clients.pem"})
        ours, others = trustme.CA(), trustme.CA()
        ours.cert_pem.write_to_path(str(self.service.folder / "clients.pem"))
        self.ours, self.others = self._certificate(ours, folder / "a"), self._certificate(others, folder / "b")

    def _certificate(self, authority: trustme.CA, folder: Path) -> tuple[Path, Path]:
        folder.mkdir()
        leaf = authority.issue_cert("gateway.example")
        leaf.cert_chain_pems[0].write_to_path(str(folder / "own.pem"))
        leaf.private_key_pem.write_to_path(str(folder / "own.key"))
        return folder / "own.pem", folder / "own.key"

    def courier(self, mail: MailServer, own: tuple[Path, Path] | None, *, token: str = TOKEN) -> PostbusCourier:
        smtp = SmtpSettings(
            host=mail.host,
            port=mail.port,
            ca_file=mail.ca_file,
            from_address="verzending@sluis.example",
            local_hostname="sluis.example",
        )
        certificate, key = own or (None, None)
        return PostbusCourier(
            settings=PostbusSettings(
                url=self.service.public,
                push_url=self.service.push,
                ca_file=self.service.ca_file,
                token=token,
                certificate_file=certificate,
                key_file=key,
                timeout_seconds=20,
            ),
            mailer=NoticeMailer(settings=smtp, from_name="Sluis"),
            domains=domain_limits(smtp),
            render=lambda _language, context: f"Een pakket\n\n{context['link']}\n",
            now=lambda: dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
        )

    def kept(self) -> list[str]:
        return [each.name for each in (self.service.folder / "parcels").iterdir()]


@pytest.fixture(scope="module")
def mutual(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mutual]:
    made = Mutual(tmp_path_factory.mktemp("mutual"))
    with made.service:
        yield made


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with MailServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


async def test_a_gateway_with_its_certificate_and_token_brings_its_parcel(mutual: Mutual, mail: MailServer) -> None:
    bringing = mutual.courier(mail, mutual.ours)
    await bringing.check()
    result = await bringing.deliver(PARCEL)
    await bringing.aclose()

    assert DeliveryOutcome.SENT is result.outcome
    assert [PARCEL.name] == mutual.kept()
    shutil.rmtree(mutual.service.folder / "parcels" / PARCEL.name)


@pytest.mark.parametrize("own", ["none", "others", "token"])
async def test_without_the_right_certificate_or_the_token_nothing_is_taken_and_the_sentence_says_so(
    mutual: Mutual, mail: MailServer, own: str
) -> None:
    """The token alone, stolen, is no way in; nor is the certificate alone."""
    certificate = {"none": None, "others": mutual.others, "token": mutual.ours}[own]
    bringing = mutual.courier(mail, certificate, token="geraden" if own == "token" else TOKEN)
    result = await bringing.deliver(PARCEL)
    with pytest.raises(SluisError) as error:
        await bringing.check()
    await bringing.aclose()

    assert REFUSED == (result.outcome, result.code)
    assert Code.POSTBUS_NOT_ADMITTED is error.value.code
    assert [] == mutual.kept()


def test_recipients_are_asked_for_no_certificate(mutual: Mutual) -> None:
    with mutual.service.client() as browser:
        assert 200 == browser.get(mutual.service.public).status_code


def test_a_certificate_file_that_is_none_is_named_with_its_settings(mutual: Mutual, mail: MailServer) -> None:
    with pytest.raises(SluisError) as error:
        mutual.courier(mail, (mutual.ours[0], mutual.ours[0]))

    assert (Code.SETTING_INVALID, "postbus.certificateFile, postbus.keyFile") == (error.value.code, error.value.where)


def test_half_of_a_certificate_in_the_settings_is_refused() -> None:
    said = {"url": "https://a.example", "pushUrl": "https://b.example", "tokenFile": "token", "keyFile": "own.key"}

    with pytest.raises(ValidationError, match="certificateFile and keyFile"):
        channel_settings.PostbusSettings.model_validate(said)


def test_an_authority_that_is_not_there_keeps_the_service_from_starting_without_one(tmp_path: Path) -> None:
    service = RunningPickup(tmp_path / "pickup")
    listens = {"host": "127.0.0.1", "port": 0, "certificateFile": "tls.pem", "keyFile": "tls.pem"}
    push = {**listens, "clientCaFile": "missing.pem"}
    said = {"format": "sluis-pickup/1", "public": listens, "push": push, "pushTokenSha256": "0" * 64}
    (service.folder / "pickup.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    result = sluis("--lang", "en", "pickup", service.folder)

    assert 0 != result.exit_code
    assert "push.clientCaFile" in result.err
