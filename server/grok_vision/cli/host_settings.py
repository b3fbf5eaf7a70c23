"""What a person wants set in a host's entry: settings as given, and the key of the provider."""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from grok_vision.errors import ConfigurationError, RequestError
from grok_vision.images import working_folder
from grok_vision.providers import Provider, configured
from grok_vision.settings import ENV_FILE, Settings
from grok_vision.texts import sendable, shortened


class _Given(Settings):
    """Settings of what is given, as a host's server would have them, and of nothing else."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read no environment: it is not the host's."""
        return (init_settings,)


def checked(pairs: Iterable[str]) -> dict[str, str]:
    """Return the variables of `NAME=VALUE` pairs; paths absolute, as hosts start elsewhere.

    Raises:
        RequestError: `bad_argument`, a pair is none, or names a key or no setting.
        ConfigurationError: `bad_setting`, a value does not fit its setting.
    """
    given = dict(map(_pair, pairs))
    _given(given, {})
    return {name: _from_anywhere(name, value) for name, value in given.items()}


def key(given: Mapping[str, str]) -> tuple[str, str | SecretStr]:
    """Return the key that a server with these settings would use, with its variable.

    It is looked for where every command of this machine looks for it. Where a file holds it, that
    file is returned, with the variable that names it.

    Raises:
        ConfigurationError: `missing_key`, or `bad_setting` where the environment has one.
        RequestError: `bad_argument`, the provider needs no key.
    """
    here = Settings.read()
    found = {name: getattr(here, name) for name in _key_fields()}
    keys = {name: value for name, value in found.items() if isinstance(value, SecretStr)}
    settings = _given(given, keys)
    provider = configured(settings)
    if settings.api_key is not None:
        return _held("api_key", settings.api_key)
    field = _key_field(provider, given)
    if field in keys:
        return _held(field, keys[field])
    raise ConfigurationError(
        "missing_key",
        f"--with-key found no key: set {Settings.variable(field)} in this terminal and try again, "
        "or leave --with-key out.",
    )


def key_variable(given: Mapping[str, str]) -> str:
    """Return the variable of the key that a server with these settings needs.

    Raises:
        RequestError: `bad_argument`, the provider needs no key.
    """
    return Settings.variable(_key_field(configured(_given(given, {})), given))


def is_key(variable: str) -> bool:
    """Tell whether the variable holds a key of a provider, or names a file that does."""
    return variable.removesuffix("_FILE") in map(Settings.variable, _key_fields())


def is_clear_secret(variable: str, value: object) -> bool:
    """Tell whether the variable is a key or a token, and the value no reference to one."""
    secrets = map(Settings.variable, Settings.secret_files())
    return variable in secrets and isinstance(value, str) and not value.startswith(("$", "{"))


def _held(field: str, value: SecretStr) -> tuple[str, str | SecretStr]:
    """Return the variable of a key and the key, or that of its file and where that is."""
    variable, named = Settings.variable(field), Settings.secret_files()[field]
    here = os.environ  # noqa: TID251 - whether a file was named, and not what it sets
    file = here.get(named, "").strip()
    if not file or here.get(variable, "").strip():
        return variable, value
    return named, _from_anywhere(named, file)


def _from_anywhere(variable: str, value: str) -> str:
    """Return the value, with paths that start in this folder made absolute."""
    fields = {Settings.variable(name): field for name, field in Settings.model_fields.items()}
    files = {*Settings.secret_files().values(), ENV_FILE}
    kind = fields[variable].annotation if variable in fields else None
    if variable not in files and not _holds_a_path(kind):
        return value
    several = variable == Settings.variable("roots")
    return os.pathsep.join(
        map(_absolute, value.split(os.pathsep) if several else [value]),
    )


def _absolute(text: str) -> str:
    path = text.strip()
    if not path or path.startswith("~") or Path(path).is_absolute():
        return text
    folder = working_folder()
    if folder is None:
        raise RequestError("bad_argument", "This folder was removed; give absolute paths.")
    return os.path.normpath(folder / path)


def _holds_a_path(annotation: object) -> bool:
    return annotation is Path or any(map(_holds_a_path, get_args(annotation)))


def _key_field(provider: Provider, given: Mapping[str, str]) -> str:
    """Return the field of the provider's own key; that of xAI where none is chosen."""
    if provider.name == "custom":
        return "api_key"
    if provider.key_field is not None:
        return provider.key_field
    if given.get(Settings.variable("provider"), "auto").lower() == "auto":
        return "xai_api_key"
    raise RequestError("bad_argument", f"{provider.title} needs no key; leave --with-key out.")


def _key_fields() -> list[str]:
    return [name for name in Settings.model_fields if name.endswith("api_key")]


def _pair(text: str) -> tuple[str, str]:
    variable, equals, value = text.partition("=")
    if not equals:
        raise RequestError("bad_argument", "--set takes NAME=VALUE, such as GROK_VISION_MAX_USD=5.")
    _check_known(variable)
    if value != sendable(value):
        raise RequestError(
            "bad_argument", f"--set {variable} is not UTF-8, which hosts' files are."
        )
    return variable, value


def _check_known(variable: str) -> None:
    secrets = {Settings.variable(name): file for name, file in Settings.secret_files().items()}
    if variable in secrets:
        raise RequestError(
            "bad_argument",
            f"{variable} is a secret, and would stay in the terminal's history: set it in the "
            f"environment and use --with-key, or set {secrets[variable]} to a file that holds it.",
        )
    known = {Settings.variable(name) for name in Settings.model_fields} - set(secrets)
    known |= {*secrets.values(), ENV_FILE}
    if variable not in known:
        near = difflib.get_close_matches(variable.upper(), known, 1, 0.9)
        hint = f"; did you mean {near[0]}?" if near else "; README has a table of them."
        raise RequestError("bad_argument", f"{shortened(variable)} is no setting{hint}")


def _given(given: Mapping[str, str], keys: Mapping[str, SecretStr]) -> Settings:
    fields = {Settings.variable(name): name for name in Settings.model_fields}
    values = {fields[name]: value for name, value in given.items() if name in fields}
    try:
        return _Given.model_validate({**values, **keys})
    except ValidationError as error:
        told = "; ".join(
            f"{Settings.variable(str(problem['loc'][0])) if problem['loc'] else 'the settings'}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise ConfigurationError("bad_setting", f"--set {told}.") from None
