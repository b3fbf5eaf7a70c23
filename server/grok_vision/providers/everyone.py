"""Every provider, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from grok_vision.providers.facts import Provider
from grok_vision.providers.groq import GROQ
from grok_vision.providers.offline import LOCAL
from grok_vision.providers.openai import OPENAI
from grok_vision.providers.openrouter import OPENROUTER
from grok_vision.providers.self_hosted import CUSTOM, LLAMACPP, LMSTUDIO, OLLAMA, VLLM
from grok_vision.providers.together import TOGETHER
from grok_vision.providers.xai import XAI

BY_NAME: Mapping[str, Provider] = MappingProxyType(
    {
        provider.name: provider
        for provider in (
            XAI,
            OPENAI,
            GROQ,
            TOGETHER,
            OPENROUTER,
            OLLAMA,
            LMSTUDIO,
            LLAMACPP,
            VLLM,
            CUSTOM,
            LOCAL,
        )
    }
)

PROVIDERS: tuple[Provider, ...] = tuple(BY_NAME.values())
"""Every provider, in the order in which `auto` looks for a key."""
