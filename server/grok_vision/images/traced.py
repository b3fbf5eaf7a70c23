"""What spans tell of a picture on its way: kinds and sizes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from grok_vision.images.loading import Loaded
from grok_vision.images.prepared import PreparedImage
from grok_vision.images.source import (
    ClipboardSource,
    DataSource,
    FileSource,
    LatestSource,
    Source,
    UploadSource,
    UrlSource,
)
from grok_vision.spans import SourceKind, Told, span

_KINDS: dict[type[Source], SourceKind] = {
    ClipboardSource: "clipboard",
    DataSource: "data",
    FileSource: "file",
    LatestSource: "latest",
    UploadSource: "upload",
    UrlSource: "url",
}

T = TypeVar("T")


async def loaded(load: Callable[[Source], Awaitable[Loaded | T]], source: Source) -> Loaded | T:
    """Return what `load` makes of the source, in a span that tells of it."""
    with span("load", source=_KINDS[type(source)]) as told:
        found = await load(source)
        if isinstance(found, Loaded):
            told.add(bytes=len(found.data))
        return found


def tell(told: Told, prepared: PreparedImage, *, cached: bool) -> None:
    """Tell what a picture was found to be, and what is sent of it."""
    report = prepared.report
    told.add(
        cached=cached,
        format=report.format,
        width=report.width,
        height=report.height,
        parts=len(prepared.parts),
        sent_bytes=report.sent_bytes,
        sent_width=report.sent_width,
        sent_height=report.sent_height,
    )
