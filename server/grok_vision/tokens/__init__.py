"""How many tokens a call will use, and what it will cost: arithmetic on sizes and bytes."""

from grok_vision.tokens.calibration import Calibration
from grok_vision.tokens.count import NOTHING, Correction, Count
from grok_vision.tokens.estimation import estimate
from grok_vision.tokens.measured import Measured, Reading
from grok_vision.tokens.observation import Observation
from grok_vision.tokens.prompt import input_words
from grok_vision.tokens.rules import image_tokens
from grok_vision.tokens.state import state_folder
from grok_vision.tokens.table import known_models
from grok_vision.tokens.text import text_tokens

__all__ = [
    "NOTHING",
    "Calibration",
    "Correction",
    "Count",
    "Measured",
    "Observation",
    "Reading",
    "estimate",
    "image_tokens",
    "input_words",
    "known_models",
    "state_folder",
    "text_tokens",
]
