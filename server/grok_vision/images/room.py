"""The door of the room: sources in, prepared pictures or their sizes out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import anyio.to_thread

from grok_vision.errors import ConfigurationError
from grok_vision.images.hosts import HostRule
from grok_vision.images.measured import MeasuredImage
from grok_vision.images.policy import Policy
from grok_vision.images.prepared import PreparedImage, SentPart
from grok_vision.uploads import Uploads
from grok_vision.vocabulary import Detail

if TYPE_CHECKING:
    from grok_vision.images.checking import CheckedImage
    from grok_vision.images.decoded import Cut, DecodedImage
    from grok_vision.images.intake import Intake
    from grok_vision.images.opened import OpenedImage
    from grok_vision.providers import ImageLimits


class Images:
    """Turns sources into prepared pictures, or their sizes, under one policy.

    `uploads` are where `image://` leads to; None: nowhere.

    Raises:
        ConfigurationError: `bad_setting`, where a host rule cannot be read.
    """

    def __init__(self, policy: Policy, uploads: Uploads | None = None) -> None:
        self._policy = policy
        self._uploads = uploads
        self._rules = _rules(policy.allow_hosts)
        self._intake: Intake | None = None

    async def prepare(
        self,
        sources: Sequence[str],
        *,
        limits: "ImageLimits",
        detail: Detail,
        provider_fetches: bool = False,
    ) -> list[PreparedImage]:
        """Return the pictures in the form to send, in the order of their sources.

        `provider_fetches` tells that the provider can download public URLs itself.

        Raises:
            SourceError, ImageError: the one problem, naming its image by number and source.
            SeveralProblemsError: where several images have one.
        """
        intake = await self._ready()
        return await intake.prepare(
            sources, limits=limits, detail=detail, provider_fetches=provider_fetches
        )

    async def open(self, sources: Sequence[str]) -> "list[OpenedImage]":
        """Return the sources with their bytes, to be decoded and prepared without a second look.

        Raises:
            SourceError, ImageError: the one problem, naming its image by number and source.
            SeveralProblemsError: where several images have one.
        """
        return await (await self._ready()).open(sources)

    async def check(self, data: bytes) -> "CheckedImage":
        """Return what these bytes are, once they are decoded as those of any picture.

        Raises:
            SourceError: `bad_source` where they are the letters of one.
            ImageError, ConfigurationError: what hinders calls from using it.
        """
        return await (await self._ready()).check(data)

    async def decode(self, opened: "OpenedImage") -> "DecodedImage":
        """Return the pixels of a picture, in its own size.

        Raises:
            ImageError, ConfigurationError: what hinders it, naming the image.
        """
        return await (await self._ready()).decode(opened)

    async def prepare_opened(
        self,
        opened: "Sequence[OpenedImage]",
        *,
        limits: "ImageLimits",
        detail: Detail,
        cuts: int = 0,
    ) -> list[PreparedImage]:
        """Return the pictures in the form to send; `cuts` is how many are sent beside them.

        Raises:
            SourceError, ImageError, ConfigurationError, SeveralProblemsError: as `prepare`.
        """
        intake = await self._ready()
        return await intake.prepare_opened(opened, limits=limits, detail=detail, cuts=cuts)

    async def encode(
        self, cut: "Cut", *, limits: "ImageLimits", detail: Detail, pictures: int
    ) -> SentPart:
        """Return a part of a decoded picture enlarged, as one of so many pictures of a request.

        Raises:
            SourceError: `too_large` where no encoding of it fits the provider's limit.
        """
        intake = await self._ready()
        return await intake.encode(cut, limits=limits, detail=detail, pictures=pictures)

    async def side_by_side(
        self, cuts: "Sequence[Cut]", *, limits: "ImageLimits", detail: Detail
    ) -> SentPart:
        """Return whole pictures in one, each under its number from 1.

        Raises:
            SourceError: `too_large` where no encoding of it fits the provider's limit.
        """
        return await (await self._ready()).side_by_side(cuts, limits=limits, detail=detail)

    async def enlarged_sheet(
        self,
        rows: "Sequence[Sequence[tuple[str, Cut]]]",
        *,
        limits: "ImageLimits",
        detail: Detail,
        pictures: int,
    ) -> SentPart:
        """Return parts of pictures in one, row by row under their captions, enlarged.

        It is one of so many pictures of a request.

        Raises:
            SourceError: `too_large` where no encoding of it fits the provider's limit.
        """
        intake = await self._ready()
        return await intake.enlarged_sheet(rows, limits=limits, detail=detail, pictures=pictures)

    async def measure(
        self,
        sources: Sequence[str],
        *,
        limits: "ImageLimits",
        detail: Detail,
        provider_fetches: bool = False,
    ) -> list[MeasuredImage]:
        """Return the sizes in which `prepare` would send the pictures, in the order of sources.

        Only their headers are read, under the same policy, and no pixel is decoded. One that has
        too many pixels to be decoded is measured all the same, with a warning.

        Raises:
            SourceError, ImageError, ConfigurationError: as `prepare`, as far as a header tells.
            SeveralProblemsError: where several images have one.
        """
        intake = await self._ready()
        return await intake.measure(
            sources, limits=limits, detail=detail, provider_fetches=provider_fetches
        )

    async def aclose(self) -> None:
        """Close what is open."""
        if self._intake is not None:
            await self._intake.aclose()

    async def _ready(self) -> "Intake":
        intake = self._intake
        if intake is None:
            # What the room needs is loaded with the first picture, and not on the event loop: a
            # server that starts must not wait for it.
            make = await anyio.to_thread.run_sync(_load_intake)
            intake = self._intake = self._intake or make(self._policy, self._rules, self._uploads)
        return intake


def _load_intake() -> "type[Intake]":
    from grok_vision.images.intake import Intake

    return Intake


def _rules(words: Sequence[str]) -> tuple[HostRule, ...]:
    try:
        return tuple(map(HostRule.parse, words))
    except ValueError as error:
        raise ConfigurationError("bad_setting", f"GROK_VISION_ALLOW_HOSTS: {error}.") from None
