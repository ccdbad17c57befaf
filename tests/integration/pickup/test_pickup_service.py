"""The pick-up service over TLS, asked as a browser and as the gateway ask it."""

import asyncio
import datetime as dt
import errno
import gc
import json
import resource
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from gateway.entrypoints.pickup.public_app import PublicSide
from gateway.entrypoints.pickup.store import MOST_WRONG, Description, ParcelStore, RefusedError, Shown
from gateway.seal.pickup import derive
from tests.integration.pickup.running import CODE, SECRET, TOKEN, Parcel, RunningPickup, sealed, shown
from tests.unit.cli.conftest import run as sluis

UNPROVEN = shown(bytes(32), bytes(32))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPickup]:
    with RunningPickup(tmp_path_factory.mktemp("postbus") / "pickup") as running:
        yield running


@pytest.fixture(scope="module")
def world(service: RunningPickup) -> Iterator[httpx.Client]:
    with service.client() as client:
        client.base_url = httpx.URL(service.public)
        yield client


def enter(world: httpx.Client, parcel: Parcel, headers: dict[str, str]) -> httpx.Response:
    return world.post(f"/parcels/{parcel.id}/entry", headers=headers)


def confirmed(world: httpx.Client, parcel: Parcel, *, download: str) -> httpx.Response:
    """Say that a download, of a number made of one digit, was decrypted."""
    return world.post(f"/parcels/{parcel.id}/receipt", headers={**parcel.shown, "Sluis-Download": download * 32})


