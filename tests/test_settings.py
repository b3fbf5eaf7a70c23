import os
from pathlib import Path

import pytest

from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings


def problem(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> str:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        Settings.read()
    assert caught.value.code == "bad_setting"
    assert variable in caught.value.message
    return caught.value.message


def test_nothing_needs_to_be_set() -> None:
    settings = Settings.read()
    assert settings.provider == "auto"
    assert settings.max_image_bytes == 20 * 1024 * 1024
    assert settings.deadline == 50
    assert settings.secrets() == []


def test_variables_are_read_by_their_public_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROK_VISION_PROVIDER", "XAI")
    monkeypatch.setenv("GROK_VISION_MODEL", "grok-4.7")
    monkeypatch.setenv("GROK_VISION_ROOTS", os.pathsep.join(["/a b", "", "~/shots"]))
    monkeypatch.setenv("GROK_VISION_ALLOW_HOSTS", "localhost:3000, *.lan 10.0.0.0/8")
    monkeypatch.setenv("GROK_VISION_MAX_IMAGE_BYTES", "5MiB")
    monkeypatch.setenv("GROK_VISION_LOG_LEVEL", "info")
    monkeypatch.setenv("XAI_API_KEY", "secret")
    settings = Settings.read()
    assert settings.provider == "xai"
    assert settings.model == "grok-4.7"
    assert settings.roots == (Path("/a b"), Path("~/shots").expanduser())
    assert settings.allow_hosts == ("localhost:3000", "*.lan", "10.0.0.0/8")
    assert settings.max_image_bytes == 5 * 1024 * 1024
    assert settings.log_level == "INFO"
    assert [key.get_secret_value() for key in settings.secrets()] == ["secret"]


@pytest.mark.parametrize("value", ["", "${user_config.model}", " ${user_config.model} "])
def test_what_a_host_did_not_fill_in_counts_as_unset(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    for variable in (
        "GROK_VISION_MODEL",
        "GROK_VISION_ROOTS",
        "GROK_VISION_ENV_FILE",
        "XAI_API_KEY",
    ):
        monkeypatch.setenv(variable, value)
    settings = Settings.read()
    assert (settings.model, settings.roots, settings.xai_api_key) == ("", None, None)


def test_the_settings_cannot_be_changed() -> None:
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.model = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("GROK_VISION_PROVIDER", "hunter2", "'xai'"),
        ("GROK_VISION_DEADLINE", "hunter2", "valid number"),
        ("GROK_VISION_DEADLINE", "0", "greater than 0"),
        ("GROK_VISION_CONCURRENCY", "0", "greater than or equal to 1"),
        ("GROK_VISION_MAX_PIXELS", "-5", "greater than 0"),
        ("GROK_VISION_MAX_IMAGE_BYTES", "hunter2", "byte"),
        ("GROK_VISION_URL_MODE", "hunter2", "'inline', 'pass' or 'off'"),
        ("GROK_VISION_LOG_LEVEL", "hunter2", "'WARNING'"),
        ("GROK_VISION_BASE_URL", "hunter2", "must be an http(s) address"),
        ("XAI_API_KEY", "hunter2 hunter2", "one word of plain ASCII"),
        ("GROK_VISION_API_KEY", "hunter2é", "one word of plain ASCII"),
        ("XAI_API_KEY", "xai-YOUR-KEY", "is a placeholder"),
        ("XAI_API_KEY", "${input:xai-key}", "is a placeholder"),
        ("OPENAI_API_KEY", "<hunter2>", "is a placeholder"),
        ("GROK_VISION_ROOTS", "~hunter2/x", "home folder of a user"),
        ("GROK_VISION_BASE_URL", "https://user:hunter2@x.example/v1", "must not hold credentials"),
        ("GROK_VISION_BASE_URL", "https://x.example/v1?key=hunter2", "a query"),
        ("GROK_VISION_BASE_URL", "https://x.example/v1?", "a query"),
        ("GROK_VISION_BASE_URL", "https://x.example/v1#", "a query"),
        ("GROK_VISION_BASE_URL", "https://x.example:hunter2/v1", "must be an http(s) address"),
        ("GROK_VISION_BASE_URL", "https://x.example/hunter2 /v1", "must be an http(s) address"),
        ("GROK_VISION_REDIS_URL", "hunter2", "must be an address such as redis://"),
        ("GROK_VISION_REDIS_URL", "http://:hunter2@localhost", "must be an address such as redis"),
        ("GROK_VISION_REDIS_URL", "redis://:hunter2#@localhost", "%23 for #"),
        ("GROK_VISION_REDIS_URL", "redis://:hunter2/@localhost", "%2F for /"),
        ("GROK_VISION_REDIS_URL", "redis://user:12/hunter2@localhost", "%2F for /"),
        ("GROK_VISION_REDIS_URL", "redis://user:12?hunter2@localhost", "%3F for ?"),
        ("GROK_VISION_REDIS_URL", "redis://user:12#hunter2@localhost", "%23 for #"),
        ("GROK_VISION_REDIS_URL", "redis://localhost:0", "must be an address such as redis"),
        ("GROK_VISION_REDIS_URL", "unix://", "must be an address such as redis"),
        ("GROK_VISION_REDIS_PREFIX", "hunter2:", "letters, digits, dots, dashes and underscores"),
        ("GROK_VISION_CACHE", "redis", "GROK_VISION_REDIS_URL; set it"),
        ("GROK_VISION_CACHE", "redis:5", "a size from 1MiB to 1TiB; redis in place of a folder"),
    ],
)
def test_a_bad_value_is_told_by_its_variable_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    message = problem(monkeypatch, variable, value)
    assert told in message
    assert "hunter2" not in message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://relay.example/v1/", "https://relay.example/v1"),
        (" HTTPS://relay.example/v1\n", "https://relay.example/v1"),
        ("http://localhost:1234/v1", "http://localhost:1234/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
    ],
)
def test_the_address_of_the_provider_loses_its_last_slash(given: str, kept: str) -> None:
    assert Settings(base_url=given).base_url == kept


