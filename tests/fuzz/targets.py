"""What is fuzzed, and what must hold whatever the bytes are."""

import zlib
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from math import inf

from PIL import Image

from grok_vision.errors import ImageError, VisionError
from grok_vision.images.selection import WHOLE, parse_selection
from grok_vision.images.source import label_of, parse
from grok_vision.images.strip import DamagedError, FloodError, strip_jpeg, strip_png
from tests import hostile, outcomes

_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_PIXELS = 1_000_000


def seeds(target: str) -> Iterable[bytes]:
    """Return the inputs that a target starts from."""
    if target in {"prepare", "strip"}:
        return [*hostile.small().values(), *hostile.tagged().values()]
    texts = _FRAGMENTS if target == "select" else _SOURCES
    return [text.encode() for text in texts]


def prepare(data: bytes) -> None:
    """A picture is sent with nothing beside it, or refused with a code of ours."""
    found = outcomes.outcome(with_right_checksums(data))
    assert not found.startswith("sent with") or found == "sent with the secret", found


def strip(data: bytes) -> None:
    """What is left of a file draws the same pixels, and holds nothing else."""
    data = with_right_checksums(data)
    kind = "PNG" if data.startswith(_PNG) else "JPEG"
    try:
        stripped = (strip_png if kind == "PNG" else strip_jpeg)(data)
    except (DamagedError, FloodError):
        return
    before = _pixels(data, kind)
    if before is None or b"fdAT" in data or b"fcTL" in data:
        return  # Pillow decodes what is damaged of an animation in ways of its own
    after = _pixels(stripped.data, kind)
    # What is left of a PNG is what is decoded: where it cannot be, the picture is refused.
    assert after == before or (kind == "PNG" and after is None)
    # The coded bytes may spell anything.
    assert after is None or set(outcomes.beside_the_picture(stripped.data)) <= {"the secret"}


def parse_source(data: bytes) -> None:
    """A source is of one kind or refused, and its label tells no password."""
    text = data.decode("utf-8", "surrogateescape")
    label_of(text).encode()
    try:
        source = parse(text, max_bytes=1000)
    except VisionError as error:
        str(error).encode()
        return
    source.label.encode()


def select(data: bytes) -> None:
    """A fragment selects a part that lies within the picture, or is refused."""
    with suppress(ImageError):
        selection = parse_selection(data.decode("utf-8", "surrogateescape")) or WHOLE
        assert selection.page is None or selection.page > 0
        assert selection.seconds is None or 0 <= selection.seconds < inf
        for width, height in ((1, 1), (1000, 700), (65_535, 3)):
            if selection.crop:
                left, top, right, bottom = selection.crop.box((width, height))
                assert 0 <= left < right <= width
                assert 0 <= top < bottom <= height


def with_right_checksums(data: bytes) -> bytes:
    """Return a PNG whose chunks would pass: few changed bytes get further than the checksums."""
    if not data.startswith(_PNG):
        return data
    pieces, place = [_PNG], len(_PNG)
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4])
        if end + 4 > len(data):
            break
        pieces += [data[place:end], zlib.crc32(data[place + 4 : end]).to_bytes(4)]
        place = end + 4
    return b"".join([*pieces, data[place:]])


def _pixels(data: bytes, kind: str) -> tuple[str, bytes] | None:
    """Return the pixels of a first frame; None where it cannot be decoded."""
    try:
        with Image.open(BytesIO(data), formats=[kind]) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            return image.mode, image.tobytes()
    except Exception:  # noqa: BLE001 - whatever a decoder raises
        return None


_SOURCES = (
    "shot.png",
    "~/a b.png",
    "@/tmp/x.png",
    "'C:\\a\\b.png'",
    "file:///tmp/a%20b.png#xywh=percent:1,2,3,4",
    "https://user:p@host.example:443/a.png?x=1#xywh=10,20,30,40",
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/png;charset=x;base64,iVBO\nRw0K Ggo=",
    "scan.pdf#page=2",
    "a.gif#t=1.5",
    "latest",
    "clipboard",
    "/mnt/c/Users/a/shot.png",
    "\\\\wsl$\\Ubuntu\\home\\a.png",
    "Screenshot 2026-11-20 at 9.41.00\u202fAM.png",
)

_FRAGMENTS = (
    "xywh=10,20,300,200",
    "xywh=pixel:0,0,1,1",
    "xywh=percent:25,25.5,50,50",
    "page=2",
    "t=1.5",
    "t=npt:1:02:03.4,5",
    "xywh=1,2,3,4&page=2&t=3",
    "xywh%3D1%2C2%2C3%2C4",
)
