"""What becomes of a file, and an independent look at what is sent of it.

Runs in worker processes too, which know nothing of the rest of the house.
"""

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO

from PIL import Image

from grok_vision.errors import VisionError
from grok_vision.images.prepare import prepare
from grok_vision.images.prepared import SentPart
from grok_vision.images.wanted import Wanted
from grok_vision.providers import endpoint
from grok_vision.settings import Settings

# The smallest pictures pass, so that their files can be cut off and changed everywhere.
LIMITS = replace(endpoint(Settings(xai_api_key="k")).choose().images, min_side=1, min_pixels=1)
MAX_PIXELS = 100_000_000
WANTED = Wanted(limits=LIMITS, detail="auto", most_parts=None, max_pixels=MAX_PIXELS)
SECRET = b"SECRET of 52.5200 N"


def sent(data: bytes) -> list[bytes]:
    """Return what would be sent of a file."""
    return [part.data for part in prepare(data, WANTED).parts if isinstance(part, SentPart)]


def outcomes(files: Sequence[bytes]) -> list[str]:
    """Return for each file the code of its refusal, or what is sent beside its picture."""
    return [outcome(data) for data in files]


def outcome(data: bytes) -> str:
    try:
        found = [name for part in sent(data) for name in beside_the_picture(part)]
    except VisionError as error:
        return error.code
    return f"sent with {', '.join(found)}" if found else "sent"


def beside_the_picture(data: bytes) -> list[str]:
    """Return what a PNG or JPEG holds that does not draw it; read by no code of ours."""
    reader: Callable[[bytes], Iterator[str]] = (
        _beside_png if data.startswith(b"\x89PNG\r\n\x1a\n") else _beside_jpeg
    )
    with Image.open(BytesIO(data), formats=["PNG", "JPEG"]) as image:
        image.load()
        known = set(image.info) - _DRAWING_INFO
    secret = ["the secret"] if SECRET in data else []
    return [*reader(data), *sorted(map(str, known)), *secret]


_DRAWING_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"IDAT", b"IEND"}
_DRAWING_SEGMENTS = {0xDB, 0xC0, 0xC1, 0xC2, 0xC4, 0xDD, 0xDA}
_DRAWING_INFO = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform"),
    *("progressive", "progression", "gamma", "srgb", "chromaticity", "transparency"),
    "interlace",
}


def _beside_png(data: bytes) -> Iterator[str]:
    place, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, place)
        if kind not in _DRAWING_CHUNKS or (kind == b"IEND" and length):
            yield kind.decode()
        place += length + 12
    if place != len(data):
        yield "trailing bytes"


# The coded bytes of a scan: among them stuffed zeros, restarts and fill bytes.
_CODED = re.compile(rb"(?:[^\xff]|\xff(?=[\x00\xd0-\xd7\xff]))*")


def _beside_jpeg(data: bytes) -> Iterator[str]:
    place, marker, end = 2, 0, len(data)
    data += bytes(2)  # so that an end marker can be read like others
    while True:
        lead, marker, length = struct.unpack_from(">BBH", data, place)
        if lead != 0xFF:
            yield "bytes between segments"
            return
        if marker == 0xD9:
            break
        jfif = marker == 0xE0 and length == 16
        if marker not in _DRAWING_SEGMENTS and not jfif and (marker, length) != (0xEE, 14):
            yield f"segment {marker:#x}"
        place += 2 + length
        if marker == 0xDA:
            place = _CODED.match(data, place).end()  # type: ignore[union-attr]
    if place + 2 != end:
        yield "trailing bytes"
