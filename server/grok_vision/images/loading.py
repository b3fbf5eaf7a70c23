"""From a source to its bytes, under the policy: the one loader of all tools."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import anyio

from grok_vision.errors import SourceError
from grok_vision.images.clipboard import read_clipboard
from grok_vision.images.headers import header
from grok_vision.images.hosts import HostRule
from grok_vision.images.local import LocalFiles
from grok_vision.images.policy import Policy
from grok_vision.images.prepared import PreparedImage, handed_on
from grok_vision.images.remote import Fetcher
from grok_vision.images.selection import WHOLE, Selection
from grok_vision.images.source import (
    ClipboardSource,
    DataSource,
    FileSource,
    LatestSource,
    Source,
    UploadSource,
    UrlSource,
    parse,
)
from grok_vision.texts import sendable, shortened
from grok_vision.threads import in_thread
from grok_vision.uploads import Uploads

_LONG_TEXT = 64 * 1024
_ELSEWHERE = (
    "If it is on another machine, upload it (POST the file to /images of this server) and pass the "
    "image://… that this answers with."
)
# Twice as many as there are pictures on their way: a file on a network that hangs keeps its thread
# when its call has ended, and is not to take the place of those that can be read.
_MOST_READERS = 32


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bytes of a source, what is wanted of their picture, and how it is named.

    `data` is all of them or the beginning that was asked for, and `file_bytes` how many there are
    in all; None where the host does not tell.

    `written` is for results, `label` for messages; both tell which file `latest` or `clipboard` is.
    """

    data: bytes = field(repr=False)
    selection: Selection
    written: str
    label: str
    file_bytes: int | None


class Loader:
    """Reads files, fetches URLs, unpacks data URIs and finds uploads, where there are any."""

    def __init__(
        self, policy: Policy, rules: Sequence[HostRule], uploads: Uploads | None = None
    ) -> None:
        self._policy = policy
        self._uploads = uploads
        files = partial(
            LocalFiles, policy.roots, max_bytes=policy.max_bytes, searched=policy.searched
        )
        self._files = files()
        self._headers = files(needed=header)
        self._fetcher = Fetcher(
            rules=rules,
            max_bytes=policy.max_bytes,
            deadline=policy.fetch_deadline,
        )
        # Threads of their own: a file on a network that hangs must not hold up the protocol.
        self._readers = anyio.CapacityLimiter(_MOST_READERS)

    async def parse(self, written: str) -> Source:
        """Return what the caller named.

        Raises:
            SourceError: `bad_source`, `too_large`; ImageError: `bad_region`.
        """
        work = partial(parse, written, max_bytes=self._policy.max_bytes)
        if len(written) < _LONG_TEXT:
            return work()
        # A data URI of 20 MiB takes longer than the event loop can spare.
        return await in_thread(work, limiter=self._readers)

    async def load(self, source: Source, *, header_only: bool = False) -> Loaded:
        """Return the bytes; with `header_only`, no more than the header of a picture takes.

        Raises:
            SourceError: what hinders it.
        """
        if isinstance(source, DataSource):
            return _loaded(source, source.data, source.selection, len(source.data))
        if isinstance(source, UrlSource):
            return await self._fetched(source, header_only)
        if isinstance(source, UploadSource):
            return await self._uploaded(source)
        files = self._headers if header_only else self._files
        try:
            return await in_thread(self._read, source, files, limiter=self._readers)
        except SourceError as error:
            if self._uploads is not None and error.code in {"not_found", "not_allowed"}:
                raise error.add(_ELSEWHERE) from None
            raise

    async def handed_on(self, source: Source) -> PreparedImage | None:
        """Return what is sent of a URL that the provider may fetch; None: load it here.

        Raises:
            SourceError: where the URL may not be fetched by anybody.
        """
        if not isinstance(source, UrlSource) or source.selection != WHOLE:
            return None
        if self._policy.url_mode != "pass":
            return None
        url = await self._fetcher.check(source.url)
        return handed_on(url, source=source.written, label=source.label) if url else None

    async def aclose(self) -> None:
        """Close what is open."""
        await self._fetcher.aclose()

    async def _fetched(self, source: UrlSource, header_only: bool) -> Loaded:
        if self._policy.url_mode == "off":
            raise SourceError(
                "not_allowed", "URLs are switched off (GROK_VISION_URL_MODE=off); pass a path."
            )
        if header_only:
            begun = await self._fetcher.begin(source.url, header)
            return _loaded(source, begun.data, source.selection, begun.file_bytes)
        data = (await self._fetcher.fetch(source.url)).data
        return _loaded(source, data, source.selection, len(data))

    async def _uploaded(self, source: UploadSource) -> Loaded:
        if self._uploads is None:
            raise SourceError(
                "not_allowed",
                "this server takes no uploads, as only those over HTTP do; pass a path, a URL or a "
                "data URI.",
            )
        data = await self._uploads.find(source.digest)
        if data is None:
            raise SourceError(
                "not_found",
                "no such upload of yours is kept: after "
                f"{self._uploads.hours:g} h, or when newer ones need the room, it is gone; upload "
                "it again.",
            )
        return _loaded(source, data, source.selection, len(data))

    def _read(
        self, source: FileSource | LatestSource | ClipboardSource, files: LocalFiles
    ) -> Loaded:
        if isinstance(source, FileSource):
            found = files.read(source)
            return _loaded(source, found.data, found.selection, found.file_bytes)
        if not self._policy.desktop:
            if named := files.named(source.readings):
                return _loaded(source, named.data, named.selection, named.file_bytes)
            raise SourceError(
                "not_allowed",
                f"{source.written} is read for the user of this machine only; pass a URL or path.",
            )
        if isinstance(source, LatestSource):
            newest = files.latest(source)
            return _loaded(source, newest.data, newest.selection, newest.file_bytes, newest.path)
        copied = read_clipboard(files, source)
        return _loaded(source, copied.data, copied.selection, copied.file_bytes, copied.path)


def _loaded(
    source: Source,
    data: bytes,
    selection: Selection,
    file_bytes: int | None,
    path: Path | None = None,
) -> Loaded:
    if path is None:
        return Loaded(data, selection, source.written, source.label, file_bytes)
    written = sendable(f"{source.written} ({path})")
    label = f"{source.label} ({shortened(str(path))})"
    return Loaded(data, selection, written, label, file_bytes)
