"""From the bytes of a picture to what is sent: as it is where it fits, else sized and encoded anew.

The way of a picture is: open (header and structure) → plan (which parts, in what size) → pixels
(upright, eight bits, sRGB, on paper) → encode. Whatever is to be painted over before it leaves
belongs between pixels and encode, and keeps a picture from being passed as it is.
"""

from collections.abc import Sequence

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
from grok_vision.images.picture import Picture
from grok_vision.images.plan import Part, is_readable, largest_scale, plan
from grok_vision.images.prepared import MediaType, PreparedImage, SentPart
from grok_vision.images.seams import decoded_box, settled
from grok_vision.images.wanted import Wanted
from grok_vision.providers import Detail, ImageLimits, WireFormat
from grok_vision.results import Change, SentImage, SentRegion

_MEDIA_TYPES: dict[WireFormat, MediaType] = {"JPEG": "image/jpeg", "PNG": "image/png"}


def prepare(data: bytes, wanted: Wanted) -> PreparedImage:
    """Return the picture in the form to send; blocks while it decodes.

    Nothing of the file but its picture is left: metadata and trailing bytes are gone. A picture
    that fits as it is keeps its very pixels; it is decoded all the same, to see that it can be.

    Raises:
        ImageError: for bytes that are not a picture, or not one that the provider takes.
        SourceError: `too_large` where no encoding fits the provider's limit.
        ConfigurationError: `missing_extra` where the format needs one.
    """
    return _prepared(_open(data, wanted), wanted)


def prepare_harmless(data: bytes, wanted: Wanted) -> PreparedImage | None:
    """Do the same where the picture is plainly harmless, else return None without decoding it.

    Raises:
        ImageError, SourceError: as `prepare` does.
    """
    picture = _open(data, wanted)
    return _prepared(picture, wanted) if picture.harmless else None


def _open(data: bytes, wanted: Wanted) -> Picture:
    selection = wanted.selection
    return open_picture(
        data, max_pixels=wanted.max_pixels, page=selection.page, seconds=selection.seconds
    )


def _prepared(picture: Picture, wanted: Wanted) -> PreparedImage:
    whole: Box = (0, 0, *picture.upright_size)
    crop = wanted.selection.crop
    area = crop.box(picture.upright_size) if crop else whole
    planned = plan(
        area,
        wanted.limits,
        wanted.detail,
        largest=largest_scale(picture.upright_size, size_of(area), vector=picture.vector),
        most_parts=1 if picture.vector else wanted.most_parts,
    )
    as_it_is = _passable(picture, planned, wanted.limits)
    if as_it_is:
        verify(picture)
        ready = [as_it_is]
    elif planned[0].box == whole:
        ready = [encoded(pixels(picture, planned[0].size), picture.format, wanted.limits)]
    else:
        planned, ready = _parts(picture, planned, wanted.limits)
    parts = [
        SentPart(one.data, _MEDIA_TYPES[one.wire_format], _region(part, whole))
        for part, one in zip(planned, ready, strict=True)
    ]
    return PreparedImage(
        parts=tuple(parts),
        report=_report(picture, planned, ready, parts),
        warnings=tuple(_warnings(picture, area, planned, wanted.detail)),
    )


def _passable(picture: Picture, planned: Sequence[Part], limits: ImageLimits) -> Encoded | None:
    """Return the file without its metadata where that may be sent, else None."""
    stripped = picture.stripped
    wire_format = next((name for name in limits.formats if name == picture.format), None)
    if stripped is None or wire_format is None or not picture.is_plain:
        return None
    if len(planned) > 1 or planned[0].size != picture.upright_size:
        return None
    return Encoded(wire_format, stripped.data) if len(stripped.data) <= limits.max_bytes else None


def _parts(
    picture: Picture, planned: tuple[Part, ...], limits: ImageLimits
) -> tuple[tuple[Part, ...], list[Encoded]]:
    """Return the parts, cut where nothing is cut through, and each of them encoded."""
    width, height = picture.upright_size
    scale = planned[0].scale
    image = upright(picture, (max(1, round(width * scale)), max(1, round(height * scale))))
    if len(planned) > 1:
        planned = settled(image, picture.upright_size, planned)
    boxes = [decoded_box(part.box, picture.upright_size, image.size) for part in planned]
    cut = (
        part_pixels(image, picture, box, part.size)
        for box, part in zip(boxes, planned, strict=True)
    )
    return planned, [encoded(part, picture.format, limits) for part in cut]


def _region(part: Part, whole: Box) -> SentRegion | None:
    if part.box == whole:
        return None
    left, top, _, _ = part.box
    width, height = size_of(part.box)
    return SentRegion(x=left, y=top, width=width, height=height, scale=round(part.scale, 4))


def _report(
    picture: Picture, planned: Sequence[Part], ready: Sequence[Encoded], parts: Sequence[SentPart]
) -> SentImage:
    first, wire_format = planned[0], ready[0].wire_format
    happened: dict[Change, bool] = {
        "rotated": picture.rotated,
        "flattened": picture.transparent,
        "resized": first.size != size_of(first.box),
        "converted": any(one.wire_format != picture.format for one in ready),
        "cropped": _outer(planned) != (0, 0, *picture.upright_size),
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
        sent_format=wire_format,
        sent_width=max(part.size[0] for part in planned),
        sent_height=max(part.size[1] for part in planned),
        sent_bytes=sum(len(one.data) for one in ready),
        changes=[change for change, true in happened.items() if true],
        regions=regions or None,
    )


def _outer(planned: Sequence[Part]) -> Box:
    return (*planned[0].box[:2], *planned[-1].box[2:])


def _warnings(picture: Picture, area: Box, planned: Sequence[Part], detail: Detail) -> list[str]:
    warnings = [*filter(None, [frame_warning(picture)]), *picture.losses]
    if detail != "low" and not is_readable(area, planned[0]):
        warnings.append(
            f"the page is so long that it was scaled to {planned[0].scale:.0%} of its size, and "
            "small text may be lost; send a part of it with #xywh=x,y,width,height, "
            'or pass detail="high".'
        )
    return warnings
