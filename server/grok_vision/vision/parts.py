"""From prepared pictures to the parts of a message, and the sizes that a model sees."""

from collections.abc import Iterator, Sequence

from grok_vision.chat import ImagePart, Part, RemoteImagePart, TextPart, part_label, picture_label
from grok_vision.images import PreparedImage, RemotePart, SentPart
from grok_vision.results import SentRegion
from grok_vision.vocabulary import Detail

Sizes = tuple[tuple[int, int], ...]
"""Width and height, in pixels, of each part of one picture."""


def parts_of(prepared: Sequence[PreparedImage], detail: Detail) -> list[Part]:
    """Return the pictures as parts of a message: several with numbers, split ones with places.

    The words before each part are those of `labels_of`.
    """
    labels = labels_of([picture.report.regions or [] for picture in prepared])
    return [
        part
        for picture, words in zip(prepared, labels, strict=True)
        for part in _parts(picture, words, detail)
    ]


def labels_of(pictures: Sequence[Sequence[SentRegion]]) -> list[list[str]]:
    """Return for each picture, told by its regions, the words that stand before its parts.

    They are none for a picture that is whole and alone.
    """
    return [
        _labels(number, len(pictures), list(regions)) for number, regions in enumerate(pictures, 1)
    ]


def sent_sizes(prepared: Sequence[PreparedImage]) -> list[Sizes | None]:
    """Return the sizes of each picture; None for one that the provider fetches itself."""
    return [_sizes(picture) for picture in prepared]


def _labels(number: int, pictures: int, regions: list[SentRegion]) -> list[str]:
    parts = max(1, len(regions))
    labels = [part_label(part, regions) for part in range(1, parts + 1)] if parts > 1 else [""]
    if pictures > 1:
        labels[0] = f"{picture_label(number, pictures)} {labels[0]}".rstrip()
    return labels if labels[0] else []


def _parts(picture: PreparedImage, labels: Sequence[str], detail: Detail) -> Iterator[Part]:
    for number, part in enumerate(picture.parts):
        if labels:
            yield TextPart(labels[number])
        if isinstance(part, RemotePart):
            yield RemoteImagePart(part.url, detail)
        else:
            yield ImagePart(part.media_type, part.data, detail)


def _sizes(picture: PreparedImage) -> Sizes | None:
    sizes = tuple(part.size for part in picture.parts if isinstance(part, SentPart))
    return sizes if len(sizes) == len(picture.parts) else None
