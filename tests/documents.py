"""Documents in formats that Pillow does not write, made for tests; and what is seen of any."""

import base64
import struct
from collections.abc import Sequence
from typing import Any

from PIL import Image

from grok_vision.images.decode import Picture, open_picture, pixels

Colour = tuple[int, ...]
RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
MAGENTA = (255, 0, 255)
SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def pdf(
    content: bytes = b"1 0 0 rg 0 0 50 50 re f",
    *,
    pages: int = 1,
    box: str = "0 0 100 50",
    page: str = "",
    trailer: str = "",
    catalog: str = "",
    more: Sequence[bytes] = (),
) -> bytes:
    """Return a PDF whose pages all show `content`; further objects are numbered from 10.

    A page that is not the first is filled with a grey of its number times a tenth before.
    """
    kids = " ".join(f"{100 + 2 * number} 0 R" for number in range(pages))
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        **{10 + number: each for number, each in enumerate(more)},
    }
    for number in range(pages):
        grey = f"{number / 10} g 0 0 9999 9999 re f ".encode() if number else b""
        shown = grey + content
        objects[100 + 2 * number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents {101 + 2 * number} 0 R "
            f"{page} >>".encode()
        )
        objects[101 + 2 * number] = stream(shown)
    return _assembled(objects, trailer)


def stream(content: bytes, head: str = "") -> bytes:
    """Return a stream object."""
    return b"<< /Length %d %s >> stream\n%s\nendstream" % (len(content), head.encode(), content)


def _assembled(objects: dict[int, bytes], trailer: str) -> bytes:
    data, places = b"%PDF-1.7\n", {}
    for number, content in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(
        b"%d 1\n%010d 00000 n \n" % (number, place) for number, place in sorted(places.items())
    )
    end = f"trailer << /Size 999 /Root 1 0 R {trailer} >>".encode()
    return data + b"xref\n0 1\n0000000000 65535 f \n%s%s\nstartxref\n%d\n%%%%EOF" % (
        table,
        end,
        len(data),
    )


def icon(*entries: bytes, kind: int = 1, listed: Sequence[tuple[int, int, int]] = ()) -> bytes:
    """Return an icon of these pictures; `listed` is what its list says: width, height, depth."""
    places = list(listed) or [(32, 32, 32)] * len(entries)
    start = 6 + 16 * len(entries)
    head, body = struct.pack("<HHH", 0, kind, len(entries)), b""
    for (width, height, depth), entry in zip(places, entries, strict=True):
        head += struct.pack(
            "<BBBBHHII", width, height, 0, 0, 1, depth, len(entry), start + len(body)
        )
        body += entry
    return head + body


def bitmap(width: int, height: int, pixel: bytes, *, masked: bool = False) -> bytes:
    """Return the bitmap of an icon in one colour (BGR or BGRA), all of it masked or none."""
    depth = 8 * len(pixel)
    row = pixel * width + bytes(-len(pixel) * width % 4)
    mask = (b"\xff" if masked else b"\0") * ((width + 31) // 32 * 4)
    header = struct.pack("<IiiHHIIiiII", 40, width, height * 2, 1, depth, 0, 0, 0, 0, 0, 0)
    return header + row * height + mask * height


def cmyk_profile() -> bytes:
    """Return a colour profile for inks under which cyan is seen as pure red, others as white."""
    grid = b"".join(
        # Lightness, a and b of eight bits: red in sRGB, and white.
        bytes((136, 208, 195)) if number == 0b1000 else bytes((255, 128, 128))
        for number in range(16)
    )
    identity = struct.pack(">9i", *(65536 if number % 4 == 0 else 0 for number in range(9)))
    ramp = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + ramp * 4 + grid + ramp * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    tags = b"".join(
        name + struct.pack(">II", place, length)
        for name, place, length in (
            (b"A2B0", 156, len(table)),
            (b"wtpt", 156 + len(table), len(white)),
        )
    )
    body = struct.pack(">I", 2) + tags + table + white
    head = struct.pack(">I", 128 + len(body)) + b"lcms" + b"\x02\x40\0\0" + b"prtrCMYKLab "
    date = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    light = struct.pack(">3i", 63190, 65536, 54061)
    head = head + date + b"acsp" + bytes(28) + light
    return head + bytes(128 - len(head)) + body


def opened(data: bytes, **chosen: Any) -> Picture:
    """Return the picture, its header read; page and seconds may be chosen."""
    return open_picture(data, max_pixels=100_000_000, **chosen)


def seen(data: bytes, size: tuple[int, int] | None = None, **chosen: Any) -> Image.Image:
    """Return what the model would see, in this size or the picture's own."""
    picture = opened(data, **chosen)
    return pixels(picture, size or picture.upright_size).convert("RGB")


def corners(image: Image.Image) -> list[Colour]:
    """Return the colours near the corners: top left, top right, bottom left, bottom right."""
    width, height = image.size
    places = [(x, y) for y in (height // 8, height * 7 // 8) for x in (width // 8, width * 7 // 8)]
    return [tuple(image.getpixel(place)) for place in places]  # type: ignore[arg-type]


def near(found: list[Colour], expected: list[Colour], tolerance: int = 12) -> bool:
    """Tell whether colours are equal but for what a lossy format does to them."""
    return all(
        abs(a - b) <= tolerance
        for one, other in zip(found, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def svg(body: str, attributes: str = 'width="40" height="40"', before: str = "") -> bytes:
    """Return a drawing of this content."""
    return f"{before}<svg {SVG} {attributes}>{body}</svg>".encode()


def data_uri(kind: str, data: bytes) -> str:
    """Return the address that holds the data itself."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


FOUR = svg(
    '<rect width="48" height="32" fill="red"/><rect x="48" width="48" height="32" fill="lime"/>'
    '<rect y="32" width="48" height="32" fill="blue"/>',
    'width="96" height="64"',
)
