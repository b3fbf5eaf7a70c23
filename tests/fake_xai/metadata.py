"""What a picture's file holds besides the picture, by walking its structure.

Raises ValueError where the structure is broken. Pillow is not asked: it forgives missing ends and
wrong checksums, and does not tell of trailing bytes.
"""

import re
import struct
import zlib
from collections.abc import Iterator

TRAILING = "trailing bytes"

# Everything a PNG needs to be drawn. Any other chunk is reported under its own name.
_PNG_DRAWN = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"cICP"}
)
_PNG_NAMES = {b"eXIf": "exif", b"iCCP": "icc"}

_JPEG_NAMES = (
    (0xE1, b"Exif\0", "exif"),
    (0xE1, b"http://ns.adobe.com/xap/", "xmp"),
    (0xE2, b"ICC_PROFILE\0", "icc"),
    (0xED, b"", "iptc"),
    (0xFE, b"", "comment"),
)
# In the coded data of a scan, 0xFF is followed by 0 or by a restart marker; else the scan is over.
_JPEG_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SOS, _EOI = 0xDA, 0xD9


def png_metadata(data: bytes) -> tuple[str, ...]:
    """The names of the chunks that are not drawn, and of bytes after the end."""
    found: list[str] = []
    at, kind = 8, b""
    while kind != b"IEND":
        kind, at = _png_chunk(data, at)
        if kind not in _PNG_DRAWN:
            found.append(_PNG_NAMES.get(kind, kind.decode("latin-1")))
    return _distinct([*found, *_trailing(data, at)])


def _png_chunk(data: bytes, at: int) -> tuple[bytes, int]:
    # xAI's own client verifies the checksums of chunks (grok-build image_validate.rs).
    try:
        length, kind = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
    except struct.error:
        raise ValueError("the file ends inside a chunk") from None
    if zlib.crc32(memoryview(data)[at + 4 : at + 8 + length]) != checksum:
        raise ValueError("a checksum is wrong")
    return kind, at + 12 + length


def jpeg_metadata(data: bytes) -> tuple[str, ...]:
    """The names of the segments that are not drawn, and of bytes after the end."""
    found: list[str] = []
    at, marker = 2, 0
    while marker != _EOI:
        marker, payload, at = _jpeg_segment(data, at)
        found.extend(_jpeg_names(marker, payload))
    return _distinct([*found, *_trailing(data, at)])


def _jpeg_segment(data: bytes, at: int) -> tuple[int, bytes, int]:
    if len(data) < at + 2 or data[at] != 0xFF:
        raise ValueError("the file ends before its end marker")
    marker = data[at + 1]
    if marker == _EOI:
        return marker, b"", at + 2
    end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    payload = data[at + 4 : end]
    if marker == _SOS:
        scan_end = _JPEG_SCAN_END.search(data, end)
        if scan_end is None:
            raise ValueError("the file ends inside a scan")
        end = scan_end.start()
    return marker, payload, end


def _jpeg_names(marker: int, payload: bytes) -> Iterator[str]:
    if marker == 0xE0 and payload.startswith(b"JFIF\0"):
        # The last two of its 14 bytes are the size of a thumbnail.
        if payload[12:14] != b"\0\0":
            yield "thumbnail"
        return
    if marker == 0xEE and payload.startswith(b"Adobe"):
        return  # says how colours are coded
    for named, start, name in _JPEG_NAMES:
        if marker == named and payload.startswith(start):
            yield name
            return
    if 0xE0 <= marker <= 0xEF:
        yield f"app{marker - 0xE0}"


def _trailing(data: bytes, end: int) -> list[str]:
    return [TRAILING] if len(data) > end else []


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
