"""The bytes that go on the wire: PNG for what was lossless, JPEG for photographs and large ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from grok_vision.errors import SourceError
from grok_vision.images.geometry import Size
from grok_vision.images.prepared import MediaType, SentPart
from grok_vision.providers import WireFormat
from grok_vision.results import SentRegion

# Formats of photographs: what JPEG has already lost cannot be lost again by much.
_LOSSY = {"JPEG", "WEBP", "AVIF", "HEIF"}
# Above 4:4:4 at 90 no reader measured gains anything; below 60 small text dissolves.
_QUALITIES = (90, 80, 70, 60)
# A PNG of a screenshot is rarely larger; that of a photograph is, and a JPEG half of it or less,
# and as legible (benchmarks/legibility --choices).
_SCREENSHOT_BYTES = 1_500_000
_FAR_SMALLER = 2
# Higher levels take up to 16 times as long for 5 % (measured 2026-11-20).
_PNG_LEVEL = 1
# A PNG takes long to encode in vain: a tenth of the rows, from some places, tells its size.
_SAMPLES, _SAMPLED, _ESTIMATE_IS_OFF_BY = 4, 10, 1.5

# A picture that fits in no quality is made smaller, a few times at most.
_MOST_SHRINKS, _SHRINK_FURTHER = 3, 0.95

_MEDIA_TYPES: dict[WireFormat, MediaType] = {"JPEG": "image/jpeg", "PNG": "image/png"}


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoded bytes, their format and their size in pixels."""

    wire_format: WireFormat
    data: bytes = field(repr=False)
    size: Size

    def part(self, region: SentRegion | None = None) -> SentPart:
        """Return it as what is sent; `region` is what of the source it shows, None for all."""
        return SentPart(self.data, _MEDIA_TYPES[self.wire_format], self.size, region)


def encoded(
    image: Image.Image,
    found: str,
    formats: Sequence[WireFormat],
    most_bytes: int,
    taken_by: str,
) -> Encoded:
    """Return the picture in one of `formats`, in `most_bytes`; `found` is that of the source.

    It is made smaller where no encoding of it fits. `taken_by` is who takes no more bytes.

    Raises:
        SourceError: `too_large` where even that does not help.
    """
    if (
        found not in _LOSSY
        and "PNG" in formats
        and (fitting := _png_or_far_smaller(image, most_bytes))
    ):
        return fitting
    for _ in range(_MOST_SHRINKS + 1):
        jpeg = b""
        for quality in _QUALITIES:
            jpeg = _saved_jpeg(image, quality)
            if len(jpeg) <= most_bytes:
                return Encoded("JPEG", jpeg, image.size)
        shrink = math.sqrt(most_bytes / len(jpeg)) * _SHRINK_FURTHER
        size = max(1, int(image.width * shrink)), max(1, int(image.height * shrink))
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    raise SourceError(
        "too_large",
        f"there is no room for it in the {most_bytes:,} bytes that {taken_by} leaves for it; "
        "send fewer pictures, or a part of it with #xywh=x,y,width,height.",
    )


def _png_or_far_smaller(image: Image.Image, most_bytes: int) -> Encoded | None:
    """Return a PNG, or a JPEG where that is far smaller; None where neither fits."""
    expected = _png_bytes(image)
    jpeg = _far_smaller_jpeg(image, expected)
    if jpeg is None and expected <= most_bytes * _ESTIMATE_IS_OFF_BY:
        png = _saved(image, "PNG", compress_level=_PNG_LEVEL)
        if expected <= _SCREENSHOT_BYTES:
            jpeg = _far_smaller_jpeg(image, len(png))
        if jpeg is None and len(png) <= most_bytes:
            return Encoded("PNG", png, image.size)
    return Encoded("JPEG", jpeg, image.size) if jpeg and len(jpeg) <= most_bytes else None


def _far_smaller_jpeg(image: Image.Image, png_bytes: int) -> bytes | None:
    """Return the picture as JPEG where a PNG is large and that is not."""
    if png_bytes <= _SCREENSHOT_BYTES:
        return None
    jpeg = _saved_jpeg(image, _QUALITIES[0])
    return jpeg if len(jpeg) * _FAR_SMALLER <= png_bytes else None


def _png_bytes(image: Image.Image) -> int:
    """Return about how many bytes the picture has as PNG, from a few of its rows."""
    width, height = image.size
    rows = height // (_SAMPLES * _SAMPLED)
    if rows < 1:
        return 0
    sample = Image.new(image.mode, (width, rows * _SAMPLES))
    for number in range(_SAMPLES):
        top = (2 * number + 1) * height // (2 * _SAMPLES)
        sample.paste(image.crop((0, top, width, top + rows)), (0, number * rows))
    return len(_saved(sample, "PNG", compress_level=_PNG_LEVEL)) * height // sample.height


def _saved_jpeg(image: Image.Image, quality: int) -> bytes:
    return _saved(image, "JPEG", quality=quality, subsampling="4:4:4")


def _saved(image: Image.Image, wire_format: WireFormat, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, wire_format, **options)
    return buffer.getvalue()
