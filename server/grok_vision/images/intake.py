"""The way of several sources through the room: every problem is told, and all at once."""

from collections.abc import Sequence
from dataclasses import replace

import anyio

from grok_vision.errors import SeveralProblemsError, VisionError
from grok_vision.images.hosts import HostRule
from grok_vision.images.labels import label_of
from grok_vision.images.loading import Loaded, Loader
from grok_vision.images.policy import Policy
from grok_vision.images.prepared import PreparedImage
from grok_vision.images.source import Source, UrlSource
from grok_vision.images.wanted import Wanted
from grok_vision.images.workshop import Workshop
from grok_vision.providers import Detail, ImageLimits

# Pictures on their way at once: each may hold the bytes of its file before a decoder is free. Those
# from the network have as many places of their own: a host that does not answer holds up no file.
_MOST_ON_THE_WAY = 16

Outcome = PreparedImage | VisionError


class Intake:
    """Turns sources into prepared pictures under one policy; `rules` are its open hosts."""

    def __init__(self, policy: Policy, rules: Sequence[HostRule]) -> None:
        self._policy = policy
        self._loader = Loader(policy, rules)
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
        if not sources:
            return []
        outcomes: dict[int, Outcome] = {}
        wanted = Wanted(
            limits=limits,
            detail=detail,
            most_parts=_share(limits.max_images, len(sources)),
            most_bytes=_share(limits.max_total_bytes, len(sources)),
            max_pixels=self._policy.max_pixels,
        )

        async def work(number: int, written: str) -> None:
            outcomes[number] = await self._outcome(number, written, wanted, provider_fetches)

        async with anyio.create_task_group() as group:
            for number, written in enumerate(sources, 1):
                group.start_soon(work, number, written)
        return _all_prepared([outcomes[number] for number in sorted(outcomes)])

    async def aclose(self) -> None:
        """Close what is open."""
        await self._loader.aclose()

    async def _outcome(
        self, number: int, written: str, wanted: Wanted, provider_fetches: bool
    ) -> Outcome:
        source: Source | None = None
        loaded: Loaded | None = None
        try:
            source = await self._loader.parse(written)
            is_remote = isinstance(source, UrlSource)
            async with self._from_network if is_remote else self._from_here:
                if provider_fetches and (passed := await self._loader.handed_on(source)):
                    return passed
                loaded = await self._loader.load(source)
                prepared = await self._workshop.prepare(
                    loaded.data, replace(wanted, selection=loaded.selection)
                )
                return prepared.named(loaded.written)
        except VisionError as error:
            named = loaded or source
            return error.about(f"image {number} ({named.label if named else label_of(written)})")


def _share(most: int | None, sources: int) -> int | None:
    """Return how much of what the provider takes in all each source may have, where it is told."""
    return None if most is None else max(1, most // sources)


def _all_prepared(outcomes: Sequence[Outcome]) -> list[PreparedImage]:
    problems = [outcome for outcome in outcomes if isinstance(outcome, VisionError)]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise SeveralProblemsError(problems, len(outcomes))
    return [outcome for outcome in outcomes if isinstance(outcome, PreparedImage)]
