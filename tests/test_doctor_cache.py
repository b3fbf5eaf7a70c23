"""What `doctor` says of kept answers, and of what a call may take."""

from pathlib import Path
from typing import Any

import pytest

from tests.test_commands import diagnosed, run

BELOW = "below/that"


def rows(**more: str) -> dict[str, str]:
    """Return what doctor lists, by label."""
    lines = run("doctor", **more).stdout.partition("\n\n")[0].splitlines()
    return {line[:14].strip(): line[16:] for line in lines}


def checked(**more: str) -> dict[str, Any]:
    """Return the check of the folder for answers; without a key nothing is asked."""
    check: dict[str, Any] = diagnosed(GROK_VISION_PROVIDER="xai", **more)[1]["cache"]
    return check


def test_where_answers_are_not_kept_doctor_says_so_and_looks_at_no_folder() -> None:
    diagnosis, checks = diagnosed()
    assert "cache" not in checks
    assert not {"cache", "cache_bytes"} & diagnosis.keys()
    assert rows()["answers"] == "are not kept"


@pytest.mark.parametrize(
    ("size", "count", "told"),
    [
        ("", 100 * 1024**2, "100 MiB"),
        (":1.5MiB", 1536 * 1024, "1.5 MiB"),
        (":2GiB", 2 * 1024**3, "2,048 MiB"),
    ],
)
def test_doctor_shows_where_answers_are_kept_and_how_much(
    tmp_path: Path, size: str, count: int, told: str
) -> None:
    folder = tmp_path / BELOW
    more = {"GROK_VISION_CACHE": f"{folder}{size}", "GROK_VISION_PROVIDER": "xai"}
    diagnosis, checks = diagnosed(**more)
    assert (diagnosis["cache"], diagnosis["cache_bytes"]) == (str(folder), count)
    assert checks["cache"] == {"name": "cache", "ok": True, "found": "can be written"}
    assert rows(**more)["answers"] == f"are kept in {folder}, up to {told}"
    assert list(tmp_path.iterdir()) == []


def test_where_this_machine_answers_doctor_says_that_nothing_is_kept_of_that(
    tmp_path: Path,
) -> None:
    more = {"GROK_VISION_CACHE": str(tmp_path), "GROK_VISION_PROVIDER": "local"}
    assert rows(**more)["answers"].endswith(", up to 100 MiB; not those of this machine")


@pytest.mark.parametrize("below", ["", f"/{BELOW}"])
def test_doctor_fails_where_a_file_is_in_the_way_of_the_folder(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    assert checked(GROK_VISION_CACHE=f"{tmp_path}/file{below}") == {
        "name": "cache",
        "ok": False,
        "found": f"{tmp_path}/file is no folder; move it away, or name another folder "
        "(GROK_VISION_CACHE)",
    }


def test_doctor_fails_where_the_file_of_answers_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "answers.sqlite3").mkdir()
    check = checked(GROK_VISION_CACHE=str(tmp_path))
    assert check["ok"] is False
    assert check["found"].startswith(f"{tmp_path}/answers.sqlite3 is no plain file; move it away")


def test_a_folder_for_answers_that_cannot_be_used_fails_doctor_as_a_whole(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    more = {"GROK_VISION_CACHE": str(tmp_path / "file"), "GROK_VISION_PROVIDER": "local"}
    done = run("doctor", **more)
    assert done.returncode == 1
    assert "FAIL cache: " in done.stdout


def test_doctor_shows_what_a_call_may_take() -> None:
    assert rows()["calls"] == "may take 50 s each, 3 retries, 4 at once"
    more = {
        "GROK_VISION_DEADLINE": "7.5",
        "GROK_VISION_RETRIES": "1",
        "GROK_VISION_CONCURRENCY": "2",
    }
    assert rows(**more)["calls"] == "may take 7.5 s each, 1 retry, 2 at once"
    diagnosis, _ = diagnosed(**more)
    shown = [diagnosis[name] for name in ("deadline", "retries", "concurrency")]
    assert shown == [7.5, 1, 2]
