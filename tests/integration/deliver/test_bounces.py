"""A real mail server takes mails, and later reports on them: into a maildir, where the reports are read."""

import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from gateway.deliver.delivery_notices import Action, DeliveryNotice, read_notice
from gateway.deliver.notice_maildir import NoticeMaildir
from gateway.package.delivery_results import DeliveryOutcome
from gateway.package.errors import Code, SluisError
from tests.integration.deliver.conftest import MakeCourier
from tests.integration.deliver.test_smtp_postfix import Postfix
from tests.unit.deliver.parcels import mail_parcel

# It takes mail for somebody who is gone, and finds that out only later.
_SETTINGS = (
    "virtual_mailbox_domains=ngo.example, sluis.example",
    "virtual_mailbox_maps=inline:{loket@ngo.example=loket/, verzending@sluis.example=terug/}",
    "virtual_alias_maps=inline:{weg@ngo.example=vertrokken@ngo.example}",
)


@pytest.fixture(scope="module")
def postfix(authority: trustme.CA) -> Iterator[Postfix]:
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="sb") as home:
        server = Postfix(Path(home), authority)
        subprocess.run(["postconf", "-c", Path(home) / "etc", "-e", *_SETTINGS], check=True)
        with server.running():
            yield server


async def test_what_a_mail_server_reports_names_the_mail_its_recipient_and_what_became_of_it(
    postfix: Postfix, courier_to: MakeCourier
) -> None:
    courier = courier_to(postfix.port)
    sent = {"loket@ngo.example": "a" * 40 + "@sluis.example", "weg@ngo.example": "b" * 40 + "@sluis.example"}

    for address, name in sent.items():
        result = await courier.deliver(replace(mail_parcel(), address=address, name=name))
        assert DeliveryOutcome.SENT is result.outcome

    reports = [read_notice(each) for each in postfix.received("terug", at_least=2)]
    assert {
        (sent["loket@ngo.example"], "loket@ngo.example", Action.DELIVERED),
        (sent["weg@ngo.example"], "weg@ngo.example", Action.FAILED),
    } == {(each.name, each.recipient, each.action) for each in reports if isinstance(each, DeliveryNotice)}


def _maildir(folder: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


def test_a_letter_is_read_and_put_away_as_seen(tmp_path: Path) -> None:
    folder = _maildir(tmp_path / "terug")
    (folder / "new" / "1.host").write_bytes(b"Subject: x\n\n")
    box = NoticeMaildir(folder)
    box.check()

    assert ["1.host"] == box.waiting()
    assert b"Subject: x\n\n" == box.read("1.host")
    box.seen("1.host")
    assert [] == box.waiting()
    assert ["1.host:2,S"] == [path.name for path in (folder / "cur").iterdir()]


def test_an_attack_with_a_link_a_pipe_or_a_huge_letter_is_read_as_nothing(tmp_path: Path) -> None:
    folder = _maildir(tmp_path / "terug")
    secret = tmp_path / "secret"
    secret.write_bytes(b"geheim")
    (folder / "new" / "link").symlink_to(secret)
    (folder / "new" / "folder").mkdir()
    (folder / "new" / "huge").write_bytes(bytes(10 * 1024 * 1024))

    assert [b"", b"", b""] == [NoticeMaildir(folder).read(name) for name in ("link", "folder", "huge")]


def test_a_folder_that_is_no_maildir_is_told(tmp_path: Path) -> None:
    for look in (NoticeMaildir(tmp_path).check, NoticeMaildir(tmp_path).waiting):
        with pytest.raises(SluisError) as caught:
            look()
        assert Code.BOUNCES_UNREADABLE is caught.value.code
