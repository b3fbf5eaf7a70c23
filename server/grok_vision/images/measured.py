"""The value that leaves the room where only a picture's size is asked for."""

from dataclasses import dataclass

from grok_vision.images.geometry import Size
from grok_vision.results import SentRegion


@dataclass(frozen=True, slots=True)
class MeasuredImage:
    """What a picture's header says it is, and the sizes in which it would be sent.

    `source` names it as the report of a prepared image does; `width` and `height` are as stored.
    `file_bytes` is None where the host does not tell. `sent` and `sent_low` hold width and height
    of each part, with the detail that was asked for and with `low`; the latter is empty where the
    provider would take none so small. `regions` are the parts' places where it is cropped or split.

    Where a long page is split, the parts that are sent may be smaller by up to half of what
    neighbours share, as the cuts are moved to calm rows. A picture is also sent smaller where its
    bytes would otherwise be more than the provider takes.
    """

    source: str
    format: str
    width: int
    height: int
    file_bytes: int | None
    sent: tuple[Size, ...]
    sent_low: tuple[Size, ...]
    regions: tuple[SentRegion, ...] = ()
    warnings: tuple[str, ...] = ()
