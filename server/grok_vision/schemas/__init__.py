"""JSON Schemas: checked, brought into what a provider takes, and held against answers.

Other rooms import from here only.
"""

from grok_vision.schemas.preset import expectations_of, preset_schema, preset_text
from grok_vision.schemas.problems import Path, Problem, places, pointer
from grok_vision.schemas.schema import Schema, checked
from grok_vision.schemas.translation import WRAPPER, Translation, translated

__all__ = [
    "WRAPPER",
    "Path",
    "Problem",
    "Schema",
    "Translation",
    "checked",
    "expectations_of",
    "places",
    "pointer",
    "preset_schema",
    "preset_text",
    "translated",
]
