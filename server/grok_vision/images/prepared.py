"""The value that leaves the room: a picture that passed every check, in the form to send."""

from dataclasses import dataclass, field, replace
from typing import Literal, Self

from pydantic import InstanceOf

from grok_vision.results import SentImage, SentRegion

MediaType = Literal["image/jpeg", "image/png"]


@dataclass(frozen=True, slots=True)
class SentPart:
    """Encoded bytes to send, and the size of their picture in pixels.

    `region` is what of the source they show, None for all of it.
    """

    data: bytes = field(repr=False)
    media_type: MediaType
    size: tuple[int, int]
    region: SentRegion | None = None


@dataclass(frozen=True, slots=True)
class RemotePart:
    """A checked URL that the provider fetches itself; its query may be a secret."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """What is sent of one source, in reading order, and the account of how it came about."""

    # Checked where it comes from a worker process: that must not have the provider fetch anything,
    # and cannot hand over an instance.
    parts: tuple[SentPart | InstanceOf[RemotePart], ...]
    report: SentImage
    warnings: tuple[str, ...] = ()

    def named(self, source: str) -> Self:
        """Return the same, with the account naming the source as it was written."""
        return replace(self, report=self.report.model_copy(update={"source": source}))


def handed_on(url: str, *, source: str, label: str) -> PreparedImage:
    """Return the account of a picture that is not fetched here; `label` is how warnings name it."""
    return PreparedImage(
        parts=(RemotePart(url),),
        report=SentImage(source=source),
        warnings=(
            f"{label} was fetched by the provider (GROK_VISION_URL_MODE=pass): it was not looked "
            "at here, and its size and format are not known.",
        ),
    )
