"""From words and prepared pictures to a chat request. Other rooms import from here only."""

from grok_vision.chat.instructions import (
    REST_WORDS,
    comparison_words,
    extraction_words,
    free_extraction_words,
    repair_words,
    words,
)
from grok_vision.chat.labels import (
    part_label,
    picture_label,
    region_label,
    rows_of_regions_label,
    sheet_label,
)
from grok_vision.chat.parts import (
    ChatRequest,
    ImagePart,
    Message,
    Part,
    RemoteImagePart,
    TextPart,
)
from grok_vision.chat.request import compose, continued

__all__ = [
    "REST_WORDS",
    "ChatRequest",
    "ImagePart",
    "Message",
    "Part",
    "RemoteImagePart",
    "TextPart",
    "comparison_words",
    "compose",
    "continued",
    "extraction_words",
    "free_extraction_words",
    "part_label",
    "picture_label",
    "region_label",
    "repair_words",
    "rows_of_regions_label",
    "sheet_label",
    "words",
]
