"""The environment, read once into one frozen object."""

import difflib
import logging
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    ByteSize,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from grok_vision.errors import ConfigurationError
from grok_vision.settings.kinds import (
    REDIS,
    Folder,
    Folders,
    HostNames,
    Key,
    Origins,
    Prefix,
    ProviderName,
    RedisUrl,
    Scopes,
    Store,
    Tokens,
    Words,
    checked_address,
    is_placeholder,
    passwords,
)
from grok_vision.settings.secret_files import SecretFiles

PREFIX = "GROK_VISION_"
_log = logging.getLogger(__name__)
ENV_FILE = f"{PREFIX}ENV_FILE"


def _key(variable: str) -> Any:
    return Field(default=None, validation_alias=variable, description=f"the key from {variable}")


class _Variables(EnvSettingsSource):
    """The variables of the process, without what a host left unfilled: it passes placeholders."""

    def __call__(self) -> dict[str, Any]:
        """Return what is set, by field."""
        found = super().__call__()
        return {name: value for name, value in found.items() if not is_placeholder(value)}


class _OfFile(_Variables, DotEnvSettingsSource):
    """The lines of a file, in the same way."""


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
            description="`folder` or `folder:size`, e.g. `~/answers:200MiB`, or `redis` or "
            "`redis:size`: answers are kept there, up to 100 MiB, and the same question about the "
            "same pictures costs nothing"
        ),
    ] = None
    max_usd: Annotated[
        float | None,
        Field(
            gt=0,
            allow_inf_nan=False,
            description="US dollars that this process may spend, or with "
            "`GROK_VISION_REDIS_URL` all processes together; a call that would pass it is refused",
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
    auth_token: Annotated[
        Tokens,
        Field(
            description="HTTP: bearer tokens that clients must send, one for each of them or one "
            "for all"
        ),
    ] = ()
    public_host: Annotated[
        HostNames,
        Field(
            description="HTTP: names, as clients write them, under which the server is reached, "
            "e.g. `vision.example.com`; needed where others than this machine reach it"
        ),
    ] = ()
    allowed_origins: Annotated[
        Origins,
        Field(description="HTTP: web pages that may call, e.g. `https://app.example.com`"),
    ] = ()
    oauth_issuer: Annotated[
        str | None,
        Field(
            description="HTTP: the authorization server whose tokens are taken, e.g. "
            "`https://login.example.com`"
        ),
    ] = None
    oauth_audience: Annotated[
        str | None,
        Field(
            description="HTTP: who those tokens must be issued for; by default the server's public "
            "address, e.g. `https://vision.example.com/mcp`"
        ),
    ] = None
    oauth_scopes: Annotated[
        Scopes, Field(description="HTTP: scopes that those tokens must have")
    ] = ()
    max_body_bytes: Annotated[
        ByteSize,
        Field(
            ge=1024,
            description="HTTP: largest request; a picture in one takes a third more than its file",
        ),
    ] = ByteSize(28 * 1024 * 1024)
    max_connections: Annotated[
        int, Field(ge=1, description="HTTP: connections at once; more are refused")
    ] = 1000
    rate_limit: Annotated[
        int | None,
        Field(ge=1, description="HTTP: requests a minute of one token, or of one address without"),
    ] = None
    upload_bytes: Annotated[
        ByteSize,
        Field(
            description="HTTP: bytes of uploaded pictures that are kept for one token, and four "
            "times as many for all; `0` takes none"
        ),
    ] = ByteSize(64 * 1024 * 1024)
    upload_hours: Annotated[
        float, Field(gt=0, le=720, description="HTTP: how long an uploaded picture is kept")
    ] = 24.0
    drain_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=3600,
            description="HTTP: how long requests are still taken after SIGTERM, while `/ready` "
            "says no: until balancers have seen it",
        ),
    ] = 0.0
    grace_seconds: Annotated[
        float,
        Field(
            ge=0,
            le=3600,
            description="HTTP: how long calls in flight may then take before they are cancelled",
        ),
    ] = 8.0
    redis_url: Annotated[
        RedisUrl,
        Field(
            description="a Redis, e.g. `redis://localhost:6379/0`, that processes share, with the "
            "extra `[redis]`: uploads, spending and its limit, rate limits, token counts, and with "
            "`GROK_VISION_CACHE=redis` answers"
        ),
    ] = None
    redis_prefix: Annotated[Prefix, Field(description="how the names of all keys there begin")] = (
        "grok-vision"
    )
    log_format: Annotated[
        Literal["text", "json"], Field(description="form of the lines on stderr")
    ] = "text"
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        Field(description="how much goes to stderr"),
    ] = "WARNING"

    otel_endpoint: Annotated[
        str | None,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
            description="where spans are sent, with the extra `[otel]`; OpenTelemetry's other "
            "variables are read as well",
        ),
    ] = None
    otel_traces_endpoint: Annotated[
        str | None,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            description="the same, as the whole address",
        ),
    ] = None
    otel_exporters: Annotated[
        str,
        Field(validation_alias="OTEL_TRACES_EXPORTER", description="`none` sends no spans"),
    ] = "otlp"
    otel_protocol: Annotated[
        str,
        Field(
            validation_alias="OTEL_EXPORTER_OTLP_PROTOCOL",
            description="how spans are sent; any other is warned of",
        ),
    ] = "http/protobuf"

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
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Add files that hold one secret each, the file that GROK_VISION_ENV_FILE names, no other.

        A `.env` lying in the working directory is never read: an agent may have written it, and a
        base URL in it would take the key elsewhere.
        """
        variables = _Variables(settings_cls)
        file = _OfFile(settings_cls, env_file=_env_file())
        set_here = variables.env_vars.items()
        filled = {name: value for name, value in set_here if value and not is_placeholder(value)}
        everything = {**file.env_vars, **filled}
        secrets = SecretFiles(settings_cls, cls.secret_files(), everything)
        return init_settings, variables, secrets, file

    @field_validator("log_format", "log_level", "provider", mode="before")
    @classmethod
    def _any_case(cls, value: object, info: Any) -> object:
        if not isinstance(value, str):
            return value
        return value.upper() if info.field_name == "log_level" else value.lower()

    @field_validator("base_url")
    @classmethod
    def _safe_base_url(cls, value: str | None) -> str | None:
        return value if value is None else checked_address(value, "https://api.x.ai/v1")

    @model_validator(mode="after")
    def _has_redis(self) -> Self:
        if self.cache is not None and self.cache[0] == REDIS and self.redis_url is None:
            raise ValueError(f"{PREFIX}CACHE is redis, which needs {PREFIX}REDIS_URL; set it")
        return self

    @field_validator("oauth_issuer")
    @classmethod
    def _safe_issuer(cls, value: str | None) -> str | None:
        if value is None:
            return None
        # Of an issuer every character counts: its clients compare it as it is written.
        slash = "/" if value.strip().endswith("/") else ""
        return checked_address(value, "https://login.example.com") + slash

    @classmethod
    def variable(cls, name: str) -> str:
        """Return the environment variable that sets the field `name`."""
        alias = cls.model_fields[name].validation_alias
        return alias if isinstance(alias, str) else PREFIX + name.upper()

    @classmethod
    def read(cls, **given: Any) -> Self:
        """Read the environment; what is `given` wins over it.

        Raises:
            ConfigurationError: `bad_setting`, naming each variable and what is wrong with it,
                never its value.
        """
        file = _env_file()
        try:
            if file:
                Path(file).read_text(encoding="utf-8")
            return cls(**given)
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
        found: list[SecretStr] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            values = value if isinstance(value, tuple) else (value,)
            found += [one for one in values if isinstance(one, SecretStr)]
        if self.redis_url is not None:
            found += passwords(self.redis_url)
        return found

    @classmethod
    def secret_files(cls) -> dict[str, str]:
        """Return the fields that hold secrets, each with the variable that names a file of it."""
        return {
            name: f"{cls.variable(name)}_FILE"
            for name, field in cls.model_fields.items()
            if _is_secret(field.annotation)
        }

    @classmethod
    def warn_of_unknown_variables(cls) -> None:
        """Log a warning for each variable with our prefix that sets nothing."""
        for name, near in cls.unknown_variables().items():
            _log.warning("%s is no setting%s", name, f"; did you mean {near}?" if near else "")

    @classmethod
    def unknown_variables(cls) -> dict[str, str]:
        """Return variables with our prefix that set nothing, each with the nearest known name."""
        known = {cls.variable(name) for name in cls.model_fields} | {ENV_FILE}
        known |= set(cls.secret_files().values())
        of_file = _OfFile(cls, env_file=_env_file()).env_vars
        names = (name.upper() for name in (*os.environ, *of_file))
        found = (name for name in names if name.startswith(PREFIX))
        return {
            name: next(iter(difflib.get_close_matches(name, known, 1, 0.9)), "")
            for name in sorted(set(found) - known)
        }


def _env_file() -> str | None:
    value = os.environ.get(ENV_FILE)
    return None if not value or is_placeholder(value) else value


def _is_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


def _problem(settings: type[Settings], problem: Any) -> str:
    if not problem["loc"]:
        return str(problem["msg"].removeprefix("Value error, "))
    name = str(problem["loc"][0])
    variable = settings.variable(name) if name in settings.model_fields else name
    return f"{variable}: {problem['msg'].removeprefix('Value error, ')}"
