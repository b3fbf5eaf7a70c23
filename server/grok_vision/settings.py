"""The settings: the only reader of the environment, read once into one frozen object."""

import difflib
import ipaddress
import logging
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    ByteSize,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from grok_vision.errors import ConfigurationError

PREFIX = "GROK_VISION_"
_log = logging.getLogger(__name__)
_CACHE_BYTES = 100 * 1024 * 1024
_LEAST_CACHE_BYTES, _MOST_CACHE_BYTES = 1024 * 1024, 1024**4
ENV_FILE = f"{PREFIX}ENV_FILE"

ProviderName = Literal[
    "auto",
    "xai",
    "openai",
    "groq",
    "together",
    "openrouter",
    "ollama",
    "lmstudio",
    "llamacpp",
    "vllm",
    "custom",
    "local",
]


def _folders(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_folder(part) for part in value.split(os.pathsep) if part.strip())


def _folder(value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("names the home folder of a user who is unknown") from None


def _store(value: object) -> object:
    """Read `folder:size`; the colon of a drive is one of the folder."""
    if not isinstance(value, str):
        return value
    name, colon, size = value.strip().rpartition(":")
    if not colon or "/" in size or "\\" in size:
        return (_folder(value.strip()), _CACHE_BYTES) if value.strip() else None
    try:
        most = TypeAdapter(ByteSize).validate_python(size.strip())
    except ValidationError:
        most = ByteSize(0)
    if not name or not _LEAST_CACHE_BYTES <= most <= _MOST_CACHE_BYTES:
        raise ValueError("must be a folder, or folder:size with a size from 1MiB to 1TiB")
    return _folder(name.strip()), int(most)


def _words(value: object) -> object:
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _plain_key(value: object) -> object:
    if not isinstance(value, str):
        return value
    key = value.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("must be one word of plain ASCII; copy the key again")
    return key or None


Key = Annotated[SecretStr | None, BeforeValidator(_plain_key)]
Folder = Annotated[
    Path | None,
    BeforeValidator(lambda value: _folder(value) if isinstance(value, str) else value),
]
Folders = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_folders)]
Store = Annotated[tuple[Path, int] | None, NoDecode, BeforeValidator(_store)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


def _key(variable: str) -> Any:
    return Field(default=None, validation_alias=variable, description=f"the key from {variable}")


class Settings(BaseSettings):
    """Everything that can be configured; `Settings()` reads the process environment.

    Keyword arguments win over variables, variables over the file that GROK_VISION_ENV_FILE names.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    provider: Annotated[
        ProviderName,
        Field(
            description="who answers: a name, or `auto`: xAI with `XAI_API_KEY`; `custom` with "
            "`GROK_VISION_BASE_URL`; xAI with `GROK_VISION_API_KEY`; the first provider whose own "
            "key is set; else `local`"
        ),
    ] = "auto"
    base_url: Annotated[
        str | None,
        Field(description="the provider's address, up to `/v1`; `custom` needs it"),
    ] = None
    api_key: Annotated[
        Key, Field(description="the key, in place of the provider's own variable")
    ] = None
    model: Annotated[str, Field(description="the model that answers when a call names none")] = ""
    roots: Annotated[
        Folders | None,
        Field(description="folders that tools may read, separated like `PATH`"),
    ] = None
    allow_hosts: Annotated[
        Words,
        Field(
            description="hosts (`host`, `host:port`, `*.suffix`, CIDR) that may be fetched "
            "although their address is not public, e.g. `localhost:3000`"
        ),
    ] = ()
    url_mode: Annotated[
        Literal["inline", "pass", "off"],
        Field(
            description="`inline`: fetch, check and send as data; `pass`: check, then let the "
            "provider fetch what it can; `off`: refuse URLs"
        ),
    ] = "inline"
    max_image_bytes: Annotated[
        ByteSize, Field(gt=0, description="largest source image, e.g. `20MiB`")
    ] = ByteSize(20 * 1024 * 1024)
    max_pixels: Annotated[int, Field(gt=0, description="most pixels of a source image")] = (
        100_000_000
    )
    deadline: Annotated[
        float, Field(gt=0, le=3600, description="seconds that one tool call may take in all")
    ] = 50.0
    retries: Annotated[
        int, Field(ge=0, le=10, description="further attempts where the provider fails, up to 10")
    ] = 3
    concurrency: Annotated[
        int, Field(ge=1, le=256, description="calls to the provider in flight; more wait")
    ] = 4
    cache: Annotated[
        Store,
        Field(
            description="`folder` or `folder:size`, e.g. `~/answers:200MiB`: answers are kept "
            "there, up to 100 MiB, and the same question about the same pictures costs nothing"
        ),
    ] = None
    max_usd: Annotated[
        float | None,
        Field(
            gt=0,
            allow_inf_nan=False,
            description="US dollars that this process may spend; a call that would pass it is "
            "refused",
        ),
    ] = None
    state_dir: Annotated[
        Folder,
        Field(
            description="folder for the token counts that answers reported, by which estimates "
            "are corrected; by default one of ours in the user's state folder"
        ),
    ] = None
    output_dir: Annotated[
        Folder,
        Field(
            description="folder for the pictures that show what changed, the newest 200; by "
            "default one of ours in the user's cache"
        ),
    ] = None
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        Field(description="how much goes to stderr"),
    ] = "WARNING"

    xai_api_key: Key = _key("XAI_API_KEY")
    openai_api_key: Key = _key("OPENAI_API_KEY")
    groq_api_key: Key = _key("GROQ_API_KEY")
    together_api_key: Key = _key("TOGETHER_API_KEY")
    openrouter_api_key: Key = _key("OPENROUTER_API_KEY")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Add the file that GROK_VISION_ENV_FILE names, and no other file.

        A `.env` lying in the working directory is never read: an agent may have written it, and a
        base URL in it would take the key elsewhere.
        """
        file = _env_file()
        sources = (init_settings, env_settings)
        return (*sources, DotEnvSettingsSource(settings_cls, env_file=file)) if file else sources

    @model_validator(mode="before")
    @classmethod
    def _drop_unset(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Treat as unset what a host did not fill in (it passes the placeholder literally)."""
        return {name: value for name, value in values.items() if not _is_placeholder(value)}

    @field_validator("log_level", "provider", mode="before")
    @classmethod
    def _any_case(cls, value: object, info: Any) -> object:
        if not isinstance(value, str):
            return value
        return value.upper() if info.field_name == "log_level" else value.lower()

    @field_validator("base_url")
    @classmethod
    def _safe_base_url(cls, value: str | None) -> str | None:
        return value if value is None else _checked_base_url(value)

    @classmethod
    def variable(cls, name: str) -> str:
        """Return the environment variable that sets the field `name`."""
        alias = cls.model_fields[name].validation_alias
        return alias if isinstance(alias, str) else PREFIX + name.upper()

    @classmethod
    def read(cls) -> Self:
        """Read the environment.

        Raises:
            ConfigurationError: `bad_setting`, naming each variable and what is wrong with it,
                never its value.
        """
        file = _env_file()
        try:
            if file:
                Path(file).read_text(encoding="utf-8")
            return cls()
        except (OSError, UnicodeError):
            raise ConfigurationError(
                "bad_setting",
                f"{ENV_FILE} names a file that cannot be read as text; correct or unset it.",
            ) from None
        except ValidationError as error:
            problems = "; ".join(_problem(cls, problem) for problem in error.errors())
            raise ConfigurationError("bad_setting", f"{problems}.") from None

    def secrets(self) -> list[SecretStr]:
        """Return every key that is set, so that none of them is ever printed."""
        found = (getattr(self, name) for name in type(self).model_fields)
        return [value for value in found if isinstance(value, SecretStr)]

    @classmethod
    def warn_of_unknown_variables(cls) -> None:
        """Log a warning for each variable with our prefix that sets nothing."""
        for name, near in cls.unknown_variables().items():
            _log.warning("%s is no setting%s", name, f"; did you mean {near}?" if near else "")

    @classmethod
    def unknown_variables(cls) -> dict[str, str]:
        """Return variables with our prefix that set nothing, each with the nearest known name."""
        known = {cls.variable(name) for name in cls.model_fields} | {ENV_FILE}
        found = (name.upper() for name in os.environ if name.upper().startswith(PREFIX))
        return {
            name: next(iter(difflib.get_close_matches(name, known, 1)), "")
            for name in sorted(set(found) - known)
        }


def _env_file() -> str | None:
    value = os.environ.get(ENV_FILE)
    return None if not value or _is_placeholder(value) else value


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and value.strip().startswith("${user_config.")


def _problem(settings: type[Settings], problem: Any) -> str:
    name = str(problem["loc"][0]) if problem["loc"] else "the settings"
    variable = settings.variable(name) if name in settings.model_fields else name
    return f"{variable}: {problem['msg'].removeprefix('Value error, ')}"


def is_this_machine(url: str) -> bool:
    """Tell whether the URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _checked_base_url(value: str) -> str:
    url = value.strip()
    wrong = "must be an http(s) address such as https://api.x.ai/v1"
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(wrong) from None
    if not known or not url.isprintable() or " " in url:
        raise ValueError(wrong)
    if "@" in url or "?" in url or "#" in url:
        raise ValueError("must not hold credentials, a query or a fragment")
    # One spelling for each address: it is compared with the provider's own.
    standard = {"http": ":80", "https": ":443"}[parts.scheme]
    host = parts.netloc.lower().removesuffix(standard)
    return f"{parts.scheme}://{host}{parts.path}".rstrip("/")
