"""Calibration: what answers reported corrects a rule, and keeping it never fails a call."""

import logging
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grok_vision.tokens.calibration import Calibration
from grok_vision.tokens.count import Correction, exactly
from grok_vision.tokens.fitting import fitted
from grok_vision.tokens.observation import Observation
from tests.fake_xai import FakeXAI
from tests.programs import ended, python
from tests.support import connected, saved, structured

not_windows = pytest.mark.skipif(sys.platform == "win32", reason="has other modes and folders")

FILE = "calibration.sqlite3"
SIZES = (66, 258, 515, 1026, 2042)
"""Tokens by the 32-pixel grid of 256x256, 512x512, 595x842, 1024x1024 and 1920x1080 pixels."""


def told(calibration: Calibration, model: str = "m") -> Correction | None:
    return calibration.correction("custom", model, "assumed")


def correction(calibration: Calibration, model: str = "m") -> Correction:
    found = told(calibration, model)
    assert found is not None
    return found


def fit(calibration: Calibration) -> tuple[float, float, float, int]:
    """Slope, intercept, spread and the number of answers."""
    found = correction(calibration)
    return found.slope, found.intercept, found.spread, found.answers


def record(calibration: Calibration, *seen: Observation, model: str = "m") -> None:
    for one in seen:
        calibration.record("custom", model, "assumed", one)


def answers(formula: Callable[[int], float], sizes: tuple[int, ...] = SIZES) -> list[Observation]:
    return [Observation(size, round(formula(size)), 1) for size in sizes]


ONE = Observation(1000, 500, 1)


def writer(folder: Path, model: str, count: int) -> str:
    """Return a program that records `count` answers, then prints what it has of them."""
    return f"""
import logging
from pathlib import Path
from grok_vision.tokens.calibration import Calibration
from grok_vision.tokens.observation import Observation
logging.basicConfig()
calibration = Calibration(Path({str(folder)!r}))
for number in range(1, {count} + 1):
    calibration.record("custom", {model!r}, "assumed", Observation(number, 2 * number, 1))
found = calibration.correction("custom", {model!r}, "assumed")
print(found and found.answers)
"""


def kept(folder: Path) -> dict[str, int]:
    with closing(sqlite3.connect(folder / FILE)) as database:
        return dict(database.execute("SELECT model, count(*) FROM observation GROUP BY model"))


# What one learns from answers


def test_a_model_without_answers_has_no_correction_and_leaves_no_file(tmp_path: Path) -> None:
    assert told(Calibration(tmp_path / "state")) is None
    assert not (tmp_path / "state").exists()


def test_one_answer_corrects_with_a_wide_range_that_narrows(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    spreads = []
    for seen in answers(lambda size: size / 2) * 12:
        record(calibration, seen)
        spreads.append(correction(calibration).spread)
    assert spreads[0] == 0.5
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] == 0.02
    assert fit(calibration) == (0.5, 0.0, 0.02, 60)


@pytest.mark.parametrize(
    ("formula", "slope", "intercept"),
    [
        pytest.param(lambda size: size, 1.0, 0.0, id="the rule holds"),
        pytest.param(lambda size: size * 1.62, 1.62, 0.0, id="scaled"),
        pytest.param(lambda _: 256, 0.0, 256.0, id="flat, as grok-4-fast counts"),
        pytest.param(lambda size: 2 * size + 85, 2.0, 85.0, id="with a base, as OpenAI's tiles"),
        pytest.param(lambda size: size - 2, 1.0, -2.0, id="without the two marks of the grid"),
    ],
)
def test_the_formula_is_found_from_answers_on_several_sizes(
    tmp_path: Path, formula: Callable[[int], float], slope: float, intercept: float
) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *answers(formula), *answers(formula))
    found = correction(calibration)
    assert found.slope == pytest.approx(slope, abs=0.01)
    assert found.intercept == pytest.approx(intercept, abs=1.5)
    assert found.applied(exactly(740)).tokens == pytest.approx(formula(740), rel=0.01)


