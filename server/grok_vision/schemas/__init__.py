"""JSON Schemas: checked, brought into what a provider takes, and held against answers.

Other rooms import from here only.
"""

from grok_vision.schemas.preset import expectations_of, preset_schema, preset_text
from grok_vision.schemas.problems import Problem, pointer
from grok_vision.schemas.schema import JsonObject, Schema, bad_schema, checked
from grok_vision.schemas.translation import WRAPPER, Translation, translated

__all__ = [
    "WRAPPER",
    "JsonObject",
    "Problem",
    "Schema",
    "Translation",
    "bad_schema",
    "checked",
    "expectations_of",
    "pointer",
    "preset_schema",
    "preset_text",
    "translated",
]
