"""Doctor looks at the Redis that processes share."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import here
from tests.redis_server import RedisServer, redis_server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path / "redis") as server:
        yield server


def told(tmp_path: Path, **more: str) -> tuple[int, str, str]:
    """Return the exit code, what processes share, and the check of Redis."""
    env = {"PATH": "", "HOME": str(tmp_path), **more}
    done = here("doctor", "--json", env=env)
    diagnosis = json.loads(done.stdout)
    checks = {check["name"]: check["found"] for check in diagnosis["checks"]}
    return done.returncode, diagnosis["shared"], checks.get("redis", "")


def test_without_redis_nothing_is_looked_at(tmp_path: Path) -> None:
    assert told(tmp_path)[1:] == ("nothing: this process is by itself", "")


def test_a_redis_that_answers_is_told_with_its_version(redis: RedisServer, tmp_path: Path) -> None:
    code, shared, check = told(tmp_path, GROK_VISION_REDIS_URL=redis.url)
    assert code == 0
    assert shared == f"through {redis.url}, keys grok-vision:…"
    assert check.startswith("Redis ")
    assert check.endswith(" answers")


def test_what_may_forget_the_spending_is_told_where_it_is_limited(
    redis: RedisServer, tmp_path: Path
) -> None:
    redis.stop()
    redis.start("--maxmemory-policy", "allkeys-lru")
    more = {"GROK_VISION_REDIS_URL": redis.url, "GROK_VISION_CACHE": "redis"}
    assert "allkeys-lru" not in told(tmp_path, **more)[2]
    code, _, check = told(tmp_path, **more, GROK_VISION_MAX_USD="1")
    assert code == 0
    assert "its maxmemory-policy allkeys-lru may forget what was spent: set noeviction" in check
    assert "without appendonly" in check


def test_a_user_that_may_not_ask_for_settings_passes(redis: RedisServer, tmp_path: Path) -> None:
    redis.stop()
    redis.start("--user", "ours", "on", ">secret-word", "~*", "&*", "+@all", "-@dangerous")
    url = redis.url.replace("//", "//ours:secret-word@")
    code, _, check = told(tmp_path, GROK_VISION_REDIS_URL=url, GROK_VISION_MAX_USD="1")
    assert code == 0
    assert check == "answers, and does not let our user see its version and settings"


def test_a_redis_that_is_away_fails_and_its_password_is_not_shown(tmp_path: Path) -> None:
    url = "redis://someone:secret-word@127.0.0.1:1/0"
    done = here("doctor", env={"PATH": "", "HOME": str(tmp_path), "GROK_VISION_REDIS_URL": url})
    assert done.returncode == 1
    assert "shared          through redis://127.0.0.1:1/0, keys grok-vision:…" in done.stdout
    assert "FAIL redis: Redis cannot be reached (GROK_VISION_REDIS_URL)" in done.stdout
    assert "secret-word" not in done.stdout + done.stderr


def test_without_the_extra_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    code, _, check = told(tmp_path, GROK_VISION_REDIS_URL="redis://127.0.0.1:1/0")
    assert code == 1
    assert '`pip install "grok-vision-mcp[redis]"`' in check


def test_with_redis_no_folder_is_looked_at_for_what_is_kept_there(
    redis: RedisServer, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "state"
    in_the_way.touch()
    env = {
        "PATH": "",
        "HOME": str(tmp_path),
        "GROK_VISION_STATE_DIR": str(in_the_way),
        "GROK_VISION_CACHE": "redis:5MiB",
        "GROK_VISION_REDIS_URL": redis.url,
    }
    done = here("doctor", env=env)
    assert done.returncode == 0
    assert "answers         are kept in redis, up to 5 MiB" in done.stdout
    assert "ok   state: not used: token counts are kept in Redis" in done.stdout
    assert list(in_the_way.parent.glob("redis*/answers*")) == []
