"""The words that callers choose from. Nothing else is here: a server that starts needs them."""

from typing import Literal, get_args

Detail = Literal["auto", "low", "high"]
"""How closely a picture is looked at."""

Task = Literal["describe", "ui_critique", "read_text", "read_chart", "alt_text", "moderate"]
"""The instruction that goes with a picture."""

TASKS: tuple[Task, ...] = get_args(Task)

CompareMode = Literal["auto", "pixels", "model"]
"""Who compares: pixels, then a model where they differ; pixels only; or a model in any case."""

Preset = Literal["invoice", "receipt", "table", "form", "chart", "ui_elements", "checklist"]
"""A schema that comes with the server, as a file in `schemas/presets`."""

PRESETS_SAY: dict[Preset, str] = {
    "invoice": "Who bills whom, for what, and how much.",
    "receipt": "What was bought where, when, and how it was paid.",
    "table": "Any table as columns and rows.",
    "form": "The fields of a form with what is filled in.",
    "chart": "Axes, series and points of a chart.",
    "ui_elements": "The elements of a screen: role, text, state, approximate region.",
    "checklist": "Expectations, one per line of the prompt: pass, fail or unclear, with evidence.",
}
"""What each preset brings, for people and models that choose."""

PRESETS: tuple[Preset, ...] = get_args(Preset)
