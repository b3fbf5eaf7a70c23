"""The file of results: valid at every moment, one writer, and never taken for another file."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from grok_vision.batch import Jobs, ResultsFile
from grok_vision.batch.appended import Appended
from grok_vision.errors import RequestError, SourceError
from grok_vision.results import Comparison, Extraction
from tests.batches import described, jobs_of, lines_in, read, shots, text_of

GONE = SourceError("not_found", "there is no such file.")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def fill(out: Path, jobs: Jobs, *, failed: int = 0) -> None:
    """Answer all jobs but the last, which fail."""
    with ResultsFile(str(out), jobs) as results:
        all_of_them = read(jobs)
        done = len(all_of_them) - failed
        for number, job in enumerate(all_of_them):
            results.append(job.answered(described()) if number < done else job.failed(GONE))


def counts(results: ResultsFile) -> Mapping[str, Any]:
    tally = results.tally
    left = results.left.total()
    return {"done": tally.done, "failed": tally.failed.total(), "left": left}


def looked_at(out: Path, jobs: Jobs, *, retry_failed: bool = False) -> Mapping[str, Any]:
    with ResultsFile(str(out), jobs, retry_failed=retry_failed) as results:
        return counts(results)


def refused(out: Path | str, jobs: Jobs) -> str:
    with pytest.raises(RequestError) as caught:
        ResultsFile(str(out), jobs)
    assert caught.value.code == "bad_argument"
    return caught.value.message


def test_a_line_tells_the_job_and_exactly_the_result_of_the_tool(out: Path) -> None:
    jobs = jobs_of({"id": "a", "image": "a.png", "prompt": "Why?"}, {"image": "b.png"})
    fill(out, jobs, failed=1)
    assert lines_in(out) == [
        {
            "tool": "describe_image",
            "id": "a",
            "job": {"image": "a.png", "prompt": "Why?"},
            "result": described().told(),
        },
        {
            "tool": "describe_image",
            "job": {"image": "b.png"},
            "error": {"code": "not_found", "message": "there is no such file."},
        },
    ]


def test_what_json_has_no_number_and_utf_8_no_character_for_is_still_a_line() -> None:
    [job] = read(jobs_of({"images": "a"}, tool="extract_json"))
    data = {"total": float("nan"), "half": "\ud83d"}
    common = {"images": [], "model": "m", "provider": "xai", "attempts": 1}
    line = job.answered(Extraction(data=data, valid=True, **common))
    assert json.loads(line)["result"]["data"] == {"total": None, "half": "?"}


def test_done_jobs_are_not_left_and_failures_stay(out: Path) -> None:
    jobs = jobs_of(*shots(5))
    fill(out, jobs_of(*shots(3)), failed=1)
    assert looked_at(out, jobs) == {"done": 2, "failed": 1, "left": 2}


def test_equal_jobs_without_ids_are_so_many_jobs(out: Path) -> None:
    one = {"image": "a.png"}
    fill(out, jobs_of(one))
    assert looked_at(out, jobs_of(one, one, one)) == {"done": 1, "failed": 0, "left": 2}


def test_tokens_and_cost_are_those_of_all_results_also_of_other_jobs(out: Path) -> None:
    fill(out, jobs_of(*shots(3)), failed=1)
    with ResultsFile(str(out), jobs_of(*shots(1))) as results:
        tally = results.tally
        assert (tally.done, tally.others) == (1, 2)
        assert tally.cost_usd == pytest.approx(0.002)
        assert (tally.input_tokens, tally.output_tokens) == (1400, 14)
        told = "results.jsonl also holds 2 results of what is not among these jobs"
        assert told in results.notes[0]


def test_what_did_not_tell_its_cost_is_counted_and_what_asked_nobody_is_not(out: Path) -> None:
    jobs = jobs_of({"images": ["a", "b"]}, {"images": ["a", "c"]}, tool="compare_images")
    asked = {"model": "m", "provider": "xai"}
    with ResultsFile(str(out), jobs) as results:
        for job, told in zip(read(jobs), (asked, {}), strict=True):
            same = Comparison(verdict="identical", summary="", pixels=[], images=[], **told)
            results.append(job.answered(same))
        assert results.tally.without_cost == 1


def test_results_of_other_jobs_only_are_refused(out: Path) -> None:
    fill(out, jobs_of(*shots(2)))
    before = out.read_bytes()
    message = refused(out, jobs_of(*shots(2), defaults={"prompt": "Another?"}))
    assert "it holds 2 results, none of them of these jobs as they are asked now" in message
    assert out.read_bytes() == before


def test_results_of_another_tool_are_none_of_these(out: Path) -> None:
    pair = {"images": ["a", "b"]}
    fill(out, jobs_of(pair, tool="extract_json"))
    assert "none of them of these jobs" in refused(out, jobs_of(pair, tool="compare_images"))


# --- a last line that is not whole


@pytest.mark.parametrize("kept", [1, 7, 8, 9, 60, -2])
def test_a_line_that_was_not_written_to_its_end_is_cut_off_and_its_job_done_again(
    out: Path, kept: int
) -> None:
    jobs = jobs_of(*shots(3))
    fill(out, jobs)
    *whole, last = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(whole) + last[:kept])
    with ResultsFile(str(out), jobs) as results:
        assert counts(results) == {"done": 2, "failed": 0, "left": 1}
        [note] = results.notes
        assert note.endswith("ended within a line, which was cut off: its job is done again.")
        [job] = jobs.read(results.left)
        results.append(job.answered(described()))
    assert out.read_bytes().splitlines(keepends=True) == [*whole, last]


@pytest.mark.parametrize("begun", [b"", b'{"tool":"desc'])
def test_blocks_that_were_never_written_are_cut_off(out: Path, begun: bytes) -> None:
    jobs = jobs_of(*shots(2))
    fill(out, jobs)
    whole = out.read_bytes()
    out.write_bytes(whole + begun + bytes(500))
    assert looked_at(out, jobs)["left"] == 0
    assert out.read_bytes() == whole


def test_a_last_line_that_lacks_its_end_only_is_kept(out: Path) -> None:
    jobs = jobs_of(*shots(2))
    fill(out, jobs)
    whole = out.read_bytes()
    out.write_bytes(whole[:-1])
    with ResultsFile(str(out), jobs) as results:
        assert (counts(results)["left"], results.notes) == (0, [])
    assert out.read_bytes() == whole


# --- another file


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (text_of({"image": "a.png"}), "line 1"),
        (text_of({"image": "a.png"})[:-1], "its last line"),
        ("Dear diary,\n", "line 1"),
        ("Dear diary,", "its last line"),
        (text_of({"tool": "describe_image", "job": {}}), "line 1"),
        (text_of([1]), "line 1"),
    ],
)
def test_a_file_that_holds_something_else_is_refused_and_left_as_it_is(
    out: Path, text: str, place: str
) -> None:
    out.write_text(text, "utf-8")
    told = f"{place} is no result of a batch; name another file."
    assert refused(out, jobs_of({"image": "a.png"})).endswith(told)
    assert out.read_text("utf-8") == text


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    jobs = jobs_of({"image": "a.png"})
    assert "it is no file; name one" in refused(tmp_path, jobs)
    assert "cannot be written: No such file" in refused(tmp_path / "no" / "out.jsonl", jobs)


def test_a_link_is_followed(out: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.jsonl"
    link.symlink_to(out)
    jobs = jobs_of(*shots(2))
    fill(link, jobs, failed=1)
    assert looked_at(link, jobs, retry_failed=True) == {"done": 1, "failed": 0, "left": 1}
    assert link.is_symlink()
    assert len(lines_in(out)) == 1


# --- one writer

HOLDS = """
import sys
from tests.batches import jobs_of
from grok_vision.batch import ResultsFile
with ResultsFile(sys.argv[1], jobs_of({"image": "a.png"})):
    print("open", flush=True)
    sys.stdin.read()
