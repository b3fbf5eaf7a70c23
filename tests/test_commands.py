"""What the commands print, and where: a terminal, a pipe, a file that takes no more."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grok_vision.cli.doctor import examine
from grok_vision.providers import considered
from grok_vision.settings import Settings
from grok_vision.tokens import Calibration, Observation, state_folder
from tests import commands
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES, saved

DASHBOARD = str(EXAMPLES / "dashboard.png")
KEYS = {"XAI_API_KEY", "OPENAI_API_KEY", "GROQ_API_KEY", "TOGETHER_API_KEY", "OPENROUTER_API_KEY"}


def environment(**more: str) -> dict[str, str]:
    """The environment without keys and settings, and with `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in KEYS and not name.startswith("GROK_VISION_")
    }
    return kept | more


def run(*arguments: str, **more: str) -> commands.Done:
    return commands.here(*arguments, env=environment(**more))


def on_terminal(*arguments: str, columns: int) -> list[str]:
    """Run a command on a terminal; return its lines."""
    env = environment(TERM="dumb", COLUMNS=str(columns))
    code, seen = commands.on_terminal(*arguments, env=env, errors=False)
    assert code == 0
    return seen.replace("\r", "").splitlines()


def estimated(*arguments: str, **more: str) -> dict[str, str]:
    """Return what an estimate tells under its table, by label."""
    lines = run("estimate", DASHBOARD, *arguments, **more).stdout.partition("\n\n")[2].splitlines()
    assert {line[7:9] for line in lines} == {"  "}
    assert all(line[9] != " " for line in lines)
    return {line[:7].strip(): line[9:] for line in lines}


# --- estimate


def test_what_is_cheaper_is_told_with_both_figures() -> None:
    found = json.loads(run("estimate", DASHBOARD, "--model", "grok-4.6", "--json").stdout)
    less = found["cheaper"]
    told = estimated("--model", "grok-4.6")["cheaper"]
    tokens = f"{less['input_tokens']:,} instead of {found['input_tokens']:,} input tokens, "
    costs = f"${less['cost_usd']:.4f} instead of ${found['cost_usd']:.4f}. "
    assert told == tokens + costs + less["suggestion"]


@pytest.mark.parametrize("provider", ["ollama", "custom"])
def test_what_is_cheaper_where_nothing_is_billed_or_known_is_told_in_tokens(provider: str) -> None:
    address = "http://127.0.0.1:9/v1"
    told = estimated(
        "--model", "qwen3-vl:8b", GROK_VISION_PROVIDER=provider, GROK_VISION_BASE_URL=address
    )
    assert " instead of " in told["cheaper"]
    assert "$" not in told["cheaper"]


@pytest.mark.parametrize(("answers", "told"), [(1, "1 answer"), (3, "3 answers")])
def test_a_rule_that_answers_corrected_says_how_many_and_what_it_was_before(
    tmp_path: Path, answers: int, told: str
) -> None:
    choice = considered(Settings(provider="xai"), "grok-4.3")
    kept = Calibration(tmp_path)
    for number in range(answers):
        seen = Observation(estimated=1_000 + number, reported=1_100 + number, parts=1)
        kept.record(choice.served_by, choice.known_as, choice.tokens.name, seen)
    rule = estimated("--model", "grok-4.3", GROK_VISION_STATE_DIR=str(tmp_path))["rule"]
    before = choice.tokens.evidence
    assert rule == (
        f"{choice.tokens.name}; calibrated from {told} (before: {before.source}, {before.date})"
    )


def test_a_rule_that_is_known_says_from_where() -> None:
    evidence = considered(Settings(provider="xai"), "grok-4.6").tokens.evidence
    rule = estimated("--model", "grok-4.6")["rule"]
    assert rule.endswith(f"; recorded: {evidence.source}, {evidence.date}")


def test_on_a_terminal_the_end_of_a_long_path_is_shown_and_piped_all_of_it(tmp_path: Path) -> None:
    folder = tmp_path / ("long-folder-" * 12)
    folder.mkdir()
    path = saved(folder, "the-shot.png")
    header, row, *_ = on_terminal("estimate", path, "--model", "grok-4.6", columns=80)
    assert len(header) <= 80
    assert len(row) <= 80
    assert row.startswith("…")
    assert "long-folder-/the-shot.png  64x48 PNG" in row
    assert path in run("estimate", path, "--model", "grok-4.6").stdout


def test_on_a_terminal_a_short_path_is_whole(tmp_path: Path) -> None:
    path = saved(tmp_path)
    _, row, *_ = on_terminal("estimate", path, "--model", "grok-4.6", columns=200)
    assert row.startswith(f"{path}  64x48 PNG")


# --- output


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_valid_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path, "\U0001f600 caf\u00e9.png")
    done = subprocess.run(
        [sys.executable, "-m", "grok_vision", "estimate", path, "--model", "grok-4.6", "--json"],
        env=environment(PYTHONIOENCODING=encoding),
        capture_output=True,
    )
    found = json.loads(done.stdout.decode(encoding))
    assert found["images"][0]["source"] == path


@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("command", ["models", "models --json", "doctor", "--help", "--version"])
def test_a_reader_that_left_is_no_failure_to_tell(command: str, buffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "grok_vision", *command.split()],
        env=environment(PYTHONUNBUFFERED=buffered),
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such device")
@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("command", ["models", "models --json", "doctor", "--help", "--version"])
def test_a_full_disk_is_one_line_and_exit_1(command: str, buffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "grok_vision", *command.split()],
            env=environment(PYTHONUNBUFFERED=buffered),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == ("error: standard output cannot be written: No space left on device.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="a stream is closed by a POSIX shell")
def test_without_a_standard_output_a_command_still_ends_well() -> None:
    command = f"{sys.executable} -m grok_vision estimate {DASHBOARD} --model grok-4.6 --json >&-"
    done = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a stream is closed by a POSIX shell")
def test_without_a_standard_error_a_command_prints_its_answer() -> None:
    command = f"{sys.executable} -m grok_vision estimate {DASHBOARD} --model grok-4.6 --json 2>&-"
    done = subprocess.run(["sh", "-c", command], env=environment(), capture_output=True, text=True)
    assert done.returncode == 0
    assert json.loads(done.stdout)["image_tokens"] == 1002


def test_no_summary_of_a_command_is_cut_off() -> None:
    done = run("--help", COLUMNS="80")
    assert "..." not in done.stdout.replace("[ARGS]...", "")
    assert (
        "  doctor    Check what is configured, and whether the endpoint answers.\n" in done.stdout
    )


# --- models


def test_models_shows_one_provider_and_the_families_as_any() -> None:
    header, *lines = run("models", "openai").stdout.splitlines()
    assert header.split()[:2] == ["provider", "model"]
    assert {line.split()[0] for line in lines} == {"openai"}
    table = json.loads(run("models", "any", "--json").stdout)
    assert {row["provider"] for row in table["models"]} == {"any"}
    assert table["provider"] == "local"


def test_models_of_a_provider_that_is_not_known_names_those_that_are() -> None:
    done = run("models", "openia")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error[bad_argument]: no provider is called openia; use one of: local, xai, openai, groq"
    )
    assert done.stderr.endswith("custom, any.\n")


def test_a_limit_that_is_only_assumed_is_not_told_as_none() -> None:
    rows = json.loads(run("models", "--json").stdout)["models"]
    held = {row["provider"]: row.get("limits_evidence") for row in rows}
    assert (held["xai"], held["ollama"], held["any"]) == ("vendor source", "assumed", None)
    header, *lines = run("models").stdout.splitlines()
    end = header.index(" images ") + len(" images")
    shown = {line.split()[0]: line[end - 6 : end].strip() for line in lines[1:]}
    assert (shown["xai"], shown["openai"], shown["ollama"], shown["any"]) == (
        "any",
        "1,500",
        "",
        "",
    )


@pytest.mark.parametrize("provider", ["", "xai"])
def test_live_needs_a_provider_to_ask(provider: str) -> None:
    done = run("models", *provider.split(), "--live")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "error[missing_key]: no provider is configured to be asked; set a key such as XAI_API_KEY, "
        "or GROK_VISION_PROVIDER.\n"
    )


def test_live_asks_no_other_provider_than_the_configured_one() -> None:
    done = run("models", "openai", "--live", XAI_API_KEY="test")
    assert done.returncode == 2
    assert done.stderr.startswith(
        "error[bad_argument]: --live asks the configured provider, xai, and not openai;"
    )


# --- doctor


def diagnosed(**more: str) -> tuple[dict[str, Any], dict[str, Any]]:
    diagnosis = json.loads(run("doctor", "--json", **more).stdout)
    return diagnosis, {check["name"]: check for check in diagnosis["checks"]}


def test_doctor_shows_the_provider_that_is_configured_though_its_key_is_not() -> None:
    diagnosis, checks = diagnosed(GROK_VISION_PROVIDER="xai")
    assert (diagnosis["provider"], diagnosis["model"]) == ("xai", "grok-4.3")
    assert diagnosis["base_url"] == "https://api.x.ai/v1"
    assert (diagnosis.get("key"), diagnosis["missing_key"]) == (None, "XAI_API_KEY")
    assert checks["configuration"]["ok"] is False
    shown = run("doctor", GROK_VISION_PROVIDER="xai").stdout.splitlines()
    rows = {line[:14].strip(): line[16:] for line in shown}
    assert rows["address"] == "https://api.x.ai/v1"
    assert rows["key"] == "XAI_API_KEY is not set"


@pytest.mark.parametrize(
    ("settings", "address", "key"),
    [
        # No address.
        (
            {"GROK_VISION_PROVIDER": "custom", "GROK_VISION_API_KEY": "k"},
            None,
            "GROK_VISION_API_KEY",
        ),
        ({"GROK_VISION_PROVIDER": "custom"}, None, None),
        # The key would travel in clear text.
        (
            {"XAI_API_KEY": "k", "GROK_VISION_BASE_URL": "http://relay.example/v1"},
            "http://relay.example/v1",
            "XAI_API_KEY",
        ),
    ],
)
def test_doctor_shows_what_is_set_where_that_does_not_do(
    settings: Mapping[str, str], address: str | None, key: str | None
) -> None:
    diagnosis, checks = diagnosed(**settings)
    assert checks["configuration"]["found"].startswith("[bad_setting]")
    assert (diagnosis.get("base_url"), diagnosis.get("key")) == (address, key)
    assert "missing_key" not in diagnosis
    assert diagnosis["offline"] is False
    assert ("not set" in run("doctor", **settings).stdout) == (address is None)


def test_doctor_shows_the_limit_on_spending_and_where_state_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    more = {"GROK_VISION_MAX_USD": "2.5", "GROK_VISION_STATE_DIR": str(folder)}
    diagnosis, checks = diagnosed(**more)
    assert (diagnosis["max_usd"], diagnosis["state_dir"]) == (2.5, str(folder))
    assert checks["state"] == {"name": "state", "ok": True, "found": "can be written"}
    assert list(tmp_path.iterdir()) == []
    shown = run("doctor", **more).stdout
    assert "spending limit  $2.50\n" in shown
    assert f"state folder    {folder}\n" in shown


def test_doctor_shows_no_limit_and_our_own_folder_where_none_is_set(tmp_path: Path) -> None:
    shown = run("doctor", HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path / "state")).stdout
    assert "spending limit  none\n" in shown
    assert f"state folder    {tmp_path}" in shown
    assert list(tmp_path.iterdir()) == []


def test_doctor_fails_where_the_folder_that_was_set_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    diagnosis, checks = diagnosed(GROK_VISION_STATE_DIR=str(tmp_path / "file" / "below"))
    assert diagnosis["ok"] is False
    assert checks["state"] == {
        "name": "state",
        "ok": False,
        "found": "cannot be written; correct or unset GROK_VISION_STATE_DIR",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the folder is found otherwise")
def test_doctor_passes_where_our_own_folder_cannot_be_written_and_says_what_is_lost(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    diagnosis, checks = diagnosed(XDG_STATE_HOME=str(tmp_path / "file"))
    assert diagnosis["ok"] is True
    assert checks["state"]["found"] == (
        "cannot be written, so estimates are not corrected from answers"
    )


def test_the_folder_that_was_set_is_the_one_where_state_is_kept(tmp_path: Path) -> None:
    assert state_folder(tmp_path) == tmp_path
    found = state_folder(None)
    assert found is not None
    assert found.name == "grok-vision-mcp"


XAI = {"provider": "xai", "xai_api_key": "test"}


async def model_check(xai: FakeXAI, **settings: Any) -> tuple[bool, str]:
    """Return what doctor says of the configured model, at the provider's own address."""
    diagnosis = await examine(Settings(**settings), transport=xai.transport())
    check = next(check for check in diagnosis.checks if check.name == "model")
    return check.ok, check.found


@pytest.mark.anyio
async def test_doctor_fails_for_a_model_that_is_not_in_its_providers_list() -> None:
    ok, found = await model_check(FakeXAI(key="test"), **XAI, model="grok-46")
    assert ok is False
    assert found.startswith(
        "grok-46 is not in its list; set GROK_VISION_MODEL to one of: grok-4.6, "
    )
    assert found.count(",") == 2


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("settings", "names"),
    [
        # An alias, on our side and on theirs.
        ({**XAI, "model": "grok-4.3-latest"}, ["grok-4.3"]),
        ({**XAI, "model": "mine"}, [{"id": "other", "aliases": ["mine"]}]),
        # A dated snapshot, configured or listed.
        ({**XAI, "model": "grok-4.6-20261001"}, ["grok-4.6"]),
        ({**XAI, "model": "grok-4.6"}, ["grok-4.6-20261001"]),
        # A retired name that another model answers to.
        ({**XAI, "model": "grok-4-fast"}, ["grok-4.6"]),
        # OpenRouter's variants are not listed (openrouter.ai/docs).
        (
            {"provider": "openrouter", "openrouter_api_key": "k", "model": "a/b:nitro"},
            ["a/b"],
        ),
        # llama.cpp answers to any name (tools/server/README.md).
        ({"provider": "llamacpp"}, ["/models/one.gguf"]),
        # Another address has its own names.
        ({**XAI, "base_url": "https://relay.example/v1", "model": "mine"}, ["other"]),
    ],
)
async def test_doctor_passes_for_a_model_that_may_answer(
    settings: dict[str, Any], names: list[str | dict[str, Any]]
) -> None:
    xai = FakeXAI(key="test")
    xai.fail(200, {"data": [{"id": one} if isinstance(one, str) else one for one in names]})
    ok, found = await model_check(xai, **settings)
    assert ok, found


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("listed", "near"),
    [
        ([{"id": "grok-5-image", "output_modalities": ["image"]}, {"id": "grok-4.6"}], "grok-4.6"),
        ([{"id": "writes"}], "writes"),
        ([], ""),
    ],
)
async def test_doctor_proposes_models_that_take_pictures_as_far_as_is_known(
    listed: list[dict[str, Any]], near: str
) -> None:
    xai = FakeXAI(key="test")
    xai.fail(200, {"data": listed})
    ok, found = await model_check(xai, **XAI, model="grok-5")
    assert ok is False
    assert found == "grok-5 is not in its list; set GROK_VISION_MODEL" + (
        f" to one of: {near}" if near else ""
    )
