import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.bootstrap.layout import SiteLayout
from gateway.bootstrap.pseudonym_keys import PseudonymKeys, create_pseudonym_key
from gateway.package.errors import Code, SluisError
from gateway.package.manifest import Subject

V_NUMBER = "0991234501"
SUBJECT = Subject.model_validate({"name": "Amina El Yousfi", "vNumber": V_NUMBER, "dateOfBirth": "1990-05-01"})


@pytest.fixture
def site(tmp_path: Path) -> SiteLayout:
    made = SiteLayout(tmp_path)
    made.secrets.mkdir(mode=0o700)
    made.audit_log.mkdir(parents=True)
    return made


def ready(site: SiteLayout) -> PseudonymKeys:
    return PseudonymKeys.ready(site, random=os.urandom)


def refusal(of: Callable[[], object]) -> tuple[Code, str]:
    with pytest.raises(SluisError) as caught:
        of()
    return caught.value.code, caught.value.where


def test_a_site_from_before_there_were_pseudonyms_gets_its_key_at_the_first_start(site: SiteLayout) -> None:
    (site.audit_log / "2026-01-01.jsonl").write_text('{"event.action":"package-released"}\n')

    first, again = ready(site), ready(site)

    assert first.of_subject(SUBJECT) == again.of_subject(SUBJECT)
    assert 0o600 == (site.secrets / "pseudonym-1.key").stat().st_mode & 0o777


def test_reading_for_a_question_draws_no_key(site: SiteLayout) -> None:
    assert () == PseudonymKeys.read(site).searched("vnr", V_NUMBER)
    assert [] == [*site.secrets.iterdir()]


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_lost_key_of_a_log_with_pseudonyms_is_a_refusal_and_never_a_new_key(
    site: SiteLayout, forgotten: bool
) -> None:
    pseudonym = ready(site).of_subject(SUBJECT)[0]
    (site.audit_log / "2026-01-01.jsonl").write_text(f'{{"gateway.subject.pseudonym":["{pseudonym}"]}}\n')
    (site.secrets / "pseudonym-1.key").unlink()
    if forgotten:
        site.pseudonym_keys.unlink()

    expected = (Code.SETTING_INVALID, "secrets/pseudonym-1.key")
    assert expected == refusal(lambda: ready(site))
    assert expected == refusal(lambda: PseudonymKeys.read(site))
    with pytest.raises(SluisError) as caught:
        ready(site)
    assert (("secrets/pseudonym-1.key", "this file out of a back-up expected"),) == caught.value.faults
    assert not (site.secrets / "pseudonym-1.key").exists()


def written_under(site: SiteLayout, *numbers: int) -> None:
    lines = (f'{{"gateway.subject.pseudonym":["vnr:k{number}:{"0" * 32}"]}}\n' for number in numbers)
    (site.audit_log / "2026-01-01.jsonl").write_text("".join(lines))


def test_an_attack_with_another_key_where_nothing_says_which_ones_there_were_is_refused(site: SiteLayout) -> None:
    ready(site)
    written_under(site, 1)
    site.pseudonym_keys.unlink()
    (site.secrets / "pseudonym-1.key").write_bytes(b"x" * 32)

    expected = (Code.SETTING_INVALID, "audit/pseudonym-keys")
    assert expected == refusal(lambda: ready(site))
    assert expected == refusal(lambda: PseudonymKeys.read(site))
    assert not site.pseudonym_keys.exists()


def test_a_lost_file_of_known_keys_is_named_with_what_to_do_and_its_copy_is_enough(site: SiteLayout) -> None:
    before = ready(site).of_subject(SUBJECT)
    written_under(site, 1)
    copied = site.pseudonym_keys.read_bytes()
    site.pseudonym_keys.unlink()
    with pytest.raises(SluisError) as caught:
        ready(site)
    site.pseudonym_keys.write_bytes(copied)

    assert ["audit/pseudonym-keys"] == [where for where, _ in caught.value.faults]
    assert "back-up" in caught.value.faults[0][1]
    assert before == ready(site).of_subject(SUBJECT)


