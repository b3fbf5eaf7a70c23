"""From a picture to what is sent: as it is where it fits, else sized and encoded anew."""

import math
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError, SourceError
from grok_vision.images.decode import Picture, Size, open_picture, pixels, verify
from grok_vision.images.prepared import MediaType, PreparedImage, SentPart
from grok_vision.providers import Detail, ImageLimits, WireFormat
from grok_vision.results import Change, SentImage

Encoded = tuple[WireFormat, bytes]

_MEDIA_TYPES: dict[WireFormat, MediaType] = {"JPEG": "image/jpeg", "PNG": "image/png"}

# Formats of photographs: what JPEG has already lost cannot be lost again by much.
_LOSSY = {"JPEG", "WEBP", "AVIF"}
# Above 4:4:4 at 90 no reader measured gains anything; below 60 small text dissolves.
_QUALITIES = (90, 80, 70, 60)
# A PNG of a screenshot is rarely larger; that of a photograph is, and a JPEG a third of it.
_SCREENSHOT_BYTES = 1_500_000
_FAR_SMALLER = 3


def prepare(
    data: bytes,
    *,
    source: str,
    limits: ImageLimits,
    detail: Detail,
    max_pixels: int,
) -> PreparedImage:
    """Return the picture in the form to send; blocks while it decodes.

    Nothing of the file but its picture is left: metadata and trailing bytes are gone. A picture
    that fits as it is keeps its very pixels; it is decoded all the same, to see that it can be.

    Raises:
        ImageError: for bytes that are not a picture, or not one that the provider takes.
        SourceError: `too_large` where no encoding fits the provider's limit.
    """
    picture = open_picture(data, max_pixels=max_pixels)
    size = sent_size(picture.upright_size, limits, detail)
    _check_minimum(size, limits)
    as_it_is = _passable(picture, size, limits)
    if as_it_is:
        verify(picture)
    wire_format, encoded = as_it_is or _encode(pixels(picture, size), picture.format, limits)
    return PreparedImage(
        parts=(SentPart(encoded, _MEDIA_TYPES[wire_format]),),
        report=_report(picture, source, wire_format, size, len(encoded)),
        warnings=_warnings(picture),
    )


def sent_size(size: Size, limits: ImageLimits, detail: Detail) -> Size:
    """Return the size in pixels that the model can use of a picture of `size`; never larger."""
    width, height = size
    scale = 1.0
    if limits.useful_pixels is not None:
        scale = min(scale, math.sqrt(limits.useful_pixels / (width * height)))
    longest = limits.max_side
    if detail == "low" and limits.low_detail_side is not None:
        longest = min(longest or limits.low_detail_side, limits.low_detail_side)
    if longest is not None:
        scale = min(scale, longest / max(width, height))
    if scale >= 1.0:
        return size
    # Rounded down, so that the budget holds exactly; a thin side keeps at least one pixel.
    return max(1, math.floor(width * scale)), max(1, math.floor(height * scale))


def _check_minimum(size: Size, limits: ImageLimits) -> None:
    width, height = size
    if min(size) < limits.min_side or width * height < limits.min_pixels:
        raise ImageError(
            "too_small",
            f"it would be sent as {width}x{height}, and the provider takes no picture under "
            f"{limits.min_side} pixels a side and {limits.min_pixels} pixels in all; "
            "enlarge it or take a larger part.",
        )


def _passable(picture: Picture, size: Size, limits: ImageLimits) -> Encoded | None:
    """Return the file without its metadata where that may be sent, else None."""
    stripped = picture.stripped
    wire_format = next((name for name in limits.formats if name == picture.format), None)
    if stripped is None or wire_format is None or not picture.is_plain:
        return None
    if size != picture.upright_size or len(stripped.data) > limits.max_bytes:
        return None
    return wire_format, stripped.data


def _encode(image: Image.Image, found: str, limits: ImageLimits) -> Encoded:
    """Return format and bytes: PNG for what was lossless, JPEG for photographs and large ones."""
    png = b""
    if found not in _LOSSY and "PNG" in limits.formats:
        # Higher levels take up to 16 times as long for 5 % (measured 2026-11-20).
        png = _saved(image, "PNG", compress_level=1)
        if len(png) <= min(limits.max_bytes, _SCREENSHOT_BYTES):
            return "PNG", png
    for quality in _QUALITIES:
        jpeg = _saved(image, "JPEG", quality=quality, subsampling="4:4:4")
        if png and len(png) <= limits.max_bytes and len(jpeg) * _FAR_SMALLER > len(png):
            return "PNG", png
        if len(jpeg) <= limits.max_bytes:
            return "JPEG", jpeg
    raise SourceError(
        "too_large",
        f"it has more than the provider's {limits.max_bytes:,} bytes even as a JPEG of quality "
        f"{_QUALITIES[-1]}; scale it down.",
    )


def _saved(image: Image.Image, wire_format: WireFormat, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, wire_format, **options)
    return buffer.getvalue()


def _report(
    picture: Picture, source: str, wire_format: WireFormat, size: Size, sent_bytes: int
) -> SentImage:
    happened: dict[Change, bool] = {
        "rotated": picture.rotated,
        "flattened": picture.transparent,
        "resized": size != picture.upright_size,
        "converted": picture.format != wire_format,
        "metadata_removed": picture.has_metadata,
    }
    return SentImage(
        source=source,
        format=picture.format,
        width=picture.width,
        height=picture.height,
        bytes=picture.file_bytes,
        sent_format=wire_format,
        sent_width=size[0],
        sent_height=size[1],
        sent_bytes=sent_bytes,
        changes=[change for change, true in happened.items() if true],
    )


def _warnings(picture: Picture) -> tuple[str, ...]:
    if not picture.animated:
        return ()
    return (f"the {picture.format} has several frames; only the first was sent.",)
