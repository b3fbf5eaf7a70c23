"""Batches on the command line, as people and scripts run them."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from grok_vision.batch import Batch, Gate, ResultsFile
from grok_vision.cli import batch_progress
from tests import commands
from tests.batches import described, jobs_of, lines_in, read, shots, text_of
from tests.commands import COMMAND, Run
from tests.fake_xai import FakeXAI, Recorded
from tests.fake_xai.server import serve
from tests.fake_xai.standin import Message, Receive, Send
from tests.redis_server import RedisServer
from tests.support import encoded, quadrants, saved
from tests.test_commands import environment

Served = tuple[FakeXAI, dict[str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process, in a pipe."""
    return commands.in_process(monkeypatch, capsys)


class Current:
    """The stand-in of the test that runs: one address for all of them is quicker."""

    xai = FakeXAI()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await self.xai(scope, receive, send)


@pytest.fixture(scope="module")
def current() -> Iterator[tuple[Current, str]]:
    app = Current()
    with serve(app) as base_url:
        yield app, base_url


@pytest.fixture
def served(current: tuple[Current, str]) -> Served:
    """A stand-in on the loopback, and the environment of a process that uses it."""
    app, base_url = current
    app.xai = FakeXAI(answer=lambda request: request.texts[-1])
    return app.xai, environment(XAI_API_KEY="test", GROK_VISION_BASE_URL=base_url, TERM="dumb")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with three pictures."""
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        saved(tmp_path, f"{number}.png", quadrants(64 + number, 48))
    monkeypatch.setenv("GROK_VISION_OUTPUT_DIR", str(tmp_path / "drawn"))
    return tmp_path


def jobs_file(*lines: object) -> str:
    Path("jobs.jsonl").write_text(text_of(*lines), "utf-8")
    return "jobs.jsonl"


def batch(*lines: object, tool: str = "describe") -> tuple[str, ...]:
    return (tool, "--batch", jobs_file(*lines), "--out", "results.jsonl")


# --- the three tools


def test_a_folder_is_described(run: Run, served: Served, here: Path) -> None:
    xai, env = served
    done = run("describe", "--batch", ".", "--out", "results.jsonl", "--prompt", "Why?", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    lines = sorted(lines_in(here / "results.jsonl"), key=lambda line: str(line["job"]))
    jobs = [{"image": f"./{number}.png", "prompt": "Why?"} for number in range(3)]
    assert [line["job"] for line in lines] == jobs
    assert all(line["result"]["text"].endswith("Why?") for line in lines)
    assert all("stream" not in request.body for request in xai.requests)
    told = done.stdout.splitlines()
    assert told[0] == "done     3 of 3 jobs"
    assert told[1].startswith("cost     $0.00")
    assert told[2].startswith("time     1 s for 3 jobs, ")
    assert told[3] == "results  results.jsonl"


def test_pictures_are_read_as_json_with_a_schema_for_all(
    run: Run, served: Served, here: Path
) -> None:
    xai, env = served
    # A question that is asked once more has the first one before it.
    xai.answer = lambda asked: '{"total": %s}' % ('"x"' if "bad" in "".join(asked.texts) else 1)
    schema = {"type": "object", "properties": {"total": {"type": "number"}}}
    call = batch({"images": ["0.png", "1.png"]}, {"image": "2.png", "prompt": "bad"})
    done = run("extract", *call[1:], "--schema", json.dumps(schema), env=env)
    assert done.returncode == 0
    assert "of 1 of them the data does not fit its schema" in done.stdout
    found = {len(line["job"]["images"]): line["result"] for line in lines_in(here / call[-1])}
    assert (found[2]["data"], found[2]["valid"]) == ({"total": 1}, True)
    assert (found[1]["data"], found[1]["valid"]) == ({"total": "x"}, False)


def test_pictures_are_compared_with_rectangles_left_out(
    run: Run, served: Served, here: Path
) -> None:
    pair = ["0.png", "0.png"]
    saved(here, "other.png", quadrants().rotate(180))
    changed = ["0.png", "other.png"]
    call = batch({"images": pair}, {"images": changed}, tool="compare")
    done = run(*call, "--pixels-only", "--ignore", "0,0,1,1", env=served[1])
    assert done.returncode == 0
    lines = {line["job"]["images"][1]: line for line in lines_in(here / call[-1])}
    assert lines["0.png"]["job"] == {"images": pair, "mode": "pixels", "ignore": ["0,0,1,1"]}
    assert lines["0.png"]["result"]["verdict"] == "identical"
    assert Path(lines["other.png"]["result"]["pixels"][0]["diff_path"]).parent == here / "drawn"
    assert served[0].requests == []


# --- going on


def test_the_same_command_goes_on_and_pays_for_nothing_twice(
    run: Run, served: Served, here: Path
) -> None:
    xai, env = served
    run(*batch({"image": "0.png"}), env=env)
    lines = ({"image": "0.png"}, {"image": "1.png"}, {"image": "nowhere.png"})
    done = run(*batch(*lines), env=env)
    assert done.returncode == 1
    assert "done     2 of 3 jobs\nfailed   1: not_found 1\n" in done.stdout
    assert done.stdout.endswith("the same command with --retry-failed tries again what failed\n")
    assert len(xai.requests) == 2
    saved(here, "nowhere.png")
    assert run(*batch(*lines), env=env).returncode == 1
    assert run(*batch(*lines), "--retry-failed", env=env).returncode == 0
    assert len(xai.requests) == len(lines_in(here / "results.jsonl")) == 3


def test_where_all_is_done_no_key_is_needed(run: Run, served: Served, here: Path) -> None:
    call = batch({"image": "0.png"})
    run(*call, env=served[1])
    done = run(*call, "--json", env={"XAI_API_KEY": "", "GROK_VISION_BASE_URL": ""})
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found.pop("cost_usd") > 0
    assert found == {
        "tool": "describe_image",
        "jobs": 1,
        "done": 1,
        "failed": 0,
        "failed_by_code": {},
        "not_begun": 0,
        "input_tokens": found["input_tokens"],
        "output_tokens": found["output_tokens"],
        "ended_now": 0,
        "seconds": found["seconds"],
        "results": str(here / "results.jsonl"),
    }


def test_results_of_other_jobs_are_told_and_kept(run: Run, served: Served, here: Path) -> None:
    run(*batch({"image": "0.png"}, {"image": "1.png"}), env=served[1])
    done = run(*batch({"image": "1.png"}, {"image": "2.png"}), env=served[1])
    assert done.stderr == (
        "warning: results.jsonl also holds 1 result of what is not among these jobs, or was asked "
        "otherwise; they are kept.\n"
    )
    assert len(lines_in(here / "results.jsonl")) == 3


def test_a_data_uri_is_not_repeated_in_the_results(run: Run, served: Served, here: Path) -> None:
    from base64 import b64encode

    data = b64encode(encoded(quadrants(300, 200), "PNG")).decode()
    call = batch({"id": "x", "image": f"data:image/png;base64,{data}"})
    assert run(*call, env=served[1]).returncode == 0
    assert data not in (here / "results.jsonl").read_text("utf-8")
    assert run(*call, env=served[1]).returncode == 0
    assert len(served[0].requests) == 1


# --- ending early


def test_a_key_that_is_refused_ends_it_with_one_line(run: Run, served: Served, here: Path) -> None:
    lines = [{"image": f"{number % 3}.png", "prompt": str(number)} for number in range(40)]
    done = run(*batch(*lines), env={**served[1], "XAI_API_KEY": "wrong"})
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("error[unauthorized]: line ")
    assert line.endswith(" 40 jobs left; the same command goes on.")
    assert "not done 40\n" in done.stdout
    assert (here / "results.jsonl").read_bytes() == b""


def test_the_limit_counts_what_the_results_cost_already(
    run: Run, served: Served, here: Path
) -> None:
    xai, env = served
    lines = [{"image": f"{number % 3}.png", "prompt": str(number)} for number in range(30)]
    one = json.loads(run(*batch(lines[0]), "--json", env=env).stdout)["cost_usd"]
    limit = str(8 * one)
    first = run(*batch(*lines), "--max-usd", limit, "--json", env=env)
    assert first.returncode == 1
    spent = json.loads(first.stdout)["cost_usd"]
    assert "error[over_budget]: the call to grok-" in first.stderr
    told = f"with ${spent:.4f} spent would pass the limit of ${8 * one:.4f}, so it was not made: "
    assert f"{told}raise --max-usd, or use a cheaper model" in first.stderr
    assert one < spent <= 8 * one
    asked = len(xai.requests)
    again = run(*batch(*lines), "--max-usd", str(spent), env=env)
    assert f"with ${spent:.4f} spent would pass the limit of ${spent:.4f}" in again.stderr
    assert len(xai.requests) == asked
    assert run(*batch(*lines), "--max-usd", "1", env=env).returncode == 0
    assert len(xai.requests) == 30


def test_the_limit_of_the_settings_stays_where_it_is_lower(
    run: Run, served: Served, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROK_VISION_MAX_USD", "0.000001")
    done = run(*batch({"image": "0.png"}), "--max-usd", "5", env=served[1])
    assert "raise GROK_VISION_MAX_USD" in done.stderr
    assert "--max-usd" not in done.stderr


@pytest.mark.parametrize(
    ("ours", "shared", "told"),
    [
        ("1", "1", ""),
        ("0.000001", "", "the limit of $0.0000010, so it was not made: raise --max-usd, or use"),
        ("1", "0.000001", "shared by all processes, so it was not made: raise GROK_VISION_MAX_USD"),
    ],
    ids=["both are free", "ours is reached", "that of all is reached"],
)
def test_a_batch_keeps_its_own_limit_and_that_which_processes_share(
    run: Run,
    served: Served,
    here: Path,
    redis: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    ours: str,
    shared: str,
    told: str,
) -> None:
    monkeypatch.setenv("GROK_VISION_REDIS_URL", redis.url)
    monkeypatch.setenv("GROK_VISION_MAX_USD", shared)
    done = run(*batch({"image": "0.png"}), "--max-usd", ours, env=served[1])
    assert (done.returncode, len(served[0].requests)) == ((1, 0) if told else (0, 1))
    assert told in done.stderr


def test_a_price_that_is_not_known_names_the_limit_that_it_prevents(
    run: Run, served: Served, here: Path
) -> None:
    call = batch({"image": "0.png"})
    done = run(*call, "--max-usd", "5", "--model", "nobody-knows-it", env=served[1])
    assert "the limit of $5.00 in --max-usd cannot be kept" in done.stderr
    assert "or leave out --max-usd." in done.stderr


def interrupting(xai: FakeXAI, number: int, process: int) -> None:
    """Have a process get a signal with the fifth request, and no answer from then on."""

    def answer(_request: Recorded) -> str:
        if len(xai.requests) == 5:
            xai.delay = 60
            os.kill(process, number)
        return "A picture."

    xai.answer = answer


LINES = [{"image": f"{number % 3}.png", "prompt": str(number)} for number in range(40)]


def test_an_interrupted_batch_keeps_what_is_done_and_says_how_to_go_on(
    run: Run, served: Served, here: Path
) -> None:
    interrupting(served[0], signal.SIGINT, os.getpid())
    done = run(*batch(*LINES), env=served[1])
    count = len(lines_in(here / "results.jsonl"))
    assert count <= 4
    assert done.stderr == f"interrupted: {count} of 40 jobs ended; the same command goes on.\n"
    assert (done.returncode, done.stdout) == (130, "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_batch_that_is_told_to_end_keeps_what_is_done(served: Served, here: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, *batch(*LINES)], env=served[1], stderr=subprocess.PIPE, text=True
    )
    interrupting(served[0], signal.SIGTERM, process.pid)
    _, err = process.communicate(timeout=30)
    count = len(lines_in(here / "results.jsonl"))
    assert err == f"interrupted: {count} of 40 jobs ended; the same command goes on.\n"
    assert process.returncode == -signal.SIGTERM


def test_a_full_disk_is_one_line(
    run: Run, served: Served, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_results: ResultsFile, _line: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ResultsFile, "append", full)
    done = run(*batch({"image": "0.png"}), env=served[1])
    assert done.returncode == 1
    assert done.stderr == (
        "error: results.jsonl cannot be written: No space left on device. What was written before "
        "is kept. 1 job left; the same command goes on.\n"
    )


def test_results_that_do_not_reach_the_disk_are_a_failure_though_all_is_done(
    run: Run, served: Served, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def to_disk(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("grok_vision.batch.appended._to_disk", to_disk)
    done = run(*batch({"image": "0.png"}), env=served[1])
    assert done.returncode == 1
    assert done.stdout.startswith("done     1 of 1 job\n")
    assert done.stderr.startswith("error: results.jsonl cannot be written: Input/output error.")
    assert "goes on" not in done.stderr


@pytest.mark.parametrize(("level", "lines"), [("", 0), ("WARNING", 1)])
def test_attempts_that_are_made_again_are_told_on_demand_only(
    run: Run,
    served: Served,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    level: str,
    lines: int,
) -> None:
    monkeypatch.setenv("GROK_VISION_LOG_LEVEL", level)
    served[0].fail(503, times=1)
    done = run(*batch({"image": "0.png"}), env=served[1])
    assert done.returncode == 0
    assert done.stderr.count("trying again in") == lines


# --- mistakes


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("describe",), "name a picture, or with --batch a file of jobs or a folder."),
        (("extract",), "name a picture, or with --batch"),
        (("compare",), "name a picture, or with --batch"),
        (("describe", "0.png", "--out", "x"), "--out goes with --batch only."),
        (("describe", "0.png", "--max-usd", "0"), "--max-usd goes with --batch only."),
        (("describe", "0.png", "--retry-failed"), "--retry-failed goes with --batch only."),
        (("describe", "0.png", "Why?", "--prompt", "x"), "give either PROMPT or --prompt."),
        (("describe", "--batch", "."), "--batch needs --out, the file for its results."),
        (("describe", "0.png", "--batch", "."), "leave out IMAGE; what is to be asked of all"),
        (("extract", "0.png", "--batch", "."), "leave out IMAGE"),
        (("describe", "--batch", ".", "--stream"), "--stream does not go with --batch"),
        (("extract", "--batch", ".", "--fail-on-fail"), "--fail-on-fail does not go with"),
        (("extract", "--batch", "-", "--schema", "-"), "--schema - does not go with --batch"),
        (("compare", "--batch", ".", "--diff-out", "x"), "--diff-out does not go with --batch"),
        (("compare", "--batch", ".", "--fail-on-diff"), "--fail-on-diff does not go with"),
        (("compare", "--batch", ".", "--max-diff-ratio", "0"), "--max-diff-ratio does not go"),
        (("compare", "--batch", ".", "--out", "x"), "is a folder, and nothing says which"),
        (("describe", "--batch", ".", "--out", "x", "--max-usd", "0"), "is to be more than 0"),
        (
            ("describe", "--batch", ".", "--out", "x", "--max-usd", "nan"),
            "Invalid value for '--max-usd'",
        ),
        (("describe", "--batch", ".", "--out", "0.png"), "line 1 is no result of a batch"),
    ],
)
def test_a_mistake_in_the_options_is_one_line_and_exit_2(
    run: Run, here: Path, call: tuple[str, ...], told: str
) -> None:
    done = run(*call)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("error[bad_argument]: ")
    assert told in line


def test_a_line_that_cannot_be_used_sends_nothing(run: Run, served: Served, here: Path) -> None:
    done = run(*batch({"image": "0.png"}, {"img": "1.png"}), env=served[1])
    assert done.returncode == 2
    assert "jobs.jsonl: 1 line cannot be used, so nothing was sent: (line 2: " in done.stderr
    assert served[0].requests == []
    assert not (here / "results.jsonl").exists()


# --- progress


@pytest.fixture
def half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batch]:
    monkeypatch.setattr(Batch, "seconds", 60.0)
    jobs = jobs_of(*shots(4))
    with ResultsFile(str(tmp_path / "results.jsonl"), jobs) as results:
        found = Batch(jobs, results, Gate([100.0]))
        for job in read(jobs)[:2]:
            results.append(job.answered(described()))
        yield found


async def test_a_pipe_is_told_on_a_line_how_far_it_is(
    half_done: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with batch_progress.shown(half_done, every=0.001):
        while not (told := capsys.readouterr().err):
            await anyio.lowlevel.checkpoint()
    assert told.splitlines()[0] == "2 of 4 jobs ended, 2/min, $0.0020, 60 s left"


async def test_failures_and_a_pause_are_told(half_done: Batch) -> None:
    half_done.results.tally.failed["timeout"] = 1
    half_done.gate.failed(half_done.gate._opens_at)
    told = batch_progress.told(half_done)
    assert told == "1 failed, 3/min, $0.0020, waiting 100 s for the provider"


async def test_before_anything_has_ended_no_rate_is_told(tmp_path: Path) -> None:
    jobs = jobs_of(*shots(1))
    with ResultsFile(str(tmp_path / "results.jsonl"), jobs) as results:
        assert batch_progress.told(Batch(jobs, results)) == "$0"


def test_a_terminal_is_shown_a_bar_and_then_the_summary(served: Served, here: Path) -> None:
    call = batch(*({"image": f"{number}.png"} for number in range(3)))
    code, seen = commands.on_terminal(*call, env=served[1] | {"TERM": "xterm"})
    assert code == 0
    assert "0/3" in seen
    assert "━" in seen
    # The bar is gone before the summary is printed.
    assert "done     3 of 3 jobs" in seen.rpartition("━")[2]
