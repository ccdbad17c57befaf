"""Addresses of the file drop, and who serves which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deliver.file_drop import FileDropCourier
from gateway.package.delivery_results import DeliveryOutcome, DeliveryResult
from gateway.package.drop_addresses import DropAddress, DropScheme, parse_drop_address
from gateway.package.errors import Code, SluisError
from gateway.package.states import Channel, SealedParcel
from tests.unit.deliver.parcels import drop_parcel

_SENT = DeliveryResult(outcome=DeliveryOutcome.SENT)


class _Courier:
    """Remembers what it was asked; satisfies `RemoteCourier`."""

    channel = Channel.FILE_DROP

    def __init__(self, *, works: bool = True) -> None:
        self.asked: list[str] = []
        self._works = works

    async def deliver(self, parcel: SealedParcel, /) -> DeliveryResult:
        self.asked.append(f"deliver {parcel.address}")
        return _SENT

    async def probe(self, parcel: SealedParcel, /) -> DeliveryResult | None:
        self.asked.append(f"probe {parcel.address}")
        return _SENT

    async def check(self) -> None:
        self.asked.append("check")
        if not self._works:
            raise SluisError(Code.SFTP_UNREACHABLE)

    async def check_folder(self, address: str, /) -> None:
        self.asked.append(f"check {address}")

    async def aclose(self) -> None:
        self.asked.append("close")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ngo", DropAddress(folder="ngo")),
        ("sftp:keten/Van-DTenV", DropAddress(scheme=DropScheme.SFTP, server="keten", folder="Van-DTenV")),
        ("webdav:a/b.c_d", DropAddress(scheme=DropScheme.WEBDAV, server="a", folder="b.c_d")),
        ("bestandenpostbus:post@ngo.example", DropAddress(mailbox="post@ngo.example")),
    ],
)
def test_an_address_names_a_folder_here_or_on_a_server(text: str, address: DropAddress) -> None:
    assert address == parse_drop_address(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "..",
            "sftp:",
            "sftp:keten",
            "sftp:keten/",
            "sftp:/x",
            "sftp:keten/..",
            "sftp:keten/.ssh",
            "sftp:keten//x",
        ),
        *("sftp:keten/a/b", "sftp:Keten/x", "sftp:keten/x\n", "ngo\n", "sftp:keten/x\x00", "SFTP:keten/x", "sftp:../x"),
        *("bestandenpostbus:", "bestandenpostbus:ngo", "bestandenpostbus:a@b\n", "bestandenpostbus:../x@ngo.example"),
        *(
            "sftp://keten/x",
            "sftp:keten/~",
            "sftp:keten/-x",
            "sftp:keten/" + "x" * 101,
            "sftp:me@keten/x",
            "webdav:keten/a/b",
            "webdav://keten/x",
            "https:keten/x",
        ),
    ],
)
def test_what_could_lead_elsewhere_is_no_address(text: str) -> None:
    assert parse_drop_address(text) is None


@given(st.text(max_size=40), st.sampled_from(["", "sftp:keten/", "webdav:keten/", "sftp:"]))
def test_whatever_is_taken_for_an_address_has_a_plain_folder_and_says_the_same_when_written_again(
    text: str, before: str
) -> None:
    found = parse_drop_address(before + text)

    if found is not None:
        assert before + text == (f"{found.scheme}:{found.server}/{found.folder}" if found.server else found.folder)
        assert found.folder.isascii()
        assert not set(found.folder) & set("/\\\x00\r\n ~")
        assert not found.folder.startswith((".", "-"))


async def test_each_parcel_goes_to_whom_its_address_names_and_nowhere_else() -> None:
    own, keten, other = _Courier(), _Courier(), _Courier()
    courier = FileDropCourier(own=own, servers={(DropScheme.SFTP, "keten"): keten, (DropScheme.WEBDAV, "keten"): other})
    parcels = [drop_parcel(address="ngo"), drop_parcel(address="sftp:keten/ngo")]

    results = [await act(parcel) for parcel in parcels for act in (courier.deliver, courier.probe)]
    await courier.check_folder("webdav:keten/x")

    assert [_SENT] * 4 == results
    assert ["deliver ngo", "probe ngo"] == own.asked
    assert ["deliver sftp:keten/ngo", "probe sftp:keten/ngo"] == keten.asked
    assert ["check webdav:keten/x"] == other.asked


@pytest.mark.parametrize(
    ("scheme", "code"),
    [(DropScheme.SFTP, Code.SFTP_SERVER_UNKNOWN), (DropScheme.WEBDAV, Code.WEBDAV_SERVER_UNKNOWN)],
)
async def test_a_server_that_the_settings_do_not_know_is_waited_for(scheme: DropScheme, code: Code) -> None:
    own, other = _Courier(), _Courier()
    (another,) = set(DropScheme) - {scheme}
    courier = FileDropCourier(own=own, servers={(another, "keten"): other})
    parcel = drop_parcel(address=f"{scheme}:keten/ngo")

    result = await courier.deliver(parcel)
    asked = await courier.probe(parcel)
    with pytest.raises(SluisError) as caught:
        await courier.check_folder(parcel.address)

    waits = DeliveryResult(outcome=DeliveryOutcome.TRANSIENT, code=code)
    assert [waits, waits] == [result, asked]
    assert code is caught.value.code
    assert [] == own.asked == other.asked


async def test_a_check_asks_every_server_and_closing_closes_them_all() -> None:
    own, keten, down = _Courier(), _Courier(), _Courier(works=False)
    courier = FileDropCourier(own=own, servers={(DropScheme.SFTP, "keten"): keten, (DropScheme.WEBDAV, "down"): down})

    with pytest.raises(SluisError):
        await courier.check()
    await courier.aclose()

    assert [["check", "close"]] * 3 == [own.asked, keten.asked, down.asked]
