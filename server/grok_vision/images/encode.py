"""The bytes that go on the wire: PNG for what was lossless, JPEG for photographs and large ones."""

from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from grok_vision.errors import SourceError
from grok_vision.providers import ImageLimits, WireFormat

# Formats of photographs: what JPEG has already lost cannot be lost again by much.
_LOSSY = {"JPEG", "WEBP", "AVIF", "HEIF"}
# Above 4:4:4 at 90 no reader measured gains anything; below 60 small text dissolves.
_QUALITIES = (90, 80, 70, 60)
# A PNG of a screenshot is rarely larger; that of a photograph is, and a JPEG a third of it.
_SCREENSHOT_BYTES = 1_500_000
_FAR_SMALLER = 3


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoded bytes and their format."""

    wire_format: WireFormat
    data: bytes = field(repr=False)


def encoded(image: Image.Image, found: str, limits: ImageLimits) -> Encoded:
    """Return the picture in a format that the provider takes; `found` is that of the source.

    Raises:
        SourceError: `too_large` where no encoding fits the provider's limit.
    """
    png = b""
    if found not in _LOSSY and "PNG" in limits.formats:
        # Higher levels take up to 16 times as long for 5 % (measured 2026-11-20).
        png = _saved(image, "PNG", compress_level=1)
        if len(png) <= min(limits.max_bytes, _SCREENSHOT_BYTES):
            return Encoded("PNG", png)
    for quality in _QUALITIES:
        jpeg = _saved(image, "JPEG", quality=quality, subsampling="4:4:4")
        if png and len(png) <= limits.max_bytes and len(jpeg) * _FAR_SMALLER > len(png):
            return Encoded("PNG", png)
        if len(jpeg) <= limits.max_bytes:
            return Encoded("JPEG", jpeg)
    raise SourceError(
        "too_large",
        f"it has more than the provider's {limits.max_bytes:,} bytes even as a JPEG of quality "
        f"{_QUALITIES[-1]}; scale it down.",
    )


def _saved(image: Image.Image, wire_format: WireFormat, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, wire_format, **options)
    return buffer.getvalue()
