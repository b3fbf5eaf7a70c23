"""Pixels first: every picture of a comparison is decoded and held against the first."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import anyio
from anyio.lowlevel import RunVar

from grok_vision.errors import ImageError, VisionError, all_told
from grok_vision.images import Crop, Cut, DecodedImage, Images, OpenedImage, check_comparable
from grok_vision.pixels import Box, compare, drawn
from grok_vision.results import PixelDifference, SentImage
from grok_vision.threads import in_thread
from grok_vision.vision.places import Place, around, places_of

# Each holds a picture while it is worked on.
_MOST_AT_ONCE = 2
# Of all comparisons together, and also those that nobody waits for any more.
_MOST_THREADS = 4
_THREADS: RunVar[anyio.CapacityLimiter] = RunVar("grok_vision.vision.measuring")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """By what pictures are measured, and what of them is kept.

    Attributes:
        threshold: That of pixelmatch, 0 to 1.
        ignore: What is left out, in pixels of the reference.
        most_cuts: How many changed regions of each picture are cut out, to be looked at closely.
        keep_whole: Whether the whole pictures are kept, too.
    """

    threshold: float
    ignore: Sequence[Crop]
    most_cuts: int
    keep_whole: bool


@dataclass(frozen=True, slots=True)
class Closeup:
    """A changed region, cut out of the reference and of the other picture, where they reach."""

    place: Place
    reference: Cut | None
    candidate: Cut | None

    def owners(self, number: int) -> list[int]:
        """The numbers of the pictures that reach there; `number` is that of the candidate."""
        pairs = ((1, self.reference), (number, self.candidate))
        return [owner for owner, cut in pairs if cut is not None]

    @property
    def longest_side(self) -> int:
        """The longest side of what is cut out, in pixels."""
        return max(max(cut.pixels.size) for cut in self.cuts)

    @property
    def cuts(self) -> list[Cut]:
        """One of each picture that reaches there, the reference first."""
        return [cut for cut in (self.reference, self.candidate) if cut is not None]


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
                    work = partial(self._compared, self._reference, candidate, opened)
                    self._measured[opened.number] = await _stoppable(work)
        except VisionError as error:
            self._problems[opened.number] = error

    def _compared(
        self,
        reference: DecodedImage,
        candidate: DecodedImage,
        opened: OpenedImage,
        stop: threading.Event,
    ) -> Measured:
        measures = self._measures
        try:
            check_comparable(_union(reference, candidate))
        except ImageError as error:
            raise error.about(opened.label) from None
        compared = compare(
            reference.pixels,
            candidate.pixels,
            number=opened.number,
            threshold=measures.threshold,
            ignore=list(self._boxes(reference, candidate)),
            stop=stop,
        )
        difference = compared.result
        places = places_of(difference, reference.size)[: measures.most_cuts]
        # A twin has no pixel in the place where the reference has it.
        is_drawn = difference.verdict == "different" and difference.scale is None
        return Measured(
            self._seen(candidate),
            difference,
            tuple(_closeup(place, reference, candidate, difference.scale) for place in places),
            drawn(reference.pixels, candidate.pixels, compared) if is_drawn else None,
        )

    def _boxes(self, reference: DecodedImage, candidate: DecodedImage) -> Iterator[Box]:
        """Yield what is left out; in a longer picture it may lie beyond the reference."""
        union = _union(reference, candidate)
        for crop in self._measures.ignore:
            with suppress(ImageError):
                yield crop.box(reference.size if crop.percent else union)
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
        whole = decoded.whole if self._measures.keep_whole else None
        return Seen(
            decoded.size,
            decoded.origin,
            decoded.scale,
            decoded.transparent,
            decoded.report,
            decoded.warnings,
            whole,
        )


async def _stoppable(work: Callable[[threading.Event], Measured]) -> Measured:
    """Return what a thread measures, which ends soon after nobody waits for it any more."""
    stop = threading.Event()
    try:
        return await in_thread(work, stop, limiter=_threads())
    finally:
        stop.set()


def _threads() -> anyio.CapacityLimiter:
    limiter = _THREADS.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(_MOST_THREADS)
        _THREADS.set(limiter)
    return limiter


def _union(reference: DecodedImage, candidate: DecodedImage) -> tuple[int, int]:
    """Return the size that holds both, from the upper left."""
    width, height = map(max, zip(reference.size, candidate.size, strict=True))
    return width, height


def _closeup(
    place: Place, reference: DecodedImage, candidate: DecodedImage, scale: float | None
) -> Closeup:
    before = _cut(reference, place.reference)
    if scale is None or before is None:
        return Closeup(place, before, _cut(candidate, place.candidate))
    # A twin is brought to the same size, so that both can be held against each other.
    left, top, right, bottom = (round(edge * scale) for edge in before.box)
    after = candidate.cut((left, top, right, bottom))
    return Closeup(place, before, after and after.fitted(before.pixels.size))


def _cut(decoded: DecodedImage, region: Box) -> Cut | None:
    """Return a region with what is around it; None where the picture has none of it."""
    return decoded.cut(around(region)) if decoded.inside(region) else None
