"""Whose file it is, only means something where nobody else may write to it."""

import struct

import pytest

from gateway.intake.access import others_may_write

NOBODY = 0xFFFFFFFF
TRUSTED = frozenset({0, 900, 1001})
OWNER, USER, GROUP_OBJ, GROUP, MASK, OTHER = 1, 2, 4, 8, 16, 32


def listed(*entries: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *each) for each in entries)


@pytest.mark.parametrize(("mode", "expected"), [(0o644, False), (0o600, False), (0o660, True), (0o602, True)])
def test_without_an_access_list_the_mode_says_who_may_write(mode: int, expected: bool) -> None:
    assert expected is others_may_write(mode, None, trusted=TRUSTED)


@pytest.mark.parametrize(
    ("entry", "mask", "expected"),
    [
        ((USER, 6, 900), 6, False),
        ((USER, 6, 1002), 6, True),
        ((USER, 6, 1002), 4, False),
        ((USER, 4, 1002), 6, False),
        ((GROUP, 6, 1500), 6, True),
        ((GROUP, 6, 1500), 4, False),
        ((GROUP, 6, 1001), 6, True),
        ((GROUP_OBJ, 6, NOBODY), 6, True),
        ((OTHER, 2, NOBODY), 4, True),
        ((64, 2, NOBODY), 6, True),
    ],
)
def test_with_one_each_person_and_group_counts_as_far_as_the_mask_lets_it(
    entry: tuple[int, int, int], mask: int, expected: bool
) -> None:
    acl = listed((OWNER, 6, NOBODY), entry, (MASK, mask, NOBODY))

    assert expected is others_may_write(0o660, acl, trusted=TRUSTED)


@pytest.mark.parametrize("acl", [b"", b"\x02", listed((OWNER, 6, NOBODY))[:-1], b"\x03" + listed()[1:]])
def test_a_list_that_can_not_be_understood_lets_somebody_else_write(acl: bytes) -> None:
    assert others_may_write(0o600, acl, trusted=TRUSTED)
