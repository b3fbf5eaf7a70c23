"""A completion, read as prose, and what any answer must have."""

from dataclasses import dataclass

from grok_vision.errors import AnswerError, ProviderError
from grok_vision.image_tags import without_images
from grok_vision.providers import Provider
from grok_vision.relay import Completion
from grok_vision.results import Usage

_CUT_OFF = "length"
_FILTERED = "content_filter"


@dataclass(frozen=True, slots=True)
class Answer:
    """The text of an answer, and whether it was cut off before its end."""

    text: str
    truncated: bool


def read_text(completion: Completion, *, provider: str) -> Answer:
    """Return the text of the completion; a text that was cut off is returned and marked.

    Raises:
        ProviderError: `refused`, where the model or a filter declined.
        AnswerError: `empty_answer`.
    """
    check_said(completion, provider=provider)
    return Answer(without_images(completion.text.strip()), is_cut_off(completion))


def is_cut_off(completion: Completion) -> bool:
    """Tell whether the answer ends before its end, at its limit or because the provider failed."""
    return completion.finish_reason == _CUT_OFF or bool(completion.broken_off)


def is_filtered(completion: Completion) -> bool:
    """Tell whether a filter of the provider ended the answer."""
    return completion.finish_reason == _FILTERED


def check_said(completion: Completion, *, provider: str) -> None:
    """Make sure that there are words in the answer.

    Raises:
        ProviderError: `refused`, where the model or a filter declined.
        AnswerError: `empty_answer`.
    """
    if completion.text.strip():
        return
    if completion.refusal or is_filtered(completion):
        raise ProviderError(
            "refused", f"{provider} declined to answer about this picture; ask for something else."
        )
    if completion.finish_reason == _CUT_OFF:
        raise AnswerError(
            "empty_answer",
            f"{provider} spent all its tokens before the first word; raise max_tokens or use a "
            "model that does not reason.",
        )
    raise AnswerError(
        "empty_answer", f"{provider} answered without a word; try again or use another model."
    )


def check_seen(usage: Usage | None, provider: Provider) -> tuple[str, ...]:
    """Make sure that the pictures were seen, where the provider tells; else return warnings.

    A provider that is not known to count pictures may write zero whatever its model saw.

    Raises:
        AnswerError: `blind_answer`.
    """
    if usage is None or usage.image_tokens != 0:
        return ()
    if provider.reports_image_tokens:
        raise AnswerError(
            "blind_answer",
            f"{provider.title} answered without having seen the picture (it counted 0 image "
            "tokens); use another model, or check GROK_VISION_BASE_URL.",
        )
    return (
        f"{provider.title} counted 0 image tokens: the model may have answered without having "
        "seen the picture.",
    )
