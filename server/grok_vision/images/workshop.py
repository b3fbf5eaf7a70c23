"""Off the event loop: harmless pictures are prepared in threads, others in a process apart."""

import hashlib
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import anyio
from cachetools import LRUCache

from grok_vision.images.checking import CheckedImage, check, check_opened
from grok_vision.images.cuts import MOST_ENLARGED, enlarged
from grok_vision.images.decoded import Cut, DecodedImage
from grok_vision.images.decoding import Flat, decode, decode_opened
from grok_vision.images.formats import sniff
from grok_vision.images.measure import Header, header_apart, header_here
from grok_vision.images.picture import Picture
from grok_vision.images.prepare import open_wanted, prepare, prepare_opened
from grok_vision.images.prepared import PreparedImage, SentPart
from grok_vision.images.sheets import Tile, sheet, side_by_side
from grok_vision.images.traced import tell
from grok_vision.images.wanted import Wanted
from grok_vision.images.worker import run_apart
from grok_vision.providers import ImageLimits
from grok_vision.spans import span
from grok_vision.threads import in_thread
from grok_vision.vocabulary import Detail

# More decoders at once would not be faster on most machines. Small pictures need not wait for large
# ones, of which each may hold 256 MB.
_MOST_DECODERS = 4
# A screen of 4K, of which two are compared, is not large.
_LARGE_PIXELS = 9_000_000
# What agents look at again: the pictures of a few turns.
_KEPT_BYTES = 64 * 1024 * 1024
_HARMLESS = {"PNG", "JPEG"}

Key = tuple[bytes, Wanted]
T = TypeVar("T")


class Workshop:
    """Prepares and measures pictures; keeps the last prepared, by content and what was wanted."""

    def __init__(self) -> None:
        decoders = max(2, min(os.cpu_count() or 1, _MOST_DECODERS))
        self._readers = anyio.CapacityLimiter(decoders)
        self._small = anyio.CapacityLimiter(decoders)
        self._large = anyio.CapacityLimiter(decoders // 2)
        self._apart = anyio.CapacityLimiter(decoders)
        self._kept: LRUCache[Key, PreparedImage] = LRUCache(_KEPT_BYTES, _held_bytes)

    async def prepare(self, data: bytes, wanted: Wanted) -> PreparedImage:
        """Return the picture in the form to send.

        Raises:
            VisionError: as `grok_vision.images.prepare.prepare` does.
        """
        with span("prepare", bytes=len(data)) as told:
            digest = await in_thread(_digest, data, limiter=self._readers)
            key = digest, wanted
            kept = self._kept.get(key)
            prepared = kept or await self._made(data, wanted)
            tell(told, prepared, cached=kept is not None)
        if _held_bytes(prepared) <= _KEPT_BYTES:
            self._kept[key] = prepared
        return prepared

    async def header(self, data: bytes, wanted: Wanted) -> Header:
        """Return what the header of a picture says; `data` is as much of it as that takes.

        Raises:
            VisionError: as the functions of `grok_vision.images.measure` do.
        """
        told = await in_thread(header_here, data, wanted, limiter=self._readers)
        if told is not None:
            return told
        return await run_apart(header_apart, data, wanted, returns=Header, limiter=self._apart)

    async def decode(self, data: bytes, wanted: Wanted) -> DecodedImage:
        """Return the pixels of the picture.

        Raises:
            VisionError: as `grok_vision.images.decoding.decode` does.
        """
        if picture := await self._harmless(data, wanted):
            return await self._here(decode_opened, picture, wanted)
        flat = await self._elsewhere(decode, data, wanted, returns=Flat)
        return await in_thread(flat.decoded, limiter=self._large)

    async def check(self, data: bytes, wanted: Wanted) -> CheckedImage:
        """Return what the picture is, once it is decoded.

        Raises:
            VisionError: as `grok_vision.images.checking.check` does.
        """
        if picture := await self._harmless(data, wanted):
            return await self._here(check_opened, picture, wanted)
        return await self._elsewhere(check, data, wanted, returns=CheckedImage)

    async def encode(self, cut: Cut, limits: ImageLimits, detail: Detail) -> SentPart:
        """Return what was cut out in the form to send, enlarged.

        Raises:
            SourceError: `too_large`, as `grok_vision.images.encode.encoded` does.
        """
        return await in_thread(enlarged, cut, limits, detail, limiter=self._small)

    async def side_by_side(
        self, cuts: Sequence[Cut], limits: ImageLimits, detail: Detail
    ) -> SentPart:
        """Return several pictures in one.

        Raises:
            SourceError: `too_large`, as `grok_vision.images.sheets.sheet` does.
        """
        return await in_thread(side_by_side, cuts, limits, detail, limiter=self._large)

    async def enlarged_sheet(
        self, rows: Sequence[Sequence[Tile]], limits: ImageLimits, detail: Detail
    ) -> SentPart:
        """Return small pictures in one, enlarged.

        Raises:
            SourceError: `too_large`, as `grok_vision.images.sheets.sheet` does.
        """
        work = partial(sheet, rows, limits, detail, most=MOST_ENLARGED)
        return await in_thread(work, limiter=self._small)

    async def _made(self, data: bytes, wanted: Wanted) -> PreparedImage:
        if picture := await self._harmless(data, wanted):
            return await self._here(prepare_opened, picture, wanted)
        return await self._elsewhere(prepare, data, wanted, returns=PreparedImage)

    async def _harmless(self, data: bytes, wanted: Wanted) -> Picture | None:
        """Return the picture, opened, where it may be decoded in this process."""
        if sniff(data) not in _HARMLESS:
            return None
        picture = await in_thread(open_wanted, data, wanted, limiter=self._readers)
        return picture if picture.harmless else None

    async def _here(
        self, work: Callable[[Picture, Wanted], T], picture: Picture, wanted: Wanted
    ) -> T:
        large = picture.width * picture.height > _LARGE_PIXELS
        return await in_thread(work, picture, wanted, limiter=self._large if large else self._small)

    async def _elsewhere(
        self, work: Callable[[bytes, Wanted], T], data: bytes, wanted: Wanted, *, returns: type[T]
    ) -> T:
        return await run_apart(
            work,
            data,
            wanted,
            returns=returns,
            limiter=self._apart,
            # Drawings need the fonts of the system.
            may_open_files=sniff(data) == "SVG",
        )


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _held_bytes(prepared: PreparedImage) -> int:
    return sum(len(part.data) for part in prepared.parts if isinstance(part, SentPart))
