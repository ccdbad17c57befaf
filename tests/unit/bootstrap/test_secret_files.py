import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.bootstrap.build_couriers import build_couriers
from gateway.bootstrap.secret_files import read_secret_file
from gateway.bootstrap.settings import read_site_settings
from gateway.bootstrap.site import SiteWishes, create_site
from gateway.package.errors import Code, SluisError
from gateway.seal.keyring import stop_agent


@pytest.fixture
def new_site() -> Iterator[Path]:
    """Give a short path: the sockets of GnuPG end at 107 bytes."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ss") as folder:
        yield Path(folder) / "s"
        for home in Path(folder).rglob("gnupg"):
            stop_agent(home)


def test_a_secret_is_what_stands_in_its_file_without_the_line_end(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"geheim\r\n")
    path.chmod(0o600)

    assert b"geheim" == read_secret_file(path, "mail.passwordFile")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_secret_that_others_may_read_or_write_is_refused_by_its_setting(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"geheim")
    path.chmod(mode)

    with pytest.raises(SluisError) as caught:
        read_secret_file(path, "mail.passwordFile")
    assert Code.SETTING_INVALID is caught.value.code
    assert (("mail.passwordFile", "a file of mode 0600 expected"),) == caught.value.faults
    assert "geheim" not in f"{caught.value} {caught.value!r}"


def test_a_site_whose_mail_password_others_may_read_gets_no_courier(new_site: Path) -> None:
    site = create_site(new_site, SiteWishes(sample=True, smtp=("127.0.0.1", 2525)))
    password = site.root / "password"
    password.write_bytes(b"geheim\n")
    password.chmod(0o644)
    text = site.settings.read_text(encoding="utf-8")
    site.settings.write_text(text.replace("mail:\n", "mail:\n  passwordFile: password\n", 1), encoding="utf-8")

    settings = read_site_settings(site.settings)
    with pytest.raises(SluisError) as caught:
        build_couriers(site, settings)
    assert "mail.passwordFile" == caught.value.where
    password.chmod(0o600)
    assert build_couriers(site, settings)