def test_a_named_file_is_read_and_the_environment_wins_over_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "settings.env"
    file.write_text("GROK_VISION_MODEL=from-file\nGROK_VISION_DEADLINE=9\nXAI_API_KEY=k\nOTHER=1\n")
    monkeypatch.setenv("GROK_VISION_ENV_FILE", str(file))
    monkeypatch.setenv("GROK_VISION_MODEL", "from-environment")
    settings = Settings.read()
    assert (settings.model, settings.deadline) == ("from-environment", 9)
    assert settings.xai_api_key is not None


def test_a_named_file_that_is_not_there_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    problem(monkeypatch, "GROK_VISION_ENV_FILE", str(tmp_path / "absent.env"))


def test_a_named_file_that_is_no_text_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "binary.env").write_bytes(b"\xff\xfe\x00")
    problem(monkeypatch, "GROK_VISION_ENV_FILE", str(tmp_path / "binary.env"))


@pytest.mark.parametrize("written", ["key", " key\n", "key "])
def test_blanks_around_a_key_are_dropped(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("XAI_API_KEY", written)
    assert [key.get_secret_value() for key in Settings.read().secrets()] == ["key"]


def test_an_env_file_in_the_working_directory_is_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("GROK_VISION_BASE_URL=https://evil.example/v1\n")
    monkeypatch.chdir(tmp_path)
    assert Settings.read().base_url is None


def test_a_misspelt_variable_is_found_with_the_nearest_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GROK_VISION_MODLE", "x")
    monkeypatch.setenv("GROK_VISION_MODEL", "x")
    monkeypatch.setenv("GROK_VISION_FOO", "x")
    assert Settings.unknown_variables() == {
        "GROK_VISION_FOO": "",
        "GROK_VISION_MODLE": "GROK_VISION_MODEL",
    }


@pytest.mark.parametrize(
    ("written", "folder", "size"),
    [
        ("/var/answers", "/var/answers", 100 * 2**20),
        ("/var/answers:200MiB", "/var/answers", 200 * 2**20),
        (" /var/answers : 1GB ", "/var/answers", 10**9),
        (r"C:\answers", r"C:\answers", 100 * 2**20),
        (r"C:\answers:2MiB", r"C:\answers", 2 * 2**20),
        ("/odd:name/answers", "/odd:name/answers", 100 * 2**20),
    ],
)
def test_a_folder_for_answers_may_have_a_size(written: str, folder: str, size: int) -> None:
    assert Settings(cache=written).cache == (Path(folder), size)


@pytest.mark.parametrize(
    "written",
    ["/a:1kB", "/a:abc", "/a:", ":5MiB", "/a:-5MiB", "/a:9999TiB", "/a:1e9", "/a:200MiBs"],
)
def test_a_size_that_is_none_or_too_small_is_a_bad_setting(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROK_VISION_CACHE", written)
    with pytest.raises(ConfigurationError, match="GROK_VISION_CACHE: must be a folder, or folder:"):
        Settings.read()


def test_no_folder_for_answers_is_none() -> None:
    assert Settings(cache="").cache is None


@pytest.mark.parametrize(
    ("written", "size"), [("redis", 100 * 2**20), (" redis : 5MiB ", 5 * 2**20)]
)
def test_answers_may_be_kept_in_the_redis_that_is_set(written: str, size: int) -> None:
    settings = Settings(cache=written, redis_url="unix:///run/redis.sock?db=1")
    assert settings.cache == ("redis", size)


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter%2F2@localhost",
        "rediss://name:hunter%2F2@localhost:6380/1",
        "unix:///run/redis.sock?password=hunter%2F2",
    ],
)
def test_the_password_of_redis_is_a_secret_by_itself(url: str) -> None:
    settings = Settings(redis_url=url)
    assert [one.get_secret_value() for one in settings.secrets()] == [url, "hunter/2"]
    assert "hunter" not in repr(settings)


def test_a_password_that_words_have_in_them_is_left_in_them() -> None:
    assert len(Settings(redis_url="redis://:redis@localhost").secrets()) == 1
