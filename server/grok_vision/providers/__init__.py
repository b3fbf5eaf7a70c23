"""Who can answer: facts about providers and models, and the choice among them."""

from grok_vision.providers.facts import (
    Detail,
    Evidence,
    ImageLimits,
    ModelProfile,
    Prices,
    Provider,
    ReasoningEffort,
    WireFormat,
)
from grok_vision.providers.registry import Choice, Endpoint, endpoint

__all__ = [
    "Choice",
    "Detail",
    "Endpoint",
    "Evidence",
    "ImageLimits",
    "ModelProfile",
    "Prices",
    "Provider",
    "ReasoningEffort",
    "WireFormat",
    "endpoint",
]
