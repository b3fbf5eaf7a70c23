"""`install` in homes made for the test: what hosts read afterwards, and what stays as it was."""

import json
import os
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
    for name in ("XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("APPDATA", "LOCAL_APPDATA"):  # where platformdirs asks Windows itself
        monkeypatch.setenv(f"WIN_PD_OVERRIDE_{name}", str(home / name))
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
    assert "It keeps what the entry had besides: env XAI_API_KEY, disabled." in done.stdout


def test_what_stays_is_told_of_an_entry_that_is_there_already(
    home: Path, install: commands.Run
) -> None:
    install("opencode", "--write")
    file = HOSTS["opencode"].file(Machine.this())
    assert "It keeps" not in install("opencode", "--write").stdout
    file.write_text(file.read_text("utf-8").replace("true", "false"), "utf-8")
    done = install("opencode", "--write")
    assert "has this entry already" in done.stdout
    assert "It keeps what the entry had besides: enabled." in done.stdout


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
        '{"mcpServers": {"grok-vision": {"command": "x", "env": {"A": "\\ud800"}}}}',
        '{"mcpServers": {"grok-vision": {"command": "x", "timeout": 1e999}}}',
        '{"a":' * 100_000,
        '{"mcpServers": {} // mine\n}',
        '{"mcpServers": {},}',
        '{"a": 1, "a": 2}',
        "[]",
        '{"mcpServers": 1}',
        "\xff",
    ],
    ids=[
        "half a character in our entry",
        "no number in our entry",
        "too deep",
        "a comment",
        "a comma too many",
        "a name twice",
        "a list",
        "a number",
        "no UTF-8",
    ],
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


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 100_000, "[mcp_servers.grok-vision]\ncommand = 'x'\n\n# mine\n[tui]\n"],
    ids=["too deep", "a comment would go"],
)
def test_a_file_of_toml_that_cannot_be_changed_is_left_alone_and_the_block_is_shown(
    text: str, home: Path, install: commands.Run
) -> None:
    file = home / ".codex" / "config.toml"
    file.parent.mkdir()
    file.write_text(text, "utf-8")
    done = install("codex", "--write")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("error[bad_setting]: ")
    assert "[mcp_servers.grok-vision]" in done.stdout
    assert file.read_text("utf-8") == text
    assert list(file.parent.iterdir()) == [file]


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
    assert sorted(home.iterdir()) == [file, home / "project"]


@needs_modes
def test_what_was_there_is_read_by_nobody_else_while_it_is_written(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    monkeypatch.setattr("os.fsync", lambda of: modes.append(stat.S_IMODE(os.fstat(of).st_mode)))
    file = home / "mcp.json"
    file.write_text("{}", "utf-8")
    file.chmod(0o644)
    HostFile.read(file).replace('{"ours": 1}', private=False)
    assert modes == [0o600, 0o600]
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


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


@needs_modes
@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({"XAI_API_KEY": KEY}, True),
        ({"GROK_VISION_AUTH_TOKEN": KEY}, True),
        ({"XAI_API_KEY": "${env:XAI_API_KEY}"}, False),
        ({"XAI_API_KEY_FILE": "/k"}, False),
    ],
    ids=["a key", "a token", "a reference", "a file"],
)
def test_a_secret_that_stays_where_others_may_read_it_is_told(
    kept: dict[str, str], told: bool, home: Path, install: commands.Run
) -> None:
    file = home / ".cursor" / "mcp.json"
    file.parent.mkdir()
    old = {"command": "old", "env": kept}
    file.write_text(json.dumps({"mcpServers": {"grok-vision": old}}), "utf-8")
    file.chmod(0o644)
    assert ("chmod 600" in install("cursor", "--write").stdout) is told


def test_of_a_key_in_a_file_the_host_is_told_where_that_file_is(
    home: Path, install: commands.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "project" / "key").write_text(KEY, "utf-8")
    monkeypatch.setenv("XAI_API_KEY_FILE", "key")
    done = install("cursor", "--with-key", "--write")
    file = home / ".cursor" / "mcp.json"
    named = {"XAI_API_KEY_FILE": str(Path.cwd() / "key")}
    assert servers(HOSTS["cursor"], file)["grok-vision"]["env"] == named
    assert KEY not in file.read_text("utf-8") + done.stdout + done.stderr


