"""The value that leaves the room: a picture that passed every check, in the form to send."""

from dataclasses import dataclass, field
from typing import Literal

from grok_vision.results import SentImage, SentRegion

MediaType = Literal["image/jpeg", "image/png"]


@dataclass(frozen=True, slots=True)
class SentPart:
    """Encoded bytes to send; `region` is what of the source they show, None for all of it."""

    data: bytes = field(repr=False)
    media_type: MediaType
    region: SentRegion | None = None


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """What is sent of one source, in reading order, and the account of how it came about."""

    parts: tuple[SentPart, ...]
    report: SentImage
    warnings: tuple[str, ...] = ()