def test_a_first_key_that_is_lost_with_its_line_is_a_refusal_as_long_as_the_log_has_lines_under_it(
    site: SiteLayout,
) -> None:
    ready(site)
    create_pseudonym_key(site, 2, random=os.urandom)
    ready(site)
    (site.secrets / "pseudonym-1.key").unlink()
    site.pseudonym_keys.write_text(site.pseudonym_keys.read_text().splitlines()[1] + "\n")
    written_under(site, 1, 2)

    assert (Code.SETTING_INVALID, "secrets/pseudonym-1.key") == refusal(lambda: ready(site))
    # The administrator's guide lets it go when all lines under it have been deleted.
    written_under(site, 2)
    assert 1 == len(ready(site).keys)


def test_a_mark_of_a_pseudonym_is_found_also_where_two_blocks_of_the_log_meet(site: SiteLayout) -> None:
    mark = b'"gateway.subject.pseudonym"'
    (site.audit_log / "2026-01-01.jsonl").write_bytes(b"x" * ((1 << 20) - 9) + mark + b"\n")

    assert (Code.SETTING_INVALID, "secrets/pseudonym-1.key") == refusal(lambda: ready(site))


@pytest.mark.parametrize("fault", ["open to others", "short", "another one"])
def test_a_key_that_is_open_to_others_short_or_another_one_is_a_refusal(site: SiteLayout, fault: str) -> None:
    ready(site)
    key = site.secrets / "pseudonym-1.key"
    if fault == "open to others":
        key.chmod(0o640)
    else:
        key.write_bytes(b"x" * (31 if fault == "short" else 32))

    assert (Code.SETTING_INVALID, "secrets/pseudonym-1.key") == refusal(lambda: ready(site))


def test_after_a_rotation_the_new_key_is_used_and_a_search_finds_old_and_new(site: SiteLayout) -> None:
    old = ready(site).of_subject(SUBJECT)
    create_pseudonym_key(site, 2, random=os.urandom)
    keys = ready(site)
    new = keys.of_subject(SUBJECT)

    assert (old[0], new[0]) == keys.searched("vnr", "0991.234.501")
    assert (old[1], new[1]) == keys.searched_name("El Yousfi, Amina", "1990-05-01")
    assert ("vnr:k1", "vnr:k2") == (old[0][:6], new[0][:6])


def test_an_old_key_that_is_lost_is_a_refusal_because_old_lines_would_not_be_found(site: SiteLayout) -> None:
    ready(site)
    create_pseudonym_key(site, 2, random=os.urandom)
    ready(site)
    (site.secrets / "pseudonym-1.key").unlink()

    assert (Code.SETTING_INVALID, "secrets/pseudonym-1.key") == refusal(lambda: PseudonymKeys.read(site))


def test_a_newest_key_that_is_lost_is_a_refusal_once_it_was_in_use(site: SiteLayout) -> None:
    ready(site)
    create_pseudonym_key(site, 2, random=os.urandom)
    ready(site)
    (site.secrets / "pseudonym-2.key").unlink()

    assert (Code.SETTING_INVALID, "secrets/pseudonym-2.key") == refusal(lambda: ready(site))


def test_keys_come_as_credentials_too(site: SiteLayout, tmp_path: Path) -> None:
    handed = tmp_path / "credentials"
    handed.mkdir()
    for number in (1, 2):
        (handed / f"sluis-pseudonym-{number}-key").write_bytes(bytes([number]) * 32)

    keys = PseudonymKeys.ready(site, random=os.urandom, credentials=handed)

    assert 2 == len(keys.searched("vnr", V_NUMBER))
    assert [] == [*site.secrets.iterdir()]


def test_what_says_which_keys_there_are_holds_no_key(site: SiteLayout) -> None:
    ready(site)
    secret = (site.secrets / "pseudonym-1.key").read_bytes()

    assert secret.hex()[:16] not in site.pseudonym_keys.read_text()
    assert "PseudonymKeys()" == repr(ready(site))


def test_another_kind_of_identifier_is_refused(site: SiteLayout) -> None:
    with pytest.raises(ValueError, match="passport"):
        ready(site).searched("passport", V_NUMBER)
