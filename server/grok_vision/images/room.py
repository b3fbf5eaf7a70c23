"""The door of the room: sources in, prepared pictures out, every problem told at once."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from grok_vision.errors import ConfigurationError, SeveralProblemsError, SourceError, VisionError
from grok_vision.images.hosts import HostRule
from grok_vision.images.local import LocalFiles
from grok_vision.images.prepared import PreparedImage
from grok_vision.images.remote import Fetcher
from grok_vision.images.source import DataSource, FileSource, Source, label_of, parse
from grok_vision.providers import Detail, ImageLimits

_LONG_TEXT = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What may be read: folders (None: all), hosts that are open though private, sizes.

    `fetch_deadline` is in seconds, for one URL with all its redirects.
    """

    roots: tuple[Path, ...] | None
    allow_hosts: tuple[str, ...] = ()
    fetch_urls: bool = True
    max_bytes: int
    max_pixels: int
    fetch_deadline: float


class Images:
    """Turns sources into prepared pictures under one policy.

    Raises:
        ConfigurationError: `bad_setting`, where a host rule cannot be read.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._files = LocalFiles(policy.roots, max_bytes=policy.max_bytes)
        self._fetcher = Fetcher(
            rules=_rules(policy.allow_hosts),
            max_bytes=policy.max_bytes,
            deadline=policy.fetch_deadline,
        )
        # Decoding takes a core; more at once would only hold more memory.
        self._decoders = anyio.CapacityLimiter(os.cpu_count() or 1)
        # Threads of their own: a file on a network that hangs must not hold up the protocol.
        self._readers = anyio.CapacityLimiter(8)

    async def prepare(
        self, sources: Sequence[str], *, limits: ImageLimits, detail: Detail
    ) -> list[PreparedImage]:
        """Return the pictures in the form to send, in the order of their sources.

        Raises:
            SourceError, ImageError: the one problem, naming its image by number and source.
            SeveralProblemsError: where several images have one.
        """
        prepared: list[PreparedImage | VisionError] = []
        for number, written in enumerate(sources, 1):
            source: Source | None = None
            try:
                source = await self._parse(written)
                prepared.append(await self._prepare_one(source, limits, detail))
            except VisionError as error:
                label = source.label if source else label_of(written)
                prepared.append(error.about(f"image {number} ({label})"))
        problems = [entry for entry in prepared if isinstance(entry, VisionError)]
        if len(problems) == 1:
            raise problems[0]
        if problems:
            raise SeveralProblemsError(problems, len(sources))
        return [entry for entry in prepared if isinstance(entry, PreparedImage)]

    async def aclose(self) -> None:
        """Close what is open."""
        await self._fetcher.aclose()

    async def _parse(self, written: str) -> Source:
        work = partial(parse, written, max_bytes=self._policy.max_bytes)
        if len(written) < _LONG_TEXT:
            return work()
        # A data URI of 20 MiB takes longer than the event loop can spare.
        return await anyio.to_thread.run_sync(work, limiter=self._readers)

    async def _prepare_one(
        self, source: Source, limits: ImageLimits, detail: Detail
    ) -> PreparedImage:
        work = partial(
            _prepare,
            await self._load(source),
            source=source.written,
            limits=limits,
            detail=detail,
            max_pixels=self._policy.max_pixels,
        )
        # Not abandoned when the call is cancelled: the decoders at work would no longer be
        # counted, and each holds a picture.
        return await anyio.to_thread.run_sync(work, limiter=self._decoders)

    async def _load(self, source: Source) -> bytes:
        if isinstance(source, DataSource):
            return source.data
        if isinstance(source, FileSource):
            return await anyio.to_thread.run_sync(
                self._files.read, source.path, limiter=self._readers, abandon_on_cancel=True
            )
        if not self._policy.fetch_urls:
            raise SourceError(
                "not_allowed", "URLs are switched off (GROK_VISION_URL_MODE=off); pass a path."
            )
        return (await self._fetcher.fetch(source.written)).data


def _prepare(data: bytes, **how: Any) -> PreparedImage:
    # Pillow is loaded with the first picture: a server that starts must not wait for it.
    from grok_vision.images.prepare import prepare

    return prepare(data, **how)


def _rules(words: Sequence[str]) -> tuple[HostRule, ...]:
    try:
        return tuple(map(HostRule.parse, words))
    except ValueError as error:
        raise ConfigurationError("bad_setting", f"GROK_VISION_ALLOW_HOSTS: {error}.") from None
