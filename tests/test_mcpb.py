"""The bundle that desktop hosts install, packed by the tool that makers of bundles use."""

import gc
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from grok_vision.cli.commands import run
from grok_vision.errors import ConfigurationError
from grok_vision.settings import Settings

ROOT = Path(__file__).parent.parent
MCPB = shutil.which("mcpb")

# What `uv run` needs to build and start the server, and what hosts show.
NEEDED = ("LICENSE", "README.md", "icon.png", "manifest.json", "pyproject.toml", "uv.lock")
LEFT_OUT = (
    ".ci/run",
    ".coverage",
    ".mypy_cache/3.11/cache.db",
    ".pytest_cache/README.md",
    ".venv/bin/python",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "SECURITY.md",
    "benchmarks/startup.py",
    "deploy/grok-vision-mcp.service",
    "dist/grok_vision_mcp.whl",
    "docs/errors.md",
    "examples/dashboard.png",
    "notes",
    "scripts/check",
    "secrets/token",
    "server.json",
    "server/grok_vision/__pycache__/app.cpython-311.pyc",
    "tests/test_mcpb.py",
    "token",
)


@pytest.mark.skipif(MCPB is None, reason="mcpb is not installed (npm: @anthropic-ai/mcpb)")
def test_the_bundle_holds_the_package_and_nothing_else(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    package = clone / "server" / "grok_vision"
    shutil.copytree(
        ROOT / "server" / "grok_vision", package, ignore=shutil.ignore_patterns("__pycache__")
    )
    files = (path for path in package.rglob("*") if path.is_file())
    # The page is in the package as it was built, without its sources.
    modules = {
        path.relative_to(clone).as_posix()
        for path in files
        if not path.is_relative_to(package / "apps" / "page")
    }
    for name in (*NEEDED, ".mcpbignore"):
        shutil.copy(ROOT / name, clone)
    for name in LEFT_OUT:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("left out", "utf-8")

    bundle = tmp_path / "bundle.mcpb"
    subprocess.run([str(MCPB), "pack", str(clone), str(bundle)], check=True, timeout=120)
    with zipfile.ZipFile(bundle) as archive:
        assert set(archive.namelist()) == {*NEEDED, *modules}


def filled_in(**chosen: str | list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the arguments and the variables as hosts fill them in.

    As mcpb 2.1.2 does it (`getMcpConfigForManifest`, 2026-11-21): a list only where it is an
    argument by itself; what has no value stays as it is written.
    """
    manifest = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    options = manifest["user_config"].items()
    values = {name: option["default"] for name, option in options if "default" in option} | chosen
    config = manifest["server"]["mcp_config"]
    arguments: list[str] = []
    for argument in config["args"]:
        value = values.get(argument.removeprefix("${user_config.").removesuffix("}"), argument)
        arguments += value if isinstance(value, list) else [value]
    named = {f"${{user_config.{name}}}": value for name, value in values.items()}
    return arguments, {name: named.get(told, told) for name, told in config["env"].items()}


def settings_of(monkeypatch: pytest.MonkeyPatch, **chosen: str | list[str]) -> Settings:
    """Return the settings with which the server of a bundle starts."""
    arguments, environment = filled_in(**chosen)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    started: list[Settings] = []

    def create_server(settings: Settings) -> None:
        started.append(settings)
        raise ConfigurationError("bad_setting", "it is not to serve here")

    monkeypatch.setattr("grok_vision.app.create_server", create_server)
    run(arguments[arguments.index("serve") :])
    gc.enable()  # a server that starts collects nothing meanwhile
    (settings,) = started
    return settings


def test_what_a_person_chose_reaches_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folders = [str(tmp_path / "a b"), str(tmp_path / "c")]
    settings = settings_of(
        monkeypatch, api_key="xai-1", folders=folders, model="grok-4.6", max_usd="2.5"
    )
    assert settings.roots == tuple(map(Path, folders))
    assert settings.xai_api_key is not None
    assert (settings.model, settings.max_usd) == ("grok-4.6", 2.5)


def test_what_a_person_left_out_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(monkeypatch, api_key="xai-1", folders="${user_config.folders}")
    assert (settings.roots, settings.model, settings.max_usd) == (None, "", None)
