"""Replicas of the server as processes, and nginx with our configuration in front of them."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.clients.served import EXAMPLES, ROOT, environment
from tests.fake_xai import FakeXAI

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
TOKEN = "a-token-of-these-replicas"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE = 30.0
_ANNOUNCED = re.compile(r"Serving MCP at http://127\.0\.0\.1:(\d+)/mcp")
_MAIN = """
daemon off;
master_process off;
pid nginx.pid;
error_log stderr error;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include {included};
}}
"""


class Replica:
    """`serve --transport http` as a process; it can be started again at the same port."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self._env = env
        self._log = log
        self.port = 0
        self.process = self._started()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def began(self) -> "Replica":
        """Wait until it serves."""
        late = time.monotonic() + PATIENCE
        while (found := _ANNOUNCED.search(self.told())) is None:
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < late, self.told()
            time.sleep(0.01)
        self.port = int(found[1])
        return self

    def again(self) -> "Replica":
        """Start it again at its port, and wait until it serves."""
        self.process = self._started()
        return self.began()

    def told(self) -> str:
        """Return what it said since it was started."""
        return self._log.read_text("utf-8")

    def kill(self) -> None:
        """End it as a machine that fails."""
        self.process.kill()
        self.process.wait()

    def ended(self) -> int:
        """Tell it to end; return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def _started(self) -> "subprocess.Popen[bytes]":
        options = ["--transport", "http", "--port", str(self.port)]
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "grok_vision", "serve", str(EXAMPLES), *options],
                cwd=ROOT,
                env=self._env,
                stderr=log,
            )


@contextmanager
def replicas(folder: Path, count: int, **settings: str) -> Iterator[list[Replica]]:
    """Replicas with these settings, which serve."""
    env = environment(
        GROK_VISION_AUTH_TOKEN=TOKEN,
        GROK_VISION_PUBLIC_HOST="127.0.0.1",
        **settings,
    )
    with ExitStack() as stack:
        started = []
        for number in range(count):
            own = {**env, "GROK_VISION_STATE_DIR": str(folder / f"state-{number}")}
            started.append(Replica(own, folder / f"replica-{number}.log"))
            stack.callback(started[-1].kill)
        yield [one.began() for one in started]


@contextmanager
def provider(xai: FakeXAI) -> Iterator[dict[str, str]]:
    """A provider on the loopback; gives the settings that lead to it."""
    with xai.serve() as address:
        yield {"XAI_API_KEY": xai.key, "GROK_VISION_BASE_URL": address}


@contextmanager
def nginx(folder: Path, ports: Sequence[int]) -> Iterator[str]:
    """Our nginx in front of replicas at these ports, without TLS; gives its address.

    Skips the test where there is no nginx.
    """
    port = free_port()
    process = subprocess.Popen(
        [program(), "-p", str(folder), "-e", "stderr", "-c", str(written(folder, port, ports))],
        stderr=subprocess.PIPE,
    )
    try:
        late = time.monotonic() + PATIENCE
        while not _is_open(port):
            assert process.poll() is None, process.communicate()[1].decode()
            assert time.monotonic() < late
            time.sleep(0.01)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


def program() -> str:
    """Return nginx, or skip the test."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip("nginx is not installed (Debian: apt install nginx)")
    return found


def written(folder: Path, port: int, ports: Sequence[int], certificate: Path | None = None) -> Path:
    """Write our configuration for these ports, and a main file around it, which is returned.

    There is TLS with a certificate only.
    """
    text = CONFIGURATION.read_text("utf-8")
    servers = re.compile(r"(?:^    server 127\.0\.0\.1:\d+ (.*);\n)+", re.MULTILINE)
    text = servers.sub(
        lambda found: "".join(f"    server 127.0.0.1:{one} {found[1]};\n" for one in ports), text
    )
    text = re.sub(r"^ *listen \[.*\n", "", text, flags=re.MULTILINE)
    if certificate is None:
        text = re.sub(r"^ *ssl_.*\n", "", text, flags=re.MULTILINE)
        text = text.replace("listen 443 ssl http2;", "listen 443;")
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    text = re.sub(r"(ssl_certificate\w*) .*;", rf"\1 {certificate};", text)
    included = folder / "grok-vision-mcp.conf"
    included.write_text(text, "utf-8")
    main = folder / "nginx.conf"
    main.write_text(_MAIN.format(included=included), "utf-8")
    return main


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True