def test_the_right_value_gives_the_ciphertext_whole_and_in_ranges(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed(b"x" * 700_000)
    assert 201 == service.put(parcel)

    whole = world.get(f"/parcels/{parcel.id}/content", headers=parcel.shown)
    part = world.get(f"/parcels/{parcel.id}/content", headers={**parcel.shown, "Range": "bytes=5-20"})
    beyond = world.get(f"/parcels/{parcel.id}/content", headers={**parcel.shown, "Range": "bytes=999999999-9999999999"})

    assert (200, parcel.ciphertext) == (whole.status_code, whole.content)
    assert (206, parcel.ciphertext[5:21]) == (part.status_code, part.content)
    assert 416 == beyond.status_code


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Sluis x"}, UNPROVEN])
def test_without_the_right_value_no_byte_of_ciphertext_is_given(
    service: RunningPickup, world: httpx.Client, headers: dict[str, str]
) -> None:
    parcel = sealed()
    service.put(parcel)

    answer = world.get(f"/parcels/{parcel.id}/content", headers=headers)

    assert answer.status_code in (400, 404)
    assert parcel.ciphertext[:30] not in answer.content
    assert service.report(parcel)["opened"] is False


def test_the_fifth_wrong_code_locks_the_parcel_also_for_the_right_one(
    service: RunningPickup, world: httpx.Client
) -> None:
    parcel = sealed()
    service.put(parcel)

    answers = [enter(world, parcel, parcel.wrong) for _ in range(5)]
    right = enter(world, parcel, parcel.shown)

    assert [401, 401, 401, 401, 423] == [each.status_code for each in answers]
    assert [4, 3, 2, 1] == [each.json()["left"] for each in answers[:4]]
    assert (423, "locked") == (right.status_code, right.json()["code"])
    assert "locked" == service.report(parcel)["ended"]
    assert not (service.folder / "parcels" / parcel.id / "ciphertext").exists()


def test_whoever_knows_only_the_id_can_neither_lock_a_parcel_nor_learn_that_it_is_there(
    service: RunningPickup, world: httpx.Client
) -> None:
    """The id stands in the path of each address: in a proxy's log, and in what a mail scanner fetched."""
    parcel, nobodys = sealed(), sealed()
    service.put(parcel)

    known = [enter(world, parcel, shown(parcel.derived.access, bytes([each] * 32))) for each in range(7)]
    unknown = enter(world, nobodys, UNPROVEN)

    assert [(404, {"code": "unknown"})] * 8 == [(each.status_code, each.json()) for each in (*known, unknown)]
    assert (0, "") == (service.report(parcel)["wrong"], service.report(parcel)["ended"])
    assert 200 == enter(world, parcel, parcel.shown).status_code


def test_how_a_parcel_ended_is_told_to_nobody_without_its_link(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed()
    service.put(parcel)
    service.recall(parcel)

    assert (410, 404) == (
        enter(world, parcel, parcel.wrong).status_code,
        enter(world, parcel, UNPROVEN).status_code,
    )


def test_a_restart_forgets_no_wrong_code(tmp_path: Path) -> None:
    service, parcel, left = RunningPickup(tmp_path / "pickup"), sealed(), 5
    for turn in range(2):
        with service, service.client() as world:
            world.base_url = httpx.URL(service.public)
            if turn == 0:
                service.put(parcel)
            for _ in range(2):
                left = enter(world, parcel, parcel.wrong).json()["left"]

    assert 1 == left


def test_a_right_code_in_between_gives_nobody_new_tries(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed()
    service.put(parcel)
    for _ in range(4):
        enter(world, parcel, parcel.wrong)
        assert 200 == enter(world, parcel, parcel.shown).status_code

    assert 423 == enter(world, parcel, parcel.wrong).status_code


def test_a_download_that_was_not_confirmed_burns_nothing(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed(downloads=1)
    service.put(parcel)

    for _ in range(3):
        assert 200 == world.get(f"/parcels/{parcel.id}/content", headers=parcel.shown).status_code

    assert [] == service.report(parcel)["receipts"]
    assert 1 == enter(world, parcel, parcel.shown).json()["left"]


def test_the_last_confirmed_download_takes_the_ciphertext_away(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed(downloads=2)
    service.put(parcel)

    left = [confirmed(world, parcel, download=each).json()["left"] for each in ("a", "b")]
    after = world.get(f"/parcels/{parcel.id}/content", headers=parcel.shown)

    assert [1, 0] == left
    assert (410, "collected") == (after.status_code, after.json()["code"])
    assert not (service.folder / "parcels" / parcel.id / "ciphertext").exists()
    assert "collected" == service.report(parcel)["ended"]


def test_a_receipt_that_is_sent_again_burns_no_second_download_also_when_it_was_the_last(
    service: RunningPickup, world: httpx.Client
) -> None:
    """The answer to a receipt is lost with the connection, and the page asks again by itself."""
    parcel = sealed(downloads=2)
    service.put(parcel)

    answers = [confirmed(world, parcel, download=each) for each in ("a", "a", "b", "b", "c")]

    assert [200, 200, 200, 200, 410] == [each.status_code for each in answers]
    assert [1, 1, 0, 0] == [each.json()["left"] for each in answers[:4]]
    assert 2 == len(service.report(parcel)["receipts"])  # type: ignore[arg-type] # it is a list in JSON.


def test_a_receipt_without_the_number_of_its_download_counts_for_none(
    service: RunningPickup, world: httpx.Client
) -> None:
    parcel = sealed()
    service.put(parcel)

    assert 400 == world.post(f"/parcels/{parcel.id}/receipt", headers=parcel.shown).status_code
    assert [] == service.report(parcel)["receipts"]


def test_a_known_number_confirms_nothing_for_who_has_not_the_right_values(
    service: RunningPickup, world: httpx.Client
) -> None:
    parcel = sealed()
    service.put(parcel)
    confirmed(world, parcel, download="a")
    headers = {"Sluis-Download": "a" * 32}

    wrong = world.post(f"/parcels/{parcel.id}/receipt", headers={**parcel.wrong, **headers})
    unproven = world.post(f"/parcels/{parcel.id}/receipt", headers={**UNPROVEN, **headers})

    assert (401, 404) == (wrong.status_code, unproven.status_code)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/", 200, "Bestandenpostbus"),
        ("/en", 200, "File postbox"),
        ("/nl", 200, "Bestandenpostbus"),
        ("/nl/", 404, "Bestandenpostbus"),
        ("/en/", 404, "File postbox"),
        ("/de/x", 404, "Bestandenpostbus"),
    ],
)
def test_who_comes_without_a_whole_link_reads_a_page_and_no_json(
    world: httpx.Client, path: str, status: int, said: str
) -> None:
    answer = world.get(path, headers={"Accept": "text/html,application/xhtml+xml"})

    assert (status, "text/html; charset=utf-8") == (answer.status_code, answer.headers["content-type"])
    assert said in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")


def test_what_has_expired_is_not_given_and_its_ciphertext_is_gone(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed(lasting=dt.timedelta(seconds=-1))
    service.put(parcel)

    answer = enter(world, parcel, parcel.shown)

    assert (410, "expired") == (answer.status_code, answer.json()["code"])
    assert not (service.folder / "parcels" / parcel.id / "ciphertext").exists()


def test_the_sender_takes_back_what_nobody_opened(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed()
    service.put(parcel)

    assert [204, 204] == [service.recall(parcel), service.recall(parcel)]
    assert (410, "recalled") == (enter(world, parcel, parcel.shown).status_code, service.report(parcel)["ended"])


def test_what_was_given_out_in_part_is_never_said_to_be_taken_back(service: RunningPickup, world: httpx.Client) -> None:
    parcel = sealed()
    service.put(parcel)
    world.get(f"/parcels/{parcel.id}/content", headers={**parcel.shown, "Range": "bytes=0-0"})

    assert 409 == service.recall(parcel)
    assert 200 == enter(world, parcel, parcel.shown).status_code


def test_bringing_the_same_twice_changes_nothing_and_another_under_its_name_is_refused(service: RunningPickup) -> None:
    parcel = sealed()
    other = replace(parcel, ciphertext=b"y" * 50, description=replace(parcel.description, size=50))

    assert [201, 200, 409] == [service.put(parcel), service.put(parcel), service.put(other)]
    assert parcel.ciphertext == (service.folder / "parcels" / parcel.id / "ciphertext").read_bytes()


@pytest.mark.parametrize("content", [b"short", b"z" * 9999])
def test_an_upload_that_is_not_what_was_described_leaves_nothing(service: RunningPickup, content: bytes) -> None:
    parcel = sealed()

    assert 422 == service.put(parcel, content=content)
    assert [] == list((service.folder / "parcels").glob(f"{parcel.id}*"))


def test_without_the_token_nothing_is_brought_asked_or_recalled(service: RunningPickup) -> None:
    parcel = sealed()
    with service.client() as client:
        path = f"{service.push}/v1/parcels/{parcel.id}"
        answers = [
            service.put(parcel, token="geraden"),
            client.get(path).status_code,
            client.delete(path, headers={"Authorization": "Bearer x"}).status_code,
            client.get(f"{service.push}/v1").status_code,
        ]

    assert [401] * 4 == answers


def test_the_side_for_the_world_takes_no_parcel_and_answers_no_gateway(
    service: RunningPickup, world: httpx.Client
) -> None:
    parcel = sealed()
    headers = {"Authorization": f"Bearer {TOKEN}", "Sluis-Description": parcel.header()}

    assert 404 == world.put(f"/v1/parcels/{parcel.id}", headers=headers, content=b"x").status_code
    assert 404 == world.get("/v1", headers=headers).status_code


@pytest.mark.parametrize(
    "path", ["/de/x", "/parcels/x/entry", "/..%2fpickup.yaml", "/nl/../../pickup.yaml", "/tls.pem"]
)
def test_what_is_not_there_is_not_found_and_no_path_leads_out(world: httpx.Client, path: str) -> None:
    assert 404 == world.get(path).status_code


def test_the_page_is_the_same_for_every_parcel_and_may_do_nothing_but_its_work(
    service: RunningPickup, world: httpx.Client
) -> None:
    parcel = sealed()
    service.put(parcel)
    known, unknown = world.get(f"/nl/{parcel.id}"), world.get(f"/nl/{'f' * 40}")

    assert known.content == unknown.content
    assert known.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
    assert "unsafe" not in known.headers["content-security-policy"]
    assert ("no-referrer", "no-store") == (known.headers["referrer-policy"], known.headers["cache-control"])
    assert "server" not in known.headers


def test_tls_older_than_1_2_is_refused(service: RunningPickup) -> None:
    context = ssl.create_default_context(cafile=str(service.ca_file))
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with httpx.Client(verify=context) as client, pytest.raises(httpx.ConnectError):
        client.get(f"{service.public}/nl/x")


def test_nothing_on_its_disk_and_nothing_that_it_says_holds_key_code_or_plaintext(tmp_path: Path) -> None:
    service, parcel = RunningPickup(tmp_path / "pickup"), sealed(b"CANARY-kanarie-0123456789 " * 9)
    with service, service.client() as world:
        world.base_url = httpx.URL(service.public)
        service.put(parcel)
        enter(world, parcel, parcel.wrong)
        world.get(f"/parcels/{parcel.id}/content", headers=parcel.shown)
        world.post(f"/parcels/{parcel.id}/receipt", headers=parcel.shown)
        disk = service.on_disk()

    seen = disk + service.said
    assert parcel.description.verifier.encode() in disk
    for secret in (b"CANARY", SECRET.encode(), bytes.fromhex(SECRET), CODE.encode(), parcel.pickup.fragment().encode()):
        assert secret not in seen
    for value in (parcel.derived.content, parcel.derived.access):
        assert value not in seen
        assert value.hex().encode() not in seen


def test_whoever_runs_the_service_and_has_the_code_still_has_not_what_the_link_adds() -> None:
    parcel = sealed()
    guessed = derive(secret="00" * 32, code=CODE, parcel=parcel.id)

    assert parcel.description.verifier != guessed.verifier()
    assert parcel.derived.content != guessed.content


def kept(store: ParcelStore, parcel: Parcel) -> Path:
    """Put a parcel into a store without a service around it; give its folder."""
    arrival = store.begin(parcel.id, Description.model_validate_json(parcel.description.as_json()))
    assert arrival is not None
    arrival.write(parcel.ciphertext)
    store.finish(parcel.id, arrival)
    arrival.leave()
    return arrival.folder.parent / parcel.id


def store_in(folder: Path) -> ParcelStore:
    store = ParcelStore(folder / "parcels", now=lambda: dt.datetime.now(dt.UTC))
    store.prepare()
    return store


def test_a_full_disk_does_not_keep_what_has_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would stay full: nothing expires for want of the room that only expiry makes."""
    store = store_in(tmp_path)
    folder = kept(store, sealed(lasting=dt.timedelta(seconds=-1)))

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("gateway.entrypoints.pickup.store._write", full)
    store.pass_time()

    assert not (folder / "ciphertext").exists()


def test_what_expired_while_the_service_was_down_is_gone_as_soon_as_it_starts(tmp_path: Path) -> None:
    folder = kept(store_in(tmp_path / "pickup"), sealed(lasting=dt.timedelta(seconds=-1)))
    end = time.monotonic() + 20
    with RunningPickup(tmp_path / "pickup"):
        while (folder / "ciphertext").exists() and time.monotonic() < end:
            time.sleep(0.05)

    assert not (folder / "ciphertext").exists()


def test_a_damaged_parcel_keeps_no_other_from_ending(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    folders = [kept(store, sealed(lasting=dt.timedelta(seconds=-1))) for _ in range(3)]
    (folders[1] / "state.json").write_bytes(b"")
    store.pass_time()

    assert [False, True, False] == [(each / "ciphertext").exists() for each in folders]


def test_a_disk_that_is_full_takes_no_parcel_keeps_nothing_of_it_and_takes_it_once_there_is_room(
    tmp_path: Path,
) -> None:
    """The bound on the size of its files stands for the full disk: every write beyond it fails."""
    parcel = sealed(b"x" * 700_000)
    with RunningPickup(tmp_path / "pickup") as service:
        free = resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        full = service.put(parcel)
        left = list((service.folder / "parcels").iterdir())
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, free)
        after = service.put(parcel)

    assert (507, [], 201) == (full, left, after)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_recipient_who_goes_before_the_first_byte_leaves_no_file_open(tmp_path: Path) -> None:
    """As many as a process may have open, and nobody could fetch anything any more."""
    store, parcel = store_in(tmp_path), sealed()
    kept(store, parcel)
    app = PublicSide(store, render=lambda _template, _language, _context: "").app()
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/parcels/{parcel.id}/content",
        "query_string": b"",
        "headers": [(b"authorization", parcel.shown["Authorization"].encode())],
        "client": ("127.0.0.1", 1),
    }

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def nowhere(_message: object) -> None:
        await asyncio.sleep(0)

    before = open_files()
    for _ in range(5):
        await app(scope.copy(), gone, nowhere)
    gc.collect()

    assert before == open_files()


def refused_start(folder: Path, *, port: int = 0) -> str:
    listens = {"host": "127.0.0.1", "certificateFile": "tls.pem", "keyFile": "tls.pem"}
    sides = {"public": {**listens, "port": port}, "push": {**listens, "port": 0}}
    said = {"format": "sluis-pickup/1", **sides, "pushTokenSha256": "0" * 64}
    (folder / "pickup.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    result = sluis("--lang", "en", "pickup", folder)
    assert 0 != result.exit_code
    return result.err


def test_a_port_that_is_taken_is_named_with_its_file(service: RunningPickup) -> None:
    said = refused_start(RunningPickup(service.folder.parent / "again").folder, port=urlsplit(service.public).port or 0)

    assert "Place: pickup.yaml" in said
    assert "public.host, public.port" in said


def test_a_certificate_that_is_not_there_is_named_with_its_file(tmp_path: Path) -> None:
    said = refused_start(tmp_path)

    assert "Place: pickup.yaml" in said
    assert "public.certificateFile, public.keyFile" in said


def test_an_attack_that_guesses_codes_on_a_full_disk_has_no_more_than_five_tries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, parcel = store_in(tmp_path), sealed()
    kept(store, parcel)
    wrong = Shown(access=bytes(32), link=parcel.derived.link)
    right = Shown(access=parcel.derived.access, link=parcel.derived.link)

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as disk:
        disk.setattr("gateway.entrypoints.pickup.store._write", full)
        for _ in range(MOST_WRONG):
            with pytest.raises(OSError, match="full"):
                store.enter(parcel.id, wrong)
        with pytest.raises(OSError, match="full"):
            store.enter(parcel.id, right)

    with pytest.raises(RefusedError, match="locked"):
        store.enter(parcel.id, right)
    assert "locked" == store.report(parcel.id).state.ended


def test_an_attack_after_a_crash_between_the_fifth_wrong_code_and_the_lock_is_not_let_in(tmp_path: Path) -> None:
    store, parcel = store_in(tmp_path), sealed()
    state = kept(store, parcel) / "state.json"
    state.write_text(json.dumps({**json.loads(state.read_bytes()), "wrong": MOST_WRONG}), encoding="utf-8")

    with pytest.raises(RefusedError, match="locked"):
        store.open_content(parcel.id, Shown(access=parcel.derived.access, link=parcel.derived.link))
