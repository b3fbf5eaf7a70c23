"""The command `compare`, as people, scripts and CI run it."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests import commands
from tests.commands import Done, Run
from tests.fake_xai import FakeXAI, Response
from tests.support import compare, saved, structured
from tests.test_commands import environment
from tests.test_compare_images import entry, page, pair, told

CHANGED = "23 pixels (0.03 %) changed; in 1 region: 7x8 at 220,186."
"""What is measured of the page whose amount differs."""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """The command in this process, in a pipe."""
    monkeypatch.setenv("GROK_VISION_OUTPUT_DIR", str(tmp_path / "drawn"))
    return partial(commands.in_process(monkeypatch, capsys), "compare")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[FakeXAI, dict[str, str]]]:
    """A stand-in on the loopback, and the environment of a process that uses it."""
    xai = FakeXAI(answer=told(entry(description="$188.40 became $168.40.")))
    with xai.serve() as base_url:
        yield (
            xai,
            environment(
                XAI_API_KEY="test",
                GROK_VISION_BASE_URL=base_url,
                GROK_VISION_OUTPUT_DIR=str(tmp_path / "drawn"),
                GROK_VISION_STATE_DIR=str(tmp_path / "state"),
                TERM="dumb",
                COLUMNS="80",
            ),
        )


def size_of(path: str | Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


# In a pipe


def test_pictures_that_are_the_same_are_one_line(run: Run, folder: Path) -> None:
    done = run(*pair(folder, page()), "--pixels-only")
    assert done == Done(0, "identical: No pixel differs.\n", "")


def test_what_changed_is_a_line_with_the_file_that_shows_it_below(run: Run, folder: Path) -> None:
    done = run(*pair(folder), "--pixels-only")
    verdict, diff = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert verdict == f"different: {CHANGED}"
    path = Path(diff.removeprefix("diff: "))
    assert path.parent == folder.parent / "drawn"
    assert size_of(path) == (320, 240)


def test_what_a_model_says_is_a_line_for_each_difference(
    run: Run, served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    xai, env = served
    xai.answer = told(entry(description="One\nline\x1b[31m."), entry(region=0, severity="minor"))
    done = run(*pair(folder), "--prompt", "Only the amount.", env=env)
    first, *differences, figures, diff = done.stdout.splitlines()
    assert first == "different: One amount differs."
    assert differences[0].startswith("- major: One line")
    assert differences[0].endswith(" (image 2, 7x8 at 220,186)")
    assert differences[1] == "- minor: The amount differs. (image 2)"
    assert len(differences) == 2
    assert figures == "image 2: 23 pixels changed, 0.0002995 of all"
    assert "\x1b" not in done.stdout
    assert diff.startswith("diff: ")
    assert done.stderr.startswith("warning: the model ties 1 difference to no changed region")
    assert xai.requests[0].texts[1].count("Only the amount.") == 1


def test_always_ask_asks_of_pictures_that_are_the_same_too(
    run: Run, served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    xai, env = served
    xai.answer = told(summary="Nothing differs.")
    done = run(*pair(folder, page()), "--always-ask", env=env)
    first, figures = done.stdout.splitlines()
    assert (first, len(xai.requests)) == ("identical: Nothing differs.", 1)
    assert figures == "image 2: 0 pixels changed, 0 of all"
    assert run(*pair(folder, page()), env=env).returncode == 0
    assert len(xai.requests) == 1


async def test_json_is_the_structured_result_of_the_tool(
    run: Run, served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    xai, env = served
    images = pair(folder)
    by_tool = dict(structured(await compare(xai, folder, images)))
    done = commands.run("compare", *images, "--json", env=env)
    printed = json.loads(done.stdout)
    for one in (by_tool, printed):
        assert Path(one["pixels"][0].pop("diff_path")).exists()
    assert printed == by_tool
    assert list(printed)[:4] == ["verdict", "summary", "differences", "pixels"]


def test_options_are_those_of_the_tool(run: Run, folder: Path) -> None:
    images = pair(folder, page("$168.40", button=(3, 3, 131)))
    ignored = run(*images, "--pixels-only", "--ignore", "190,170,100,60", "--ignore", "0,0,9,9")
    assert ignored.stdout.startswith("equivalent: No visible change: 3,000 pixels differ")
    strict = run(*images, "--pixels-only", "--ignore", "190,170,100,60", "--threshold", "0")
    assert strict.stdout.startswith("different: 3,000 pixels (3.9 %) changed")


# As a gate


@pytest.mark.parametrize(
    ("after", "options", "code"),
    [
        (page("$168.40"), (), 0),
        (page("$168.40"), ("--fail-on-diff",), 1),
        (page(), ("--fail-on-diff",), 0),
        (page(button=(3, 3, 131)), ("--fail-on-diff",), 0),
        (page("$168.40"), ("--max-diff-ratio", "0.001"), 0),
        (page("$168.40"), ("--max-diff-ratio", "0.0001"), 1),
        (page("$168.40"), ("--max-diff-ratio", "0"), 1),
        (page(), ("--max-diff-ratio", "0"), 0),
        (page("$168.40"), ("--fail-on-diff", "--max-diff-ratio", "0.001"), 0),
        (page(size=(320, 480)), ("--max-diff-ratio", "0.49"), 1),
        (page(size=(320, 480)), ("--max-diff-ratio", "0.5"), 0),
    ],
)
def test_the_exit_code_says_whether_too_much_changed(
    run: Run, folder: Path, after: Image.Image, options: tuple[str, ...], code: int
) -> None:
    assert run(*pair(folder, after), "--pixels-only", *options).returncode == code


def test_one_of_several_pictures_that_differs_is_enough_to_fail(run: Run, folder: Path) -> None:
    before, after = pair(folder)
    done = run(before, before, after, before, "--pixels-only", "--fail-on-diff")
    assert done.returncode == 1
    assert done.stdout.startswith("different: Image 2: no pixel differs. Image 3: 23 pixels")


def test_words_of_a_model_decide_no_exit_code(
    run: Run, served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    xai, env = served
    xai.answer = told(entry(region=0, severity="critical"))
    done = run(*pair(folder, page()), "--always-ask", "--fail-on-diff", env=env)
    assert done.returncode == 0
    assert "do not rely on it" in done.stderr


def test_a_provider_that_fails_leaves_the_gate_as_it_is(
    run: Run, served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    xai, env = served
    xai.answer = lambda _: Response(403, {"error": "Forbidden"})
    done = run(*pair(folder), "--fail-on-diff", env=env)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, f"different: {CHANGED}")
    assert done.stderr.startswith("warning: only pixels were compared, because no model answered: ")
    done = run(*pair(folder), "--always-ask", env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error[unauthorized]: ")


def test_pixels_alone_need_no_key_and_no_setting(folder: Path) -> None:
    env = environment(GROK_VISION_OUTPUT_DIR=str(folder.parent / "drawn"))
    done = commands.run("compare", *pair(folder), "--pixels-only", "--fail-on-diff", env=env)
    assert (done.returncode, done.stderr) == (1, "failed: image 2 differs.\n")
    assert done.stdout.splitlines()[0] == f"different: {CHANGED}"


# The picture of what changed


def test_what_changed_is_written_to_the_file_that_is_named(run: Run, folder: Path) -> None:
    out = folder / "out.png"
    out.write_text("what was there before")
    done = run(*pair(folder), "--pixels-only", "--diff-out", str(out))
    assert done.stdout.splitlines()[1] == f"diff: {out}"
    assert size_of(out) == (320, 240)
    assert not (folder.parent / "drawn").exists()


def test_of_several_pictures_each_drawing_has_the_number_of_its_image(
    run: Run, folder: Path
) -> None:
    others = [page(), page("$168.40"), page(button=(3, 3, 131)), page("$1", size=(320, 300))]
    images = [saved(folder, f"{number}.png", one) for number, one in enumerate([page(), *others])]
    done = run(*images, "--pixels-only", "--diff-out", str(folder / "out.png"), "--json")
    paths = [one.get("diff_path") for one in json.loads(done.stdout)["pixels"]]
    assert paths == [None, str(folder / "out-3.png"), None, str(folder / "out-5.png")]
    sizes = [size_of(path) for path in paths if path]
    assert sizes == [(320, 240), (320, 300)]


def test_where_nothing_changed_the_named_file_is_not_made(run: Run, folder: Path) -> None:
    run(*pair(folder, page()), "--pixels-only", "--diff-out", str(folder / "out.png"))
    assert not (folder / "out.png").exists()


@pytest.mark.parametrize(
    ("before", "target", "told_of"),
    [
        ("before.png", "nowhere/out.png", "there is no folder"),
        ("before.png", "before.png", "names a picture that is compared"),
        ("before.png", "./before.png", "names a picture that is compared"),
        ("before.png#xywh=0,0,300,200", "before.png", "names a picture that is compared"),
        ("file://before.png", "before.png", "names a picture that is compared"),
        ("before-3.png", "before.png", "names a picture that is compared"),
    ],
)
def test_where_nothing_can_or_may_be_written_nothing_is_compared(
    run: Run, folder: Path, before: str, target: str, told_of: str
) -> None:
    name = before.removeprefix("file://")
    after = pair(folder)[1]
    file = Path(saved(folder, name.partition("#")[0], page()))
    kept = file.read_bytes()
    written = f"file://{file}" if before != name else f"{folder}/{name}"
    done = run(written, after, after, "--diff-out", f"{folder}/{target}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[bad_argument]: --diff-out")
    assert told_of in done.stderr
    assert file.read_bytes() == kept


@pytest.mark.skipif(sys.platform == "win32", reason="a full device is for Linux")
def test_a_picture_that_cannot_be_written_is_told_and_the_verdict_too(
    run: Run, folder: Path
) -> None:
    done = run(*pair(folder), "--pixels-only", "--fail-on-diff", "--diff-out", "/dev/full")
    assert (done.returncode, done.stdout) == (1, f"different: {CHANGED}\n")
    assert done.stderr.startswith("warning: [bad_argument] the picture of what changed cannot be")


# Mistakes


@pytest.mark.parametrize(
    ("options", "code", "told_of"),
    [
        (("--pixels-only", "--always-ask"), "bad_argument", "--pixels-only or --always-ask"),
        (("--threshold", "1.5"), "bad_argument", "threshold"),
        (("--max-diff-ratio", "2"), "bad_argument", "max-diff-ratio"),
        (("--max-diff-ratio", "some"), "bad_argument", "max-diff-ratio"),
        (("--ignore", "clock"), "bad_region", "ignore 1 (clock)"),
        (("--detail", "best"), "bad_argument", "detail"),
        (("--diff", "x.png"), "bad_argument", "--diff"),
        (("nowhere.png",), "not_found", "image 3 (nowhere.png)"),
    ],
)
def test_a_mistake_is_one_line_and_exit_2(
    run: Run, folder: Path, options: tuple[str, ...], code: str, told_of: str
) -> None:
    done = run(*pair(folder), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error[{code}]: ")
    assert told_of in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("count", [0, 1, 11])
def test_too_few_or_too_many_pictures_are_exit_2(run: Run, folder: Path, count: int) -> None:
    done = run(*[saved(folder)] * count, "--pixels-only")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error[")
    assert "Traceback" not in done.stderr


def test_the_problems_of_several_pictures_are_told_together(run: Run, folder: Path) -> None:
    missing = [str(folder / name) for name in ("a.png", "b.png")]
    done = run(saved(folder), *missing, "--pixels-only")
    assert done.returncode == 2
    assert all(path in done.stderr for path in missing)


# On a terminal


def test_on_a_terminal_differences_are_a_table_and_the_footer_tells_the_cost(
    served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    xai, env = served
    long = "The amount in the last row was $188.40 and is $168.40 now, which nobody would expect."
    xai.answer = told(
        entry(description=long, severity="critical"), entry(region=0, severity="minor")
    )
    code, out = commands.on_terminal("compare", *pair(folder), env=env, errors=False)
    lines = [line.rstrip() for line in out.replace("\r", "").splitlines()]
    assert code == 0
    assert lines[0] == "different: One amount differs."
    assert lines[1].startswith("critical  The amount in the last row was $188.40 and is")
    assert lines[2].startswith(" " * 10)
    assert lines[3] == "minor     The amount differs. (image 2)"
    assert lines[4] == "image 2: 23 pixels changed, 0.0002995 of all"
    assert lines[5].startswith("diff: /")
    assert " ".join(lines[7:]).startswith("xai: grok-4.3 · sent ")
    assert all(len(line) <= 80 for line in lines if not line.startswith("diff: "))


def test_on_a_terminal_pixels_alone_have_no_footer(
    served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    _, env = served
    call = ("compare", *pair(folder, page()), "--pixels-only")
    code, out = commands.on_terminal(*call, env=env, errors=False)
    assert (code, out.replace("\r", "")) == (0, "identical: No pixel differs.\n")


def test_the_verdict_has_a_colour_where_the_terminal_has_some(
    served: tuple[FakeXAI, dict[str, str]], folder: Path
) -> None:
    env = {**served[1], "TERM": "xterm-256color"}
    env.pop("NO_COLOR", None)
    for after, told_as in (
        (page("$168.40"), "\x1b[1;31mdifferent\x1b[0m: "),
        (page(), "\x1b[1;32midentical\x1b[0m: "),
    ):
        call = ("compare", *pair(folder, after), "--pixels-only")
        assert commands.on_terminal(*call, env=env, errors=False)[1].startswith(told_as)
