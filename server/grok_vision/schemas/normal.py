"""A schema in its normal form: one type at each place, or a choice of such."""

import jsonschema_rs

from grok_vision.schemas.keywords import (
    ABOUT,
    ANNOTATIONS,
    CONDITIONS,
    HIDDEN,
    Node,
    Type,
    listed,
    type_of,
    types_of,
)
from grok_vision.schemas.losses import Inexpressible, Losses
from grok_vision.schemas.merging import merged_at
from grok_vision.schemas.problems import Path, pointer

NEVER: Node = {"not": {}}
"""What no value fits: `false`."""

_CHOICES = ("anyOf", "oneOf")
_KINDS: tuple[Type, ...] = ("string", "number", "array", "object")
_BINDING = frozenset().union(*ABOUT.values(), CONDITIONS, _CHOICES, {"type", "enum", "const"})


def is_never(node: Node) -> bool:
    """Tell whether no value fits."""
    return node == NEVER


def normal(node: Node, path: Path, losses: Losses, *, final: bool = False) -> Node:
    """Return the schema with one type, or as a choice; what is within it is so already.

    Of a schema that is not `final` others may still tell the type, so none is guessed.

    Raises:
        Inexpressible: it cannot be said so.
    """
    if "$ref" in node or is_never(node):
        return node
    shown: Node = {key: node[key] for key in ANNOTATIONS if isinstance(node.get(key), str)}
    said: Node = {key: node[key] for key in node if key in _BINDING or key == HIDDEN}
    for keyword in _CHOICES:
        if keyword in said:
            return _beside(shown, _chosen(said, keyword, path, losses, final=final))
    if "const" in said:
        said["enum"] = [said.pop("const")]
    if said.get("enum") == []:
        losses.add("enum", path)
        del said["enum"]
    if "enum" in said:
        forms = _listed(said, path)
    elif final:
        forms = _typed(said)
    else:
        forms = [said]
    return _beside(shown, _choice("anyOf", forms))


def _beside(shown: Node, node: Node) -> Node:
    return node if is_never(node) else {**node, **shown}


def _choice(keyword: str, forms: list[Node]) -> Node:
    if not forms:
        return NEVER
    return forms[0] if len(forms) == 1 else {keyword: [*forms]}


def _chosen(said: Node, keyword: str, path: Path, losses: Losses, *, final: bool) -> Node:
    """Return the choice with what stands beside it put into each alternative."""
    rest = {key: value for key, value in said.items() if key != keyword}
    forms: list[Node] = []
    for form in listed(said[keyword]):
        if not isinstance(form, dict) or is_never(form):
            continue
        whole = _with_rest(rest, form, (*path, keyword), losses) if rest else form
        whole = normal(whole, (*path, keyword), losses, final=final)
        # A choice within a choice of the same kind is one choice.
        inner = (
            listed(whole["anyOf"]) if keyword == "anyOf" and set(whole) == {"anyOf"} else [whole]
        )
        forms += [one for one in inner if isinstance(one, dict)]
    if final and keyword == "anyOf" and any(not form for form in forms):
        return {}
    return _choice(keyword, forms)


def _with_rest(rest: Node, form: Node, path: Path, losses: Losses) -> Node:
    if "$ref" in form:
        raise Inexpressible(path, f"more is said beside {pointer(path)}, which is recursive")
    return merged_at(rest, form, path, losses, "what stands beside a choice speaks of the same")


def _listed(said: Node, path: Path) -> list[Node]:
    """Return the values of `enum` by type, those left out that the schema itself excludes."""
    types = types_of(said)
    bounds = {key: said[key] for key in ABOUT["string"] | ABOUT["number"] if key in said}
    validator = jsonschema_rs.validator_for(bounds, offline=True) if bounds else None
    kept = {key: said[key] for key in CONDITIONS if key in said}
    groups: dict[Type, list[object]] = {}
    for value in listed(said["enum"]):
        kind = type_of(value)
        if kind in {"array", "object"}:
            raise Inexpressible((*path, "enum"), "a value is not a text, a number, true or false")
        fits = kind in types or (kind == "integer" and "number" in types)
        if fits and (validator is None or validator.is_valid(value)):
            groups.setdefault(kind, []).append(value)
    return [{"type": kind, "enum": found, **kept} for kind, found in groups.items()]  # type: ignore[dict-item]


def _typed(said: Node) -> list[Node]:
    """Return a form for each type, with the keywords that bind it; an empty one for any value."""
    conditions = {key: said[key] for key in CONDITIONS if key in said}
    if "type" in said:
        types = types_of(said)
    else:
        # Who bounds the length of a text, and says no more, means a text.
        types = tuple(kind for kind in _KINDS if ABOUT[kind] & said.keys())
    if not types:
        return [conditions]
    if "number" in types:
        types = tuple(kind for kind in types if kind != "integer")
    return [
        {"type": kind, **{key: said[key] for key in said if key in ABOUT[kind]}, **conditions}
        for kind in types
    ]
