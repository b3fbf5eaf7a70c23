"""A streamed completion, put together as if it had come in one piece.

The events are those of OpenAI's chat completions, as all providers here send them: `choices` with a
`delta`, `usage` in the last (`include_usage`; some send none, some send it with every event, Groq's
older ones in `x_groq`), and `[DONE]`. An error may come at any place: `{error}` (OpenAI,
OpenRouter), `{code, error}` (xAI), or an event called `error`.
"""

import json
from typing import Any

from grok_vision.relay import error_bodies
from grok_vision.relay.completion import words
from grok_vision.texts import sendable

_DONE = "[DONE]"
_FIRST_HALF = ("\ud800", "\udbff")


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
        self._half = ""
        self._went_on = False

    def add(self, data: str, *, called: str = "") -> str:
        """Take in the data of one event, and return the words in it.

        Raises:
            BrokenEventError: it is not one of a completion.
        """
        if not data.strip():
            # A sign of life: such an event tells nothing (HTML §9.2.6).
            return ""
        self.begun = True
        if data.strip() == _DONE:
            self.done = True
            return ""
        event = _object(data)
        if (error := _error(event, called)) is not None:
            self._error, self.done = error, True
        if isinstance(model := event.get("model"), str):
            self._model = self._model or model
        self._usage = _fuller(self._usage, event.get("usage") or _groq(event).get("usage"))
        return self._shown(self._choice(event.get("choices")))

    @property
    def has_words(self) -> bool:
        """Whether something was written that can be told, and was paid for."""
        return any(map(str.strip, self._text))

    @property
    def is_whole(self) -> bool:
        """Whether it came to its end, as some tell by the reason alone.

        Where words follow the reason, it was no end.
        """
        return self.done or (bool(self._finish_reason) and not self._went_on)

    def document(self) -> dict[str, Any]:
        """Return the response as it would have come in one piece."""
        told: dict[str, Any] = {"model": self._model, "usage": self._usage}
        if self._error is not None and not self.has_words:
            return {**told, **self._error}
        message = {"content": _paired(self._text), "refusal": _paired(self._refusal) or None}
        choice = {"message": message, "finish_reason": self._finish_reason or None}
        error = self._error or {}
        told["choices"] = [choice]
        return {**told, "error": error.get("error") or error} if error else told

    def _choice(self, choices: Any) -> str:
        told = choices if isinstance(choices, list) else []
        choice: dict[str, Any] = next(filter(_is_first, told), {})
        ended = bool(self._finish_reason)
        if isinstance(reason := choice.get("finish_reason"), str):
            self._finish_reason = reason
        # Some send all that a model said in one event, in the form of a whole answer; others do so
        # once more at the end.
        text, refusal = _said(choice.get("delta"))
        if not (text or refusal or self._refusal or self.has_words):
            text, refusal = _said(choice.get("message"))
        self._text.append(text)
        self.length += len(text)
        self._refusal += [refusal] if refusal else []
        self._went_on = self._went_on or (ended and bool(text.strip()))
        return text

    def _shown(self, text: str) -> str:
        """Return words that can be shown: a character may come in two events, by halves."""
        text = self._half + text
        self._half = text[-1:] if _FIRST_HALF[0] <= text[-1:] <= _FIRST_HALF[1] else ""
        return sendable(_paired([text.removesuffix(self._half)]))


def _object(data: str) -> dict[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict):
        raise BrokenEventError
    return event


def _error(event: dict[str, Any], called: str) -> dict[str, Any] | None:
    """Return the error that an event tells, in the form of a body, or None."""
    if error_bodies.is_error(event):
        return event
    if called == "error":
        return {"error": event}
    failed = _groq(event).get("error")
    return {"error": failed} if failed else None


def _groq(event: dict[str, Any]) -> dict[str, Any]:
    told = event.get("x_groq")
    return told if isinstance(told, dict) else {}


def _fuller(known: dict[str, Any] | None, told: Any) -> dict[str, Any] | None:
    """Return what tells more of the use: a last event may repeat it with nothing in it."""
    if not isinstance(told, dict) or not told:
        return known
    if known is None or sum(map(bool, told.values())) >= sum(map(bool, known.values())):
        return told
    return known


def _is_first(choice: Any) -> bool:
    return isinstance(choice, dict) and choice.get("index") in (None, 0)


def _said(message: Any) -> tuple[str, str]:
    """Return the words and the refusal of a message, or of a part of one."""
    if not isinstance(message, dict):
        return "", ""
    return words(message.get("content")), words(message.get("refusal"))


def _paired(parts: list[str]) -> str:
    """Return the text with the halves of a character that came apart put together."""
    text = "".join(parts)
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
