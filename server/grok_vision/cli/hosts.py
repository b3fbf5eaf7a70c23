"""What is to be known of a host of MCP servers: where its list of them is, how an entry looks."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grok_vision.cli.json_text import JSON

Base = Literal["home", "app", "xdg", "local"]
System = Literal["darwin", "linux", "win32"]


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A user's folders: what each `Base` means.

    Attributes:
        system: As `sys.platform` names it.
        home: The home folder.
        app: Where programs keep what follows the user: `~/.config`, `~/Library/Application Support`
            or `%APPDATA%`.
        xdg: `$XDG_CONFIG_HOME`, else `~/.config`, whatever the system.
        local: What stays on this machine: `%LOCALAPPDATA%` on Windows.
        variables: The environment, in which some hosts are told of another folder.
    """

    system: str
    home: Path
    app: Path
    xdg: Path
    local: Path
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def this(cls) -> "Machine":
        """Return the folders of this process's user.

        Raises:
            RuntimeError: the user has no home folder.
        """
        import platformdirs
        from platformdirs.unix import Unix

        home, is_mac = Path.home(), sys.platform == "darwin"
        # There platformdirs follows $XDG_CONFIG_HOME, and programs with a window do not.
        app = home / "Library" / "Application Support" if is_mac else None
        return cls(
            system=sys.platform,
            home=home,
            app=app or platformdirs.user_config_path(roaming=True),
            xdg=Unix().user_config_path,
            local=platformdirs.user_data_path(),
            variables=os.environ,  # noqa: TID251 - of the hosts, and none of ours to be set by
        )


@dataclass(frozen=True)
class Place:
    """Where a file may be.

    Attributes:
        systems: The systems on which it is there; none for all.
        sign: The folder that shows that it is used, where it is not that of the file.
        variable: The variable that names another folder for the file, where there is one.
    """

    base: Base
    path: str
    systems: tuple[System, ...] = ()
    sign: str = ""
    variable: str = ""

    def file(self, machine: Machine) -> Path:
        """Return the file."""
        root: Path = getattr(machine, self.base)
        usual = root / self.path
        folder = machine.variables.get(self.variable)
        return Path(folder) / usual.name if folder else usual

    def is_used(self, machine: Machine) -> bool:
        """Tell whether its folder is there."""
        root: Path = getattr(machine, self.base)
        return (root / self.sign if self.sign else self.file(machine).parent).is_dir()


@dataclass(frozen=True, kw_only=True)
class Host:
    """A program that starts MCP servers.

    Attributes:
        places: Its file for the user: the first whose folder is there, else the first that has
            no sign of its own.
        project: The file of one project, from the project's folder.
        section: The names that lead to the servers.
        fixed: What every entry of a local server has there.
        joined: Whether the command and its arguments are one list.
        variables: The name under which an entry has its variables.
        reference: How a value names a variable of the host's own environment.
        asks: Whether the host asks for keys itself, so that no file holds them.
        then: What to do for the host to see it.
        source: Where these facts are from.
        date: When they were read there.
    """

    name: str
    title: str
    places: tuple[Place, ...]
    project: str | None = None
    section: tuple[str, ...] = ("mcpServers",)
    syntax: Literal["json", "toml"] = "json"
    fixed: Mapping[str, JSON] = field(default_factory=dict)
    joined: bool = False
    variables: str = "env"
    reference: str | None = None
    asks: bool = False
    then: str
    source: str
    date: str

    def file(self, machine: Machine) -> Path:
        """Return its file for the user of this machine."""
        here = [
            place for place in self.places if not place.systems or machine.system in place.systems
        ]
        used = (place for place in here if place.is_used(machine))
        usual = next(place for place in here if not place.sign)
        return next(used, usual).file(machine)
