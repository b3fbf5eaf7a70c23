"""What a call would use and cost, before it is made."""

import math
from collections.abc import Sequence
from typing import Literal

from grok_vision.providers import Choice
from grok_vision.results import Cheaper, Estimate, ImageEstimate
from grok_vision.tokens.count import NOTHING, Correction, Count
from grok_vision.tokens.measured import Measured, Reading
from grok_vision.tokens.notes import of_answers, of_cost, of_input, of_output
from grok_vision.tokens.prompt import input_words
from grok_vision.tokens.saving import Saving, saving
from grok_vision.vocabulary import Detail

_Evidence = Literal["recorded", "documented", "assumed", "calibrated"]


def estimate(
    choice: Choice,
    pictures: Sequence[Measured],
    *,
    words: Sequence[str],
    labels: Sequence[str] = (),
    detail: Detail,
    max_output_tokens: int,
    correction: Correction | None = None,
) -> Estimate:
    """Return what a call with these pictures and `words` would use of this model.

    `words` are the texts that would be sent, and `labels` those about the parts of pictures that
    would be split. `max_output_tokens` is 0 where the caller sets no limit. A `correction` counts
    where the rule is assumed; elsewhere it is only held against the rule.
    """
    calibrated = None if choice.tokens.evidence.is_firm else correction
    reading = Reading(choice, detail, calibrated)
    counts = [reading.of(picture.sent) for picture in pictures]
    images = sum(counts, NOTHING)
    text = input_words(choice.profile, [*words, *labels])
    offered = saving(pictures, reading, images.tokens)
    # Words about the parts of a picture go with the parts.
    kept = text if offered is None or not offered.whole else input_words(choice.profile, words)
    total = images + text
    return Estimate(
        images=[_image(*pair) for pair in zip(pictures, counts, strict=True)],
        image_tokens=images.tokens,
        image_tokens_min=images.least,
        image_tokens_max=images.most,
        text_tokens=text.tokens,
        text_tokens_min=text.least,
        text_tokens_max=text.most,
        input_tokens=total.tokens,
        input_tokens_min=total.least,
        input_tokens_max=total.most,
        output_tokens=max_output_tokens or None,
        context_window=choice.profile.context_window,
        fits=_fits(choice, total.most, max_output_tokens),
        cost_usd=_cost(choice, total.tokens, max_output_tokens),
        cost_usd_max=_most(choice, total.most, max_output_tokens),
        model=choice.profile.name,
        provider=choice.provider.name,
        rule=choice.tokens.name,
        evidence="calibrated" if calibrated else _evidence(choice),
        source=choice.tokens.evidence.source,
        date=choice.tokens.evidence.date,
        calibrated_from=calibrated.answers if calibrated else None,
        cheaper=_cheaper(choice, offered, kept.tokens, max_output_tokens),
        warnings=[
            *choice.warnings,
            *of_input(choice.profile, total.most),
            *of_output(choice.profile, max_output_tokens),
            *of_cost(choice),
            *of_answers(reading, pictures, images.tokens, None if calibrated else correction),
        ],
    )


def _image(picture: Measured, count: Count) -> ImageEstimate:
    width, height = max(picture.sent, key=math.prod)
    return ImageEstimate(
        source=picture.source,
        format=picture.format,
        width=picture.width,
        height=picture.height,
        bytes=picture.file_bytes,
        sent_width=width,
        sent_height=height,
        parts=len(picture.sent) if len(picture.sent) > 1 else None,
        tokens=count.tokens,
        tokens_min=count.least,
        tokens_max=count.most,
    )


def _evidence(choice: Choice) -> _Evidence:
    match choice.tokens.evidence.grade:
        case "recorded":
            return "recorded"
        case "vendor source" | "documented":
            return "documented"
    return "assumed"


def _fits(choice: Choice, input_tokens: int, output_tokens: int) -> bool | None:
    window, reads = choice.profile.context_window, choice.profile.reads
    if window is None or reads is None:
        return None
    return input_tokens <= reads and input_tokens + output_tokens <= window


def _cost(choice: Choice, input_tokens: int, output_tokens: int) -> float | None:
    prices = choice.prices
    return None if prices is None else prices.cost(input_tokens, output_tokens)


def _most(choice: Choice, input_tokens: int, output_tokens: int) -> float | None:
    prices = choice.prices
    return None if prices is None else prices.most(input_tokens, output_tokens)


def _cheaper(
    choice: Choice, offered: Saving | None, text_tokens: int, max_output_tokens: int
) -> Cheaper | None:
    """Return the offer with its figures; `text_tokens` are those of the words sent then."""
    if offered is None:
        return None
    input_tokens = offered.images.tokens + text_tokens
    return Cheaper(
        suggestion=offered.suggestion,
        image_tokens=offered.images.tokens,
        input_tokens=input_tokens,
        cost_usd=_cost(choice, input_tokens, max_output_tokens),
    )
