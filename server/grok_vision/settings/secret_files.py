"""Secrets that lie in files of their own, as Docker, systemd and Kubernetes hand them over."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from grok_vision.errors import ConfigurationError
from grok_vision.settings.kinds import is_placeholder

# A key or a list of tokens; what is longer is another file.
_MOST_BYTES = 64 * 1024


class SecretFiles(PydanticBaseSettingsSource):
    """Reads each secret from the file that a variable names, where one does.

    `variables` has their names by field; `environment` what is set, by names in small letters.
    """

    def __init__(
        self,
        settings: type[BaseSettings],
        variables: Mapping[str, str],
        environment: Mapping[str, str | None],
    ) -> None:
        super().__init__(settings)
        self._variables = variables
        self._environment = environment

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the library's signature
        """Return the secret of a field, None where no file is named."""
        variable = self._variables.get(field_name)
        named = self._environment.get(variable.lower()) if variable else None
        file = "" if is_placeholder(named) else (named or "").strip()
        return (_content(file, variable) if file and variable else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return every secret for which a file is named.

        Raises:
            ConfigurationError: `bad_setting`, a file cannot be read.
        """
        fields = self.settings_cls.model_fields.items()
        found = {name: self.get_field_value(field, name)[0] for name, field in fields}
        return {name: value for name, value in found.items() if value is not None}


def _content(file: str, variable: str) -> str:
    try:
        with Path(file).expanduser().open(encoding="utf-8") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except (OSError, UnicodeError, RuntimeError):
        raise ConfigurationError(
            "bad_setting", f"{variable} names a file that cannot be read; correct or unset it."
        ) from None
    if len(content) > _MOST_BYTES or not content.strip():
        raise ConfigurationError(
            "bad_setting", f"{variable} names a file that holds no secret; correct or unset it."
        )
    return content.strip()