"""

needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")


@needs_locks
def test_a_second_batch_on_the_same_results_is_refused_until_the_first_is_gone(out: Path) -> None:
    jobs = jobs_of({"image": "a.png"})
    first = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with first:
        assert first.stdout
        assert first.stdout.readline() == b"open\n"
        assert "another batch writes it now" in refused(out, jobs)
        first.kill()
    assert looked_at(out, jobs)["left"] == 1


@needs_locks
def test_a_file_system_without_locks_is_no_obstacle(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(_descriptor: int, _how: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", flock)
    code = errno.ENOLCK
    assert looked_at(out, jobs_of({"image": "a.png"}))["left"] == 1
    code = errno.EIO
    assert "cannot be written: Input/output error" in refused(out, jobs_of({"image": "a.png"}))


def test_where_no_locks_are_known_it_goes_without(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    assert looked_at(out, jobs_of({"image": "a.png"}))["left"] == 1


@needs_locks
@pytest.mark.parametrize("gone", [True, False], ids=["taken away", "replaced"])
def test_a_file_that_is_replaced_before_it_is_locked_is_opened_anew(
    out: Path, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    import fcntl

    jobs = jobs_of(*shots(2))
    fill(out, jobs)
    other = out.with_name("other")
    fill(other, jobs_of(*shots(1)))
    flock = fcntl.flock

    def replaced(descriptor: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        out.unlink() if gone else other.replace(out)
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", replaced)
    assert looked_at(out, jobs)["left"] == (2 if gone else 1)


# --- failures tried again


def test_failures_are_taken_out_where_they_are_to_be_tried_again(out: Path) -> None:
    jobs = jobs_of(*shots(4))
    fill(out, jobs, failed=2)
    out.chmod(0o640)
    assert looked_at(out, jobs, retry_failed=True) == {"done": 2, "failed": 0, "left": 2}
    assert ["result" in line for line in lines_in(out)] == [True, True]
    assert out.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in out.parent.iterdir()] == ["results.jsonl"]


def test_what_a_killed_process_left_of_taking_them_out_is_removed(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_of(*shots(2))
    fill(out, jobs, failed=1)
    before = out.read_bytes()

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Path, "replace", end)
        # Nor does it tidy up.
        killed.setattr(Path, "unlink", lambda *_, **__: None)
        with pytest.raises(KeyboardInterrupt):
            ResultsFile(str(out), jobs, retry_failed=True)
    assert (len(list(out.parent.iterdir())), out.read_bytes()) == (2, before)
    assert looked_at(out, jobs)["failed"] == 1
    assert list(out.parent.iterdir()) == [out]


def test_where_no_open_file_can_be_replaced_both_are_closed_first(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grok_vision.batch.lock._CLOSED_FIRST", True)
    jobs = jobs_of(*shots(2))
    fill(out, jobs, failed=1)
    with ResultsFile(str(out), jobs, retry_failed=True) as results:
        [job] = jobs.read(results.left)
        results.append(job.answered(described()))
    assert len(lines_in(out)) == 2


def test_failures_of_other_jobs_are_kept(out: Path) -> None:
    fill(out, jobs_of(*shots(4)), failed=2)
    assert looked_at(out, jobs_of(*shots(3)), retry_failed=True)["left"] == 1
    assert [line["job"]["image"] for line in lines_in(out)] == ["0.png", "1.png", "3.png"]


@needs_locks
def test_the_lock_and_what_is_added_are_those_of_the_new_file(out: Path) -> None:
    jobs = jobs_of(*shots(2))
    fill(out, jobs, failed=2)
    with ResultsFile(str(out), jobs, retry_failed=True) as results:
        assert "another batch writes it now" in refused(out, jobs)
        for job in jobs.read(results.left):
            results.append(job.answered(described()))
    assert len(lines_in(out)) == 2


def test_a_disk_without_room_for_the_new_file_leaves_the_old_one(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_of(*shots(2))
    fill(out, jobs, failed=1)
    before = out.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RequestError, match="No space left"):
            ResultsFile(str(out), jobs, retry_failed=True)
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["results.jsonl"]
    assert looked_at(out, jobs, retry_failed=True)["left"] == 1


# --- lines that are added


@pytest.mark.parametrize("most", [0, 5])
def test_a_line_for_which_there_is_no_room_leaves_nothing_behind(out: Path, most: int) -> None:
    def write(descriptor: int, line: bytes) -> int:
        if most == 0 and line == b"second\n":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(descriptor, line[:most] if line == b"second\n" else line)

    descriptor = os.open(out, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    lines = Appended(descriptor, write=write)
    lines.append(b"first\n")
    with pytest.raises(OSError, match="No space left"):
        lines.append(b"second\n")
    lines.append(b"third\n")
    lines.close()
    assert out.read_bytes() == b"first\nthird\n"


async def test_what_was_added_is_brought_to_the_disk_while_more_is_added(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    seen = anyio.Event()
    loop = anyio.from_thread

    def to_disk(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        loop.run_sync(seen.set)

    monkeypatch.setattr("grok_vision.batch.appended._to_disk", to_disk)
    lines = Appended(os.open(out, os.O_RDWR | os.O_CREAT | os.O_APPEND))
    lines.append(b"first\n")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(lines.keep_synced)
        with anyio.fail_after(5):
            await seen.wait()
        tasks.cancel_scope.cancel()
    assert synced == [6]
    lines.sync()
    assert synced == [6]
    lines.close()
