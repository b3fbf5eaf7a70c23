"""The tokens of a request beside its pictures: words, and what others put around them."""

from collections.abc import Iterable

from grok_vision.providers import ModelProfile
from grok_vision.tokens.count import Count
from grok_vision.tokens.text import text_tokens

# What a chat template puts around a message, and before the answer: 3 with OpenAI (litellm
# 1.109.1), 4 or 5 with Qwen and Llama. Texts of one message share it.
_TEMPLATE = Count(4, 0, 8)


def input_words(profile: ModelProfile, texts: Iterable[str]) -> Count:
    """Return the tokens of these texts in messages, and of what the provider adds and bills."""
    return sum((text_tokens(text) + _TEMPLATE for text in texts), _TEMPLATE + _hidden(profile))


def _hidden(profile: ModelProfile) -> Count:
    """Return what the provider's own prompt takes.

    "hi" alone was 637 tokens with grok-4.6. Notes of January 2026 on older models of xAI have 650
    more without a system message and 150 with one, and we send one: hence the range.
    """
    told = profile.hidden_tokens
    return Count(told, told // 5, told + told // 4)
