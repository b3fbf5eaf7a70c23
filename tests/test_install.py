"""`install` in homes made for the test: what hosts read afterwards, and what stays as it was."""

import json
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from grok_vision.cli.host_files import HostFile
from grok_vision.cli.hosts import Host, Machine
from grok_vision.cli.known_hosts import HOSTS
from tests import commands
from tests.commands import Done, in_process
from tests.programs import ended, python

KEY = "xai-of-this-test-0123456789"
OTHERS = """{
\t"theme": "dark",
\t"mcpServers": {
\t\t"other": {"command": "x", "args": ["é"]}
\t}
}
"""

needs_modes = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    (home / "project").mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.chdir(home / "project")
    return home


@pytest.fixture
def install(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> commands.Run:
    run = in_process(monkeypatch, capsys)

    def command(*arguments: str, key: str = "") -> Done:
        monkeypatch.setenv("XAI_API_KEY", key)
        return run("install", *arguments)

    return command


def servers(host: Host, file: Path) -> dict[str, Any]:
    """Return what the host reads as its servers, by parsers of the standard library."""
    text = file.read_text("utf-8")
    found = tomllib.loads(text) if host.syntax == "toml" else json.loads(text)
    for name in host.section:
        found = found[name]
    return found


def variables(entry: dict[str, Any]) -> dict[str, str]:
    return entry.get("env") or entry.get("environment") or {}


# --- what is written


@pytest.mark.parametrize("name", HOSTS)
def test_a_host_reads_what_was_written_and_a_second_time_nothing_is(
    name: str, home: Path, install: commands.Run
) -> None:
    host = HOSTS[name]
    first = json.loads(install(name, "--write", "--json").stdout)
    file = host.file(Machine.this())
    entry = servers(host, file)["grok-vision"]
    command = entry["command"] if host.joined else [entry["command"], *entry["args"]]
    assert (first["action"], first["written"], first["file"]) == ("add", True, str(file))
    assert file.is_relative_to(home)
    assert Path(command[0]).is_absolute()
    before = file.read_bytes()
    again = json.loads(install(name, "--write", "--json").stdout)
    assert (again["action"], again["written"], file.read_bytes()) == ("nothing", False, before)
    assert list(file.parent.glob("*.bak*")) == []


@pytest.mark.parametrize("name", [name for name, host in HOSTS.items() if host.project])
def test_the_file_of_a_project_is_in_this_folder_and_holds_no_key(
    name: str, home: Path, install: commands.Run
) -> None:
    host = HOSTS[name]
    done = install(name, "--project", "--with-key", "--write", key=KEY)
    file = home / "project" / str(host.project)
    if done.returncode == 2:
        assert "would have the key in a file of the project" in done.stderr
        assert not file.exists()
        return
    (named,) = variables(servers(host, file)["grok-vision"]).values()
    assert "XAI_API_KEY" in named.upper().replace("-", "_")
    assert KEY not in file.read_text("utf-8") + done.stdout + done.stderr


async def test_a_server_starts_as_the_file_says(home: Path, install: commands.Run) -> None:
    install("cursor", "--write", "--set", "GROK_VISION_PROVIDER=local")
    entry = servers(HOSTS["cursor"], home / ".cursor" / "mcp.json")["grok-vision"]
    environment = {"HOME": str(home), **entry["env"]}
    parameters = StdioServerParameters(
        command=entry["command"], args=entry["args"], env=environment
    )
    async with Client(parameters) as client:
        tools = (await client.list_tools()).tools
    assert "describe_image" in [tool.name for tool in tools]


def test_without_write_nothing_is_touched_and_what_would_be_is_shown(
    home: Path, install: commands.Run
) -> None:
    done = install("cursor", "--set", "GROK_VISION_MAX_USD=5")
    assert list(home.iterdir()) == [home / "project"]
    assert str(home / ".cursor" / "mcp.json") in done.stdout
    assert '"GROK_VISION_MAX_USD": "5"' in done.stdout
    assert "run the same again with --write" in done.stdout


# --- what stays


def test_everything_else_in_the_file_stays_to_the_letter(home: Path, install: commands.Run) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_bytes(OTHERS.replace("\n", "\r\n").encode())
    install("cursor", "--write")
    text = file.read_bytes().decode()
    added = text.partition(',\r\n\t\t"grok-vision"')
    assert added[0] + "\r\n\t}\r\n}\r\n" == OTHERS.replace("\n", "\r\n")
    assert set(json.loads(text)["mcpServers"]) == {"other", "grok-vision"}
    assert "\n" not in text.replace("\r\n", "")
    install("cursor", "--remove", "--write")
    assert file.read_bytes().decode() == OTHERS.replace("\n", "\r\n")


def test_comments_and_tables_of_codex_stay(home: Path, install: commands.Run) -> None:
    file = home / ".codex" / "config.toml"
    file.parent.mkdir()
    before = 'model = "x" # mine\n\n[mcp_servers.other]\ncommand = "y"\n\n[tui]\nsound = true\n'
    file.write_text(before, "utf-8")
    install("codex", "--write")
    written = file.read_text("utf-8")
    assert [line for line in before.splitlines() if line not in written] == []
    assert set(tomllib.loads(written)["mcp_servers"]) == {"other", "grok-vision"}
    install("codex", "--remove", "--write")
    assert tomllib.loads(file.read_text("utf-8")) == tomllib.loads(before)


def test_our_entry_is_replaced_and_keeps_what_a_person_added(
    home: Path, install: commands.Run
) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    old = {"command": "old", "args": ["serve"], "disabled": True, "env": {"XAI_API_KEY": KEY}}
    file.write_text(json.dumps({"mcpServers": {"grok-vision": old}}), "utf-8")
    done = install("cursor", "--write", "--set", "GROK_VISION_MODEL=grok-4.6")
    entry = json.loads(file.read_text("utf-8"))["mcpServers"]["grok-vision"]
    assert entry["command"] != "old"
    assert entry["disabled"] is True
    assert entry["env"] == {"XAI_API_KEY": KEY, "GROK_VISION_MODEL": "grok-4.6"}
    assert KEY not in done.stdout + done.stderr
    assert "has no key" not in done.stdout


def test_each_backup_has_a_name_of_its_own(home: Path, install: commands.Run) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(OTHERS, "utf-8")
    for model in ("a", "b"):
        install("cursor", "--write", "--set", f"GROK_VISION_MODEL={model}")
    assert (file.parent / "mcp.json.bak").read_text("utf-8") == OTHERS
    assert '"a"' in (file.parent / "mcp.json.bak2").read_text("utf-8")
    assert sorted(path.name for path in file.parent.iterdir()) == [
        "mcp.json",
        "mcp.json.bak",
        "mcp.json.bak2",
    ]


@needs_modes
def test_a_link_that_leads_nowhere_yet_gets_its_file(home: Path, install: commands.Run) -> None:
    (home / ".cursor").mkdir()
    (home / ".cursor" / "mcp.json").symlink_to(home / "dotfiles" / "cursor.json")
    install("cursor", "--write")
    assert (home / ".cursor" / "mcp.json").is_symlink()
    assert "grok-vision" in (home / "dotfiles" / "cursor.json").read_text("utf-8")


@needs_modes
def test_a_link_stays_a_link_and_the_mode_stays(home: Path, install: commands.Run) -> None:
    real = home / "dotfiles" / "cursor.json"
    real.parent.mkdir()
    real.write_text(OTHERS, "utf-8")
    real.chmod(0o640)
    (home / ".cursor").mkdir()
    link = home / ".cursor" / "mcp.json"
    link.symlink_to(real)
    install("cursor", "--write")
    assert link.is_symlink()
    assert "grok-vision" in real.read_text("utf-8")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in real.parent.iterdir()}
    assert modes == {0o640}


