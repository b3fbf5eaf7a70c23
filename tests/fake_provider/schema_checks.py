"""Checks of schemas that several providers share."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from tests.fake_provider.schema_rules import Check
from tests.fake_xai.subschemas import Node, circular, dangling, walk, words

Words: TypeAlias = Callable[[Node, str], str]

# Words for people, which no grammar heeds.
ANNOTATIONS = words(
    "title description $schema $id $comment default examples deprecated readOnly writeOnly"
)


def every(check: Callable[[Node], Iterator[str]]) -> Check:
    """The check of one schema as a check of all the schemas in a schema."""

    def checks(schema: dict[str, Any]) -> Iterator[str]:
        for node in walk(schema):
            yield from check(node)

    return checks


def keywords(taken: frozenset[str], refused: frozenset[str], told: Words) -> Check:
    """Refuse keywords: some in the provider's words, those that nobody documents in our own."""

    def check(node: Node) -> Iterator[str]:
        for keyword in node.keywords:
            if keyword in refused:
                yield told(node, keyword)
            elif keyword not in taken:
                yield f"stand-in: nobody documents {keyword} at {node.place}"

    return every(check)


def formats(taken: frozenset[str]) -> Check:
    """Refuse other values of `format`, which would be ignored or end in an error."""

    def check(node: Node) -> Iterator[str]:
        found = node.keywords.get("format")
        if found is not None and found not in taken:
            yield f"stand-in: format {found} is not kept at {node.place}"

    return every(check)


@every
def no_booleans(node: Node) -> Iterator[str]:
    """Refuse `true` and `false` as schemas of a value."""
    if isinstance(node.schema, bool):
        yield f"stand-in: boolean schema at {node.place}"


def references(schema: dict[str, Any]) -> Iterator[str]:
    """Refuse references that lead nowhere."""
    for reference in dangling(schema):
        yield f"stand-in: {reference} leads nowhere"


def no_circles(schema: dict[str, Any]) -> Iterator[str]:
    """Refuse references that lead back to themselves."""
    if not dangling(schema) and circular(schema):
        yield "stand-in: a reference leads in a circle"
