"""From the bytes of a picture to what is sent: as it is where it fits, else sized and encoded anew.

The way of a picture is: open (header and structure) → plan (which parts, in what size) → pixels
(upright, eight bits, sRGB, on paper) → encode. Whatever is to be painted over before it leaves
belongs between pixels and encode, and keeps a picture from being passed as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image

from grok_vision.images.decode import (
    open_picture,
    part_pixels,
    pixels,
    upright,
    verify,
)
from grok_vision.images.encode import Encoded, encoded
from grok_vision.images.frames import frame_warning
from grok_vision.images.geometry import Box, size_of
from grok_vision.images.layout import Layout, laid_out, region_of, scale_of
from grok_vision.images.picture import Picture
from grok_vision.images.plan import Part, is_readable
from grok_vision.images.prepared import PreparedImage, SentPart
from grok_vision.images.seams import decoded_box, settled
from grok_vision.images.wanted import Wanted
from grok_vision.providers import ImageLimits
from grok_vision.results import Change, SentImage


def prepare(data: bytes, wanted: Wanted) -> PreparedImage:
    """Return the picture in the form to send; blocks while it decodes.

    Nothing of the file but its picture is left: metadata and trailing bytes are gone. A picture
    that fits as it is keeps its very pixels; it is decoded all the same, to see that it can be.

    Raises:
        ImageError: for bytes that are not a picture, or not one that the provider takes.
        SourceError: `too_large` where no encoding fits the provider's limit.
        ConfigurationError: `missing_extra` where the format needs one.
    """
    return prepare_opened(open_wanted(data, wanted), wanted)


def open_wanted(data: bytes, wanted: Wanted) -> Picture:
    """Read the header of the picture that is wanted; no pixel is decoded.

    Raises:
        ImageError, ConfigurationError: as `open_picture` does.
    """
    selection = wanted.selection
    return open_picture(
        data, max_pixels=wanted.max_pixels, page=selection.page, seconds=selection.seconds
    )


def prepare_opened(picture: Picture, wanted: Wanted) -> PreparedImage:
    """Return the picture in the form to send; blocks while it decodes.

    Raises:
        ImageError, SourceError: as `prepare` does.
    """
    size = picture.upright_size
    layout = laid_out(size, wanted, vector=picture.vector)
    ready = _ready(picture, layout.parts, wanted)
    parts = [one.encoded.part(region_of(one.box, one.encoded.size, size)) for one in ready]
    scale = min(scale_of(one.box, one.encoded.size) for one in ready)
    return PreparedImage(
        parts=tuple(parts),
        report=_report(picture, ready, parts),
        warnings=tuple(_warnings(picture, layout, scale)),
    )


@dataclass(frozen=True, slots=True)
class _Ready:
    """A part as it is sent: perhaps smaller than planned, so that its bytes fit."""

    box: Box
    encoded: Encoded


def _ready(picture: Picture, planned: Sequence[Part], wanted: Wanted) -> list[_Ready]:
    most_bytes = wanted.limits.max_bytes
    if wanted.most_bytes is not None:
        most_bytes = min(most_bytes, wanted.most_bytes // len(planned))
    if as_it_is := _passable(picture, planned, wanted.limits, most_bytes):
        verify(picture)
        return [_Ready(planned[0].box, as_it_is)]
    encode = partial(
        encoded,
        found=picture.format,
        formats=wanted.limits.formats,
        most_bytes=most_bytes,
        taken_by=wanted.limits.taken_by,
    )
    if planned[0].box == (0, 0, *picture.upright_size):
        return [_Ready(planned[0].box, encode(pixels(picture, planned[0].size)))]
    ready = [_Ready(part.box, encode(image)) for part, image in _cut(picture, planned)]
    if len({one.encoded.wire_format for one in ready}) == 1:
        return ready
    # Parts of one picture that differ in format would be reported as what they are not.
    encode = partial(encode, formats=("JPEG",))
    return [_Ready(part.box, encode(image)) for part, image in _cut(picture, planned)]


def _passable(
    picture: Picture, planned: Sequence[Part], limits: ImageLimits, most_bytes: int
) -> Encoded | None:
    """Return the file without its metadata where that may be sent, else None."""
    stripped = picture.stripped
    wire_format = next((name for name in limits.formats if name == picture.format), None)
    if stripped is None or wire_format is None or not picture.is_plain:
        return None
    if len(planned) > 1 or planned[0].size != picture.upright_size:
        return None
    if stripped.size > most_bytes:
        return None
    return Encoded(wire_format, stripped.data, picture.upright_size)


def _cut(picture: Picture, planned: Sequence[Part]) -> Iterator[tuple[Part, Image.Image]]:
    """Yield the parts, cut where nothing is cut through, with their pixels."""
    width, height = picture.upright_size
    scale = max(part.scale for part in planned)
    whole = upright(picture, (max(1, round(width * scale)), max(1, round(height * scale))))
    if len(planned) > 1:
        planned = settled(whole, picture.upright_size, planned)
    for part in planned:
        box = decoded_box(part.box, picture.upright_size, whole.size)
        yield part, part_pixels(whole, picture, box, part.size)


def _report(picture: Picture, ready: Sequence[_Ready], parts: Sequence[SentPart]) -> SentImage:
    first, last = ready[0], ready[-1]
    outer = (*first.box[:2], *last.box[2:])
    happened: dict[Change, bool] = {
        "rotated": picture.rotated,
        "flattened": picture.transparent,
        "resized": any(one.encoded.size != size_of(one.box) for one in ready),
        "converted": first.encoded.wire_format != picture.format,
        "cropped": outer != (0, 0, *picture.upright_size),
        "split": len(parts) > 1,
        "metadata_removed": picture.has_metadata,
    }
    regions = [part.region for part in parts if part.region]
    return SentImage(
        source="",
        format=picture.format,
        width=picture.width,
        height=picture.height,
        bytes=picture.file_bytes,
        sent_format=first.encoded.wire_format,
        sent_width=max(one.encoded.size[0] for one in ready),
        sent_height=max(one.encoded.size[1] for one in ready),
        sent_bytes=sum(len(one.encoded.data) for one in ready),
        changes=[change for change, true in happened.items() if true],
        regions=regions or None,
    )


def _warnings(picture: Picture, layout: Layout, scale: float) -> Iterator[str]:
    budget = layout.budget
    if frames := frame_warning(picture):
        yield frames
    yield from picture.losses
    if budget.detail != "low" and not is_readable(layout.area, scale, budget):
        # With high detail there is no more to be had.
        more = ', or pass detail="high"' if budget.may_split_further else ""
        sent = "drawn small" if picture.vector else f"sent at {scale:.0%} of its size"
        yield (
            f"the page is so long that it was {sent}, and small text may be lost; send a part of "
            f"it with #xywh=x,y,width,height{more}."
        )
