"""What each provider takes of JSON Schema: facts read on 2026-11-21. No live call was made.

A keyword that nobody documents is not sent: whether it would be refused or ignored, only the check
here can be relied on.
"""

from dataclasses import replace

from grok_vision.providers.evidence import Evidence
from grok_vision.providers.schema_dialect import SchemaDialect

_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_LENGTHS = frozenset({"minLength", "maxLength"})
_ITEMS = frozenset({"minItems", "maxItems"})
_TEXT = frozenset({"pattern", "format"})

XAI = SchemaDialect(
    keywords=_BOUNDS | _LENGTHS | _ITEMS | _TEXT | {"oneOf", "minProperties", "maxProperties"},
    formats=frozenset({"date", "time", "date-time", "email", "uuid", "ipv4", "ipv6", "uri"}),
    # What is larger is accepted and not enforced.
    largest={
        **dict.fromkeys(_LENGTHS, 2048),
        **dict.fromkeys(_ITEMS, 256),
        **dict.fromkeys(("minProperties", "maxProperties"), 64),
    },
    # An object is closed where nothing is said; `true` opens it.
    closed=False,
    maps="true",
    # grok-4.6 refuses a circular $ref (get-bb/bb#1613, 2026-08-14).
    recursive=False,
    shown=True,
    evidence=Evidence(
        "documented", "docs.x.ai/developers/model-capabilities/text/structured-outputs.md", "2026"
    ),
)

# A list of what is allowed: any other keyword is an error 400. minLength and maxLength were refused
# in 2025-12 (coder/mux#1220) and are kept by pydantic-ai 2.68: left out.
OPENAI = SchemaDialect(
    keywords=_BOUNDS | _ITEMS | _TEXT | {"multipleOf"},
    formats=frozenset(
        {"date", "time", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
    ),
    all_required=True,
    shown=True,
    max_depth=10,
    max_properties=5_000,
    max_values=1_000,
    max_characters=120_000,
    long_enum=(250, 15_000),
    evidence=Evidence(
        "documented", "developers.openai.com/api/docs/guides/structured-outputs", "2026-09"
    ),
)

# `strict: true` is for its gpt-oss models only. minItems is refused (i-am-bee/beeai#1215, 2025-10),
# and no keyword that bounds a value is documented.
GROQ = SchemaDialect(
    strict=False,
    evidence=Evidence("documented", "console.groq.com/docs/structured-outputs", "2026-08"),
)

# Calls go to whoever serves the model: what all of them take, in the shape of the strictest. Some
# ignore the schema in silence (openstory#1302, 2026-08).
OPENROUTER = replace(
    OPENAI,
    keywords=OPENAI.keywords & XAI.keywords,
    formats=OPENAI.formats & XAI.formats,
    recursive=False,
    shown=False,
    evidence=Evidence("assumed", "as OpenAI, whose shape it documents", "2026-11-21"),
)

# xgrammar, else guidance, which answers 400 to what it does not know.
VLLM = SchemaDialect(
    keywords=_BOUNDS | _LENGTHS | _ITEMS | _TEXT,
    formats=frozenset(
        {
            "date",
            "time",
            "date-time",
            "duration",
            "email",
            "hostname",
            "ipv4",
            "ipv6",
            "uri",
            "uuid",
        }
    ),
    largest=dict.fromkeys(_LENGTHS | _ITEMS, 1_000),
    maps="schema",
    lengths_alone=True,
    evidence=Evidence(
        "vendor source", "vllm v1/structured_output/backend_xgrammar.py, 030141c1", "2026"
    ),
)

# Its documents name no keyword; old servers were text-generation-inference, newer ones like vLLM.
TOGETHER = replace(
    VLLM, evidence=Evidence("assumed", "as vLLM; docs.together.ai/docs/json-mode", "2026-11-21")
)

# Anything else than a pattern of plain characters makes a grammar that fails or holds nothing back
# (ggml-org/llama.cpp#19051, 2026-01); long repetitions exceed its limit.
LLAMACPP = SchemaDialect(
    keywords=_LENGTHS | _ITEMS | _TEXT,
    formats=frozenset({"date", "time", "date-time", "uuid"}),
    largest=dict.fromkeys(_LENGTHS | _ITEMS, 1_000),
    maps="schema",
    pattern_escapes=False,
    lengths_alone=True,
    evidence=Evidence(
        "vendor source", "llama.cpp common/json-schema-to-grammar.cpp, 011c6c3c", "2026"
    ),
)

# An older copy of llama.cpp's converter, without patterns (ollama/ollama#8185).
OLLAMA = replace(
    LLAMACPP,
    keywords=LLAMACPP.keywords - {"pattern"},
    evidence=Evidence("vendor source", "ollama openai/openai.go, llm/server.go", "2026"),
)
