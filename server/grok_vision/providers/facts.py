"""What is known of a provider and its models, as frozen data with evidence beside each figure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Grade = Literal["recorded", "vendor source", "documented", "third party", "assumed"]
WireFormat = Literal["JPEG", "PNG"]
Detail = Literal["auto", "low", "high"]
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a fact comes from, how good that is, and the day it was last true."""

    grade: Grade
    source: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """What a provider takes and can use of one image. Sides and areas are in pixels.

    `max_images` is how many of them a request may hold, and `max_total_bytes` how large they may be
    together, before base64, where that is limited.
    """

    formats: tuple[WireFormat, ...] = ("JPEG", "PNG")
    min_side: int = 1
    min_pixels: int = 1
    max_bytes: int
    useful_pixels: int | None = None
    max_side: int | None = None
    low_detail_side: int | None = None
    max_images: int | None = None
    max_total_bytes: int | None = None
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens; image tokens cost what input tokens cost."""

    input: float
    cached: float
    output: float
    long_context_from: int | None = None
    long_context_factor: float = 1.0
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """What is known of one model.

    `reasoning_effort` is what is sent to get a fast answer; None leaves the parameter out, for
    models that refuse it or refuse to have it off.
    """

    name: str
    aliases: tuple[str, ...] = ()
    context_window: int | None = None
    prices: Prices | None = None
    reasoning_effort: ReasoningEffort | None = None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Redirect:
    """A retired name that the provider still accepts, and the model that really answers."""

    to: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Retired:
    """A name that no longer answers, and the model to use instead."""

    successor: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who answers: address, key, limits, and the models known by name.

    `fetches_urls` means that a picture may be sent as a public URL: the provider downloads it
    itself, and from outside the caller's network.
    `reports_image_tokens` means that zero of them says that no picture was seen.
    `reasoning_in_output` tells how the provider counts output tokens.
    """

    name: str
    title: str
    base_url: str | None
    key_field: str | None
    default_model: str
    images: ImageLimits
    max_body_bytes: int | None = None
    fetches_urls: bool = False
    reports_image_tokens: bool = False
    output_limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    reasoning_in_output: bool = True
    models: tuple[ModelProfile, ...] = ()
    redirected: Mapping[str, Redirect] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)

    def known(self, model: str) -> ModelProfile | None:
        """Return the profile of the model with this name or alias, if there is one."""
        return next(
            (entry for entry in self.models if model == entry.name or model in entry.aliases), None
        )