@pytest.mark.parametrize(
    "text",
    [
        '{"mcpServers": {} // mine\n}',
        '{"mcpServers": {},}',
        '{"a": 1, "a": 2}',
        "[]",
        '{"mcpServers": 1}',
        "\xff",
    ],
    ids=["a comment", "a comma too many", "a name twice", "a list", "a number", "no UTF-8"],
)
def test_a_file_that_is_not_plain_json_is_left_alone_and_the_block_is_shown(
    text: str, home: Path, install: commands.Run
) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_bytes(text.encode("latin-1"))
    done = install("cursor", "--write")
    assert done.returncode == 2
    assert done.stderr.startswith("error[bad_setting]: ")
    assert '"grok-vision": {' in done.stdout
    assert file.read_bytes() == text.encode("latin-1")
    assert list(file.parent.iterdir()) == [file]
    assert install("cursor").returncode == 0


def test_a_file_that_cannot_be_read_is_left_alone(home: Path, install: commands.Run) -> None:
    (home / ".cursor" / "mcp.json").mkdir(parents=True)
    done = install("cursor", "--write")
    assert done.returncode == 2
    assert "cannot be read" in done.stderr
    assert '"grok-vision": {' in done.stdout


def test_a_file_that_changed_meanwhile_is_not_overwritten(home: Path) -> None:
    file = home / "mcp.json"
    file.write_text("{}", "utf-8")
    found = HostFile.read(file)
    file.write_text('{"new": 1}', "utf-8")
    with pytest.raises(Exception, match="was changed meanwhile"):
        found.replace('{"ours": 1}', private=False)
    assert file.read_text("utf-8") == '{"new": 1}'


