"""Pixels first: every picture of a comparison is decoded and held against the first."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import anyio
import anyio.to_thread

from grok_vision.errors import ImageError, VisionError, all_told
from grok_vision.images import Crop, Cut, DecodedImage, Images, OpenedImage
from grok_vision.pixels import Box, compare, drawn
from grok_vision.results import PixelDifference, SentImage
from grok_vision.vision.places import Place, places_of

# Each holds a picture while it is worked on.
_MOST_AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """By what pictures are measured, and what of them is kept.

    Attributes:
        threshold: That of pixelmatch, 0 to 1.
        ignore: What is left out, in pixels of the reference.
        most_cuts: How many changed regions of each picture are cut out, to be looked at closely.
        keep_whole: Whether the whole pictures are kept, too.
        draw: Whether a picture of what changed is drawn.
    """

    threshold: float
    ignore: Sequence[Crop]
    most_cuts: int
    keep_whole: bool
    draw: bool


@dataclass(frozen=True, slots=True)
class Closeup:
    """A changed region, cut out of the reference and of the other picture."""

    place: Place
    reference: Cut
    candidate: Cut


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture of a comparison: what it was found to be, and its size as it is compared."""

    size: tuple[int, int]
    origin: tuple[int, int]
    scale: float
    transparent: bool
    report: SentImage
    warnings: tuple[str, ...]
    whole: Cut | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured of one picture, against the reference.

    Attributes:
        seen: The picture.
        difference: The figures.
        closeups: The regions that are worth a closer look, the most important first.
        drawing: A PNG of what changed, where something did.
    """

    seen: Seen
    difference: PixelDifference
    closeups: tuple[Closeup, ...]
    drawing: bytes | None


class Measuring:
    """The measuring of one comparison; the first of the pictures is the reference."""

    def __init__(self, images: Images, measures: Measures) -> None:
        self._images = images
        self._measures = measures
        self._reference: DecodedImage | None = None
        self._ready = anyio.Event()
        self._turns = anyio.CapacityLimiter(_MOST_AT_ONCE)
        self._problems: dict[int, VisionError] = {}
        self._measured: dict[int, Measured] = {}
        self._ignored: set[Crop] = set()

    async def measure(self, opened: Sequence[OpenedImage]) -> tuple[Seen, list[Measured]]:
        """Return what the reference is, and what was measured of the others, in their order.

        Raises:
            VisionError: all problems, each naming its image.
        """
        reference, *candidates = opened
        async with anyio.create_task_group() as group:
            group.start_soon(self._decode_reference, reference)
            for candidate in candidates:
                group.start_soon(self._measure_one, candidate)
        if self._reference is None or self._problems:
            problems = [self._problems[number] for number in sorted(self._problems)]
            raise all_told(problems, len(opened))
        self._check_ignored()
        return self._seen(self._reference), [self._measured[one.number] for one in candidates]

    async def _decode_reference(self, opened: OpenedImage) -> None:
        try:
            self._reference = await self._images.decode(opened)
        except VisionError as error:
            self._problems[opened.number] = error
        finally:
            self._ready.set()

    async def _measure_one(self, opened: OpenedImage) -> None:
        try:
            async with self._turns:
                candidate = await self._images.decode(opened)
                await self._ready.wait()
                if self._reference is not None:
                    self._measured[opened.number] = await anyio.to_thread.run_sync(
                        self._compared, self._reference, candidate, opened.number
                    )
        except VisionError as error:
            self._problems[opened.number] = error

    def _compared(self, reference: DecodedImage, candidate: DecodedImage, number: int) -> Measured:
        measures = self._measures
        compared = compare(
            reference.pixels,
            candidate.pixels,
            number=number,
            threshold=measures.threshold,
            ignore=list(self._boxes(reference, candidate)),
        )
        difference = compared.result
        places = places_of(difference, reference.size)[: measures.most_cuts]
        is_drawn = measures.draw and difference.verdict == "different"
        return Measured(
            self._seen(candidate),
            difference,
            tuple(
                Closeup(place, reference.cut(place.reference), candidate.cut(place.candidate))
                for place in places
            ),
            drawn(reference.pixels, candidate.pixels, compared) if is_drawn else None,
        )

    def _boxes(self, reference: DecodedImage, candidate: DecodedImage) -> Iterator[Box]:
        """Yield what is left out; in a longer picture it may lie beyond the reference."""
        width, height = (max(sides) for sides in zip(reference.size, candidate.size, strict=True))
        for crop in self._measures.ignore:
            with suppress(ImageError):
                yield crop.box(reference.size if crop.percent else (width, height))
                self._ignored.add(crop)

    def _check_ignored(self) -> None:
        """Make sure that what is left out lies in one of the pictures at least.

        Raises:
            ImageError: `bad_region`.
        """
        for number, crop in enumerate(self._measures.ignore, 1):
            if crop not in self._ignored:
                raise ImageError(
                    "bad_region",
                    f"ignore {number} ({crop.text}): it lies outside of every picture; its "
                    "figures are x,y,width,height in pixels of the reference.",
                )

    def _seen(self, decoded: DecodedImage) -> Seen:
        whole = decoded.cut((0, 0, *decoded.size)) if self._measures.keep_whole else None
        return Seen(
            decoded.size,
            decoded.origin,
            decoded.scale,
            decoded.transparent,
            decoded.report,
            decoded.warnings,
            whole,
        )
