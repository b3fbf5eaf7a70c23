"""The value that leaves the room: a picture that passed every check, in the form to send."""

from dataclasses import dataclass
from typing import Literal

from grok_vision.results import SentImage


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """Encoded bytes to send, their media type, and the account of how they came about."""

    data: bytes
    media_type: Literal["image/jpeg", "image/png"]
    report: SentImage
    warnings: tuple[str, ...] = ()
