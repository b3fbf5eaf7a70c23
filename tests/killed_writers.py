"""Kills processes while they keep answers and token counts, and tells what that did to the files.

Usage: python killed_writers.py FOLDER TIMES

Prints one JSON object. It is a program of its own, so that it can fork after importing once.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from grok_vision.cache import AnswerCache
from grok_vision.relay import Completion
from grok_vision.tokens import Calibration, Observation

# Small, so that answers are forgotten and pages given back while the processes are killed.
MOST_BYTES = 256 * 1024
WRITERS = 2
LONGEST_LIFE = 0.03
KEYS = 200
MODEL, NEXT = ("custom", "m", "assumed"), ("custom", "next", "assumed")
FILES = {"answers.sqlite3": "answer", "calibration.sqlite3": "observation"}


def answer(number: int) -> Completion:
    return Completion(f"{number} " * (number * 7), "", "stop", "m")


@dataclass
class Report:
    """What was found: each count but the first two should be zero."""

    killed_in_the_middle: int = 0
    read: int = 0
    wrong: int = 0
    damaged: int = 0
    begun_anew: int = 0
    stuck: int = 0


def write_without_pause(folder: Path, ready: int) -> None:
    parent = os.getppid()
    cache, calibration = AnswerCache(folder, MOST_BYTES), Calibration(folder)
    chance = random.Random()
    started = False
    while os.getppid() == parent:
        number = chance.randrange(1, KEYS)
        cache.keep(str(number), answer(number))
        cache.find(str(chance.randrange(1, KEYS)))
        calibration.record(*MODEL, Observation(number, 2 * number, 1))
        if not started and cache.find(str(number)) and calibration.correction(*MODEL):
            started = True
            os.write(ready, b"x")


def forked(work: Callable[[], None]) -> int:
    if child := os.fork():
        return child
    try:
        work()
    finally:
        os._exit(0)


def kill_while_they_write(folder: Path) -> None:
    reading, writing = os.pipe()
    children = [forked(lambda: write_without_pause(folder, writing)) for _ in range(WRITERS)]
    for _ in children:
        os.read(reading, 1)
    time.sleep(random.uniform(0, LONGEST_LIFE))
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    os.close(reading)
    os.close(writing)


class Files:
    """The two files after a kill."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache = AnswerCache(folder, MOST_BYTES)
        self._calibration = Calibration(folder)
        self._last = dict.fromkeys(FILES, 0)

    def look(self, report: Report) -> None:
        report.killed_in_the_middle += any(self._folder.glob("*-journal"))
        for name, table in FILES.items():
            with closing(sqlite3.connect(self._folder / name)) as database:
                report.damaged += database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
                [last] = database.execute(f"SELECT max(id) FROM {table}").fetchone()
                # Numbers only rise in a file, unless it was found damaged and begun anew.
                report.begun_anew += last < self._last[name]
                self._last[name] = last
        self._read(report)
        self._go_on(report)

    def _read(self, report: Report) -> None:
        for number in range(1, KEYS):
            if found := self._cache.find(str(number)):
                report.read += 1
                report.wrong += found != answer(number)
        with closing(sqlite3.connect(self._folder / "calibration.sqlite3")) as database:
            rows = database.execute("SELECT estimated, reported FROM observation").fetchall()
            report.read += len(rows)
            report.wrong += sum(reported != 2 * estimated for estimated, reported in rows)

    def _go_on(self, report: Report) -> None:
        self._cache.keep("next", answer(1))
        report.stuck += self._cache.find("next") != answer(1)
        self._calibration.record(*NEXT, Observation(1, 2, 1))
        report.stuck += self._calibration.correction(*NEXT) is None


def main(folder: Path, times: int) -> None:
    report, files = Report(), Files(folder)
    for _ in range(times):
        kill_while_they_write(folder)
        files.look(report)
    aside = [path.name for path in folder.glob("*.unreadable")]
    sys.stdout.write(json.dumps({**asdict(report), "set_aside": aside}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
