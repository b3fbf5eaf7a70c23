"""Our entry in a host's list of servers: the command, and the variables that it starts with."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from grok_vision.cli.hosts import Host
from grok_vision.cli.json_text import JSON

HIDDEN = "…"
_FILE = "_FILE"


@dataclass(frozen=True)
class Entry:
    """What a host is told: the command, and the variables that it starts with.

    Attributes:
        asked: The variable for which the host is to ask the person, where it does.
    """

    command: tuple[str, ...]
    variables: Mapping[str, str | SecretStr]
    asked: str | None = None

    def input(self) -> dict[str, JSON] | None:
        """Return what the host is to ask, as VS Code has it."""
        if self.asked is None:
            return None
        return {
            "type": "promptString",
            "id": input_of(self.asked),
            "description": f"{self.asked} for grok-vision",
            "password": True,
        }

    def holds_a_key(self) -> bool:
        """Tell whether it has a key in clear."""
        return any(isinstance(value, SecretStr) for value in self.variables.values())

    def written(self, host: Host, before: JSON = None) -> dict[str, JSON]:
        """Return the entry as it is put into the host's file.

        What `before`, the entry that is there, has besides stays, such as a time-out or further
        variables; but not that of a server elsewhere, which has no command, and no variable that
        says in another way what one of ours says: a key, and the file of a key.
        """
        kept = before if isinstance(before, dict) and "command" in before else {}
        told = kept.get(host.variables)
        ours = {name: _clear(value) for name, value in self.variables.items()}
        replaced = {name.removesuffix(_FILE) for name in ours} | {name + _FILE for name in ours}
        theirs = told.items() if isinstance(told, dict) else ()
        variables = {name: value for name, value in theirs if name not in replaced}
        return self._members(host, kept, variables | ours)

    def kept(self, host: Host, after: Mapping[str, JSON]) -> tuple[str, ...]:
        """Return the names of what the entry `after` has from before, and this does not show."""
        shown, told = self.shown(host), after.get(host.variables)
        variables = told if isinstance(told, dict) else {}
        others = (name for name in after if name != host.variables)
        return (
            *(f"{host.variables} {name}" for name in variables if name not in self.variables),
            *(name for name in others if name not in shown or after[name] != shown[name]),
        )

    def shown(self, host: Host) -> dict[str, JSON]:
        """Return the entry as it is shown: without keys, and without what stays."""
        hidden = {
            name: HIDDEN if isinstance(value, SecretStr) else value
            for name, value in self.variables.items()
        }
        return self._members(host, {}, hidden)

    def _members(
        self, host: Host, kept: Mapping[str, JSON], variables: Mapping[str, JSON]
    ) -> dict[str, JSON]:
        first, *others = self.command
        members: dict[str, JSON] = {**host.fixed, **kept}
        if host.joined:
            members["command"] = [first, *others]
        else:
            members |= {"command": first, "args": [*others]}
        if variables:
            members[host.variables] = {**variables}
        return members


def input_of(variable: str) -> str:
    """Return the name under which the host keeps what it asked for a variable."""
    return f"grok-vision-{variable.lower().replace('_', '-')}"


def _clear(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
