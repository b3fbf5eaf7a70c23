"""What the first bytes of a file say it is: decided before any decoder sees them."""

from dataclasses import dataclass

from grok_vision.errors import ImageError

_KNOWN = "PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF"
_LOOK_AT = 1024

# Leading bytes at an offset, and the format they announce.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"GIF87a", "GIF"),
    (0, b"GIF89a", "GIF"),
    (8, b"WEBP", "WEBP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftypavis", "AVIF"),
)


@dataclass(frozen=True, slots=True)
class _Foreign:
    offset: int
    magic: bytes
    name: str
    advice: str


_AS_PNG = "export it as PNG or JPEG"
_FOREIGN = (
    _Foreign(4, b"ftypheic", "a HEIC picture", _AS_PNG),
    _Foreign(4, b"ftypheix", "a HEIC picture", _AS_PNG),
    _Foreign(4, b"ftypmif1", "a HEIF picture", _AS_PNG),
    _Foreign(4, b"ftypqt", "a video", "send a frame of it as PNG or JPEG"),
    _Foreign(4, b"ftyp", "a video", "send a frame of it as PNG or JPEG"),
    _Foreign(0, b"%PDF", "a PDF document", "export its page as PNG"),
    _Foreign(0, b"\0\0\1\0", "an icon file", _AS_PNG),
    _Foreign(0, b"8BPS", "a Photoshop document", _AS_PNG),
    _Foreign(0, b"\xff\x0a", "a JPEG XL picture", _AS_PNG),
    _Foreign(0, b"\0\0\0\x0cJXL ", "a JPEG XL picture", _AS_PNG),
    _Foreign(0, b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", _AS_PNG),
)


def sniff(data: bytes) -> str:
    """Return the format that the bytes announce, as Pillow names it.

    Raises:
        ImageError: `not_an_image`, or `unsupported_format` for a picture or document of another
            kind.
    """
    if not data:
        raise ImageError("not_an_image", "it is empty; pass a picture.")
    for offset, magic, name in _MAGIC:
        if data.startswith(magic, offset) and (name != "WEBP" or data.startswith(b"RIFF")):
            return name
    if data.startswith(b"BM") and data[6:10] == b"\0\0\0\0":
        return "BMP"
    raise _foreign(data)


def _foreign(data: bytes) -> ImageError:
    for kind in _FOREIGN:
        if data.startswith(kind.magic, kind.offset):
            return ImageError(
                "unsupported_format", f"it is {kind.name}, which is not read; {kind.advice}."
            )
    head = data[:_LOOK_AT].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in head:
        return ImageError(
            "unsupported_format", f"it is an SVG drawing, which is not read; {_AS_PNG}."
        )
    if head.startswith((b"<!doctype html", b"<html")):
        return ImageError(
            "not_an_image",
            "it is a web page, not a picture; pass the address of the picture itself.",
        )
    return ImageError("not_an_image", f"its content is not a picture; pass {_KNOWN}.")
