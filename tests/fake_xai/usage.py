"""What a request costs, in tokens and in ticks of 1e-10 USD."""

import math
from typing import Any

from tests.fake_xai.catalogue import LONG_PROMPT, Model
from tests.fake_xai.recorded import Recorded

# Image tokens, from public recordings (2026-11-20): 595x842 is 515 (grok-4.6, pydantic-ai) and a
# 1024 px square is 1026, or 258 at low detail (live probe, 2026-09-12). Only known for 4.5 to 4.7;
# that the other models follow it is the stand-in's own choice, and so is the rounding.
PATCH = 32
EXTRA = 2
LOW_SIDE = 512
MAX_PIXELS = 2_408_448  # grok-build image_normalize.rs, 2026-08-19

# A linked picture is not fetched. The stand-in's own choice: it counts as 512 x 512.
LINKED = (512, 512)

# How much each effort thinks. The stand-in's own choice.
REASONING = {"none": 0, "minimal": 64, "low": 64, "medium": 256, "high": 1024, "xhigh": 4096}

BYTES_PER_TOKEN = 4  # grok-build's estimate


def image_tokens(width: int, height: int, detail: str | None) -> int:
    """The tokens of one picture, by the rule recorded for grok-4.5 to 4.7."""
    scale = 1.0
    if detail == "low":
        scale = LOW_SIDE / max(width, height)
    elif width * height > MAX_PIXELS:
        scale = math.sqrt(MAX_PIXELS / (width * height))
    if scale < 1:  # nothing is enlarged
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    return math.ceil(width / PATCH) * math.ceil(height / PATCH) + EXTRA


def text_tokens(text: str) -> int:
    """The tokens of some words."""
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)


def reasoning_tokens(body: dict[str, Any], model: Model) -> int:
    """The tokens of what the model thinks. No argument limits them."""
    return REASONING[body.get("reasoning_effort") or model.effort]


def usage(seen: Recorded, model: Model, answer: str, cached: int) -> dict[str, Any]:
    """The `usage` of an answer. Reasoning is in the total, not in the completion."""
    text = text_tokens("".join(seen.texts)) + model.hidden_prompt
    images = _image_tokens(seen)
    completion = text_tokens(answer)
    reasoning = reasoning_tokens(seen.body, model)
    return {
        "prompt_tokens": text + images,
        "completion_tokens": completion,
        "total_tokens": text + images + completion + reasoning,
        "prompt_tokens_details": {
            "text_tokens": text,
            "audio_tokens": 0,
            "image_tokens": images,
            "cached_tokens": cached,
        },
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        "num_sources_used": 0,
        "cost_in_usd_ticks": ticks(model, text, cached, images, completion + reasoning),
    }


def ticks(model: Model, text: int, cached: int, images: int, output: int) -> int:
    """The cost: (input - cached)·p + cached·pc + image·pi + output·po."""
    cost = (
        # cached_tokens has been seen larger than the prompt; that gives no money back.
        max(0, text - cached) * model.text_price
        + cached * model.cached_price
        + images * model.text_price
        + output * model.output_price
    )
    return cost * 2 if model.doubles and text + images >= LONG_PROMPT else cost


def _image_tokens(seen: Recorded) -> int:
    sizes = [(image.width, image.height, image.detail) for image in seen.images]
    sizes += [(*LINKED, link.detail) for link in seen.links]
    return sum(image_tokens(width, height, detail) for width, height, detail in sizes)
