"""What `install` does or would do: for which host, in which file, with which entry."""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from grok_vision.cli import host_settings
from grok_vision.cli.host_change import Action, Change, block, change
from grok_vision.cli.host_entry import Entry
from grok_vision.cli.host_files import HostFile
from grok_vision.cli.host_wanted import Wanted, entry_of
from grok_vision.cli.hosts import Host, Machine
from grok_vision.cli.known_hosts import HOSTS
from grok_vision.errors import ConfigurationError, RequestError
from grok_vision.images import working_folder
from grok_vision.local import missing
from grok_vision.results import Result
from grok_vision.texts import sendable, shortened

# What Claude Code and Codex take, the strictest of them.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


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
            block=sendable(shown) if shown else None,
            others=list(self.change.others),
            trouble=self.change.trouble or None,
            notes=list(self._notes(written=written)),
        )

    def _notes(self, *, written: bool) -> Iterator[str]:
        if self.entry is None:
            return
        yield from self._notes_of_the_file()
        if self.host.asks and self.wanted.with_key:
            yield f"{self.host.title} asks for the key and keeps it; no file holds it."
        if self.wanted.project:
            yield "The command is one of this machine: others of the project need their own."
        named = {*self.entry.variables, *self.change.variables}
        if not any(map(host_settings.is_key, named)):
            yield _without_key(self.host)
        if written:
            yield self.host.then

    def _notes_of_the_file(self) -> Iterator[str]:
        if self.change.kept:
            yield f"It keeps what the entry had besides: {', '.join(self.change.kept)}."
        if not self.wanted.project and not self.path.parent.is_dir():
            yield f"{self.path.parent} is not there: is {self.host.title} installed?"
        if self._holds_a_secret() and self.file is not None and self.file.is_open_to_others():
            yield f"Other users of this machine may read {self.path}, and so the key: chmod 600 it."

    def _holds_a_secret(self) -> bool:
        """Tell whether the entry has a key or a token in clear, ours or one that stays."""
        ours = self.entry is not None and self.entry.holds_a_key()
        return ours or any(
            host_settings.is_clear_secret(*one) for one in self.change.variables.items()
        )


def plan(wanted: Wanted, *, machine: Machine | None = None) -> Plan:
    """Work out what would be written; nothing is.

    Raises:
        RequestError: `bad_argument`, what is asked cannot be.
        ConfigurationError: `bad_setting` or `missing_key`, as `--set` and `--with-key` tell.
    """
    host = _host(wanted.host)
    if wanted.remove and (wanted.with_key or wanted.settings):
        raise RequestError(
            "bad_argument", "--remove takes the whole entry out; leave --with-key and --set out."
        )
    if not _NAME.fullmatch(wanted.name):
        raise RequestError("bad_argument", "--name takes letters, digits, - and _, 64 at most.")
    path = _path(host, wanted, machine)
    entry = None if wanted.remove else entry_of(host, wanted)
    try:
        file = HostFile.read(path)
    except OSError as error:
        found = Change(action="by_hand", trouble=f"cannot be read ({error.strerror})")
        return Plan(wanted, host, path, None, entry, found)
    return Plan(wanted, host, path, file, entry, change(host, file, wanted.name, entry))


def _host(name: str) -> Host:
    if name in HOSTS:
        return HOSTS[name]
    begun = [known for known in HOSTS if name and known.startswith(name.lower())]
    near = begun or difflib.get_close_matches(name.lower(), HOSTS, 1)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(HOSTS)}."
    raise RequestError("bad_argument", f"{shortened(name)} is no host known here; {hint}")


def _path(host: Host, wanted: Wanted, machine: Machine | None) -> Path:
    if not wanted.project:
        return host.file(machine or _this_machine())
    if host.project is None:
        raise RequestError(
            "bad_argument", f"{host.title} has no file for a project; leave --project out."
        )
    folder = working_folder()
    if folder is None:
        raise RequestError("bad_argument", "This folder was removed; go to that of the project.")
    return folder / host.project


def _this_machine() -> Machine:
    try:
        return Machine.this()
    except RuntimeError:
        raise ConfigurationError(
            "bad_setting", "This user has no home folder; set HOME and try again."
        ) from None


def _without_key(host: Host) -> str:
    way = "lets it ask for one" if host.asks else "gives it the one of this terminal"
    told = f"It has no key (--with-key {way}), so "
    if missing():
        return told + 'calls fail; "grok-vision-mcp[local]" brings an engine that needs none.'
    return told + "the offline engine answers."
