"""Whether bytes can be a whole picture: by the least that every program needs to show one.

Rules:
1. JPEG (ISO/IEC 10918-1, annex B): segments up to a frame with a width and a height, then a scan, and the end marker.
2. PNG (ISO/IEC 15948, 5 and 11): a header with a width and a height, image data, and the end chunk.
3. TIFF 6.0, section 2: a first directory inside the file, with a width, a length and where the image data lie.
Nothing is unpacked here: whether a person can read what it shows is not judged.
"""

import struct

_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_PNG, _PNG_HEADER, _PNG_END = b"\x89PNG\r\n\x1a\n", b"\x00\x00\x00\rIHDR", b"IEND"
_PNG_DATA = b"IDAT"
_END_BYTES = 2048
_TIFF = {b"II*\x00": "<", b"MM\x00*": ">"}
BEGINNINGS = (_JPEG, _PNG, *_TIFF)
_SCAN = 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WIDTH_AND_LENGTH = frozenset({256, 257})
# Strips, tiles, or the JPEG of an old scanner.
_IMAGE_DATA = frozenset({273, 324, 513})


def is_tiff(content: bytes) -> bool:
    """Tell whether a file begins as a TIFF."""
    return content[:4] in _TIFF


def is_whole_picture(content: bytes) -> bool:
    """Tell whether a whole file is a JPEG or PNG."""
    end = content[-_END_BYTES:]
    if content.startswith(_JPEG):
        return _JPEG_END in end and _shows(content)
    whole = content.startswith(_PNG + _PNG_HEADER) and _PNG_END in end
    return whole and _PNG_DATA in content and _has_size(content)


def _has_size(content: bytes) -> bool:
    begin = len(_PNG + _PNG_HEADER)
    size = content[begin : begin + 8]
    return len(size) == struct.calcsize(">II") and all(struct.unpack(">II", size))


def _shows(content: bytes) -> bool:
    """Walk the segments of a JPEG up to its first scan."""
    place, framed = 2, False
    while place + 4 <= len(content) and content[place] == _JPEG_END[0]:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker == _JPEG_END[0]:
            # Bytes that only fill up.
            place += 1
            continue
        if marker in _FRAMES:
            framed = all(struct.unpack(">HH", content[place + 5 : place + 9].ljust(4, b"\0")))
        if marker == _SCAN:
            return framed
        place += 2 + length
    return False


def is_whole_tiff(content: bytes) -> bool:
    """Tell whether a whole file is a TIFF with an image in it."""
    order = _TIFF.get(content[:4])
    try:
        (place,) = struct.unpack_from(f"{order}I", content, 4)
        (count,) = struct.unpack_from(f"{order}H", content, place)
        tags = {struct.unpack_from(f"{order}H", content, place + 2 + 12 * each)[0] for each in range(count)}
    except struct.error:
        return False
    return tags >= _WIDTH_AND_LENGTH and not tags.isdisjoint(_IMAGE_DATA)
