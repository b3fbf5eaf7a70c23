"""From words and pictures to a request in the shape that the chosen model takes."""

from collections.abc import Sequence

from pydantic import JsonValue

from grok_vision.chat.instructions import SYSTEM
from grok_vision.chat.parts import ChatRequest, Message, Part, TextPart
from grok_vision.providers import ModelProfile, Provider


def compose(
    provider: Provider,
    profile: ModelProfile,
    *,
    words: str,
    pictures: Sequence[Part],
    max_tokens: int = 0,
) -> ChatRequest:
    """Return the request: one system message, then words and pictures in one user message.

    Where the model refuses a system message beside pictures, its words open the user's message.
    `pictures` may hold words of their own, which stand before the picture that they are about.
    `max_tokens` caps the visible answer; 0 leaves the provider's own cap. Parameters that the
    model refuses are not sent.
    """
    parameters: dict[str, JsonValue] = {}
    if max_tokens:
        parameters[provider.output_limit] = max_tokens
    if profile.reasoning_effort is not None:
        parameters["reasoning_effort"] = profile.reasoning_effort
    return ChatRequest(
        model=profile.name,
        messages=_messages(words, pictures, system_message=profile.system_message),
        parameters=parameters,
    )


def _messages(words: str, pictures: Sequence[Part], *, system_message: bool) -> tuple[Message, ...]:
    # Words first: OpenRouter asks for it, and no provider minds.
    if not system_message:
        return (Message("user", (TextPart(f"{SYSTEM}\n\n{words}"), *pictures)),)
    return (
        Message("system", (TextPart(SYSTEM),)),
        Message("user", (TextPart(words), *pictures)),
    )
