"""Registers as files: half a register is none, and nobody can look beyond the folder."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest

from gateway.evidence.register_files import BarSnapshot, CaseFolder, WithdrawalFile
from gateway.package.errors import Code, SluisError
from gateway.package.facts import Filing, Standing

TODAY = dt.date(2026, 11, 20)
MONTH = dt.timedelta(days=30)
SCAN = b"scan"
DIGEST = hashlib.sha256(SCAN).hexdigest()


# ---- Case system -------------------------------------------------------------------------------------------------


@pytest.fixture
def cases(tmp_path: Path) -> CaseFolder:
    case = tmp_path / "cases" / "IS-TV" / "2026" / "118"
    case.mkdir(parents=True)
    (case / "machtiging.pdf").write_bytes(SCAN)
    (case / "andere.pdf").write_bytes(b"other")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "scan").write_bytes(SCAN)
    return CaseFolder(tmp_path / "cases")


def test_exactly_the_document_under_its_reference_is_filed(cases: CaseFolder) -> None:
    assert Filing.FILED is cases.filing("IS-TV/2026/118", sha256=DIGEST)
    assert Filing.NOT_FILED is cases.filing("IS-TV/2026/118", sha256="0" * 64)
    assert Filing.NOT_FILED is cases.filing("IS-TV/2026/119", sha256=DIGEST)


@pytest.mark.parametrize(
    "reference",
    [
        "../secret",
        "IS-TV/../../secret",
        "/etc",
        "",
        ".",
        "IS-TV//2026/118",
        "IS-TV/2026/118/machtiging.pdf",
        "a/" * 40,
        "é/1",
        "IS-TV/2026/118\0",
    ],
)
def test_a_reference_that_is_none_finds_nothing(cases: CaseFolder, reference: str) -> None:
    assert Filing.NOT_FILED is cases.filing(reference, sha256=DIGEST)


def test_a_link_in_a_case_is_not_followed(cases: CaseFolder, tmp_path: Path) -> None:
    case = tmp_path / "cases" / "IS-TV" / "2026" / "120"
    case.mkdir()
    (case / "machtiging.pdf").symlink_to(tmp_path / "secret" / "scan")

    assert Filing.NOT_FILED is cases.filing("IS-TV/2026/120", sha256=DIGEST)


def test_a_case_system_that_is_not_there_is_unreachable_and_files_nothing(tmp_path: Path) -> None:
    assert Filing.UNREACHABLE is CaseFolder(tmp_path / "gone").filing("IS-TV/2026/118", sha256=DIGEST)


# ---- Withdrawals -------------------------------------------------------------------------------------------------


@pytest.fixture
def withdrawals(tmp_path: Path) -> Path:
    path = tmp_path / "withdrawals.csv"
    path.write_text("caseReference,withdrawnOn\nIS-TV/2026/118,2026-11-20\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("reference", "day", "expected"),
    [
        ("IS-TV/2026/118", TODAY, True),
        ("is-tv/2026/118 ", TODAY, True),
        ("IS-TV/2026/118", TODAY - dt.timedelta(days=1), False),
        ("IS-TV/2026/119", TODAY, False),
    ],
)
def test_an_authorisation_is_withdrawn_from_its_day_on(
    withdrawals: Path, reference: str, day: dt.date, expected: bool
) -> None:
    assert expected is WithdrawalFile(withdrawals).withdrawn(reference, on=day)


def test_a_withdrawal_counts_as_soon_as_it_is_written_down(withdrawals: Path) -> None:
    register = WithdrawalFile(withdrawals)
    before = register.withdrawn("IS-TV/2026/119", on=TODAY)
    with withdrawals.open("a", encoding="utf-8") as file:
        file.write("IS-TV/2026/119,2026-11-01\n")

    assert (False, True) == (before, register.withdrawn("IS-TV/2026/119", on=TODAY))


@pytest.mark.parametrize("days", [("2026-10-01", "2026-12-31"), ("2026-12-31", "2026-10-01")])
def test_a_later_row_does_not_put_off_a_withdrawal(withdrawals: Path, days: tuple[str, str]) -> None:
    rows = "".join(
        f"{reference},{day}\n" for reference, day in zip(("IS-TV/2026/7", "is-tv/2026/7 "), days, strict=True)
    )
    withdrawals.write_text("caseReference,withdrawnOn\n" + rows, encoding="utf-8")

    assert WithdrawalFile(withdrawals).withdrawn("IS-TV/2026/7", on=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "reference,day\na,2026-01-01\n",
        "caseReference,withdrawnOn\na,gisteren\n",
        "caseReference,withdrawnOn\na\n",
        'caseReference,withdrawnOn\n"IS-TV/2026/999"x,2026-01-01\n',
        'caseReference,withdrawnOn\n"IS-TV/2026/999,2026-01-01\n',
        "caseReference,withdrawnOn\n" + "a" * 200_000 + ",2026-01-01\n",
        "caseReference,withdrawnOn\na,2026-01-01,b\n",
    ],
)
def test_a_register_of_withdrawals_that_can_not_be_read_says_nothing(withdrawals: Path, text: str) -> None:
    register = WithdrawalFile(withdrawals)
    assert register.withdrawn("IS-TV/2026/118", on=TODAY)
    withdrawals.write_text(text, encoding="utf-8")

    assert register.withdrawn("IS-TV/2026/118", on=TODAY) is None


def test_a_typing_error_in_a_register_is_named_by_the_check(withdrawals: Path, tmp_path: Path) -> None:
    named, bar = WithdrawalFile(withdrawals), snapshot(tmp_path)
    named.check()
    BarSnapshot(bar, max_age=MONTH).check()
    withdrawals.write_text('caseReference,withdrawnOn\n"a"x,2026-01-01\n', encoding="utf-8")
    bar.write_text("number,status\nA1,gone\n", encoding="utf-8")

    for register, where in ((named, "registers.withdrawals"), (BarSnapshot(bar, max_age=MONTH), "registers.bar")):
        with pytest.raises(SluisError) as raised:
            register.check()
        assert (Code.REGISTER_UNREACHABLE, where) == (raised.value.code, raised.value.where)


def test_a_register_of_withdrawals_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert WithdrawalFile(tmp_path / "gone.csv").withdrawn("x", on=TODAY) is None


# ---- The bar -----------------------------------------------------------------------------------------------------


def snapshot(
    folder: Path, text: str = "number,status\nA1,registered\nA2,suspended\nA3,struck-off\n", **note: str
) -> Path:
    path = folder / "bar.csv"
    path.write_text(text, encoding="utf-8")
    whole = {
        "format": "sluis-bar-register/1",
        "takenOn": "2026-11-20",
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    (folder / "bar.csv.json").write_text(json.dumps({**whole, **note}), encoding="utf-8")
    return path


@pytest.mark.parametrize("statuses", [("struck-off", "registered"), ("registered", "suspended", "struck-off")])
def test_a_second_row_does_not_bring_a_lawyer_back(tmp_path: Path, statuses: tuple[str, ...]) -> None:
    path = snapshot(tmp_path, "number,status\n" + "".join(f"A1,{status}\n" for status in statuses))

    assert Standing.STRUCK_OFF is BarSnapshot(path, max_age=MONTH).standing("A1", on=TODAY)


@pytest.mark.parametrize(
    ("number", "standing"),
    [("A1", Standing.REGISTERED), ("A2", Standing.SUSPENDED), ("A3", Standing.STRUCK_OFF), ("a1", Standing.NOT_FOUND)],
)
def test_the_register_says_how_a_lawyer_stands_and_reads_nothing_into_a_number(
    tmp_path: Path, number: str, standing: Standing
) -> None:
    assert standing is BarSnapshot(snapshot(tmp_path), max_age=MONTH).standing(number, on=TODAY)


@pytest.mark.parametrize(
    ("days", "standing"), [(30, Standing.REGISTERED), (31, Standing.UNREACHABLE), (-1, Standing.UNREACHABLE)]
)
def test_a_snapshot_holds_thirty_days_and_not_before_it_was_taken(
    tmp_path: Path, days: int, standing: Standing
) -> None:
    register = BarSnapshot(snapshot(tmp_path), max_age=MONTH)
    assert standing is register.standing("A1", on=TODAY + dt.timedelta(days=days))


@pytest.mark.parametrize("note", [{"sha256": "0" * 64}, {"format": "sluis-bar-register/2"}, {"takenOn": "vandaag"}])
def test_a_snapshot_that_its_note_does_not_fit_is_not_believed(tmp_path: Path, note: dict[str, str]) -> None:
    assert Standing.UNREACHABLE is BarSnapshot(snapshot(tmp_path, **note), max_age=MONTH).standing("A1", on=TODAY)


@pytest.mark.parametrize("text", ["number,status\nA1,maybe\n", "naam,status\nA1,registered\n", ""])
def test_a_snapshot_that_says_something_unknown_is_not_believed(tmp_path: Path, text: str) -> None:
    assert Standing.UNREACHABLE is BarSnapshot(snapshot(tmp_path, text), max_age=MONTH).standing("A1", on=TODAY)


def test_a_snapshot_that_was_changed_without_its_note_is_not_believed_from_then_on(tmp_path: Path) -> None:
    path = snapshot(tmp_path)
    register = BarSnapshot(path, max_age=MONTH)
    before = register.standing("A9", on=TODAY)
    with path.open("a", encoding="utf-8") as file:
        file.write("A9,registered\n")

    assert (Standing.NOT_FOUND, Standing.UNREACHABLE) == (before, register.standing("A9", on=TODAY))
