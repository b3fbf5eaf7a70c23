"""What the first bytes of a file say it is: decided before any decoder sees them."""

import re
import zlib
from dataclasses import dataclass

from grok_vision.errors import ImageError

_KNOWN = "PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, ICO, HEIC, PDF or SVG"
# Comments and declarations may stand before a drawing begins.
_LOOK_AT = 16 * 1024

# Leading bytes at an offset, and the format they announce.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WEBP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"II+\0", "TIFF"),  # with places of eight bytes, for files over 4 GB
    (0, b"MM\0+", "TIFF"),
    (0, b"%PDF-", "PDF"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"\0\0\2\0", "ICO"),  # a cursor: an icon with a place to point with
)

# The brands of ISO/IEC 23008-12 whose pictures are coded with HEVC, and those that do not tell.
_AVIF = {b"avif", b"avis"}
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_ANY_CODING = {b"mif1", b"msf1"}
_LONGEST_BRANDS = 256

MOST_ICONS = 256
"""The pictures in an icon that are looked at; real ones have ten."""

_SVG = re.compile(r"<(?:[\w.-]+:)?svg[\s>/]|<!doctype\s+svg\b")
_GZIP = b"\x1f\x8b\x08"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class _Foreign:
    offset: int
    magic: bytes
    name: str
    advice: str


_AS_PNG = "export it as PNG or JPEG"
_FOREIGN = (
    _Foreign(4, b"ftyp", "a video", "send a frame of it as PNG or JPEG"),
    _Foreign(0, b"8BPS", "a Photoshop document", _AS_PNG),
    _Foreign(0, b"\xff\x0a", "a JPEG XL picture", _AS_PNG),
    _Foreign(0, b"\0\0\0\x0cJXL ", "a JPEG XL picture", _AS_PNG),
    _Foreign(0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", _AS_PNG),
)


def sniff(data: bytes) -> str:
    """Return the format that the bytes announce: as Pillow names it, or `PDF` or `SVG`.

    Raises:
        ImageError: `not_an_image`, or `unsupported_format` for a picture or document of another
            kind.
    """
    if not data:
        raise ImageError("not_an_image", "it is empty; pass a picture.")
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset) and _is_really(name, data):
            return name
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "BMP"
    if coding := _coding(data):
        return coding
    head = _text(data)
    if head.startswith("<") and not _is_html(head) and _SVG.search(head):
        return "SVG"
    raise _foreign(data, head)


def _is_really(name: str, data: bytes) -> bool:
    if name == "WEBP":
        return data.startswith(b"RIFF")
    # Four bytes of which two are zero announce much; a list of pictures has at least one.
    return name != "ICO" or 0 < int.from_bytes(data[4:6], "little") <= MOST_ICONS


def _coding(data: bytes) -> str | None:
    """Return what codes the pictures of a file in ISO's container; None for films and others."""
    if data[4:8] != b"ftyp":
        return None
    length = min(int.from_bytes(data[:4]), _LONGEST_BRANDS)
    major = data[8:12]
    brands = {data[place : place + 4] for place in range(16, length - 3, 4)}
    if major in _AVIF or (major in _ANY_CODING and brands & _AVIF):
        return "AVIF"
    return "HEIF" if major in _HEIF | _ANY_CODING else None


def _text(data: bytes) -> str:
    """Return the first characters of what may be text, in lower case, also where it is packed."""
    head = data[:_LOOK_AT]
    try:
        head = unpacked(head, _LOOK_AT)
    except zlib.error:
        return ""
    encoding = "utf-16" if head.startswith(_UTF16) else "utf-8-sig"
    return head.decode(encoding, "replace").lstrip().lower()


def unpacked(data: bytes, most: int) -> bytes:
    """Return up to `most` bytes of what gzip packed; of other bytes, they themselves.

    Raises:
        zlib.error: they are damaged.
    """
    if not data.startswith(_GZIP):
        return data
    return zlib.decompressobj(wbits=31).decompress(data, most)


def _is_html(head: str) -> bool:
    return head.startswith(("<!doctype html", "<html"))


def _foreign(data: bytes, head: str) -> ImageError:
    for kind in _FOREIGN:
        if data.startswith(kind.magic, kind.offset):
            return ImageError(
                "unsupported_format", f"it is {kind.name}, which is not read; {kind.advice}."
            )
    if _is_html(head):
        return ImageError(
            "not_an_image",
            "it is a web page, not a picture; pass the address of the picture itself.",
        )
    return ImageError("not_an_image", f"its content is not a picture; pass {_KNOWN}.")
