"""What every client is given to do, and what must come of it.

A client is a program. It reads a task as JSON from its input: `transport`, the `address` of a
server or the `command` that starts one, the `mode` of the protocol, and `calls` of tools. It writes
as JSON the names of `tools` and `prompts`, the addresses of `resources`, the structured `results`
of the calls, and how many notes of `progress` came.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from grok_vision.prompts import all_prompts
from grok_vision.tools import all_tools
from tests.clients.served import EXAMPLES

TABLE = {"columns": ["Region", "Year"], "rows": [["Wales", "1,814"]]}
"""What fits the preset that extract_json is called with."""
RESOURCES = {"vision://usage", "vision://models", "vision://limits"}


class Call(TypedDict):
    """One call of a tool."""

    name: str
    arguments: Mapping[str, Any]


def calls() -> list[Call]:
    """Return a call of each tool, which a model and the offline engine can answer."""
    before, after = str(EXAMPLES / "page-before.png"), str(EXAMPLES / "page-after.png")
    return [
        {"name": "describe_image", "arguments": {"image": str(EXAMPLES / "dashboard.png")}},
        {
            "name": "extract_json",
            "arguments": {"images": [str(EXAMPLES / "table.png")], "preset": "table"},
        },
        {"name": "compare_images", "arguments": {"images": [before, after], "mode": "pixels"}},
        {"name": "estimate_tokens", "arguments": {"images": [before, after]}},
    ]


def complaints(done: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with what a client wrote; nothing where all is well."""
    wrong = [
        *_listed(done["tools"], {tool.name for tool in all_tools()}, "tools"),
        *_listed(done["prompts"], {prompt.name for prompt in all_prompts()}, "prompts"),
        *_listed(done["resources"], RESOURCES, "resources"),
    ]
    if done["progress"] < 1:
        wrong.append("no progress")
    return [*wrong, *wrong_answers(done["results"])]


def wrong_answers(results: Sequence[Mapping[str, Any] | None]) -> list[str]:
    """Return what is wrong with the structured results of the calls."""
    described, extracted, compared, estimated = (result or {} for result in results)
    wrong = []
    if not described.get("text"):
        wrong.append(f"describe_image answered {described}")
    if not extracted.get("valid"):
        wrong.append(f"extract_json answered {extracted}")
    if compared.get("verdict") != "different":
        wrong.append(f"compare_images answered {compared}")
    if len(estimated.get("images", ())) != 2:
        wrong.append(f"estimate_tokens answered {estimated}")
    return wrong


def _listed(found: Sequence[str], wanted: set[str], what: str) -> list[str]:
    missing = sorted(wanted.difference(found))
    return [f"{what} lack {', '.join(missing)}"] if missing else []
