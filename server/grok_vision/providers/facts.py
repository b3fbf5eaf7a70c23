"""What is known of a provider and its models, as frozen data with evidence beside each figure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.fit import UNLIMITED, Fits
from grok_vision.providers.prices import Prices
from grok_vision.providers.schema_dialect import JsonForm, SchemaDialect
from grok_vision.providers.token_rules import TokenRule
from grok_vision.vocabulary import Detail

WireFormat = Literal["JPEG", "PNG"]
ReasoningEffort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """What a provider takes of one image, and what its model can use. Areas are in pixels.

    `max_images` is how many of them a request may hold, and `max_total_bytes` how large they may be
    together, before base64, where that is limited. `fits` are those of the model's token rule.
    `taken_by` is who sets the limits, for messages.
    """

    taken_by: str = "the provider"
    formats: tuple[WireFormat, ...] = ("JPEG", "PNG")
    min_side: int = 1
    min_pixels: int = 1
    max_bytes: int
    max_side: int | None = None
    fits: Fits = UNLIMITED
    max_images: int | None = None
    max_total_bytes: int | None = None
    evidence: Evidence

    def scale(self, width: int, height: int, detail: Detail) -> float:
        """Return the largest scale at which a picture is taken, and no pixel sent in vain."""
        longest = (self.max_side or math.inf) / max(width, height)
        return min(longest, self.fits.at(detail).scale(width, height))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelProfile:
    """What is known of one model, or of a family of them.

    `matches` are patterns (`*`, `?`) of further names, in lower case, of which the same holds.
    `max_input` is the most that it reads, where that is less than the window.
    `tokens` is how it counts a picture; None: as the provider's other models. `max_images` is how
    many it can look at together, where that is fewer than its provider takes.
    `hidden_tokens` are billed at every call beside what is sent, in a request without pictures.
    `reasoning_effort` is what is sent to get a fast answer; None leaves the parameter out, for
    models that refuse it or refuse to have it off. `always_reasons` tells that it thinks before
    every answer, which is billed as output and which no parameter bounds.
    `system_message` is false where a system message beside pictures is refused: its words then go
    before those of the user.
    """

    name: str
    aliases: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    context_window: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    prices: Prices | None = None
    tokens: TokenRule | None = None
    max_images: int | None = None
    hidden_tokens: int = 0
    reasoning_effort: ReasoningEffort | None = None
    always_reasons: bool = False
    system_message: bool = True
    evidence: Evidence

    def is_called(self, name: str) -> bool:
        """Tell whether this is the model's name or alias, in whatever case."""
        return name.lower() in {known.lower() for known in self.names}

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)

    @property
    def reads(self) -> int | None:
        """How many tokens of input it takes; None where that is not known."""
        return self.context_window if self.max_input is None else self.max_input

    def is_of_family(self, name: str) -> bool:
        """Tell whether a pattern of the family holds for the name."""
        return any(fnmatchcase(name.lower(), pattern) for pattern in self.matches)


@dataclass(frozen=True, slots=True)
class Redirect:
    """A retired name that the provider still accepts, and the model that really answers.

    `tokens` is how the retired model counted, where that was recorded. `reasons` tells that the
    name makes the other model reason, which it does not always.
    """

    to: str
    evidence: Evidence
    tokens: TokenRule | None = None
    reasons: bool = False


@dataclass(frozen=True, slots=True)
class Retired:
    """A name that no longer answers, and the model to use instead."""

    successor: str
    evidence: Evidence
    tokens: TokenRule | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """Another address of the provider itself, where everything costs `factor` as much."""

    factor: float
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who answers: address, key, limits, habits, and the models known by name.

    `fetches_urls` means that a picture may be sent as a public URL: the provider downloads it
    itself, and from outside the caller's network.
    `bills` is false for servers that people run themselves.
    `tokens` is how models that are not known count a picture.
    `reports_image_tokens` means that zero of them says that no picture was seen.
    `reports_cost` says how `usage` tells what the call cost: in `cost_in_usd_ticks` or `cost`.
    `reasoning_in_output` tells how the provider counts output tokens.
    `streams` tells what it writes word by word: every answer, those without `response_format`
    (`prose`), or none.
    `json_forms` are the kinds of `response_format` that it takes, beside text, and `schema_dialect`
    which schemas, where that is one of them.
    `error_shape` is that of most of its error bodies; the reader of errors takes every shape.
    `request_id_headers` name the call for the provider's support, first that is there.
    `catalogues` are the paths of its lists of models, the one that tells most of a model first.
    `regions` are its other addresses, by host.
    `mispriced` are patterns of names, in lower case, whose price in the list of `price_list` is one
    of the past.
    """

    name: str
    title: str
    base_url: str | None
    key_field: str | None
    default_model: str
    images: ImageLimits
    tokens: TokenRule
    max_body_bytes: int | None = None
    fetches_urls: bool = False
    bills: bool = True
    reports_image_tokens: bool = False
    reports_cost: Literal["ticks", "usd"] | None = None
    output_limit: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    reasoning_in_output: bool = True
    streams: Literal["all", "prose", "none"] = "all"
    json_forms: frozenset[JsonForm] = frozenset()
    schema_dialect: SchemaDialect | None = None
    error_shape: Literal["flat", "nested", "string"] = "nested"
    request_id_headers: tuple[str, ...] = ("x-request-id",)
    catalogues: tuple[str, ...] = ("models",)
    models: tuple[ModelProfile, ...] = ()
    regions: Mapping[str, Region] = field(default_factory=dict)
    mispriced: tuple[str, ...] = ()
    redirected: Mapping[str, Redirect] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)
    evidence: Evidence

    def redirect_of(self, model: str) -> Redirect | None:
        """Return where a retired name leads, in whatever case it is written."""
        return self.redirected.get(model.lower())

    def retirement_of(self, model: str) -> Retired | None:
        """Return what became of a name that no longer answers, in whatever case."""
        return self.retired.get(model.lower())

    def known(self, model: str) -> ModelProfile | None:
        """Return the profile of the model with this name or alias, else of its family, if any."""
        named = (entry for entry in self.models if entry.is_called(model))
        related = (entry for entry in self.models if entry.is_of_family(model))
        return next(named, None) or next(related, None)
