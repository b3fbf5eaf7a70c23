"""What runs of rows share: the server, the pictures and the environment."""

import functools
import logging
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from grok_vision import app
from grok_vision.settings import Settings
from tests.faults.certificates import HOST
from tests.faults.completion import KEY
from tests.faults.expectation import RETRIES
from tests.faults.memory import Memory
from tests.faults.process import Served, served
from tests.faults.table import Row
from tests.faults.tunnels import PROXIED
from tests.support import noise, quadrants, saved


@dataclass(frozen=True, slots=True)
class Bench:
    """What runs share: the server and two pictures."""

    served: Served
    memory: Memory
    folder: Path
    small: str
    large: str
    logged: list[str]

    def settings(self, row: Row) -> Settings:
        """Return the settings of a server that asks for the fault."""
        return Settings(
            xai_api_key=KEY,
            base_url=row.address(self.served.ports),
            deadline=row.deadline,
            retries=RETRIES,
            roots=(self.folder,),
            state_dir=self.folder.parent / "state",
            output_dir=self.folder.parent / "drawn",
        )


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    """Start the server and set the environment, and give what runs need."""
    readable = folder / "readable"
    readable.mkdir()
    small = saved(readable, "small.png", quadrants())
    large = saved(readable, "large.jpg", noise(1700, 1500), quality=98)
    memory = Memory()
    with (
        served(folder) as server,
        _environment(folder, server.ports["proxy"]),
        _short_cuts(folder),
        _logs() as logged,
        memory.watching(),
    ):
        yield Bench(server, memory, readable, small, large, logged)


@contextmanager
def _environment(folder: Path, proxy: int) -> Iterator[None]:
    """Set a proxy, which only hosts of its own rows go through, and what is trusted."""
    ours = ("GROK_VISION_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT")
    kept = {name: it for name, it in os.environ.items() if not name.upper().startswith(ours)}
    given = {
        "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
        "NO_PROXY": f"{HOST},nowhere.invalid",
        "SSL_CERT_FILE": str(folder / "trusted.pem"),
    }
    resolve = socket.getaddrinfo

    def resolved(host: Any, *more: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and name.endswith((".invalid", PROXIED)):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve("127.0.0.1" if name == HOST else host, *more, **named)

    with (
        mock.patch.dict(os.environ, {**kept, **given}, clear=True),
        mock.patch.object(socket, "getaddrinfo", resolved),
    ):
        yield


@contextmanager
def _short_cuts(folder: Path) -> Iterator[None]:
    """Build once what every server builds alike.

    The system's list of authorities takes each client 25 ms to read, and none of them is needed.
    """
    paths = ssl.get_default_verify_paths()._replace(
        openssl_cafile=str(folder / "trusted.pem"), openssl_capath=""
    )
    with (
        mock.patch.object(app, "all_tools", functools.cache(app.all_tools)),
        mock.patch.object(ssl, "get_default_verify_paths", return_value=paths),
    ):
        yield


class _Kept(logging.Handler):
    """Keeps what is logged, with tracebacks, and prints nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def _logs() -> Iterator[list[str]]:
    kept = _Kept()
    logging.getLogger().addHandler(kept)
    try:
        yield kept.lines
    finally:
        logging.getLogger().removeHandler(kept)
