"""From prepared pictures to the parts of a message, and the sizes that a model sees."""

from collections.abc import Iterator, Sequence

from grok_vision.chat import ImagePart, Part, RemoteImagePart, TextPart, part_label
from grok_vision.images import PreparedImage, RemotePart
from grok_vision.results import SentRegion
from grok_vision.vocabulary import Detail

Size = tuple[int, int]


def parts_of(prepared: Sequence[PreparedImage], detail: Detail) -> list[Part]:
    """Return the pictures as parts of a message, those of a split one with their places."""
    return [part for picture in prepared for part in _parts(picture, detail)]


def labels_of(regions: Sequence[SentRegion]) -> list[str]:
    """Return the words that stand before the parts of one picture; none where it is whole."""
    if len(regions) < 2:
        return []
    return [part_label(number, list(regions)) for number in range(1, len(regions) + 1)]


def sent_sizes(prepared: Sequence[PreparedImage]) -> list[Size] | None:
    """Return width and height of every part; None where the provider fetches one itself."""
    sizes = [size for picture in prepared for size in _sizes(picture)]
    return None if None in sizes else [size for size in sizes if size]


def _parts(picture: PreparedImage, detail: Detail) -> Iterator[Part]:
    labels = labels_of(picture.report.regions or [])
    for number, part in enumerate(picture.parts):
        if isinstance(part, RemotePart):
            yield RemoteImagePart(part.url, detail)
            continue
        if labels:
            yield TextPart(labels[number])
        yield ImagePart(part.media_type, part.data, detail)


def _sizes(picture: PreparedImage) -> Iterator[Size | None]:
    report = picture.report
    regions = report.regions or []
    if len(regions) > 1:
        for region in regions:
            yield round(region.width * region.scale), round(region.height * region.scale)
    elif report.sent_width is None or report.sent_height is None:
        yield None
    else:
        yield report.sent_width, report.sent_height
