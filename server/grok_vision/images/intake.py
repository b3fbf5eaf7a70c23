"""The way of several sources through the room: every problem is told, and all at once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

import anyio

from grok_vision.errors import VisionError, all_told
from grok_vision.images import traced
from grok_vision.images.checking import CheckedImage
from grok_vision.images.decoded import Cut, DecodedImage
from grok_vision.images.decoding import IN_FULL
from grok_vision.images.hosts import HostRule
from grok_vision.images.labels import label_of
from grok_vision.images.letters import refuse_letters
from grok_vision.images.loading import Loaded, Loader
from grok_vision.images.measure import measured
from grok_vision.images.measured import MeasuredImage
from grok_vision.images.opened import OpenedImage
from grok_vision.images.policy import Policy
from grok_vision.images.prepared import PreparedImage, SentPart
from grok_vision.images.selection import WHOLE, Selection
from grok_vision.images.source import Source, UrlSource
from grok_vision.images.wanted import Wanted
from grok_vision.images.workshop import Workshop
from grok_vision.providers import ImageLimits
from grok_vision.uploads import Uploads
from grok_vision.vocabulary import Detail

# Pictures on their way at once: each may hold the bytes of its file before a decoder is free. Those
# from the network have as many places of their own: a host that does not answer holds up no file.
_MOST_ON_THE_WAY = 16

T = TypeVar("T")
# The first step of a source: to its bytes, or already to what was asked for; and the second.
Load = Callable[[Source], Awaitable[Loaded | T]]
Finish = Callable[[Source, Loaded, Wanted], Awaitable[T]]


class Intake:
    """Turns sources into pictures, or their sizes, under one policy; `rules` are its open hosts."""

    def __init__(
        self, policy: Policy, rules: Sequence[HostRule], uploads: Uploads | None = None
    ) -> None:
        self._policy = policy
        self._loader = Loader(policy, rules, uploads)
        self._workshop = Workshop()
        self._from_here = anyio.CapacityLimiter(_MOST_ON_THE_WAY)
        self._from_network = anyio.CapacityLimiter(_MOST_ON_THE_WAY)

    async def prepare(
        self,
        sources: Sequence[str],
        *,
        limits: ImageLimits,
        detail: Detail,
        provider_fetches: bool,
    ) -> list[PreparedImage]:
        """Return the pictures in the form to send, as `Images.prepare` does."""

        async def load(source: Source) -> Loaded | PreparedImage:
            passed = await self._loader.handed_on(source) if provider_fetches else None
            return passed or await self._loader.load(source)

        async def finish(_: Source, loaded: Loaded, wanted: Wanted) -> PreparedImage:
            prepared = await self._workshop.prepare(loaded.data, wanted)
            return prepared.named(loaded.written)

        return await self._all(sources, self._wanted(len(sources), limits, detail), load, finish)

    async def open(self, sources: Sequence[str]) -> list[OpenedImage]:
        """Return the sources with their bytes, as `Images.open` does."""

        async def finish(_: Source, loaded: Loaded, __: Wanted) -> Loaded:
            return loaded

        wanted = self._wanted(len(sources), IN_FULL, "low")
        loaded = await self._all(sources, wanted, self._loader.load, finish)
        return [OpenedImage(number, one) for number, one in enumerate(loaded, 1)]

    async def check(self, data: bytes) -> CheckedImage:
        """Return what the picture is, as `Images.check` does."""
        refuse_letters(data)
        async with self._from_here:
            return await self._workshop.check(data, self._wanted(1, IN_FULL, "low"))

    async def decode(self, opened: OpenedImage) -> DecodedImage:
        """Return the pixels of the picture, as `Images.decode` does."""
        loaded = opened.loaded
        wanted = self._wanted(1, IN_FULL, "low", loaded.selection)
        try:
            decoded = await self._workshop.decode(loaded.data, wanted)
        except VisionError as error:
            raise error.about(opened.label) from None
        return decoded.named(loaded.written)

    async def prepare_opened(
        self, opened: Sequence[OpenedImage], *, limits: ImageLimits, detail: Detail, cuts: int
    ) -> list[PreparedImage]:
        """Return the pictures in the form to send, as `Images.prepare_opened` does."""
        wanted = self._wanted(len(opened) + cuts, limits, detail)
        if cuts and detail != "high":
            # What matters in them is sent enlarged.
            wanted = replace(wanted, most_parts=1)
        return await _at_once([partial(self._prepared, one, wanted) for one in opened])

    async def encode(
        self, cut: Cut, *, limits: ImageLimits, detail: Detail, pictures: int
    ) -> SentPart:
        """Return what was cut out in the form to send, as `Images.encode` does."""
        return await self._workshop.encode(cut, self._shared(limits, detail, pictures), detail)

    async def side_by_side(
        self, cuts: Sequence[Cut], *, limits: ImageLimits, detail: Detail
    ) -> SentPart:
        """Return several pictures in one, as `Images.side_by_side` does."""
        return await self._workshop.side_by_side(cuts, limits, detail)

    async def enlarged_sheet(
        self,
        rows: Sequence[Sequence[tuple[str, Cut]]],
        *,
        limits: ImageLimits,
        detail: Detail,
        pictures: int,
    ) -> SentPart:
        """Return small pictures in one, as `Images.enlarged_sheet` does."""
        limits = self._shared(limits, detail, pictures)
        return await self._workshop.enlarged_sheet(rows, limits, detail)

    async def measure(
        self,
        sources: Sequence[str],
        *,
        limits: ImageLimits,
        detail: Detail,
        provider_fetches: bool,
    ) -> list[MeasuredImage]:
        """Return the sizes of the pictures, as `Images.measure` does."""
        load = partial(self._loader.load, header_only=True)

        async def finish(source: Source, loaded: Loaded, wanted: Wanted) -> MeasuredImage:
            told = await self._workshop.header(loaded.data, wanted)
            passed = await self._loader.handed_on(source) if provider_fetches else None
            return measured(
                told,
                wanted,
                source=loaded.written,
                label=loaded.label,
                file_bytes=loaded.file_bytes,
                as_it_is=passed is not None,
            )

        return await self._all(sources, self._wanted(len(sources), limits, detail), load, finish)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._loader.aclose()

    def _wanted(
        self, sources: int, limits: ImageLimits, detail: Detail, selection: Selection = WHOLE
    ) -> Wanted:
        return Wanted(
            selection=selection,
            limits=limits,
            detail=detail,
            most_parts=_share(limits.max_images, sources),
            most_bytes=_share(limits.max_total_bytes, sources),
            max_pixels=self._policy.max_pixels,
        )

    def _shared(self, limits: ImageLimits, detail: Detail, pictures: int) -> ImageLimits:
        """Return the limits for one of so many pictures of a request."""
        most = self._wanted(pictures, limits, detail).most_bytes
        return limits if most is None else replace(limits, max_bytes=min(limits.max_bytes, most))

    async def _all(
        self, sources: Sequence[str], wanted: Wanted, load: Load[T], finish: Finish[T]
    ) -> list[T]:
        """Do the same with every source, at once; every problem is told."""
        return await _at_once(
            [
                partial(self._outcome, number, written, wanted, load, finish)
                for number, written in enumerate(sources, 1)
            ]
        )

    async def _prepared(self, opened: OpenedImage, wanted: Wanted) -> PreparedImage | VisionError:
        loaded = opened.loaded
        selected = replace(wanted, selection=loaded.selection)
        try:
            return (await self._workshop.prepare(loaded.data, selected)).named(loaded.written)
        except VisionError as error:
            return error.about(opened.label)

    async def _outcome(
        self, number: int, written: str, wanted: Wanted, load: Load[T], finish: Finish[T]
    ) -> T | VisionError:
        source: Source | None = None
        loaded: Loaded | None = None
        try:
            source = await self._loader.parse(written)
            is_remote = isinstance(source, UrlSource)
            async with self._from_network if is_remote else self._from_here:
                found = await traced.loaded(load, source)
                if not isinstance(found, Loaded):
                    return found
                loaded = found
                return await finish(source, loaded, replace(wanted, selection=loaded.selection))
        except VisionError as error:
            named = loaded or source
            return error.about(f"image {number} ({named.label if named else label_of(written)})")


def _share(most: int | None, sources: int) -> int | None:
    """Return how much of what the provider takes in all each source may have, where it is told."""
    return None if most is None else max(1, most // max(1, sources))


async def _at_once(works: Sequence[Callable[[], Awaitable[T | VisionError]]]) -> list[T]:
    """Do all of it at once, and return what came of each; every problem is told."""
    outcomes: dict[int, T | VisionError] = {}

    async def keep(number: int, work: Callable[[], Awaitable[T | VisionError]]) -> None:
        outcomes[number] = await work()

    async with anyio.create_task_group() as group:
        for number, work in enumerate(works):
            group.start_soon(keep, number, work)
    return _all_done([outcomes[number] for number in range(len(works))])


def _all_done(outcomes: Sequence[T | VisionError]) -> list[T]:
    problems = [outcome for outcome in outcomes if isinstance(outcome, VisionError)]
    if problems:
        raise all_told(problems, len(outcomes))
    return [outcome for outcome in outcomes if not isinstance(outcome, VisionError)]
