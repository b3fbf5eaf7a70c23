"""A JPEG or PNG without its metadata, and without decoding or recompressing a pixel.

What draws the picture is copied as it is; everything else (EXIF, GPS, XMP, text, thumbnails,
comments, further frames, trailing bytes) is left out. Checksums and markers are checked on the
way, so that a file that was cut off or damaged is told apart. Formats: ITU-T T.81 annex B, and
the PNG specification, third edition.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Besides the critical chunks, what changes how the pixels look.
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT"}

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_RESTARTS = range(0xD0, 0xD8)
_APP0, _APP14, _COMMENT = 0xE0, 0xEE, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_JFIF_LENGTH = 16

Piece = bytes | memoryview


class DamagedError(ValueError):
    """The bytes do not keep to their format up to its end."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """The bytes that are left, whether any were left out, and the EXIF block among those."""

    data: bytes = field(repr=False)
    changed: bool
    exif: bytes = field(repr=False)


def strip_png(data: bytes) -> Stripped:
    """Return the PNG with what is needed to draw its first picture, and nothing else.

    Raises:
        DamagedError: the bytes end early, or a checksum is wrong.
    """
    kept: list[Piece] = [_PNG_SIGNATURE]
    exif = b""
    for kind, chunk in _chunks(data):
        if kind in _PNG_KEPT:
            kept.append(chunk)
        elif kind == b"eXIf":
            exif = bytes(chunk[8:-4])
    return _joined(kept, data, exif)


def strip_jpeg(data: bytes) -> Stripped:
    """Return the JPEG with what is needed to draw it, and nothing else.

    Raises:
        DamagedError: the bytes end early, or hold no marker where one must be.
    """
    kept: list[Piece] = [data[:2]]
    for marker, segment in _segments(data):
        if _draws(marker, segment):
            kept += [bytes((0xFF, marker)), segment]
    return _joined(kept, data, b"")


def count_scans(data: bytes) -> int:
    """Return how many scans the JPEG has, up to its end or to where it is damaged."""
    scans = 0
    try:
        for marker, _ in _segments(data):
            scans += marker == _SOS
    except DamagedError:
        pass
    return scans


def _joined(kept: list[Piece], data: bytes, exif: bytes) -> Stripped:
    stripped = b"".join(kept)
    return Stripped(stripped, len(stripped) != len(data), exif)


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the kind and the whole of each chunk of a PNG, up to its end chunk."""
    view = memoryview(data)
    place = len(_PNG_SIGNATURE)
    kind = b""
    while kind != b"IEND":
        end = place + 12 + int.from_bytes(view[place : place + 4])
        if place + 12 > len(data) or end > len(data):
            raise DamagedError("the PNG ends before its end chunk")
        if zlib.crc32(view[place + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise DamagedError("a checksum of the PNG is wrong")
        kind = bytes(view[place + 4 : place + 8])
        yield kind, view[place:end]
        place = end


def _segments(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield marker and content of each segment of a JPEG, a scan with its coded bytes."""
    view = memoryview(data)
    marker, place = 0, 2
    while marker != _EOI:
        marker, place = _marker(data, place)
        end = place
        if marker != _EOI and marker != _TEM and marker not in _RESTARTS:
            end = _segment_end(data, place)
        if marker == _SOS:
            end = _scan_end(data, end)
        yield marker, view[place:end]
        place = end


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the marker at `place` and where it ends; fill bytes before it are passed over."""
    if data[place : place + 1] != b"\xff":
        raise DamagedError("the JPEG has no marker where one must be")
    while data[place : place + 1] == b"\xff":
        place += 1
    if place >= len(data) or data[place] in {0x00, _SOI}:
        raise DamagedError("the JPEG ends before its end marker")
    return data[place], place + 1


def _segment_end(data: bytes, place: int) -> int:
    length = int.from_bytes(data[place : place + 2])
    if length < 2 or place + length > len(data):
        raise DamagedError("a segment of the JPEG is longer than the file")
    return place + length


def _scan_end(data: bytes, place: int) -> int:
    """Return where the coded bytes end: before the next marker that is no restart."""
    while True:
        place = data.find(b"\xff", place)
        if place < 0 or place + 1 >= len(data):
            raise DamagedError("the JPEG ends within its picture")
        following = data[place + 1]
        if following == 0x00 or following in _RESTARTS:
            place += 2
        elif following == 0xFF:
            place += 1
        else:
            return place


def _draws(marker: int, segment: memoryview) -> bool:
    """Tell whether the segment is needed to draw the picture.

    JFIF's density and Adobe's colour transform are; a thumbnail within JFIF is not.
    """
    body = bytes(segment[2:7])
    if marker == _APP0:
        return body == b"JFIF\0" and len(segment) == _JFIF_LENGTH
    if marker == _APP14:
        return body == b"Adobe"
    return marker not in _APPLICATION and marker != _COMMENT
