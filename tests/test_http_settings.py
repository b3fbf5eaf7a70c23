"""The settings of the HTTP transports, and secrets that lie in files."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings

TOKEN = "a-token-of-one-client"
OTHER = "a-token-of-another-one"


def read(monkeypatch: pytest.MonkeyPatch, **variables: object) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(name, str(value))
    return Settings.read()


def refused(monkeypatch: pytest.MonkeyPatch, **variables: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(monkeypatch, **variables)
    assert caught.value.code == "bad_setting"
    return caught.value.message


def test_tokens_are_words_and_each_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, GROK_VISION_AUTH_TOKEN=f"{TOKEN}, {OTHER}")
    assert settings.auth_token == (SecretStr(TOKEN), SecretStr(OTHER))
    assert settings.secrets() == [SecretStr(TOKEN), SecretStr(OTHER)]
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("value", ["short", f"{TOKEN} short", "ein-schl\u00fcssel-der-lang-ist"])
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    told = refused(monkeypatch, GROK_VISION_AUTH_TOKEN=value)
    assert told.startswith("GROK_VISION_AUTH_TOKEN: must ")
    assert value not in told


def test_a_secret_is_read_from_the_file_that_a_variable_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tokens, key = tmp_path / "tokens", tmp_path / "key"
    tokens.write_text(f"{TOKEN}\n{OTHER}\n", "utf-8")
    key.write_text("xai-from-a-file\n", "utf-8")
    settings = read(monkeypatch, GROK_VISION_AUTH_TOKEN_FILE=tokens, XAI_API_KEY_FILE=key)
    assert settings.auth_token == (SecretStr(TOKEN), SecretStr(OTHER))
    assert settings.xai_api_key == SecretStr("xai-from-a-file")


def test_a_variable_wins_over_a_file_and_an_empty_one_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text("from-the-file", "utf-8")
    given = {"GROK_VISION_API_KEY_FILE": file, "GROK_VISION_API_KEY": "from-the-variable"}
    assert read(monkeypatch, **given).api_key == SecretStr("from-the-variable")
    assert read(monkeypatch, GROK_VISION_API_KEY="").api_key == SecretStr("from-the-file")


def test_variables_that_name_files_of_secrets_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROK_VISION_AUTH_TOKEN_FILE", "x")
    monkeypatch.setenv("GROK_VISION_MODEL_FILE", "x")
    assert list(Settings.unknown_variables()) == ["GROK_VISION_MODEL_FILE"]


def test_a_file_that_the_host_left_unfilled_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, XAI_API_KEY_FILE="${user_config.key_file}").xai_api_key is None


def test_an_unfilled_token_leaves_the_file_of_it_in_force(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN, "utf-8")
    given = {"GROK_VISION_AUTH_TOKEN": "${user_config.token}", "GROK_VISION_AUTH_TOKEN_FILE": file}
    assert read(monkeypatch, **given).auth_token == (SecretStr(TOKEN),)


@pytest.mark.parametrize("value", [" ", ", ,"])
def test_a_token_without_a_word_is_told_rather_than_served_without(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    assert "holds no token" in refused(monkeypatch, GROK_VISION_AUTH_TOKEN=value)


@pytest.mark.parametrize("name", ["GROK_VISION_AUTH_TOKEN_FILE", "grok_vision_auth_token_file"])
def test_a_file_of_settings_may_name_files_of_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    (tmp_path / "settings").write_text(f"{name}={tmp_path / 'token'}\n", "utf-8")
    settings = read(monkeypatch, GROK_VISION_ENV_FILE=tmp_path / "settings")
    assert settings.auth_token == (SecretStr(TOKEN),)


def test_an_unfilled_name_of_a_file_does_not_hide_the_line_of_the_file_of_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("xai-from-a-file", "utf-8")
    (tmp_path / "settings").write_text(f"XAI_API_KEY_FILE={tmp_path / 'key'}\n", "utf-8")
    given = {"GROK_VISION_ENV_FILE": tmp_path / "settings", "XAI_API_KEY_FILE": "${user_config.k}"}
    assert read(monkeypatch, **given).xai_api_key == SecretStr("xai-from-a-file")


def test_a_misspelt_line_of_the_file_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "settings").write_text("GROK_VISION_AUTH_TOKN=x\nOTHER=y\n", "utf-8")
    monkeypatch.setenv("GROK_VISION_ENV_FILE", str(tmp_path / "settings"))
    assert Settings.unknown_variables() == {"GROK_VISION_AUTH_TOKN": "GROK_VISION_AUTH_TOKEN"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot be read"),
        (b"\xff\xfe\x00k", "cannot be read"),
        (b" \n", "holds no secret"),
        (b"k" * 70_000, "holds no secret"),
    ],
    ids=["absent", "binary", "empty", "another file"],
)
def test_a_file_without_a_secret_is_told_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, problem: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    told = refused(monkeypatch, XAI_API_KEY_FILE=file)
    assert told == f"XAI_API_KEY_FILE names a file that {problem}; correct or unset it."


def test_a_folder_in_place_of_a_file_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "cannot be read" in refused(monkeypatch, XAI_API_KEY_FILE=tmp_path)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PUBLIC_HOST", "https://vision.example.com"),
        ("PUBLIC_HOST", "*.example.com"),
        ("PUBLIC_HOST", "vision.example.com:port"),
        ("PUBLIC_HOST", "user@vision.example.com"),
        ("PUBLIC_HOST", "vision.example.com/mcp"),
        ("ALLOWED_ORIGINS", "app.example.com"),
        ("ALLOWED_ORIGINS", "https://app.example.com/"),
        ("ALLOWED_ORIGINS", "null"),
        ("ALLOWED_ORIGINS", "*"),
        ("OAUTH_ISSUER", "login.example.com"),
        ("OAUTH_ISSUER", "https://user:pass@login.example.com"),
        ("OAUTH_SCOPES", 'say "hello"'),
        ("OAUTH_SCOPES", "lesen-f\u00fcr-alle"),
        ("MAX_BODY_BYTES", "1"),
        ("MAX_CONNECTIONS", "0"),
        ("RATE_LIMIT", "0"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    told = refused(monkeypatch, **{f"GROK_VISION_{variable}": value})
    assert told.startswith(f"GROK_VISION_{variable}: ")


def test_names_and_origins_are_taken_as_clients_write_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = read(
        monkeypatch,
        GROK_VISION_PUBLIC_HOST="vision.example.com, vision.example.com:8443 [2001:db8::1]:8000",
        GROK_VISION_ALLOWED_ORIGINS="https://app.example.com http://localhost:5173",
        GROK_VISION_OAUTH_ISSUER="HTTPS://Login.example.com/tenant/",
    )
    assert settings.public_host == (
        "vision.example.com",
        "vision.example.com:8443",
        "[2001:db8::1]:8000",
    )
    assert settings.allowed_origins == ("https://app.example.com", "http://localhost:5173")
    assert settings.oauth_issuer == "https://login.example.com/tenant/"