def test_an_answer_on_several_parts_counts_as_their_average(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    for size, parts in zip(SIZES, (1, 2, 3, 4, 5), strict=True):
        record(calibration, Observation(size * parts, (size + 100) * parts, parts))
    found = correction(calibration)
    assert (found.slope, found.intercept) == (pytest.approx(1.0), pytest.approx(100.0))


def test_answers_on_one_size_scale_the_rule_and_keep_a_wide_range(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *[ONE] * 40)
    assert fit(calibration) == (0.5, 0.0, 0.25, 40)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param([(100, 300), (200, 200), (400, 100)], id="fewer for larger pictures"),
        pytest.param([(100, 1), (200, 150), (300, 300)], id="below zero for small ones"),
    ],
)
def test_answers_that_no_formula_explains_give_no_absurd_one(
    tmp_path: Path, seen: list[tuple[int, int]]
) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *(Observation(size, tokens, 1) for size, tokens in seen))
    found = correction(calibration)
    assert found.slope >= 0
    assert found.intercept >= 0
    assert found.spread >= 0.5


@pytest.mark.parametrize("already", [6, 64])
def test_when_the_formula_changes_the_newest_answers_count_alone(
    tmp_path: Path, already: int
) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *(answers(lambda size: size) * 13)[:already])
    record(calibration, *answers(lambda _: 256, (66, 1026)))
    before = correction(calibration)
    assert before.answers == min(already + 2, 64)
    counted = before.applied(exactly(1026))
    assert counted.least <= 256 < 1026 <= counted.most
    record(calibration, *answers(lambda _: 256, (2042,)))
    assert fit(calibration) == (0.0, 256.0, 0.25, 3)
    record(calibration, *answers(lambda _: 256))
    assert correction(calibration).answers == 8


def test_a_formula_that_changed_twice_is_found(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *answers(lambda size: size), *answers(lambda size: 3 * size))
    record(calibration, *answers(lambda size: 2 * size))
    assert fit(calibration) == (2.0, 0.0, pytest.approx(1 / 6), 5)


def test_sizes_that_were_not_seen_before_are_no_change_of_the_formula(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *answers(lambda size: size + 1000, (10, 11, 12, 13, 500, 900, 1000, 2000)))
    found = correction(calibration)
    assert (found.answers, found.slope) == (8, pytest.approx(1.0))


def test_one_odd_answer_widens_the_range_and_is_no_change(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *answers(lambda size: size) * 2, Observation(515, 1030, 1))
    assert fit(calibration) == (1.0, 0.0, pytest.approx(1.0), 11)


numbers = st.integers(min_value=1, max_value=10_000)
observations = st.lists(st.builds(Observation, numbers, numbers, st.integers(1, 8)), max_size=64)


@settings(deadline=None)
@given(observations)
def test_the_range_holds_every_answer_that_it_was_made_of(seen: list[Observation]) -> None:
    found = fitted(tuple(seen))
    assert (found is None) == (not seen)
    for one in seen[: found.answers] if found else []:
        assert found is not None
        expected = found.slope * one.estimated / one.parts + found.intercept
        assert expected > 0
        assert abs(one.reported / one.parts - expected) <= found.spread * expected * (1 + 1e-9)


# What is kept


def test_models_rules_and_providers_are_kept_apart(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, ONE)
    for key in (("xai", "m", "assumed"), ("custom", "n", "assumed"), ("custom", "m", "grid")):
        assert calibration.correction(*key) is None


def test_another_process_sees_what_was_recorded(tmp_path: Path) -> None:
    record(Calibration(tmp_path), ONE, model="m")
    out, _ = ended(python(writer(tmp_path, "m", 2)))
    assert out == "3\n"
    assert correction(Calibration(tmp_path)).answers == 3


@pytest.mark.parametrize(
    "seen",
    [(0, 10, 1), (10, 0, 1), (10, 10, 0), (-5, 10, 1), (10, -5, 1), (10, 2**70, 1)],
)
def test_what_tells_nothing_is_not_kept(tmp_path: Path, seen: tuple[int, int, int]) -> None:
    calibration = Calibration(tmp_path / "state")
    record(calibration, Observation(*seen))
    assert told(calibration) is None
    assert not (tmp_path / "state").exists()


def test_the_newest_64_answers_of_a_model_are_kept(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *[Observation(1000, 2000, 1)] * 10, *[ONE] * 64, *[ONE] * 5)
    assert fit(calibration) == (0.5, 0.0, 0.25, 64)
    assert kept(tmp_path) == {"m": 64}


