"""What a call is expected to use, before it is made, and what the answer says about that."""

from collections.abc import Sequence
from dataclasses import dataclass

from grok_vision.chat import ChatRequest
from grok_vision.errors import RequestError
from grok_vision.providers import Choice
from grok_vision.results import Usage
from grok_vision.tokens import NOTHING, Correction, Count, Observation, Reading, input_words
from grok_vision.vision.parts import Sizes
from grok_vision.vocabulary import Detail

# What a picture of which nothing is known may have: it is passed on as a URL.
_LARGE = (4096, 4096)
# An answer of a page, where the caller sets no limit; models that always reason think as much
# again and more. Both are guesses, on the safe side.
_ANSWER_TOKENS, _REASONING_TOKENS = 1_000, 2_000


@dataclass(frozen=True, slots=True)
class Expectation:
    """All input in tokens, and the cost in US dollars; None where the price is not known.

    `sizes` are those of the parts of each picture; None where one is not known.
    """

    input: Count
    usd: float | None
    sizes: tuple[Sizes, ...] | None
    detail: Detail


def expect(
    choice: Choice,
    request: ChatRequest,
    sizes: Sequence[Sizes | None],
    *,
    detail: Detail,
    max_tokens: int = 0,
    correction: Correction | None = None,
) -> Expectation:
    """Return what the request will use; `sizes` are those of each picture, None where not known."""
    reading = Reading(choice, detail, correction)
    seen = sum((reading.of(parts or (_LARGE,)) for parts in sizes), NOTHING)
    read = seen + input_words(choice.profile, request.texts)
    known = tuple(parts for parts in sizes if parts is not None)
    return Expectation(
        input=read,
        usd=reserved(choice, read.most, max_tokens),
        sizes=known if len(known) == len(sizes) else None,
        detail=detail,
    )


def check_window(expected: Expectation, choice: Choice) -> None:
    """Make sure that the model can read the request.

    Raises:
        RequestError: `context_exceeded`, where even the smallest estimate is too large.
    """
    window = choice.profile.reads
    if window is not None and expected.input.least > window:
        raise RequestError(
            "context_exceeded",
            f"the request would have at least {expected.input.least:,} tokens, and "
            f"{choice.profile.name} at {choice.provider.title} reads {window:,}; send fewer or "
            "smaller pictures, or detail=low.",
        )


def check_count(choice: Choice, images: int) -> None:
    """Make sure that the model and its provider take so many pictures in a request.

    Raises:
        RequestError: `too_many_images`, or `bad_argument` where there is none.
    """
    if not images:
        raise RequestError("bad_argument", "images is empty; name at least one picture.")
    most = choice.images.max_images
    if most is not None and images > most:
        taken_by = choice.profile.name if choice.profile.max_images else choice.provider.title
        raise RequestError(
            "too_many_images",
            f"{taken_by} takes at most {most:,} image{'s' if most > 1 else ''} in a request, and "
            f"these are {images:,}; send fewer, or several requests.",
        )


def observed(expected: Expectation, answered: Choice, used: Usage | None) -> Observation | None:
    """Return what the answer tells about the rule of its model; None where it tells nothing."""
    if not expected.sizes or used is None or not used.image_tokens:
        return None
    reading = Reading(answered, expected.detail, None)
    return Observation(
        estimated=sum(reading.of(parts).tokens for parts in expected.sizes),
        reported=used.image_tokens,
        parts=sum(map(len, expected.sizes)),
    )


def reserved(choice: Choice, input_tokens: int, max_tokens: int) -> float | None:
    """Return the dollars to hold back for a call; None where the price is not known.

    `max_tokens` bounds the answer; 0 reckons with one of a page. Reasoning is bounded by nothing.
    """
    prices = choice.prices
    if prices is None:
        return None
    written = max_tokens or _ANSWER_TOKENS
    if choice.profile.always_reasons:
        written += _REASONING_TOKENS
    return prices.most(input_tokens, written)
