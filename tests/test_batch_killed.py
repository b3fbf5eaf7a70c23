"""A batch that is killed at random moments and gone on with answers each job exactly once."""

import sys
from pathlib import Path

import pytest

from tests.killed_batches import AT_ONCE, run


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_batch_that_is_killed_three_times_answers_each_job_once(tmp_path: Path) -> None:
    report = run(tmp_path, jobs=100, kills=3)
    assert (report.code, report.kills, report.torn, report.wrong) == (0, 3, 0, 0)
    assert (report.unanswered, report.twice) == (0, 0)
    # Else it was killed before or after the work.
    assert 0 < report.lines_at_kills[-1] < report.jobs
    assert report.requests <= report.jobs + report.faults + report.kills * AT_ONCE