def test_the_200_models_that_answered_last_are_kept(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    for number in range(200):
        record(calibration, ONE, model=f"model-{number}")
    record(calibration, ONE, model="model-0")
    record(calibration, ONE, model="model-200")
    assert told(calibration, "model-1") is None
    assert correction(calibration, "model-0").answers == 2
    assert correction(calibration, "model-200").answers == 1
    assert len(kept(tmp_path)) == 200


@pytest.mark.parametrize(
    "name",
    ["", "'; DROP TABLE observation; --", "half \ud83d of one", "null \0 in it", "x" * 100_000],
)
def test_any_name_of_a_model_can_be_kept(tmp_path: Path, name: str) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, ONE, ONE, model=name)
    assert correction(calibration, name).answers == 2
    assert (tmp_path / FILE).stat().st_size < 50_000


@not_windows
def test_only_the_user_can_read_file_and_folder(tmp_path: Path) -> None:
    record(Calibration(tmp_path / "of" / "ours"), ONE)
    assert (tmp_path / "of" / "ours").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "of" / "ours" / FILE).stat().st_mode & 0o777 == 0o600


@not_windows
def test_a_folder_of_the_users_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    record(Calibration(tmp_path), ONE)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@not_windows
def test_without_a_setting_the_users_state_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    record(Calibration(None), ONE)
    [found] = tmp_path.rglob(FILE)
    assert found.parent.name == "grok-vision-mcp"


def test_starting_pays_for_none_of_it() -> None:
    out, _ = ended(
        python(
            "import sys; from grok_vision.tokens.calibration import Calibration; Calibration(None);"
            "print({'sqlite3', 'statistics', 'platformdirs'} & sys.modules.keys())"
        )
    )
    assert out == "set()\n"


# Many at once


def test_processes_that_write_at_once_lose_only_what_each_tells(tmp_path: Path) -> None:
    """None waits for long: where all write without a pause, a few answers find the file taken."""
    folder = tmp_path / "state"
    models = ["one", "two", "three", "four", "shared", "shared", "shared"]
    told = "import logging\nlogging.basicConfig(level=logging.DEBUG)\n"
    only_writing = [writer(folder, model, 16).partition("found =")[0] for model in models]
    running = [python(told + program) for program in only_writing]
    expected = dict.fromkeys(models, 0)
    for model, process in zip(models, running, strict=True):
        expected[model] += 16 - ended(process)[1].count("not kept")
    assert kept(folder) == expected
    assert sum(expected.values()) > 0
    assert list(folder.glob("*.unreadable")) == []


def test_threads_may_share_one_calibration(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: record(calibration, ONE), range(60)))
        found = list(pool.map(lambda _: correction(calibration).answers, range(8)))
    assert found == [60] * 8


def test_the_file_may_be_deleted_between_calls(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path / "state")
    record(calibration, ONE, ONE)
    (tmp_path / "state" / FILE).unlink()
    assert told(calibration) is None
    record(calibration, ONE)
    assert correction(calibration).answers == 1
    (tmp_path / "state" / FILE).unlink()
    (tmp_path / "state").rmdir()
    record(calibration, ONE)
    assert correction(calibration).answers == 1


@not_windows
def test_the_file_may_be_deleted_while_processes_write(tmp_path: Path) -> None:
    running = [python(writer(tmp_path, "shared", 60)) for _ in range(3)]
    while any(process.poll() is None for process in running):
        (tmp_path / FILE).unlink(missing_ok=True)
    for process in running:
        assert "Traceback" not in ended(process)[1]
    calibration = Calibration(tmp_path)
    record(calibration, ONE, model="after")
    assert correction(calibration, "after").answers == 1


