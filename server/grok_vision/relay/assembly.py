"""A streamed completion, put together as if it had come in one piece.

The events are those of OpenAI's chat completions, as all providers here send them: `choices` with a
`delta`, `usage` in the last (`include_usage`; some send none, some send it with every event), and
`[DONE]`. An error may come at any place: `{error}` (OpenAI, OpenRouter) or `{code, error}` (xAI).
"""

import json
from typing import Any

from grok_vision.relay import error_bodies
from grok_vision.texts import sendable

_DONE = "[DONE]"


class BrokenEventError(Exception):
    """An event is not one of a completion."""


class Assembly:
    """What the events have told so far.

    Attributes:
        done: Whether the provider said that nothing more comes.
        begun: Whether there was an event at all.
        length: How many characters were written.
    """

    def __init__(self) -> None:
        self.done = False
        self.begun = False
        self.length = 0
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._finish_reason = ""
        self._model = ""
        self._usage: dict[str, Any] | None = None
        self._error: dict[str, Any] | None = None

    def add(self, data: str) -> str:
        """Take in the data of one event, and return the words in it.

        Raises:
            BrokenEventError: it is not one of a completion.
        """
        self.begun = True
        if data.strip() == _DONE:
            self.done = True
            return ""
        event = _object(data)
        if error_bodies.is_error(event):
            self._error, self.done = event, True
        if isinstance(model := event.get("model"), str):
            self._model = self._model or model
        if isinstance(usage := event.get("usage"), dict):
            self._usage = usage
        return self._choice(event.get("choices"))

    @property
    def has_words(self) -> bool:
        """Whether something was written that can be told, and was paid for."""
        return any(map(str.strip, self._text))

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end, as some tell by the reason alone."""
        return self.done or bool(self._finish_reason)

    def document(self) -> dict[str, Any]:
        """Return the response as it would have come in one piece."""
        if self._error is not None and not self.has_words:
            return self._error
        message = {"content": "".join(self._text), "refusal": "".join(self._refusal) or None}
        choice = {"message": message, "finish_reason": self._finish_reason or None}
        error = self._error or {}
        return {
            "model": self._model,
            "choices": [choice],
            "usage": self._usage,
            **({"error": error.get("error") or error} if error else {}),
        }

    def _choice(self, choices: Any) -> str:
        told = choices if isinstance(choices, list) else []
        choice: dict[str, Any] = next(filter(_is_first, told), {})
        if isinstance(reason := choice.get("finish_reason"), str):
            self._finish_reason = reason
        # Some send all that a model said in one event, in the form of a whole answer.
        delta = choice.get("delta") or choice.get("message")
        if not isinstance(delta, dict):
            return ""
        words = _words(delta.get("content"))
        self._text.append(words)
        self.length += len(words)
        self._refusal.append(_words(delta.get("refusal")))
        return sendable(words)


def _object(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise BrokenEventError
    return event


def _is_first(choice: Any) -> bool:
    return isinstance(choice, dict) and choice.get("index") in (None, 0)


def _words(content: Any) -> str:
    """Return the words of a delta, which is a text or a list of parts."""
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""
