"""From words and pictures to a request in the shape that the chosen model takes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from grok_vision.chat.instructions import SYSTEM, SYSTEM_OF_JSON
from grok_vision.chat.parts import ChatRequest, Message, Part, TextPart
from grok_vision.providers import ModelProfile, Provider


def compose(
    provider: Provider,
    profile: ModelProfile,
    *,
    words: str,
    pictures: Sequence[Part],
    max_tokens: int = 0,
    as_json: bool = False,
    response_format: Mapping[str, JsonValue] | None = None,
) -> ChatRequest:
    """Return the request: one system message, then words and pictures in one user message.

    Where the model refuses a system message beside pictures, its words open the user's message.
    `pictures` may hold words of their own, which stand before the picture that they are about.
    `max_tokens` caps the visible answer; 0 leaves the provider's own cap. `as_json` asks for JSON
    in words, and `response_format` by parameter. Parameters that the model refuses are not sent.
    """
    parameters: dict[str, JsonValue] = {}
    if max_tokens:
        parameters[provider.output_limit] = max_tokens
    if profile.reasoning_effort is not None:
        parameters["reasoning_effort"] = profile.reasoning_effort
    if response_format is not None:
        parameters["response_format"] = dict(response_format)
    system = SYSTEM_OF_JSON if as_json else SYSTEM
    return ChatRequest(
        model=profile.name,
        messages=_messages(system, words, pictures, apart=profile.system_message),
        parameters=parameters,
    )


def continued(request: ChatRequest, answer: str, words: str, *, free: bool = False) -> ChatRequest:
    """Return the request that goes on after an answer; `free` lets the next be of any form."""
    dropped = {"response_format"} if free else set()
    return replace(
        request,
        messages=(
            *request.messages,
            Message("assistant", (TextPart(answer),)),
            Message("user", (TextPart(words),)),
        ),
        parameters={k: v for k, v in request.parameters.items() if k not in dropped},
    )


def _messages(
    system: str, words: str, pictures: Sequence[Part], *, apart: bool
) -> tuple[Message, ...]:
    # Words first: OpenRouter asks for it, and no provider minds.
    if not apart:
        return (Message("user", (TextPart(f"{system}\n\n{words}"), *pictures)),)
    return (
        Message("system", (TextPart(system),)),
        Message("user", (TextPart(words), *pictures)),
    )
