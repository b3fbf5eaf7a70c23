"""The elements of a chat message, before they are put on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from grok_vision.vocabulary import Detail


@dataclass(frozen=True, slots=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An encoded picture; `data` goes on the wire as a base64 data URI."""

    media_type: str
    data: bytes = field(repr=False)
    detail: Detail


@dataclass(frozen=True, slots=True)
class RemoteImagePart:
    """A picture that the provider fetches itself; the URL may hold secrets in its query."""

    url: str = field(repr=False)
    detail: Detail


Part = TextPart | ImagePart | RemoteImagePart


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the conversation."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """All that one call of `chat/completions` says."""

    model: str
    messages: tuple[Message, ...]
    parameters: Mapping[str, JsonValue]

    @property
    def texts(self) -> list[str]:
        """All words that are sent, in order."""
        parts = (part for message in self.messages for part in message.parts)
        return [part.text for part in parts if isinstance(part, TextPart)]
