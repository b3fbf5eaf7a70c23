"""The arguments that tools share, described for the model that fills them in."""

from typing import Annotated

from pydantic import Field

from grok_vision.chat import Task
from grok_vision.providers import Detail

Image = Annotated[
    str,
    Field(
        description="The picture: an absolute or relative path, ~/path, file:// URL, http(s) URL, "
        "or data:image/…;base64 URI. PNG, JPEG, WebP, GIF, BMP, TIFF or AVIF.",
        examples=["/home/me/Desktop/screenshot.png", "https://example.com/chart.png"],
    ),
]
Prompt = Annotated[
    str,
    Field(description="What to find out, in your own words. Ask one precise question."),
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
    Field(description="low is cheaper and loses small text; auto keeps what the model can use."),
]
Model = Annotated[
    str,
    Field(description="Model to ask; empty for the configured one."),
]
MaxTokens = Annotated[
    int,
    Field(ge=0, description="Longest answer in tokens; 0 for the model's own limit."),
]