@contextmanager
def first_loss_held(release: threading.Event) -> Iterator[threading.Event]:
    """Hold the first thread that cannot write where it tells so; give the event of its coming."""
    came = threading.Event()

    class Held(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            came.set()
            assert release.wait(60)

    handler = Held(logging.WARNING)
    log = logging.getLogger("grok_vision.tokens.calibration")
    log.addHandler(handler)
    try:
        yield came
    finally:
        release.set()
        log.removeHandler(handler)


def test_no_thread_waits_while_another_is_held_up(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path / "state")
    (tmp_path / "state").write_text("in the way")
    release = threading.Event()
    with ThreadPoolExecutor(3) as pool, first_loss_held(release) as came:
        held = pool.submit(record, calibration, ONE)
        assert came.wait(60)
        pool.submit(record, calibration, ONE).result(60)
        assert pool.submit(told, calibration).result(60) is None
        assert not held.done()


async def test_an_answer_does_not_wait_for_a_disk_that_hangs(
    xai: FakeXAI, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    path = saved(folder)
    release = threading.Event()
    with first_loss_held(release) as came:
        async with connected(xai, folder, state_dir=tmp_path / "file") as client:
            with anyio.fail_after(60):
                structured(await client.call_tool("describe_image", {"image": path}))
                structured(await client.call_tool("describe_image", {"image": path}))
            assert came.is_set()
            assert not release.is_set()
            release.set()


# When the file or the folder is of no use


def garbage(path: Path) -> None:
    path.write_bytes(b"this is not a database " * 500)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3000])


def overwritten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))


def changed(statement: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as database:
            database.execute(statement)
            database.commit()

    return change


def foreign(path: Path) -> None:
    path.unlink()
    changed("CREATE TABLE mine (secret)")(path)


@pytest.mark.parametrize(
    "spoil",
    [
        garbage,
        cut,
        overwritten,
        foreign,
        pytest.param(changed("PRAGMA user_version = 2"), id="newer"),
        pytest.param(changed("PRAGMA application_id = 1"), id="of another program"),
        pytest.param(changed("DROP TABLE observation"), id="without its table"),
    ],
)
def test_a_file_that_cannot_be_read_is_set_aside(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *[ONE] * 60)
    spoil(tmp_path / FILE)
    spoiled = (tmp_path / FILE).read_bytes()
    told(calibration)
    record(calibration, ONE)
    assert correction(calibration).answers == 1
    assert (tmp_path / f"{FILE}.unreadable").read_bytes() == spoiled


def test_values_that_are_no_counts_are_left_out(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, *[ONE] * 3)
    changed("UPDATE observation SET reported = 'many' WHERE id < 3")(tmp_path / FILE)
    assert correction(calibration).answers == 1


def test_where_the_folder_cannot_be_made_nothing_is_kept_and_that_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    calibration = Calibration(tmp_path / "file")
    record(calibration, ONE, ONE)
    assert told(calibration) is None
    assert [one.levelno for one in caplog.records if one.levelno > logging.DEBUG] == [
        logging.WARNING
    ]
    assert "not kept" in caplog.text


def test_a_folder_in_the_place_of_the_file_fails_no_call(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    calibration = Calibration(tmp_path)
    record(calibration, ONE)
    assert told(calibration) is None
    assert (tmp_path / FILE).is_dir()


def test_a_file_that_another_program_holds_locked_fails_no_call(tmp_path: Path) -> None:
    calibration = Calibration(tmp_path)
    record(calibration, ONE)
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("BEGIN EXCLUSIVE")
        record(calibration, ONE, ONE)
        assert told(calibration) is None
    # What could not be written is not tried again.
    record(calibration, ONE)
    assert correction(calibration).answers == 2


@not_windows
def test_on_a_full_disk_nothing_is_kept_and_no_call_fails(tmp_path: Path) -> None:
    # No file of the process may grow beyond a kilobyte.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
    out, err = ended(python(limit + writer(tmp_path, "m", 3)))
    assert out == "None\n"
    assert err.count("not kept") == 1
    calibration = Calibration(tmp_path)
    record(calibration, ONE)
    assert correction(calibration).answers == 1


def test_a_python_without_sqlite_keeps_nothing(tmp_path: Path) -> None:
    without = "import sys; sys.modules['_sqlite3'] = None\n"
    out, err = ended(python(without + writer(tmp_path, "m", 2)))
    assert out == "None\n"
    assert err.count("not kept") == 1


@not_windows
def test_a_user_without_a_home_gets_no_folder_where_the_server_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "relative")
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setitem(sys.modules, "pwd", None)
    record(Calibration(None), ONE)
    assert "GROK_VISION_STATE_DIR" in caplog.text
    assert list(tmp_path.iterdir()) == []
