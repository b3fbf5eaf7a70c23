"""Secrets taken out of a text, in every form in which a text may have them."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import quote

_DATA_URI = re.compile(r"(data:[^\s,:]*;base64,)[A-Za-z0-9+/=\s\\]{16,}", re.IGNORECASE)
_BEARER = re.compile(r"(bearer\s+)[^\s'\"]+", re.IGNORECASE)
_ESCAPES: tuple[Callable[[str], str], ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: repr(text)[1:-1],
    lambda text: quote(text, safe=""),
)
# A text that quotes a text that quotes: JSON in a message of an exception.
_DEEPEST = 2


class Redaction:
    """Takes known secrets out of texts, and what looks like a token or the bytes of a picture."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # The longest first: one secret may begin with another.
        told = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
        self._secrets = re.compile(told) if told else None

    def text(self, text: str) -> str:
        """Return the text without them."""
        if self._secrets is not None:
            text = self._secrets.sub("[key]", text)
        return _BEARER.sub(r"\1[key]", _DATA_URI.sub(r"\1[bytes]", text))

    def value(self, value: object) -> object:
        """Return plain data for JSON without them; whatever is none becomes its text."""
        if value is None or isinstance(value, bool | int):
            return value
        if isinstance(value, float) and value - value == 0:  # neither infinite nor NaN
            return value
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.value(one) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(one) for one in value]
        return self.text(str(value))


def _forms(secret: str) -> set[str]:
    """Return the secret as it is written inside of JSON, Python, and URLs."""
    forms = {secret}
    for _ in range(_DEEPEST):
        forms |= {escape(form) for form in forms for escape in _ESCAPES}
    return forms
