"""What a person asks of `install`, and the entry that comes of it."""

from dataclasses import dataclass

from pydantic import SecretStr

from grok_vision.cli import host_settings
from grok_vision.cli.host_command import command
from grok_vision.cli.host_entry import Entry, input_of
from grok_vision.cli.hosts import Host
from grok_vision.errors import RequestError


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


def entry_of(host: Host, wanted: Wanted) -> Entry:
    """Return the entry that is wanted.

    Raises:
        RequestError: `bad_argument`, what is asked cannot be.
        ConfigurationError: `bad_setting` or `missing_key`, as `--set` and `--with-key` tell.
    """
    given = host_settings.checked(wanted.settings)
    if not wanted.with_key:
        return Entry(command(), given)
    if named := next(filter(host_settings.is_key, given), None):
        raise RequestError(
            "bad_argument", f"{named} gives it a key already; leave that or --with-key out."
        )
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
