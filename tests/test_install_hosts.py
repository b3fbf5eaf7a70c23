"""The facts of hosts: which file is theirs on which machine, and what starts this server there."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grok_vision.cli import host_command
from grok_vision.cli.extras import installed
from grok_vision.cli.hosts import Machine
from grok_vision.cli.known_hosts import HOSTS


def machine(system: str, root: Path) -> Machine:
    return Machine(
        system=system,
        home=root / "home",
        app=root / "app",
        xdg=root / "xdg",
        local=root / "local",
    )


def test_claude_desktop_from_its_windows_package_has_a_file_of_its_own(tmp_path: Path) -> None:
    claude = HOSTS["claude-desktop"]
    usual = tmp_path / "app" / "Claude" / "claude_desktop_config.json"
    usual.parent.mkdir(parents=True)
    package = tmp_path / "local" / "Packages" / "Claude_pzs8sxrjxfjjc"
    assert claude.file(machine("win32", tmp_path)) == usual
    package.mkdir(parents=True)
    assert claude.file(machine("win32", tmp_path)).is_relative_to(package)
    assert claude.file(machine("darwin", tmp_path)) == usual


def test_an_old_folder_of_lm_studio_is_used_where_it_is_the_only_one(tmp_path: Path) -> None:
    studio, here = HOSTS["lm-studio"], machine("linux", tmp_path)
    new, old = tmp_path / "home" / ".lmstudio", tmp_path / "home" / ".cache" / "lm-studio"
    assert studio.file(here).parent == new
    old.mkdir(parents=True)
    assert studio.file(here).parent == old
    new.mkdir()
    assert studio.file(here).parent == new


@pytest.mark.parametrize("system", ["darwin", "linux", "win32"])
def test_every_host_has_one_file_on_every_system(system: str, tmp_path: Path) -> None:
    files = [host.file(machine(system, tmp_path)) for host in HOSTS.values()]
    assert len(set(files)) == len(HOSTS)


def test_a_folder_that_a_variable_names_is_that_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "claude"))
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))
    here = Machine.this()
    assert HOSTS["claude-code"].file(here) == tmp_path / "claude" / ".claude.json"
    assert HOSTS["codex"].file(here) == tmp_path / "codex" / "config.toml"
    monkeypatch.setenv("CODEX_HOME", "")
    assert HOSTS["codex"].file(Machine.this()) == Path.home() / ".codex" / "config.toml"


def test_programs_of_macos_follow_no_variable_of_xdg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.cli.hosts.sys", SimpleNamespace(platform="darwin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    mac = Machine.this()
    assert mac.app == tmp_path / "Library" / "Application Support"
    assert HOSTS["zed"].file(mac) == tmp_path / "xdg" / "zed" / "settings.json"


@pytest.mark.parametrize(
    ("extras", "started"),
    [
        ((), ("/bin/uvx", "grok-vision-mcp")),
        (
            ("local", "formats", "otel"),
            ("/bin/uvx", "--from", "grok-vision-mcp[local,formats,otel]", "grok-vision-mcp"),
        ),
        (("otel",), ("/bin/uvx", "--from", "grok-vision-mcp[otel]", "grok-vision-mcp")),
    ],
    ids=["none", "all", "one"],
)
def test_what_uvx_started_is_started_by_uvx_again(
    extras: tuple[str, ...],
    started: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "cache" / "archive-v0" / "abc"))
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(host_command, "_origin", lambda: None)
    here = {name: name in extras for name in ("local", "formats", "otel")}
    monkeypatch.setattr(host_command, "installed", lambda: here)
    assert host_command.command() == started


def test_what_the_extra_for_spans_brings_is_found_here() -> None:
    assert installed()["otel"]
