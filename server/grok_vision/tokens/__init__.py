"""How many tokens a call will use, and what it will cost: arithmetic on sizes and bytes."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from grok_vision.tokens.calibration import Calibration
from grok_vision.tokens.count import NOTHING, Correction, Count
from grok_vision.tokens.estimation import estimate
from grok_vision.tokens.measured import Measured, Reading
from grok_vision.tokens.observation import Observation
from grok_vision.tokens.observations_in_file import Observations, ObservationsInFile
from grok_vision.tokens.prompt import input_words
from grok_vision.tokens.rules import image_tokens
from grok_vision.tokens.state import state_folder
from grok_vision.tokens.table import known_models
from grok_vision.tokens.text import text_tokens

if TYPE_CHECKING:
    from grok_vision.tokens.shared_observations import SharedObservations

__all__ = [
    "NOTHING",
    "Calibration",
    "Correction",
    "Count",
    "Measured",
    "Observation",
    "Observations",
    "ObservationsInFile",
    "Reading",
    "SharedObservations",
    "estimate",
    "image_tokens",
    "input_words",
    "known_models",
    "state_folder",
    "text_tokens",
]

# For several processes only: one alone does not wait for it.
_LATER = {"SharedObservations": "shared_observations"}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
