"""From pixels to what is sent: sized to what the model can use, encoded as JPEG or PNG."""

import math
from io import BytesIO

from PIL import Image

from grok_vision.errors import ImageError, SourceError
from grok_vision.images.decode import Picture, decoded, has_transparency, open_picture
from grok_vision.images.prepared import PreparedImage
from grok_vision.providers import Detail, ImageLimits
from grok_vision.results import Change, SentImage

Size = tuple[int, int]

# Formats of photographs: what JPEG has already lost cannot be lost again by much.
_LOSSY = {"JPEG", "WEBP", "AVIF"}
# Above 4:4:4 at 90 no reader measured gains anything; below 60 small text dissolves.
_QUALITIES = (90, 80, 70, 60)


def prepare(
    data: bytes, *, source: str, limits: ImageLimits, detail: Detail, max_pixels: int
) -> PreparedImage:
    """Return the picture in the form to send; blocks while it decodes.

    Nothing of the file but its pixels is left: metadata and trailing bytes are gone.

    Raises:
        ImageError: for bytes that are not a picture, or not one that the provider takes.
        SourceError: `too_large` where no encoding fits the provider's limit.
    """
    picture = open_picture(data, max_pixels=max_pixels)
    upright = _upright_size(picture)
    target = sent_size(upright, limits, detail)
    _check_minimum(target, limits)
    least = (target[1], target[0]) if picture.turned else target
    image = decoded(picture, least)
    if image.size != target:
        image = image.resize(target, Image.Resampling.LANCZOS)
    wire_format, encoded = _encode(image, picture.format, limits)
    return PreparedImage(
        data=encoded,
        media_type="image/jpeg" if wire_format == "JPEG" else "image/png",
        report=SentImage(
            source=source,
            format=picture.format,
            width=picture.width,
            height=picture.height,
            bytes=picture.bytes,
            sent_format=wire_format,
            sent_width=target[0],
            sent_height=target[1],
            sent_bytes=len(encoded),
            changes=_changes(picture, upright, target, wire_format),
        ),
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


def _upright_size(picture: Picture) -> Size:
    stored = (picture.width, picture.height)
    return stored[::-1] if picture.turned else stored


def _check_minimum(size: Size, limits: ImageLimits) -> None:
    width, height = size
    if min(size) < limits.min_side or width * height < limits.min_pixels:
        raise ImageError(
            "too_small",
            f"it would be sent as {width}x{height}, and the provider takes no picture under "
            f"{limits.min_side} pixels a side and {limits.min_pixels} pixels in all; "
            "enlarge it or take a larger part.",
        )


def _encode(image: Image.Image, found: str, limits: ImageLimits) -> tuple[str, bytes]:
    """Return format and bytes: PNG for what was lossless, JPEG for photographs and large ones."""
    if found not in _LOSSY and "PNG" in limits.formats:
        png = _saved(image, "PNG")
        if len(png) <= limits.max_bytes:
            return "PNG", png
    smallest = b""
    for quality in _QUALITIES:
        smallest = _saved(image, "JPEG", quality=quality, subsampling="4:4:4")
        if len(smallest) <= limits.max_bytes:
            return "JPEG", smallest
    raise SourceError(
        "too_large",
        f"even as a JPEG of quality {_QUALITIES[-1]} it has {len(smallest):,} bytes, over the "
        f"provider's limit of {limits.max_bytes:,}; scale it down.",
    )


def _saved(image: Image.Image, wire_format: str, **options: object) -> bytes:
    # A fresh picture of the same pixels carries none of the file's metadata into the encoder.
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    buffer = BytesIO()
    bare.save(buffer, wire_format, **options)
    return buffer.getvalue()


def _changes(picture: Picture, upright: Size, target: Size, wire_format: str) -> list[Change]:
    happened: dict[Change, bool] = {
        "rotated": picture.orientation != 1,
        "flattened": has_transparency(picture.image),
        "resized": upright != target,
        "converted": picture.format != wire_format,
        "metadata_removed": picture.has_metadata,
    }
    return [change for change, true in happened.items() if true]


def _warnings(picture: Picture) -> tuple[str, ...]:
    if picture.frames <= 1:
        return ()
    return (f"{picture.format} holds {picture.frames} frames; only the first was sent.",)
