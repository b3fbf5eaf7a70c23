"""Which JSON Schemas Groq takes.

Source: console.groq.com/docs/structured-outputs, 2026, which names few keywords and the models
that take strict schemas; none of those sees. The words are those of refusals that were published
in 2025 and 2026.
"""

from collections.abc import Iterator

from tests.fake_provider.quirks import nested
from tests.fake_provider.schema_checks import every, keywords, no_booleans, references
from tests.fake_provider.schema_rules import SchemaRules
from tests.fake_xai import Response
from tests.fake_xai.subschemas import Node, words

DOCUMENTED = words("""
    $ref $defs title description type enum anyOf properties required additionalProperties items
    """)
# i-am-bee/beeai-framework#1215, 2025-10, told in an older shape.
NOT_SUPPORTED = frozenset({"minItems", "maxItems"})


def _place(node: Node) -> str:
    return "".join(f"/{step}" for step in node.path)


def _not_supported(node: Node, keyword: str) -> str:
    return f"{_place(node)}: {keyword} is not supported"


@every
def _closed(node: Node) -> Iterator[str]:
    if "object" not in node.types and "properties" not in node.keywords:
        return
    if node.keywords.get("additionalProperties") is not False:
        yield f"{_place(node)}: 'additionalProperties:false' must be set on every object"
    if "required" not in node.keywords:
        yield (
            f"{_place(node)}/required: `required` is required to be supplied and to be an array "
            "including every key in properties"
        )
        return
    missing = [
        name
        for name in node.keywords.get("properties", {})
        if name not in node.keywords["required"]
    ]
    if missing:
        yield (
            f"{_place(node)}/required: The following properties must be listed in `required`: "
            + ", ".join(missing)
        )


def _bad_schema(name: str, problem: str) -> Response:
    told = f"invalid JSON schema for response_format: '{name}': {problem}"
    return nested(400, told, param="response_format")


GROQ_SCHEMAS = SchemaRules(
    # vercel/ai#7303
    no_word=nested(
        400,
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
        "'json_object'.",
    ),
    strict_models=frozenset({"openai/gpt-oss-20b", "openai/gpt-oss-120b"}),
    strict_checks=(_closed,),
    checks=(keywords(DOCUMENTED, NOT_SUPPORTED, _not_supported), no_booleans, references),
    bad_schema=_bad_schema,
)
