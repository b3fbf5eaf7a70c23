"""From words and prepared pictures to a chat request. Other rooms import from here only."""

from grok_vision.chat.instructions import words
from grok_vision.chat.labels import part_label
from grok_vision.chat.parts import (
    ChatRequest,
    ImagePart,
    Message,
    Part,
    RemoteImagePart,
    TextPart,
)
from grok_vision.chat.request import compose

__all__ = [
    "ChatRequest",
    "ImagePart",
    "Message",
    "Part",
    "RemoteImagePart",
    "TextPart",
    "compose",
    "part_label",
    "words",
]
