"""A completion, read as prose."""

from dataclasses import dataclass

from grok_vision.errors import AnswerError, ProviderError
from grok_vision.relay import Completion

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
    text = completion.text.strip()
    truncated = completion.finish_reason == _CUT_OFF
    if text:
        return Answer(text, truncated)
    if completion.refusal or completion.finish_reason == _FILTERED:
        raise ProviderError(
            "refused", f"{provider} declined to answer about this picture; ask for something else."
        )
    if truncated:
        raise AnswerError(
            "empty_answer",
            f"{provider} spent all its tokens before the first word; raise max_tokens or use a "
            "model that does not reason.",
        )
    raise AnswerError(
        "empty_answer", f"{provider} answered without a word; try again or use another model."
    )
