"""Real processes: the command line and the stdio server as hosts and people run them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from mcp import Client, StdioServerParameters

from grok_vision import __version__
from tests.commands import on_terminal, run
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, error_text, structured

KEY = "xai-distinctive-key-9876543210"
DASHBOARD = str(EXAMPLES / "dashboard.png")


@pytest.fixture
def served() -> Iterator[tuple[FakeXAI, dict[str, str]]]:
    """The stand-in over loopback HTTP, and the environment that leads to it."""
    xai = FakeXAI(key=KEY, answer="The revenue is **$48,210**.")
    with xai.serve() as address:
        kept = {name: value for name, value in os.environ.items() if name != "XAI_API_KEY"}
        yield xai, {**kept, "XAI_API_KEY": KEY, "GROK_VISION_BASE_URL": address}


def test_describe_asks_once_and_prints_exactly_the_structured_result(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    done = run("describe", DASHBOARD, "What is the revenue?", "--json", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["text"] == "The revenue is **$48,210**."
    assert answer["images"][0]["source"] == DASHBOARD
    (request,) = xai.requests
    assert "What is the revenue?" in request.texts
    assert len(request.images) == 1


def test_a_piped_answer_is_plain(served: tuple[FakeXAI, dict[str, str]]) -> None:
    _, env = served
    done = run("describe", DASHBOARD, env=env)
    assert done.stdout == "The revenue is **$48,210**.\n"
    assert done.stderr == ""


def test_an_answer_cannot_drive_the_terminal(served: tuple[FakeXAI, dict[str, str]]) -> None:
    xai, env = served
    xai.answer = "before\x1b]0;owned\x07after\u009b31m"
    assert run("describe", DASHBOARD, env=env).stdout == "before]0;ownedafter31m\n"


def test_a_dead_model_is_told_before_the_picture_is_looked_at(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    _, env = served
    del env["GROK_VISION_BASE_URL"]
    done = run("describe", "absent.png", "--model", "grok-beta", env=env)
    assert done.returncode == 1
    assert done.stderr.startswith("error[model_not_found]: grok-beta no longer answers")


def test_warnings_go_to_stderr(served: tuple[FakeXAI, dict[str, str]]) -> None:
    xai, env = served
    xai.answer = "a long answer " * 200
    done = run("describe", DASHBOARD, "--max-tokens", "5", env=env)
    assert done.stderr == "warning: the answer was cut off before its end.\n"


def test_a_pipe_that_knows_fewer_characters_gets_the_answer_all_the_same(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    xai.answer = "caf\u00e9"
    done = run("describe", DASHBOARD, env=env | {"PYTHONIOENCODING": "ascii"})
    assert done.stdout == "caf\\xe9\n"


@pytest.mark.parametrize(
    ("picture", "shown", "code"),
    [(DASHBOARD, "The revenue is", 0), ("absent.png", "error[not_found]: image 1 (absent.png)", 2)],
)
def test_on_a_terminal_an_answer_is_rendered_and_a_failure_is_one_line(
    served: tuple[FakeXAI, dict[str, str]], picture: str, shown: str, code: int
) -> None:
    xai, env = served
    xai.delay = 1.5  # long enough for the progress indicator
    told, text = on_terminal(
        "describe", picture, env=env | {"TERM": "xterm-256color", "COLUMNS": "100"}
    )
    assert told == code
    assert shown in text
    assert "Traceback" not in text
    assert "**" not in text
    assert ("Looking" in text) == (code == 0)


def test_on_the_command_line_the_person_names_the_files_and_roots_do_not_apply(
    served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    _, env = served
    env["GROK_VISION_ROOTS"] = str(tmp_path)
    assert run("describe", DASHBOARD, env=env).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["describe", "absent.png"], "not_found", 2),
        (["describe", "/proc/self/environ"], "not_allowed", 2),
        (["describe"], "bad_argument", 2),
        (["describe", DASHBOARD, "--task", "sing"], "bad_argument", 2),
        (["describe", DASHBOARD, "--max-tokens", "-1"], "bad_argument", 2),
        (["describe", DASHBOARD, "--nonsense"], "bad_argument", 2),
        (["sing"], "bad_argument", 2),
    ],
)
def test_a_mistake_is_one_line_on_stderr_and_exit_2(
    served: tuple[FakeXAI, dict[str, str]], arguments: list[str], code: str, exit_code: int
) -> None:
    xai, env = served
    done = run(*arguments, env=env)
    assert done.returncode == exit_code
    assert done.stderr.startswith(f"error[{code}]: ")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert xai.requests == []


def test_a_failing_provider_is_exit_1(served: tuple[FakeXAI, dict[str, str]]) -> None:
    xai, env = served
    xai.fail(503)
    done = run("describe", DASHBOARD, env={**env, "GROK_VISION_RETRIES": "0"})
    assert done.returncode == 1
    assert done.stderr.startswith("error[unavailable]: xAI (HTTP 503")


def test_a_bad_setting_ends_the_server_with_one_line() -> None:
    for arguments in ([], ["serve"], ["describe", "x.png"]):
        done = run(*arguments, env={**os.environ, "GROK_VISION_ALLOW_HOSTS": "a/b"})
        assert done.returncode == 2
        assert done.stderr.startswith("error[bad_setting]: GROK_VISION_ALLOW_HOSTS")
        assert done.stderr.count("\n") == 1


def test_doctor_does_not_pass_where_every_call_would_fail() -> None:
    address = {"GROK_VISION_BASE_URL": "http://127.0.0.1:9/v1", "GROK_VISION_PROVIDER": "custom"}
    done = run("doctor", env={**os.environ, **address})
    assert done.returncode == 1
    assert "has no default model" in done.stdout


def test_doctor_keeps_a_long_folder_on_one_line_when_piped(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 120)
    long.mkdir()
    done = run("doctor", env={**os.environ, "GROK_VISION_ROOTS": str(long)})
    assert str(long) in done.stdout
    assert all(line == line.rstrip() for line in done.stdout.splitlines())


def test_doctor_tells_a_bad_setting_as_such() -> None:
    done = run("doctor", env={**os.environ, "GROK_VISION_ALLOW_HOSTS": "a/b"})
    assert done.returncode == 1
    assert "FAIL configuration: [bad_setting] GROK_VISION_ALLOW_HOSTS" in done.stdout


def test_the_offline_engine_tells_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    outside = {"HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XAI_API_KEY", "GROK_VISION_STATE_DIR"}
    env = {name: value for name, value in os.environ.items() if name not in outside}
    done = run("describe", str(EXAMPLES / "chart.png"), env={**env, "HOME": str(tmp_path)})
    assert "No vision model was asked" in done.stdout
    # onnxruntime keeps what it means to send to its makers in the user's cache.
    assert list(tmp_path.iterdir()) == []


def test_the_version_and_the_help_are_printed() -> None:
    assert run("--version").stdout == f"grok-vision-mcp {__version__}\n"
    assert "describe" in run("--help").stdout


def test_doctor_says_what_is_configured_and_that_the_endpoint_takes_the_key(
    served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    xai, env = served
    env["GROK_VISION_ROOTS"] = str(tmp_path)
    done = run("doctor", "--json", env=env)
    diagnosis = json.loads(done.stdout)
    assert done.returncode == 0
    assert diagnosis["provider"] == "xai"
    assert diagnosis["key"] == "XAI_API_KEY"
    assert diagnosis["roots"] == [str(tmp_path)]
    assert [check["ok"] for check in diagnosis["checks"]] == [True] * 5
    assert [request.path for request in xai.requests] == ["/v1/language-models"]


def test_doctor_finds_a_wrong_key_a_lost_folder_and_a_misspelt_setting(
    served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    xai, env = served
    xai.key = "another"
    env |= {"GROK_VISION_ROOTS": str(tmp_path / "absent"), "GROK_VISION_MODLE": "x"}
    done = run("doctor", env=env)
    assert done.returncode == 1
    assert "GROK_VISION_MODLE: no such setting; did you mean GROK_VISION_MODEL?" in done.stdout
    assert "folders: not there" in done.stdout
    assert "[unauthorized] xAI (HTTP 400" in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_doctor_without_a_key_where_one_is_needed_fails_and_says_which() -> None:
    done = run("doctor", env={**os.environ, "GROK_VISION_PROVIDER": "xai", "XAI_API_KEY": ""})
    assert done.returncode == 1
    assert "[missing_key]" in done.stdout
    assert "XAI_API_KEY" in done.stdout


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_host_starts_the_process_lists_the_tools_and_calls_one(
    served: tuple[FakeXAI, dict[str, str]], mode: str, tmp_path: Path
) -> None:
    xai, env = served
    env["GROK_VISION_ROOTS"] = str(EXAMPLES)
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "grok_vision"], env=env, cwd=tmp_path
    )
    async with Client(server, mode=mode) as client:
        tool, *others = (await client.list_tools()).tools
        result = await client.call_tool("describe_image", {"image": DASHBOARD})
        outside = await client.call_tool("describe_image", {"image": str(EXAMPLES / "../LICENSE")})
    assert tool.name == "describe_image"
    assert [other.name for other in others] == ["extract_json", "compare_images", "estimate_tokens"]
    assert tool.output_schema is not None
    assert tool.annotations is not None
    assert tool.annotations.read_only_hint is True
    assert structured(result)["text"] == "The revenue is **$48,210**."
    assert error_text(outside).startswith("[not_allowed]")
    assert len(xai.requests) == 1


@pytest.mark.anyio
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
async def test_names_that_are_no_utf8_leave_the_server_its_voice(
    served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    _, env = served
    folder = tmp_path / os.fsdecode(b"dir\xff")
    folder.mkdir()
    shot = folder / os.fsdecode(b"shot\xff.png")
    shot.write_bytes(Path(DASHBOARD).read_bytes())
    env["GROK_VISION_ROOTS"] = str(folder)
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "grok_vision"], env=env, cwd=folder
    )
    async with Client(server) as client:
        with anyio.fail_after(30):
            latest = await client.call_tool("describe_image", {"image": "latest"})
            shot.write_bytes(b"a text")
            broken = await client.call_tool("describe_image", {"image": "latest"})
            absent = await client.call_tool("describe_image", {"image": "absent.png"})
            outside = await client.call_tool("describe_image", {"image": "/etc/passwd"})
    assert structured(latest)["images"][0]["source"] == f"latest ({tmp_path}/dir?/shot?.png)"
    codes = [error_text(result).split()[0] for result in (broken, absent, outside)]
    assert codes == ["[not_an_image]", "[not_found]", "[not_allowed]"]
    shot.write_bytes(Path(DASHBOARD).read_bytes())
    described = json.loads(run("describe", "latest", "--json", env=env).stdout)
    assert described["images"] == structured(latest)["images"]
    diagnosis = json.loads(run("doctor", "--json", env=env).stdout)
    assert diagnosis["roots"] == [f"{tmp_path}/dir?"]


def test_the_key_appears_in_no_output_whatever_happens(
    served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    xai, env = served
    env["GROK_VISION_LOG_LEVEL"] = "DEBUG"
    (tmp_path / "x.png").write_text("secret\n")
    xai.fail(400, {"code": "invalid-argument", "error": f"Incorrect API key provided: {KEY}"})
    outputs = [
        run("describe", DASHBOARD, env=env),
        run("describe", DASHBOARD, "--json", env=env),
        run("describe", str(tmp_path / "x.png"), env=env),
        run("doctor", env=env),
        run("doctor", "--json", env=env),
        run("describe", DASHBOARD, env=env | {"GROK_VISION_BASE_URL": "http://127.0.0.1:9/v1"}),
    ]
    assert [done.returncode for done in outputs] == [1, 0, 2, 0, 0, 1]
    assert "[key]" not in outputs[1].stdout
    for done in outputs:
        assert KEY not in done.stdout + done.stderr
        assert "base64," not in done.stdout + done.stderr


def test_starting_loads_neither_pillow_nor_the_command_line_nor_the_engine() -> None:
    code = (
        "import sys\n"
        "from grok_vision.settings import Settings\n"
        "from grok_vision.logs import log_to_stderr\n"
        "from grok_vision.app import create_server\n"
        "create_server(Settings())\n"
        "heavy = {'PIL', 'typer', 'rapidocr', 'onnxruntime', 'zxingcpp', 'numpy', 'cv2'}\n"
        "heavy |= {'grok_vision.providers', 'grok_vision.pixels', 'grok_vision.schemas'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_nothing_but_protocol_reaches_stdout(served: tuple[FakeXAI, dict[str, str]]) -> None:
    _, env = served
    requests = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-11-25",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "grok_vision"],
        env=env | {"GROK_VISION_LOG_LEVEL": "DEBUG"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(json.dumps(request) + "\n" for request in requests))
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    rest, _ = process.communicate()
    assert [answer["id"] for answer in answers] == [1, 2]
    assert rest == ""
    assert process.returncode == 0


def test_estimate_prints_an_aligned_table_with_totals_and_cost() -> None:
    shots = sorted(str(path) for path in EXAMPLES.glob("*.png"))
    done = run("estimate", *shots, "--model", "grok-4.6", "--max-output-tokens", "500")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    right_edge = lines[0].index("tokens") + len("tokens")
    counted = {line.split("  ")[0]: line for line in lines[1 : len(shots) + 4]}
    assert list(counted) == [*shots, "images", "words", "input"]
    assert all(line[right_edge - 1].isdigit() for line in counted.values())
    assert all(line[right_edge : right_edge + 2] in {"", "  "} for line in counted.values())
    told = dict(line.split(maxsplit=1) for line in lines[len(shots) + 5 :])
    assert told["model"] == "grok-4.6 (xai)"
    assert told["cost"].startswith("$0.0")
    assert told["cost"].endswith("with an answer of 500 tokens")
    assert "recorded" in told["rule"]
    assert told["window"] == "fits the context window of 500,000 tokens"


@pytest.mark.anyio
async def test_estimate_with_json_prints_what_the_tool_returns(tmp_path: Path) -> None:
    shots = sorted(str(path) for path in EXAMPLES.glob("*.png"))
    done = run("estimate", *shots, "--model", "grok-4.6", "--detail", "high", "--json")
    env = {**os.environ, "GROK_VISION_ROOTS": str(EXAMPLES)}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "grok_vision"], env=env, cwd=tmp_path
    )
    async with Client(server) as client:
        result = await client.call_tool(
            "estimate_tokens", {"images": shots, "model": "grok-4.6", "detail": "high"}
        )
    assert json.loads(done.stdout) == structured(result)


def test_a_mistake_in_an_estimate_is_told_like_any_other() -> None:
    done = run("estimate", DASHBOARD, "absent.png", "--model", "grok-4.6")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[not_found]: image 2 (absent.png)")
