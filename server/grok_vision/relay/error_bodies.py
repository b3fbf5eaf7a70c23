"""What the body of a failed response says, in the shapes that providers use.

Flat `{code, error}` (xAI), nested `{error: {message, type, code}}` (OpenAI and most others),
`{error: text}` (LM Studio), `{object: "error", message, code}` (older vLLM), an error within the
first choice or in the `metadata` of another, or told by `finish_reason` alone (OpenRouter),
`{detail}` (FastAPI), `{message}` (gateways), and plain text.
"""

import re
from typing import Any

_LONGEST_READ = 4096
# A URL that is quoted is the caller's: its words, as in ?api_key=…, say nothing of what went wrong.
_URL = re.compile(r"https?://\S+", re.IGNORECASE)


def error_text(document: Any) -> str:
    """Return what an error body says, without URLs, or "" where the document is no error."""
    if isinstance(document, str):
        return _shown(document)
    if not isinstance(document, dict):
        return ""
    error = _error_of(document)
    told: list[object] = [document.get("code"), error if isinstance(error, str) else None]
    if isinstance(error, dict):
        told += [error.get("code"), error.get("type"), error.get("message"), _quoted(error)]
    elif not error:
        told = [document.get("message"), *_details(document.get("detail"))]
    return _shown(" ".join(str(word) for word in told if isinstance(word, str | int)))


def error_status(document: Any, status: int) -> int:
    """Return the status that an error body names where the response itself claims success."""
    error = _error_of(document)
    named = error.get("code") if isinstance(error, dict) else None
    return named if status < 300 and isinstance(named, int) and 400 <= named <= 599 else status


def is_error(document: Any) -> bool:
    """Tell whether the document is an error in one of the known shapes."""
    return bool(_error_of(document))


def _shown(told: str) -> str:
    # First the URLs: one may be longer than what is read, and end before the reason is told.
    return _URL.sub("URL", told)[:_LONGEST_READ]


def _details(detail: Any) -> list[object]:
    """Return FastAPI's words: a text, or problems, of which each may repeat the whole request."""
    if isinstance(detail, list):
        return [problem.get("msg") for problem in detail if isinstance(problem, dict)]
    return [detail]


def _quoted(error: dict[str, Any]) -> Any:
    """Return what OpenRouter quotes of the provider behind it, whose error it passes on."""
    metadata = error.get("metadata")
    return metadata.get("raw") if isinstance(metadata, dict) else None


def _error_of(document: Any) -> Any:
    if not isinstance(document, dict):
        return None
    if document.get("object") == "error":
        return document
    choices = document.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(first, dict):
        return document.get("error")
    return document.get("error") or first.get("error") or first.get("finish_reason") == "error"
