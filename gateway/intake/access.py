"""Who beside its owner may write to a file or folder: by its mode, and by its access list where it has one.

Rules (acl(5), and the layout of the extended attribute `system.posix_acl_access` in linux/posix_acl_xattr.h):
1. Without a list the mode says it. With one, the group's bits of the mode are the mask, and say nothing of anybody.
2. The owner, root and the service itself may write; any other person or group that may is somebody else, and so is
   everybody.
3. A list that can not be understood lets somebody else write.
"""

import struct
from collections.abc import Set as AbstractSet

_HEAD, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_VERSION = 2
_WRITE = 2
_WRITABLE_BY_GROUP_OR_ALL = 0o022
_USER_OBJ, _USER, _GROUP_OBJ, _GROUP, _MASK = 0x01, 0x02, 0x04, 0x08, 0x10


def others_may_write(mode: int, acl: bytes | None, *, trusted: AbstractSet[int]) -> bool:
    """Tell whether anybody may write who is not among the user ids of `trusted`; `acl` is None without a list."""
    if acl is None:
        return bool(mode & _WRITABLE_BY_GROUP_OR_ALL)
    try:
        (version,) = _HEAD.unpack_from(acl)
        entries = list(_ENTRY.iter_unpack(acl[_HEAD.size :]))
    except struct.error:
        return True
    if version != _VERSION:
        return True
    mask = next((right for tag, right, _ in entries if tag == _MASK), _WRITE)
    return any(_is_another(tag, right, number, mask=mask, trusted=trusted) for tag, right, number in entries)


def _is_another(tag: int, right: int, number: int, *, mask: int, trusted: AbstractSet[int]) -> bool:
    if not right & _WRITE or tag in (_USER_OBJ, _MASK):
        return False
    if tag == _USER:
        return bool(mask & _WRITE) and number not in trusted
    # What is left is everybody; a tag that nobody knows counts as that.
    return bool(mask & _WRITE) if tag in (_GROUP_OBJ, _GROUP) else True
