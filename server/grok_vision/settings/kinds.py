"""The kinds of settings: how the text of a variable becomes a value."""

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BeforeValidator, ByteSize, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import NoDecode

_CACHE_BYTES = 100 * 1024 * 1024
_LEAST_CACHE_BYTES, _MOST_CACHE_BYTES = 1024 * 1024, 1024**4
REDIS: Literal["redis"] = "redis"
"""In place of a folder: where processes share what they keep."""
# Of 64 letters, these are more than 90 bits.
_LEAST_TOKEN = 16
# As documents write it, and as hosts leave it that do not know their own form of a reference.
_PLACEHOLDER = re.compile(r"your[-_]?(?:api[-_]?)?key|^[${<]", re.IGNORECASE)

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
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_REDIS = {"redis", "rediss"}
_LEAST_PASSWORD = 6


def _folders(value: object) -> object:
    parts = value.split(os.pathsep) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return value
    return tuple(_folder(str(part)) for part in parts if str(part).strip())


def _folder(value: str) -> Path:
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise ValueError("names the home folder of a user who is unknown") from None


def _store(value: object) -> object:
    """Read `folder:size` or `redis:size`; the colon of a drive is one of the folder."""
    if not isinstance(value, str):
        return value
    name, colon, size = value.strip().rpartition(":")
    if not colon or "/" in size or "\\" in size:
        return (_place(value), _CACHE_BYTES) if value.strip() else None
    try:
        most = TypeAdapter(ByteSize).validate_python(size.strip())
    except ValidationError:
        most = ByteSize(0)
    if not name or not _LEAST_CACHE_BYTES <= most <= _MOST_CACHE_BYTES:
        raise ValueError(
            "must be a folder, or folder:size with a size from 1MiB to 1TiB; redis in place of a "
            "folder shares them"
        )
    return _place(name), int(most)


def _place(name: str) -> Path | Literal["redis"]:
    return REDIS if name.strip() == REDIS else _folder(name.strip())


def _words(value: object) -> object:
    return tuple(_split(value)) if isinstance(value, str) else value


def _split(value: str) -> list[str]:
    return value.replace(",", " ").split()


def _plain_key(value: object) -> object:
    if not isinstance(value, str):
        return value
    key = value.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("must be one word of plain ASCII; copy the key again")
    if _PLACEHOLDER.search(key):
        raise ValueError("is a placeholder; put the key itself in its place, or unset it")
    return key or None


def _tokens(value: object) -> object:
    if not isinstance(value, str):
        return value
    words = _split(value)
    if not words:
        raise ValueError("holds no token; correct or unset it")
    if not all(word.isascii() and word.isprintable() for word in words):
        raise ValueError("must be plain ASCII")
    if any(len(word) < _LEAST_TOKEN for word in words):
        raise ValueError(
            f"must have {_LEAST_TOKEN} characters or more for each token; "
            "`serve --generate-token` makes one"
        )
    return tuple(map(SecretStr, words))


def _host_names(value: object) -> object:
    names = _words(value)
    if isinstance(names, tuple) and not all(map(_is_host, names)):
        raise ValueError("must be names such as vision.example.com or vision.example.com:8443")
    return names


def _is_host(name: str) -> bool:
    try:
        parts = urlsplit(f"//{name}")
        known = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and parts.netloc == name and "@" not in name and "*" not in name


def _origins(value: object) -> object:
    origins = _words(value)
    if isinstance(origins, tuple) and not all(map(_is_origin, origins)):
        raise ValueError("must be origins such as https://app.example.com, without a path")
    return origins


def _is_origin(origin: str) -> bool:
    scheme, _, host = origin.partition("://")
    return scheme in {"http", "https"} and _is_host(host)


def _scopes(value: object) -> object:
    scopes = _words(value)
    if isinstance(scopes, tuple) and not all(map(_is_scope, scopes)):
        raise ValueError("must be names of plain ASCII, without quotes and backslashes")
    return scopes


def _is_scope(scope: str) -> bool:
    # RFC 6749, section 3.3.
    return scope.isascii() and scope.isprintable() and not set(scope) & set('"\\')


def _redis_url(value: object) -> object:
    if not isinstance(value, str):
        return value
    url = value.strip()
    if url and not _is_redis(url):
        raise ValueError(
            "must be an address such as redis://:password@localhost:6379/0, with %2F for /, %3F "
            "for ? and %23 for # in a password"
        )
    return url or None


def _is_redis(url: str) -> bool:
    try:
        parts = urlsplit(url)
        names_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    if "@" in f"{parts.path}{parts.query}{parts.fragment}":
        # A letter of the password ended the host, and a part of it would be shown as one.
        return False
    return bool(parts.path) if parts.scheme == "unix" else parts.scheme in _REDIS and names_host


def passwords(url: SecretStr) -> list[SecretStr]:
    """Return the passwords in the address of a Redis, as they are without it.

    Not what is so short that words have it in them.
    """
    parts = urlsplit(url.get_secret_value())
    found = [unquote(parts.password or ""), *parse_qs(parts.query).get("password", ())]
    return [SecretStr(one) for one in found if len(one) >= _LEAST_PASSWORD]


def _prefix(value: object) -> object:
    name = value.strip() if isinstance(value, str) else value
    if isinstance(name, str) and not _NAME.fullmatch(name):
        raise ValueError("must be up to 64 letters, digits, dots, dashes and underscores")
    return name


Key = Annotated[SecretStr | None, BeforeValidator(_plain_key)]
Folder = Annotated[
    Path | None,
    BeforeValidator(lambda value: _folder(value) if isinstance(value, str) else value),
]
Folders = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_folders)]
RedisUrl = Annotated[SecretStr | None, BeforeValidator(_redis_url)]
Prefix = Annotated[str, BeforeValidator(_prefix)]
Store = Annotated[tuple[Path | Literal["redis"], int] | None, NoDecode, BeforeValidator(_store)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Scopes = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_scopes)]
Tokens = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_tokens)]
HostNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_host_names)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]


def is_placeholder(value: object) -> bool:
    """Tell whether a host left this unfilled: it passes the name of the option literally."""
    return isinstance(value, str) and value.strip().startswith("${user_config.")


def is_this_machine(url: str) -> bool:
    """Tell whether the URL leads to this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def checked_address(value: str, example: str) -> str:
    """Return an http(s) address in its one spelling, without a slash at its end.

    Raises:
        ValueError: it is none, or holds credentials, a query or a fragment.
    """
    url = value.strip()
    wrong = f"must be an http(s) address such as {example}"
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
