"""What becomes of a host's file: the entry put in or taken out, and all else as it was."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grok_vision.cli import json_text
from grok_vision.cli.host_entry import Entry, input_of
from grok_vision.cli.host_files import HostFile
from grok_vision.cli.hosts import Host
from grok_vision.cli.json_text import JSON

Action = Literal["add", "replace", "remove", "nothing", "by_hand"]
_INPUTS = ("inputs",)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change that is worked out and not made yet.

    Attributes:
        text: What the file is to say; None where nothing is to be written.
        others: The names of further servers in it.
        variables: Those that the entry has then.
        kept: The names of what the entry has from before, and ours does not show.
        trouble: Why the file is left to the person, where it is.
    """

    action: Action
    text: str | None = None
    others: tuple[str, ...] = ()
    variables: Mapping[str, JSON] = field(default_factory=dict, repr=False)
    kept: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class _Syntax:
    parse: Callable[[str], dict[str, JSON]]
    put: Callable[[str, Sequence[str], JSON], str]
    take: Callable[[str, Sequence[str]], str]
    block: Callable[[Sequence[str], JSON], str]


def change(host: Host, file: HostFile, name: str, entry: Entry | None) -> Change:
    """Return the change that puts the entry in, or without one takes it out."""
    try:
        text = file.text()
        servers = _servers(_syntax(host).parse(text), host)
        found = (
            _taking(host, text, servers, name)
            if entry is None
            else _putting(host, text, servers, name, entry)
        )
        (found.text or "").encode()  # which half a character that JSON can name cannot be
        return found
    except (ValueError, RecursionError) as error:
        return Change(action="by_hand", trouble=_told(host, error))


def block(host: Host, name: str, entry: Entry) -> str:
    """Return what the file would say of the entry alone, without keys."""
    text = _syntax(host).block((*host.section, name), entry.shown(host))
    return _with_input(text, entry)


def _taking(host: Host, text: str, servers: dict[str, JSON], name: str) -> Change:
    others = tuple(other for other in servers if other != name)
    if name not in servers:
        return Change(action="nothing", others=others)
    taken = _syntax(host).take(text, (*host.section, name))
    if host.asks:
        taken = _without_inputs(taken, tuple(_variables(servers[name], host)))
    return Change(action="remove", text=taken, others=others)


def _putting(host: Host, text: str, servers: dict[str, JSON], name: str, entry: Entry) -> Change:
    before = servers.get(name)
    after = entry.written(host, before)
    place = (*host.section, name)
    put = text if after == before else _syntax(host).put(text, place, after)
    put = _with_input(put, entry)
    action: Action = "add" if before is None else "replace"
    return Change(
        action="nothing" if put == text else action,
        text=None if put == text else put,
        others=tuple(other for other in servers if other != name),
        variables=_variables(after, host),
        kept=entry.kept(host, after),
    )


def _servers(found: JSON, host: Host) -> dict[str, JSON]:
    for name in host.section:
        found = found.get(name, {}) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise ValueError(f"{'.'.join(host.section)} is not an object")
    return found


def _variables(entry: JSON, host: Host) -> dict[str, JSON]:
    found = entry.get(host.variables) if isinstance(entry, dict) else None
    return found if isinstance(found, dict) else {}


def _with_input(text: str, entry: Entry) -> str:
    """Return the text with what the host is to ask, where it does and is not told yet."""
    wanted = entry.input()
    if wanted is None:
        return text
    inputs = json_text.parse(text).get("inputs", [])
    there = isinstance(inputs, list) and any(
        isinstance(one, dict) and one.get("id") == wanted["id"] for one in inputs
    )
    return text if there else json_text.add(text, _INPUTS, wanted)


def _without_inputs(text: str, variables: Sequence[str]) -> str:
    """Return the text without what the host was to ask for these and no server names now."""
    found = json_text.parse(text)
    inputs, named = found.get("inputs"), json.dumps(found)
    asked = {input_of(variable) for variable in variables}
    gone = [name for name in asked if f"${{input:{name}}}" not in named]
    listed = list(enumerate(inputs)) if isinstance(inputs, list) else []
    # From the end, so that the numbers of the others stay.
    for number, one in reversed(listed):
        if isinstance(one, dict) and one.get("id") in gone:
            text = json_text.take(text, (*_INPUTS, str(number)))
    return text


def _syntax(host: Host) -> _Syntax:
    if host.syntax == "toml":
        from grok_vision.cli import toml_text as toml

        return _Syntax(toml.parse, toml.put, toml.take, toml.block)
    return _Syntax(json_text.parse, json_text.put, json_text.take, json_text.block)


def _told(host: Host, error: ValueError | RecursionError) -> str:
    """Return why the text is left alone; never what it says."""
    plain = f"plain {host.syntax.upper()}"
    if isinstance(error, json.JSONDecodeError):
        return f"is not {plain} (line {error.lineno}: comments, a comma too many, or broken)"
    if isinstance(error, UnicodeError):
        return f"is not {plain} (no UTF-8)"
    if isinstance(error, RecursionError):
        return f"is not {plain} that can be changed safely (nested too deeply)"
    return f"is not {plain} that can be changed safely ({error})"
