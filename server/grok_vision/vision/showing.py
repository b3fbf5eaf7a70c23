"""What a model is shown of a comparison: the pictures, and closer looks at what changed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from grok_vision.chat import ImagePart, Part, TextPart, region_label, sheet_label
from grok_vision.images import Images, OpenedImage, PreparedImage, SentPart
from grok_vision.providers import Choice
from grok_vision.results import SentImage, SentRegion
from grok_vision.vision.measuring import Closeup, Measured, Seen
from grok_vision.vision.parts import parts_of
from grok_vision.vision.places import Place
from grok_vision.vocabulary import Detail

MOST_CLOSEUPS: dict[Detail, int] = {"low": 2, "auto": 6, "high": 12}
"""How many changed regions a call shows enlarged, of all pictures together."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What is sent, and what of it is told.

    Attributes:
        prepared: What the request holds, by which it is priced.
        parts: The same as parts of a message.
        images: The account for each source.
        closeups: The regions that are shown enlarged, by the number of their picture.
    """

    prepared: Sequence[PreparedImage]
    parts: Sequence[Part]
    images: Sequence[SentImage]
    closeups: Sequence[tuple[int, Place]] = ()


def needs_sheet(choice: Choice, pictures: int) -> bool:
    """Tell whether the model takes fewer pictures, so that it is shown one of all."""
    most = choice.images.max_images
    return most is not None and pictures > most


async def as_sheet(images: Images, seen: Sequence[Seen], choice: Choice, detail: Detail) -> Shown:
    """Return one picture that shows all, side by side.

    Raises:
        VisionError: where it cannot be made.
    """
    wholes = [one.whole for one in seen if one.whole is not None]
    part = await images.sheet(wholes, limits=choice.images, detail=detail)
    sent = {
        "sent_format": "PNG" if part.media_type == "image/png" else "JPEG",
        "sent_width": part.size[0],
        "sent_height": part.size[1],
        "sent_bytes": len(part.data),
    }
    report = SentImage(source="").model_copy(update=sent)
    return Shown(
        prepared=[PreparedImage((part,), report)],
        parts=[TextPart(sheet_label(len(seen))), ImagePart(part.media_type, part.data, detail)],
        images=[one.report.model_copy(update={**sent, "changes": ["joined"]}) for one in seen],
    )


async def with_closeups(
    images: Images,
    opened: Sequence[OpenedImage],
    reference: Seen,
    measured: Sequence[Measured],
    choice: Choice,
    detail: Detail,
) -> Shown:
    """Return all pictures, and behind them each region twice: of the reference, and of the other.

    Raises:
        VisionError: where a picture cannot be sent.
    """
    chosen = _chosen(measured, _most_closeups(choice, detail, len(opened)))
    pictures = len(opened) + 2 * len(chosen)
    prepared = await images.prepare_opened(
        opened, limits=choice.images, detail=detail, cuts=2 * len(chosen)
    )
    parts = parts_of(prepared, detail)
    beside: list[list[SentPart]] = [[] for _ in opened]
    for number, closeup in chosen:
        pair = [
            await images.encode(cut, limits=choice.images, detail=detail, pictures=pictures)
            for cut in (closeup.reference, closeup.candidate)
        ]
        parts.append(TextPart(_label(number, closeup, pair[0])))
        parts += [ImagePart(part.media_type, part.data, detail) for part in pair]
        beside[0].append(pair[0])
        beside[number - 1].append(pair[1])
    seen = [reference, *(one.seen for one in measured)]
    complete = [
        _with_parts(one, more, whole)
        for one, more, whole in zip(prepared, beside, seen, strict=True)
    ]
    return Shown(
        prepared=complete,
        parts=parts,
        images=[one.report for one in complete],
        closeups=[(number, closeup.place) for number, closeup in chosen],
    )


def _most_closeups(choice: Choice, detail: Detail, pictures: int) -> int:
    most = choice.images.max_images
    room = MOST_CLOSEUPS[detail]
    return room if most is None else min(room, (most - pictures) // 2)


def _chosen(measured: Sequence[Measured], most: int) -> list[tuple[int, Closeup]]:
    """Return the most important regions of each picture, as many of one as of another."""
    ranked = [
        (rank, one.difference.image, closeup)
        for one in measured
        for rank, closeup in enumerate(one.closeups)
    ]
    ranked.sort(key=lambda entry: entry[:2])
    chosen = [(number, closeup) for _, number, closeup in ranked[:most]]
    return sorted(chosen, key=lambda entry: (entry[0], entry[1].place.number))


def _label(number: int, closeup: Closeup, shown: SentPart) -> str:
    left, top, right, bottom = closeup.reference.box
    scale = shown.size[0] / (right - left)
    place = f"x {left} to {right}, y {top} to {bottom}"
    return region_label(closeup.place.number, number, place, round(scale, 2))


def _with_parts(prepared: PreparedImage, more: Sequence[SentPart], seen: Seen) -> PreparedImage:
    """Return what is sent of a picture with the parts that are sent of it beside."""
    if not more:
        return prepared
    report = prepared.report
    regions = report.regions or [_whole(report, seen)]
    cuts = [part.region for part in more if part.region]
    return replace(
        prepared,
        parts=(*prepared.parts, *more),
        report=report.model_copy(
            update={
                "regions": [*regions, *cuts],
                "sent_bytes": (report.sent_bytes or 0) + sum(len(part.data) for part in more),
            }
        ),
    )


def _whole(report: SentImage, seen: Seen) -> SentRegion:
    width, height = (round(side / seen.scale) for side in seen.size)
    scale = (report.sent_width or width) / width
    return SentRegion(
        x=seen.origin[0],
        y=seen.origin[1],
        width=width,
        height=height,
        scale=float(f"{scale:.6g}"),
    )
