"""The arguments that tools share, described for the model that fills them in."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from grok_vision.vocabulary import PRESETS, CompareMode, Detail, Preset, Task

Image = Annotated[
    str,
    Field(
        description="The picture: an absolute or relative path, ~/path, @path, file:// URL, "
        "http(s) URL, data:image/…;base64 URI, image://… of an upload, latest (the newest picture "
        "in the folders that may be read) or clipboard. PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, "
        "ICO; where installed also HEIC, SVG and PDF. A fragment selects a part: "
        "shot.png#xywh=10,20,300,200 (pixels: x, y, width, height), #xywh=percent:25,25,50,50, "
        "scan.pdf#page=2, clip.gif#t=1.5 (seconds). A part is sent at full size: use one to "
        "read what is small.",
        examples=[
            "/home/me/Desktop/screenshot.png",
            "https://example.com/chart.png",
            "page.png#xywh=0,1200,800,600",
        ],
    ),
]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Images = Annotated[
    list[str],
    BeforeValidator(_as_list),
    Field(
        min_length=1,
        description="The pictures, each a path, URL, data URI, image://…, latest or clipboard as "
        "for describe_image, with the same fragments: shot.png#xywh=10,20,300,200, "
        "scan.pdf#page=2. One bare string is taken as a list of one.",
        examples=[["/home/me/Desktop/before.png", "/home/me/Desktop/after.png"]],
    ),
]
Several = Annotated[
    list[str],
    BeforeValidator(_as_list),
    Field(
        description="The pictures, 2 to 10; the first is the reference, and each other one is "
        "compared with it. Each is a path, URL, data URI, image://…, latest or clipboard as for "
        "describe_image, with the same fragments: shot.png#xywh=10,20,300,200. A part that is "
        "selected so is compared by itself, and places in it are counted from its upper left.",
        examples=[["/home/me/Desktop/before.png", "/home/me/Desktop/after.png"]],
    ),
]
WhatMatters = Annotated[
    str,
    Field(description="What the model is to look at or to leave out, in your own words."),
]
Mode = Annotated[
    CompareMode,
    Field(
        description="auto (default): pixels, then a model where they differ. pixels: no model, no "
        "cost. model: a model in any case, also for pictures that are nothing alike."
    ),
]
Threshold = Annotated[
    float,
    Field(
        ge=0,
        le=1,
        description="How different a pixel must be to count as changed: 0 is any difference, 0.1 "
        "what is hardly visible (as pixelmatch), 0.2 more lenient.",
    ),
]


def _as_rectangles(value: object) -> object:
    """Take rectangles also as results tell them, and as lists of four numbers."""
    if isinstance(value, dict):
        value = [value]
    if not value:
        return []
    if not isinstance(value, list):
        return _as_list(value)
    if all(isinstance(one, int | float) for one in value):
        value = [value]
    sides = ("x", "y", "width", "height")
    return [
        ",".join(str(one[side]) for side in sides)
        if isinstance(one, dict) and all(side in one for side in sides)
        else ",".join(map(str, one))
        if isinstance(one, list)
        else one
        for one in value
    ]


Ignore = Annotated[
    list[str],
    BeforeValidator(_as_rectangles),
    Field(
        description="Rectangles to leave out, each as x,y,width,height in pixels of the reference, "
        "or percent:x,y,width,height: clocks, avatars, advertisements. One bare string is taken "
        "as a list of one.",
        examples=[["1180,12,80,24"], ["percent:0,90,100,10"]],
    ),
]
Prompt = Annotated[
    str,
    Field(description="What to find out, in your own words. Ask one precise question."),
]
ReadingPrompt = Annotated[
    str,
    Field(
        description="What to read, or how, in your own words. For preset=checklist the "
        "expectations, one per line."
    ),
]


def _as_schema(value: object) -> object:
    """Take what hosts send for nothing; any text that was JSON is an object already."""
    if value is None or value == "":
        return {}
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "json_schema", "it must be a JSON Schema, as an object; the name of a preset is preset"
        )
    return value


AnswerSchema = Annotated[
    dict[str, Any],
    BeforeValidator(_as_schema),
    Field(
        description="A JSON Schema (draft 2020-12, or another that $schema names) that the answer "
        "is to fit: $ref within it, enum, formats and nesting included. Describe the properties. "
        "Make optional what may be missing, or it will be made up. Empty for JSON of any form.",
        examples=[
            {
                "type": "object",
                "properties": {"total": {"type": "number", "description": "With tax."}},
                "required": ["total"],
            }
        ],
    ),
]
# Published without an empty name, which some hosts refuse in a list of values; it is taken.
PresetName = Annotated[
    Preset | None,
    BeforeValidator(lambda value: value or None),
    Field(description=f"A schema of ours in place of yours: {', '.join(PRESETS)}."),
]
Pages = Annotated[
    list[str],
    BeforeValidator(_as_list),
    Field(
        min_length=1,
        description="The pictures, read as one document in this order, each a path, URL, data "
        "URI, image://…, latest or clipboard as for describe_image, with the same fragments: "
        "scan.pdf#page=2, shot.png#xywh=10,20,300,200. One bare string is taken as a list of one.",
        examples=[["/home/me/Documents/invoice.png"], ["scan.pdf#page=1", "scan.pdf#page=2"]],
    ),
]
TaskName = Annotated[
    Task,
    Field(
        description="A well-made instruction to use with or without a prompt: describe (default), "
        "ui_critique (review of an interface), read_text (exact transcription), read_chart (axes "
        "and data as a table), alt_text (one sentence), moderate (safety labels)."
    ),
]
DetailLevel = Annotated[
    Detail,
    Field(
        description="low is cheaper with most models and loses small text; auto keeps what the "
        "model can use; "
        "high also splits a very long page into more parts."
    ),
]
Model = Annotated[
    str,
    Field(description="Model to ask; empty for the configured one."),
]
PlannedPrompt = Annotated[
    str,
    Field(description="The words that would go with the pictures; they count too."),
]
EstimatedModel = Annotated[
    str,
    Field(
        description="Model to reckon with: any known one, whichever provider is configured; empty "
        "for the configured one."
    ),
]
MaxTokens = Annotated[
    int,
    Field(ge=0, description="Longest answer in tokens; 0 for the model's own limit."),
]
MaxOutputTokens = Annotated[
    int,
    Field(
        ge=0,
        le=10_000_000,
        description="The longest answer to reckon with, in tokens; 0 leaves the answer out of the "
        "cost.",
    ),
]
