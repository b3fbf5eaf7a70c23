"""What may be read and sent."""

from typing import Annotated, Literal

from pydantic import Field

from grok_vision.results.base import Result
from grok_vision.results.models import Grade

SourceKind = Literal["path", "url", "upload", "data", "latest", "clipboard"]


class ReadingLimits(Result):
    """What may be read: checked for each source, before anything is sent."""

    sources: Annotated[list[SourceKind], Field(description="How a picture may be named in a call.")]
    roots: Annotated[
        list[str],
        Field(description="Folders of which files may be read; what is hidden in them may not."),
    ]
    formats: Annotated[
        list[str], Field(description="What is read here, with the extras that are installed.")
    ]
    url_mode: Annotated[
        Literal["inline", "pass", "off"],
        Field(
            description="inline: URLs are fetched, checked and sent as data. pass: checked, then "
            "fetched by the provider where it can. off: refused."
        ),
    ]
    allow_hosts: Annotated[
        list[str], Field(description="May be fetched though their addresses are not public.")
    ]
    max_image_bytes: Annotated[int, Field(description="Of one source.")]
    max_pixels: Annotated[int, Field(description="Of one source.")]
    upload_bytes: Annotated[
        int | None,
        Field(description="Of what you upload (POST /images), so much is kept: the newest."),
    ] = None
    upload_hours: Annotated[float | None, Field(description="And so long.")] = None


class CallLimits(Result):
    """What bounds a call."""

    deadline: Annotated[float, Field(description="Seconds for one call in all.")]
    retries: Annotated[int, Field(description="Attempts after the first, within the deadline.")]
    concurrency: Annotated[int, Field(description="Calls to the provider at once; more wait.")]
    max_usd: Annotated[
        float | None,
        Field(description="What this process may spend; vision://usage says what is left."),
    ] = None


class SendingLimits(Result):
    """What the provider takes; pictures are brought within it where that can be done."""

    provider: str
    model: Annotated[str | None, Field(description="Who answers where a call names no model.")] = (
        None
    )
    host: Annotated[
        str | None, Field(description="Where pictures are sent to; left out: nowhere.")
    ] = None
    problem: Annotated[
        str | None, Field(description="Why no picture can be sent now, and what to do.")
    ] = None
    formats: Annotated[list[str], Field(description="In which pictures are sent.")]
    max_images: Annotated[int | None, Field(description="In one request.")] = None
    max_image_bytes: Annotated[
        int, Field(description="Of one picture as it is sent, before base64.")
    ]
    max_images_bytes: Annotated[int | None, Field(description="Of all pictures of a call.")] = None
    max_body_bytes: Annotated[int | None, Field(description="Of the whole request.")] = None
    min_side: Annotated[int, Field(description="Pixels of the shorter side, at least.")]
    min_pixels: Annotated[int, Field(description="Width times height, at least.")]
    max_side: Annotated[
        int | None,
        Field(
            description="Pixels of the longer side. Larger pictures are reduced to this and the "
            "two that follow, with detail=auto, or sent in parts."
        ),
    ] = None
    max_short_side: Annotated[int | None, Field(description="Pixels of the shorter side.")] = None
    max_pixels: Annotated[int | None, Field(description="Width times height.")] = None
    evidence: Annotated[Grade, Field(description="How the limits of pictures are known.")]
    source: Annotated[str, Field(description="Where they are from.")]
    date: Annotated[str, Field(description="When they were last true.")]


class Limits(Result):
    """What may be read and sent: the resource vision://limits."""

    reading: ReadingLimits
    calls: CallLimits
    sending: SendingLimits
