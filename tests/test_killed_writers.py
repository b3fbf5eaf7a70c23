"""Processes that are killed while they keep answers and token counts leave both files sound."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TIMES = 50


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no SIGKILL")
def test_killed_writers_leave_only_what_they_wrote_and_the_next_go_on(tmp_path: Path) -> None:
    # Coverage in the children would itself write files.
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    script = Path(__file__).with_name("killed_writers.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(TIMES)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    # Else nothing was tried.
    assert report.pop("killed_in_the_middle") > 0
    assert report.pop("read") > TIMES
    assert report == {"wrong": 0, "damaged": 0, "begun_anew": 0, "stuck": 0, "set_aside": []}
