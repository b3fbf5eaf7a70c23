"""What every test starts from: no variables of ours, one event loop, pictures made on the spot."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_xai import FakeXAI
from tests.redis_server import RedisServer, redis_server

KEYS = (
    "XAI_API_KEY",
    "OPENAI_API_KEY",
    "GROQ_API_KEY",
    "TOGETHER_API_KEY",
    "OPENROUTER_API_KEY",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots", action="store_true", help="accept the published schemas as they are"
    )


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("GROK_VISION_") or name in KEYS:
            monkeypatch.delenv(name)
    monkeypatch.setenv("GROK_VISION_STATE_DIR", str(tmp_path / "state"))


@pytest.fixture(autouse=True)
def _hooks_of_the_runner(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave to pytest what a command that ran in this process took over."""
    for place, name in (
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
    ):
        monkeypatch.setattr(place, name, getattr(place, name))
    loggers = logging.root.manager.loggerDict
    levels = {name: logging.getLogger(name).level for name in ("", *loggers)}
    yield
    logging.captureWarnings(False)
    for name in ("", *loggers):
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture
def xai() -> FakeXAI:
    """The stand-in of xAI, which takes the key `test`."""
    return FakeXAI()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """An empty folder that tools may read."""
    readable = tmp_path / "readable"
    readable.mkdir()
    return readable


@pytest.fixture(scope="module")
def redis_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(redis_of_module: RedisServer) -> RedisServer:
    """A redis-server that runs and is empty, and forgets all when it is stopped."""
    redis_of_module.renew()
    return redis_of_module


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: many tests wait for processes that they started."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (count or 1) + 1
