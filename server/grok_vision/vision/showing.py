"""What a model is shown of a comparison: the pictures, and closer looks at what changed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from grok_vision.chat import ImagePart, Part, TextPart, sheet_label
from grok_vision.errors import SourceError
from grok_vision.images import Images, OpenedImage, PreparedImage, SentPart
from grok_vision.providers import Choice
from grok_vision.results import SentImage, SentRegion
from grok_vision.vision.closeups import Chosen, closeup_label, pair_rows, rows_label
from grok_vision.vision.measuring import Seen
from grok_vision.vision.parts import parts_of
from grok_vision.vision.places import Place
from grok_vision.vocabulary import Detail


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
    part = await images.side_by_side(wholes, limits=choice.images, detail=detail)
    sent = {
        "sent_format": "PNG" if part.media_type == "image/png" else "JPEG",
        "sent_width": part.size[0],
        "sent_height": part.size[1],
        "sent_bytes": len(part.data),
    }
    return Shown(
        prepared=[_alone(part)],
        parts=[TextPart(sheet_label(len(seen))), _image(part, detail)],
        images=[one.report.model_copy(update={**sent, "changes": ["joined"]}) for one in seen],
    )


async def with_closeups(
    images: Images,
    opened: Sequence[OpenedImage],
    seen: Sequence[Seen],
    chosen: Chosen,
    choice: Choice,
    detail: Detail,
) -> Shown:
    """Return all pictures, and behind them what is chosen to be seen enlarged.

    Raises:
        VisionError: where a picture cannot be sent.
    """
    limits, beside = choice.images, chosen.pictures
    prepared = await images.prepare_opened(opened, limits=limits, detail=detail, cuts=beside)
    parts = parts_of(list(map(_relative, prepared, seen)), detail)
    shown = _Beside(parts, [[] for _ in opened], detail)
    pictures = len(opened) + beside
    for number, closeup in chosen.apart:
        try:
            sent = [
                await images.encode(cut, limits=limits, detail=detail, pictures=pictures)
                for cut in closeup.cuts
            ]
        except SourceError:
            # It is in the whole picture as well.
            continue
        shown.add(number, closeup.place, closeup_label(number, closeup, sent[0]), sent)
        for owner, part in zip(closeup.owners(number), sent, strict=True):
            shown.of_pictures[owner - 1].append(part)
    complete = list(map(_with_parts, prepared, shown.of_pictures, seen))
    extra = []
    if chosen.in_one:
        with suppress(SourceError):
            part = await images.enlarged_sheet(
                pair_rows(chosen.in_one), limits=limits, detail=detail, pictures=pictures
            )
            extra = [_alone(part)]
            shown.parts += [TextPart(rows_label(chosen.in_one)), _image(part, detail)]
            shown.closeups += [(number, closeup.place) for number, closeup in chosen.in_one]
    return Shown([*complete, *extra], shown.parts, [one.report for one in complete], shown.closeups)


class _Beside:
    """What stands behind the pictures of a message."""

    def __init__(
        self, parts: list[Part], of_pictures: list[list[SentPart]], detail: Detail
    ) -> None:
        self.parts = parts
        self.of_pictures = of_pictures
        self.closeups: list[tuple[int, Place]] = []
        self._detail = detail

    def add(self, number: int, place: Place, label: str, sent: Sequence[SentPart]) -> None:
        self.parts.append(TextPart(label))
        self.parts += [_image(part, self._detail) for part in sent]
        self.closeups.append((number, place))


def _image(part: SentPart, detail: Detail) -> ImagePart:
    return ImagePart(part.media_type, part.data, detail)


def _alone(part: SentPart) -> PreparedImage:
    """Return a picture that is no source's."""
    return PreparedImage((part,), SentImage(source=""))


def _relative(prepared: PreparedImage, seen: Seen) -> PreparedImage:
    """Return the picture with the places of its parts told as regions are: of what is compared."""
    regions = [
        region.model_copy(
            update={
                "x": round((region.x - seen.origin[0]) * seen.scale),
                "y": round((region.y - seen.origin[1]) * seen.scale),
                "width": round(region.width * seen.scale),
                "height": round(region.height * seen.scale),
            }
        )
        for region in prepared.report.regions or ()
    ]
    report = prepared.report.model_copy(update={"regions": regions or None})
    return replace(prepared, report=report)


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
