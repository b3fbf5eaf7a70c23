"""How much of a file its header takes, and the header alone as a file without pixels.

Where a header ends is read from the first bytes: no decoder is asked, and nothing is decoded.
Formats: the PNG specification, third edition; ITU-T T.81 annex B; GIF89a; RFC 9649 (WebP).
"""

import math
from collections.abc import Callable

from grok_vision.errors import ImageError
from grok_vision.images.formats import sniff
from grok_vision.images.geometry import Size

# Of the bytes at the start of a file: how many from there on are needed in all. Where there are as
# many, that is enough; infinity stands for all of the file. Asked with none, it says how many to
# begin with.
Needed = Callable[[bytes], float]

# A header of any usual picture: a camera's JPEG has a thumbnail of 10 to 40 kB in it.
_FIRST = 64 * 1024
_GROWTH = 4
# As many parts are walked; those of a file with more are counted by a decoder.
_MOST_PARTS = 50_000

_SIGNATURE = 8
_NO_PIXELS = b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xaeB`\x82"
_SOS, _EOI = 0xDA, 0xD9
# Those without a length; none of them has a place in a header.
_ALONE = {0x00, 0x01, *range(0xD0, _SOS)}
_EXTENSION, _IMAGE = 0x21, 0x2C
# A frame's place and size, its flags, and the first byte of its pixels.
_FRAME = 11
_LEAST_BMP = 26
_WEBP = 30
_EXIF_OR_XMP = 0x0C


def whole(_: bytes) -> float:
    """Say that all of the file is needed."""
    return math.inf


def header(data: bytes) -> float:
    """Say how much holds the header of a picture; of what is no picture, no more is needed.

    Infinity where a decoder must see all of it: formats whose header stands anywhere, files that do
    not keep to their format, and a WebP with EXIF or XMP, which stand behind its pixels and may say
    that it is turned.
    """
    if not data:
        return _FIRST
    try:
        find_end = _ENDS.get(sniff(data), whole)
    except ImageError:
        return 0
    return find_end(data)


def next_goal(have: int, needed: float) -> float:
    """Return up to where to read, with `have` bytes read: in steps that grow."""
    return needed if have >= needed else max(needed, _GROWTH * have)


def without_pixels(data: bytes) -> bytes:
    """Return a PNG or JPEG that ends where its pixels begin; of other formats, what was read.

    `data` holds at least the header. What a PNG notes behind its pixels is not there: one that says
    only there that it is turned (eXIf) is taken for upright.
    """
    end = int(header(data))
    match sniff(data):
        case "PNG":
            return data[: end - 8] + _NO_PIXELS
        case "JPEG":
            return data[:end] + bytes((0xFF, _EOI))
        case _:
            return data


def size_of_gif(data: bytes) -> Size:
    """Return width and height of a GIF as Pillow does: a first frame that is larger counts."""
    place = int(_first_frame(data))
    screen, frame = data[6:10], data[place + 1 : place + 9]
    across = max(_little(screen[:2]), _little(frame[:2]) + _little(frame[4:6]))
    down = max(_little(screen[2:]), _little(frame[2:4]) + _little(frame[6:]))
    return across, down


def size_of_webp(data: bytes) -> Size:
    """Return width and height of a WebP's canvas (RFC 9649, section 2.7)."""
    kind, head = data[12:16], data[20:30]
    if kind == b"VP8X":
        return 1 + _little(head[4:7]), 1 + _little(head[7:10])
    if kind == b"VP8L":
        bits = _little(head[1:5])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    # Lossy: two bits of each number are for scaling, which nobody uses.
    return _little(head[6:8]) & 0x3FFF, _little(head[8:10]) & 0x3FFF


def _end_of_png(data: bytes) -> float:
    place = _SIGNATURE
    for _ in range(_MOST_PARTS):
        if len(data) < place + 8 or data[place + 4 : place + 8] == b"IDAT":
            return place + 8
        place += 12 + int.from_bytes(data[place : place + 4])
    return math.inf


def _end_of_jpeg(data: bytes) -> float:
    place = 2
    for _ in range(_MOST_PARTS):
        if len(data) < place + 4:
            return place + 4
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4])
        if marker == data[place] == 0xFF:
            place += 1  # a fill byte
            continue
        if data[place] != 0xFF or marker in _ALONE or length < 2:
            return math.inf
        place += 2 + length
        if marker == _SOS:
            return place
    return math.inf


def _end_of_gif(data: bytes) -> float:
    place = _first_frame(data)
    if place + _FRAME > len(data):
        return place + _FRAME
    return place + _FRAME + _palette(data[int(place) + 9])


def _first_frame(data: bytes) -> float:
    """Return where the first frame begins, or how far it was looked for; infinity: nowhere."""
    place = 13 + _palette(_little(data[10:11]))
    in_extension = False
    for _ in range(_MOST_PARTS):
        if len(data) < place + _FRAME:
            return place
        if in_extension:
            in_extension = data[place] > 0
            place += 1 + data[place]
        elif data[place] == _EXTENSION:
            in_extension = True
            place += 2
        else:
            return place if data[place] == _IMAGE else math.inf
    return math.inf


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _end_of_bmp(data: bytes) -> float:
    pixels = _little(data[10:14])
    return pixels if _LEAST_BMP <= pixels <= _FIRST else math.inf


def _end_of_webp(data: bytes) -> float:
    head = data[20:_WEBP]
    match data[12:16]:
        case b"VP8X":
            is_sound = not _little(head[:1]) & _EXIF_OR_XMP
        case b"VP8L":
            is_sound = head.startswith(b"\x2f")
        case coding:
            is_sound = coding == b"VP8 " and head[3:6] == b"\x9d\x01\x2a"
    return _WEBP if is_sound else math.inf


def _little(number: bytes) -> int:
    return int.from_bytes(number, "little")


_ENDS: dict[str, Needed] = {
    "PNG": _end_of_png,
    "JPEG": _end_of_jpeg,
    "GIF": _end_of_gif,
    "BMP": _end_of_bmp,
    "WEBP": _end_of_webp,
}
