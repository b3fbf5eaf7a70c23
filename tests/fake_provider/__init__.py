"""Strict stand-ins of the OpenAI-compatible providers beside xAI, for tests.

One application, told apart by `Quirks`: what each provider accepts, how it counts, and the very
bodies with which it refuses. They are written from public material read on 2026-11-21 and know
nothing of our own tables. A failure's comment names where its body was seen; where none is named,
the words are the stand-in's own, in that provider's shape.

A request is judged in this order: queued failures · address · size · key · JSON · types · model ·
parameters · response format · messages · pictures. Where a provider is lenient and a mistake of
ours would be silent, the stand-in refuses, with a message that begins with `stand-in:`: keys that
no client library knows, caps of the output that the provider ignores, a second system message,
labels that are not those of the bytes, pictures other than JPEG and PNG, and in a schema what the
provider would ignore or documents nowhere.
"""

from tests.fake_provider.app import FakeProvider
from tests.fake_provider.groq import GROQ
from tests.fake_provider.hosted import HOSTED
from tests.fake_provider.openai import OPENAI
from tests.fake_provider.openrouter import OPENROUTER
from tests.fake_provider.quirks import UNKNOWN_MODEL, Failure, Quirks
from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_provider.self_hosted import CUSTOM, LLAMACPP, LMSTUDIO, OLLAMA, SELF_HOSTED, VLLM
from tests.fake_provider.together import TOGETHER

__all__ = [
    "CUSTOM",
    "GROQ",
    "HOSTED",
    "LLAMACPP",
    "LMSTUDIO",
    "OLLAMA",
    "OPENAI",
    "OPENROUTER",
    "SELF_HOSTED",
    "TOGETHER",
    "UNKNOWN_MODEL",
    "VLLM",
    "Failure",
    "FakeProvider",
    "Quirks",
    "SchemaRules",
]