def test_a_key_replaces_the_file_of_a_key_and_such_a_file_the_key(
    home: Path, install: commands.Run
) -> None:
    file, found = home / ".cursor" / "mcp.json", []
    for arguments in (("--set", "XAI_API_KEY_FILE=/k"), ("--with-key",)) * 2:
        install("cursor", "--write", *arguments, key=KEY)
        found.append(list(servers(HOSTS["cursor"], file)["grok-vision"]["env"]))
    assert found == [["XAI_API_KEY_FILE"], ["XAI_API_KEY"]] * 2


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("GROK_VISION_ROOTS={sep}/a{sep}shots{sep}~/b", "{sep}/a{sep}{here}shots{sep}~/b"),
        ("GROK_VISION_CACHE=answers:2MiB", "{here}answers:2MiB"),
        ("GROK_VISION_OUTPUT_DIR=./out", "{here}out"),
        ("XAI_API_KEY_FILE=key", "{here}key"),
        ("GROK_VISION_ENV_FILE=../env", "{home}env"),
        ("GROK_VISION_MODEL=shots", "shots"),
    ],
)
def test_paths_are_written_as_they_are_from_anywhere(
    given: str, written: str, home: Path, install: commands.Run
) -> None:
    install("cursor", "--write", "--set", given.format(sep=os.pathsep))
    entry = servers(HOSTS["cursor"], home / ".cursor" / "mcp.json")["grok-vision"]
    here = Path.cwd()
    told = written.format(sep=os.pathsep, here=f"{here}{os.sep}", home=f"{here.parent}{os.sep}")
    assert list(variables(entry).values()) == [told]


def test_a_project_need_not_have_the_folder_of_its_host(install: commands.Run) -> None:
    assert "is Gemini CLI installed?" in install("gemini-cli").stdout
    assert "installed?" not in install("gemini-cli", "--project").stdout


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


def test_vs_code_asks_no_more_once_no_entry_needs_the_key(
    home: Path, install: commands.Run
) -> None:
    file = HOSTS["vscode"].file(Machine.this())
    file.parent.mkdir(parents=True)
    theirs = {"id": "theirs", "type": "promptString"}
    file.write_text(json.dumps({"inputs": [theirs], "servers": {}}, indent=2), "utf-8")
    for name in ("one", "two"):
        install("vscode", "--with-key", "--write", "--name", name)
    asked = []
    for name in ("one", "two"):
        install("vscode", "--remove", "--write", "--name", name)
        asked.append([one["id"] for one in json.loads(file.read_text("utf-8"))["inputs"]])
    assert asked == [["theirs", "grok-vision-xai-api-key"], ["theirs"]]


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
        (
            ("claude",),
            "error[bad_argument]: claude is no host known here; did you mean claude-desktop or "
            "claude-code?",
        ),
        (("cursor", "--remove", "--with-key"), "error[bad_argument]: --remove takes the whole"),
        (
            ("cursor", "--remove", "--set", "GROK_VISION_MODEL=a"),
            "error[bad_argument]: --remove takes the whole entry out; leave",
        ),
        (
            ("cursor", "--set", "GROK_VISION_FOO=1"),
            "error[bad_argument]: GROK_VISION_FOO is no setting; README has",
        ),
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
        (
            ("cursor", "--with-key", "--set", "XAI_API_KEY_FILE=/k"),
            "error[bad_argument]: XAI_API_KEY_FILE gives it a key already",
        ),
        (
            ("cursor", "--set", "GROK_VISION_ROOTS=/\udcff"),
            "error[bad_argument]: --set GROK_VISION_ROOTS is not UTF-8",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line_and_nothing_is_written(
    arguments: tuple[str, ...], told: str, home: Path, install: commands.Run
) -> None:
    done = install(*arguments, "--write")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(told)
    assert list(home.iterdir()) == [home / "project"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows removes no folder that is in use")
def test_a_project_whose_folder_was_removed_is_told(home: Path, install: commands.Run) -> None:
    (home / "project").rmdir()
    done = install("cursor", "--project")
    assert done.stderr.startswith("error[bad_argument]: This folder was removed")


def test_to_remove_what_is_not_there_is_no_mistake(home: Path, install: commands.Run) -> None:
    done = install("cursor", "--remove", "--write")
    assert done.returncode == 0
    assert "has no entry grok-vision" in done.stdout
    assert list(home.iterdir()) == [home / "project"]