# --- the key


@needs_modes
def test_a_key_is_written_for_its_owner_only_and_never_printed(
    home: Path, install: commands.Run
) -> None:
    file = home / ".cursor" / "mcp.json"
    for more in (("--json",), ()):
        done = install("cursor", "--with-key", "--write", *more, key=KEY)
        assert done.returncode == 0
        assert KEY not in done.stdout + done.stderr
    shown = install("cursor", "--with-key", "--name", "second", key=KEY).stdout
    assert '"XAI_API_KEY": "…"' in shown
    assert servers(HOSTS["cursor"], file)["grok-vision"]["env"] == {"XAI_API_KEY": KEY}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@needs_modes
def test_a_file_that_others_may_read_is_told(home: Path, install: commands.Run) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    file.write_text(OTHERS, "utf-8")
    file.chmod(0o644)
    assert "chmod 600" in install("cursor", "--with-key", key=KEY).stdout
    assert "chmod 600" not in install("cursor").stdout


def test_vs_code_asks_for_the_key_once(home: Path, install: commands.Run) -> None:
    file = HOSTS["vscode"].file(Machine.this())
    for model in ("a", "b"):
        install("vscode", "--with-key", "--write", "--set", f"GROK_VISION_MODEL={model}", key=KEY)
    written = json.loads(file.read_text("utf-8"))
    (asked,) = written["inputs"]
    assert asked["password"] is True
    entry = written["servers"]["grok-vision"]
    assert entry["env"]["XAI_API_KEY"] == f"${{input:{asked['id']}}}"
    assert KEY not in file.read_text("utf-8")


def test_the_key_is_that_of_the_provider_that_is_set(home: Path, install: commands.Run) -> None:
    done = install("cursor", "--with-key", "--set", "GROK_VISION_PROVIDER=groq", key=KEY)
    assert done.stderr.startswith("error[missing_key]: ")
    assert "GROQ_API_KEY" in done.stderr


def test_without_a_key_it_is_told_who_answers(home: Path, install: commands.Run) -> None:
    assert "offline engine" in install("cursor").stdout
    assert "offline engine" not in install("cursor", "--with-key", key=KEY).stdout


# --- mistakes


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("curser",), "error[bad_argument]: curser is no host known here; did you mean cursor?"),
        (("lm-studio", "--project"), "error[bad_argument]: LM Studio has no file for a project"),
        (("cursor", "--set", "XAI_API_KEY=k"), "error[bad_argument]: XAI_API_KEY is a secret"),
        (("cursor", "--set", "MODEL"), "error[bad_argument]: --set takes NAME=VALUE"),
        (
            ("cursor", "--set", "GROK_VISION_MODLE=x"),
            "error[bad_argument]: GROK_VISION_MODLE is no",
        ),
        (("cursor", "--set", "GROK_VISION_RETRIES=x"), "error[bad_setting]: --set GROK_VISION_RET"),
        (("cursor", "--name", "a b"), "error[bad_argument]: --name takes"),
        (("cursor", "--with-key", "--set", "GROK_VISION_PROVIDER=ollama"), "error[bad_argument]: "),
    ],
)
def test_a_mistake_is_told_in_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], told: str, home: Path, install: commands.Run
) -> None:
    done = install(*arguments, "--write")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(told)
    assert list(home.iterdir()) == [home / "project"]


def test_to_remove_what_is_not_there_is_no_mistake(home: Path, install: commands.Run) -> None:
    done = install("cursor", "--remove", "--write")
    assert done.returncode == 0
    assert "has no entry grok-vision" in done.stdout
    assert list(home.iterdir()) == [home / "project"]


# --- the facts


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


def test_what_uvx_started_is_started_by_uvx_again(tmp_path: Path) -> None:
    code = (
        "import sys; sys.prefix = sys.argv[1]\n"
        "from grok_vision.cli.host_command import command\n"
        "print(command())"
    )
    prefix = tmp_path / "cache" / "archive-v0" / "abc"
    process = python(code.replace("sys.argv[1]", repr(str(prefix))))
    told = ended(process)[0]
    assert "uvx" in told
    assert told.rstrip().endswith("'grok-vision-mcp')")
