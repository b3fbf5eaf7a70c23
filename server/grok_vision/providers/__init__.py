"""Who can answer: facts about providers and models, and the choice among them."""

from grok_vision.providers.comparison import compared, listed_as
from grok_vision.providers.consideration import considered
from grok_vision.providers.everyone import PROVIDERS
from grok_vision.providers.evidence import Evidence
from grok_vision.providers.facts import (
    ImageLimits,
    ModelProfile,
    Provider,
    ReasoningEffort,
    WireFormat,
)
from grok_vision.providers.fit import Fit, Fits
from grok_vision.providers.known_models import Choice
from grok_vision.providers.price_list import Listed, listed
from grok_vision.providers.prices import Prices
from grok_vision.providers.registry import Endpoint, configured, endpoint
from grok_vision.providers.schema_dialect import JsonForm, SchemaDialect
from grok_vision.providers.table import model_table
from grok_vision.providers.token_rules import (
    Canvas,
    Cells,
    Flat,
    Patches,
    ResizedCells,
    Shaped,
    Steps,
    Tiles,
    TokenRule,
)

__all__ = [
    "PROVIDERS",
    "Canvas",
    "Cells",
    "Choice",
    "Endpoint",
    "Evidence",
    "Fit",
    "Fits",
    "Flat",
    "ImageLimits",
    "JsonForm",
    "Listed",
    "ModelProfile",
    "Patches",
    "Prices",
    "Provider",
    "ReasoningEffort",
    "ResizedCells",
    "SchemaDialect",
    "Shaped",
    "Steps",
    "Tiles",
    "TokenRule",
    "WireFormat",
    "compared",
    "configured",
    "considered",
    "endpoint",
    "listed",
    "listed_as",
    "model_table",
]
