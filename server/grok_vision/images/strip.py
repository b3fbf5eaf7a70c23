"""A JPEG or PNG without its metadata, and without decoding or recompressing a pixel.

The parts that draw the picture are copied as they are; the others (EXIF, GPS, XMP, text, profiles,
thumbnails, comments, further frames, trailing bytes) are left out. Structure and checksums are
checked on the way; whether the coded pixels are sound, only a decoder tells. Formats: ITU-T T.81
annex B, and the PNG specification, third edition.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
_FRAMES = {b"acTL", b"fcTL", b"fdAT"}
# The parts that say how pixels look, with their lengths in bytes; they stand before the pixels.
_PNG_LOOKS = {
    b"IHDR": range(13, 14),
    b"PLTE": range(3, 769),
    b"tRNS": range(1, 257),
    b"gAMA": range(4, 5),
    b"cHRM": range(32, 33),
    b"sRGB": range(1, 2),
    b"sBIT": range(1, 5),
}
_MOST_PROFILE = 4 * 1024 * 1024

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_RESTARTS = range(0xD0, 0xD8)
_APP0, _APP14 = 0xE0, 0xEE
# Tables, restart interval, scans, and the frames that every decoder knows: baseline, extended and
# progressive with Huffman codes.
_PROGRESSIVE = 0xC2
_JPEG_DRAWS = {0xC4, 0xDB, 0xDD, _SOS, 0xC0, 0xC1, _PROGRESSIVE}
_RARE_FRAMES = {0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
# The headers that change the colours, with their lengths; what is behind goes, as does the
# thumbnail of JFIF, whose sides are its last two bytes.
_JPEG_LOOKS = {_APP0: (b"JFIF\0", 16), _APP14: (b"Adobe", 14)}
_NO_THUMBNAIL = b"\0\0"
_MARKER_IN_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

# A camera writes some twenty segments, an encoder some thousand chunks.
_MOST_PARTS = 50_000

Piece = bytes | memoryview


class DamagedError(ValueError):
    """The bytes do not keep to their format up to its end, or use a part that few decoders know."""


class FloodError(ValueError):
    """The bytes have so many parts that reading them is an attack."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """The bytes that are left, and what was found on the way.

    `frames` counts those that an animated PNG says it has, `depth` is in bits for each channel,
    `scans` counts those of a JPEG, `profile` is the colour
    profile and `exif` the EXIF block of a PNG. `progressive` tells that a JPEG is.
    """

    pieces: tuple[Piece, ...] = field(repr=False)
    has_metadata: bool
    animated: bool = False
    frames: int = 1
    depth: int = 8
    scans: int = 0
    progressive: bool = False
    profile: bytes = field(default=b"", repr=False)
    exif: bytes = field(default=b"", repr=False)

    @property
    def size(self) -> int:
        """How many bytes are left."""
        return sum(map(len, self.pieces))

    @property
    def data(self) -> bytes:
        """The bytes that are left, put together anew each time: most pictures need them never."""
        return b"".join(self.pieces)


def strip_png(data: bytes) -> Stripped:
    """Return the PNG with what is needed to draw its first picture.

    Raises:
        DamagedError: the bytes end early, or a checksum is wrong.
        FloodError: there are far too many chunks.
    """
    kept: list[Piece] = [_PNG_SIGNATURE]
    found: dict[bytes, bytes] = {}
    left_out: set[bytes] = set()
    pixels, end = False, len(_PNG_SIGNATURE)
    for kind, chunk in _chunks(data):
        end += len(chunk)
        drawing = kind == b"IDAT" or (not pixels and len(chunk) - 12 in _PNG_LOOKS.get(kind, ()))
        pixels = pixels or kind == b"IDAT"
        if drawing:
            kept.append(chunk)
        elif kind != b"IEND" or len(chunk) != len(_PNG_END):
            left_out.add(kind)
        if kind in {b"eXIf", b"iCCP", b"IHDR"} or (kind == b"acTL" and not pixels):
            found.setdefault(kind, bytes(chunk[8:-4]))
    is_bare = not left_out and end == len(data)
    return Stripped(
        (data,) if is_bare else (*kept, _PNG_END),
        has_metadata=bool(left_out - _FRAMES) or end < len(data),
        animated=b"acTL" in left_out,
        frames=max(1, int.from_bytes(found.get(b"acTL", b"")[:4])),
        depth=found[b"IHDR"][8] if len(found.get(b"IHDR", b"")) == 13 else 0,
        profile=_profile(found.get(b"iCCP", b"")),
        exif=found.get(b"eXIf", b""),
    )


def strip_jpeg(data: bytes) -> Stripped:
    """Return the JPEG with what is needed to draw it.

    Raises:
        DamagedError: the bytes end early, hold no marker where one must be, or hold a frame of a
            kind that few decoders know.
        FloodError: there are far too many segments.
    """
    kept: list[Piece] = [data[:2]]
    left_out, progressive, scans, end = False, False, 0, 2
    for marker, segment in _segments(data):
        end += 2 + len(segment)
        scans += marker == _SOS
        if marker in _RARE_FRAMES:
            raise DamagedError("the JPEG has a frame that few decoders know")
        progressive = progressive or marker == _PROGRESSIVE
        needed = segment if marker in _JPEG_DRAWS else _header(marker, segment)
        if needed:
            kept += [bytes((0xFF, marker)), needed]
        left_out = left_out or (marker != _EOI and len(needed) < len(segment))
    if not scans:
        raise DamagedError("the JPEG ends before its picture")
    kept.append(b"\xff\xd9")
    return Stripped(
        tuple(kept),
        has_metadata=left_out or end < len(data),
        scans=scans,
        progressive=progressive,
    )


def _profile(chunk: bytes) -> bytes:
    """Return the colour profile in the content of an iCCP chunk; one that is damaged is none."""
    packed = chunk.partition(b"\0")[2][1:]
    try:
        return zlib.decompressobj().decompress(packed, _MOST_PROFILE)
    except zlib.error:
        return b""


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the kind and the whole of each chunk of a PNG, up to its end chunk."""
    view = memoryview(data)
    place = len(_PNG_SIGNATURE)
    for _ in range(_MOST_PARTS):
        end = place + 12 + int.from_bytes(view[place : place + 4])
        if place + 12 > len(data) or end > len(data):
            raise DamagedError("the PNG ends before its end chunk")
        if zlib.crc32(view[place + 4 : end - 4]) != int.from_bytes(view[end - 4 : end]):
            raise DamagedError("a checksum of the PNG is wrong")
        kind = bytes(view[place + 4 : place + 8])
        yield kind, view[place:end]
        if kind == b"IEND":
            return
        place = end
    raise FloodError("the PNG has far too many chunks")


def _segments(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield marker and content of each segment of a JPEG, a scan with its coded bytes."""
    view = memoryview(data)
    place = 2
    for _ in range(_MOST_PARTS):
        marker, place = _marker(data, place)
        end = place
        if marker != _EOI and marker != _TEM and marker not in _RESTARTS:
            end = _segment_end(data, place)
        if marker == _SOS:
            end = _scan_end(data, end)
        yield marker, view[place:end]
        if marker == _EOI:
            return
        place = end
    raise FloodError("the JPEG has far too many segments")


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
    found = _MARKER_IN_SCAN.search(data, place)
    if found is None:
        raise DamagedError("the JPEG ends within its picture")
    return found.start()


def _header(marker: int, segment: memoryview) -> Piece:
    """Return of an application segment what changes the picture: JFIF's and Adobe's header."""
    name, length = _JPEG_LOOKS.get(marker, (b"", 0))
    if not name or segment[2:7] != name or len(segment) < length:
        return b""
    if len(segment) == length:
        return segment
    tail = _NO_THUMBNAIL if marker == _APP0 else b""
    return length.to_bytes(2) + bytes(segment[2 : length - len(tail)]) + tail
