"""What `install` does or would do: for which host, in which file, with which entry."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr

from grok_vision.cli import host_settings
from grok_vision.cli.host_change import Action, Change, block, change
from grok_vision.cli.host_command import command
from grok_vision.cli.host_entry import Entry, input_of
from grok_vision.cli.host_files import HostFile
from grok_vision.cli.hosts import Host, Machine
from grok_vision.cli.known_hosts import HOSTS
from grok_vision.errors import ConfigurationError, RequestError
from grok_vision.local import missing
from grok_vision.results import Result
from grok_vision.texts import sendable, shortened

# What Claude Code and Codex take, the strictest of them.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a person asks of `install`."""

    host: str
    name: str
    project: bool = False
    settings: tuple[str, ...] = ()
    with_key: bool = False
    remove: bool = False
    write: bool = False


class Installation(Result):
    """What `install` did, or would do with --write."""

    host: str
    file: str
    action: Annotated[
        Action, Field(description="by_hand: the file is left alone, and why is in `trouble`.")
    ]
    written: bool = False
    backup: Annotated[str | None, Field(description="What was there before.")] = None
    name: Annotated[str, Field(description="The name of the entry.")]
    block: Annotated[str | None, Field(description="The entry in its place; keys as `…`.")] = None
    others: Annotated[list[str], Field(description="Servers that stay as they are.")]
    trouble: str | None = None
    notes: list[str]


@dataclass(frozen=True)
class Plan:
    """A change of a host's file, with all that is to be told of it."""

    wanted: Wanted
    host: Host
    path: Path
    file: HostFile | None
    entry: Entry | None
    change: Change

    def carry_out(self) -> Installation:
        """Write the file where that is wanted and something is to be written.

        Raises:
            ConfigurationError: `bad_setting`, it cannot be written.
        """
        if not self.wanted.write or self.file is None or self.change.text is None:
            return self.told()
        private = self.entry is not None and self.entry.holds_a_key()
        backup = self.file.replace(self.change.text, private=private)
        return self.told(written=True, backup=backup)

    def told(self, *, written: bool = False, backup: Path | None = None) -> Installation:
        """Return what was done, or would be."""
        shown = block(self.host, self.wanted.name, self.entry) if self.entry else None
        return Installation(
            host=self.host.name,
            file=sendable(str(self.path)),
            action=self.change.action,
            written=written,
            backup=sendable(str(backup)) if backup else None,
            name=self.wanted.name,
            block=shown,
            others=list(self.change.others),
            trouble=self.change.trouble or None,
            notes=list(self._notes(written=written)),
        )

    def _notes(self, *, written: bool) -> Iterator[str]:
        if self.entry is None:
            return
        if not self.path.parent.is_dir():
            yield f"{self.path.parent} is not there: is {self.host.title} installed?"
        if self.entry.holds_a_key() and self.file is not None and self.file.is_open_to_others():
            yield f"Other users of this machine may read {self.path}, and so the key: chmod 600 it."
        if self.host.asks and self.wanted.with_key:
            yield f"{self.host.title} asks for the key and keeps it; no file holds it."
        if self.wanted.project:
            yield "The command is one of this machine: others of the project need their own."
        named = {*self.entry.variables, *self.change.variables}
        if not any(map(host_settings.is_key, named)):
            yield _without_key(self.host)
        if written:
            yield self.host.then


def plan(wanted: Wanted, *, machine: Machine | None = None) -> Plan:
    """Work out what would be written; nothing is.

    Raises:
        RequestError: `bad_argument`, what is asked cannot be.
        ConfigurationError: `bad_setting` or `missing_key`, as `--set` and `--with-key` tell.
    """
    host = _host(wanted.host)
    if not _NAME.fullmatch(wanted.name):
        raise RequestError("bad_argument", "--name takes letters, digits, - and _, 64 at most.")
    path = _path(host, wanted, machine)
    entry = None if wanted.remove else _entry(host, wanted)
    try:
        file = HostFile.read(path)
    except OSError as error:
        found = Change(action="by_hand", trouble=f"cannot be read ({error.strerror})")
        return Plan(wanted, host, path, None, entry, found)
    return Plan(wanted, host, path, file, entry, change(host, file, wanted.name, entry))


def _host(name: str) -> Host:
    if name in HOSTS:
        return HOSTS[name]
    near = difflib.get_close_matches(name.lower(), HOSTS, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(HOSTS)}."
    raise RequestError("bad_argument", f"{shortened(name)} is no host known here; {hint}")


def _path(host: Host, wanted: Wanted, machine: Machine | None) -> Path:
    if not wanted.project:
        return host.file(machine or _this_machine())
    if host.project is None:
        raise RequestError(
            "bad_argument", f"{host.title} has no file for a project; leave --project out."
        )
    return Path.cwd() / host.project


def _this_machine() -> Machine:
    try:
        return Machine.this()
    except RuntimeError:
        raise ConfigurationError(
            "bad_setting", "This user has no home folder; set HOME and try again."
        ) from None


def _entry(host: Host, wanted: Wanted) -> Entry:
    given = host_settings.checked(wanted.settings)
    if not wanted.with_key:
        return Entry(command(), given)
    if host.asks:
        variable = host_settings.key_variable(given)
        asked = {variable: f"${{input:{input_of(variable)}}}"}
        return Entry(command(), given | asked, variable)
    if wanted.project:
        # People put the files of a project under version control.
        if host.reference is None:
            raise RequestError(
                "bad_argument",
                f"{host.title} would have the key in a file of the project, which others may get; "
                "leave --with-key or --project out.",
            )
        variable = host_settings.key_variable(given)
        return Entry(command(), given | {variable: host.reference.format(variable)})
    variable, value = host_settings.key(given)
    variables: dict[str, str | SecretStr] = {**given, variable: value}
    return Entry(command(), variables)


def _without_key(host: Host) -> str:
    way = "lets it ask for one" if host.asks else "gives it the one of this terminal"
    told = f"It has no key (--with-key {way}), so "
    if missing():
        return told + 'calls fail; "grok-vision-mcp[local]" brings an engine that needs none.'
    return told + "the offline engine answers."
