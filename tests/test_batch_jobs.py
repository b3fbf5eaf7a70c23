"""What a file of jobs may hold, and what is said of one that cannot be used."""

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from grok_vision.batch import Job, Jobs, ToolName, lines_of
from grok_vision.errors import RequestError
from tests.batches import jobs_of, read, shots
from tests.support import saved

SCHEMA = {"type": "object", "properties": {"total": {"type": "number"}}}
LONG = "data:image/png;base64," + "A" * 1000


def refused(*lines: object, tool: ToolName = "describe_image", **defaults: Any) -> str:
    with pytest.raises(RequestError) as caught:
        jobs_of(*lines, tool=tool, defaults=defaults)
    assert caught.value.code == "bad_argument"
    return caught.value.message


def only(*lines: object, tool: ToolName = "describe_image", **defaults: Any) -> Job:
    [job] = read(jobs_of(*lines, tool=tool, defaults=defaults))
    return job


def folder_jobs(folder: Path, tool: ToolName = "describe_image") -> list[dict[str, Any]]:
    return [job.told for job in read(Jobs(tool, lines_of(str(folder), tool), {}))]


def test_a_line_overrides_what_is_given_for_all() -> None:
    line = {"image": "a.png", "prompt": "Mine?"}
    job = only(line, prompt="All?", task="alt_text", model="grok-4.6")
    assert job.told == {
        "image": "a.png",
        "prompt": "Mine?",
        "task": "alt_text",
        "model": "grok-4.6",
    }


def test_null_is_nothing_given() -> None:
    assert only({"image": "a.png", "id": None, "prompt": None}, prompt="All?") == only(
        {"image": "a.png"}, prompt="All?"
    )


def test_what_is_as_the_tool_has_it_anyway_is_not_told() -> None:
    line = {"image": "a.png", "detail": "auto", "max_tokens": 0, "task": "describe", "model": ""}
    assert only(line).told == {"image": "a.png"}


@pytest.mark.parametrize("name", ["image", "images"])
def test_one_page_may_be_given_as_a_text(name: str) -> None:
    assert only({name: "a.png"}, tool="extract_json").told == {"images": ["a.png"]}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"preset": "receipt"}, {"preset": "receipt"}),
        ({"schema": {}}, {}),
        ({}, {"schema": only({"images": "a", "schema": SCHEMA}, tool="extract_json")}),
    ],
    ids=["a preset", "any JSON", "nothing"],
)
def test_a_schema_or_a_preset_of_a_line_stands_in_the_place_of_both(
    line: dict[str, Any], told: dict[str, Any]
) -> None:
    job = only({"images": "a", **line}, tool="extract_json", schema=SCHEMA, preset="")
    if isinstance(expected := told.get("schema"), Job):
        told = {"schema": expected.told["schema"]}
    assert job.told == {"images": ["a"], **told}


def test_blank_lines_a_byte_order_mark_and_line_ends_of_windows_are_passed_over(
    tmp_path: Path,
) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"image": "a.png"}\r\n\r\n{"image": "b.png"}')
    with closing(Jobs("describe_image", lines_of(str(path), "describe_image"), {})) as jobs:
        found = [(job.place, job.told["image"]) for job in read(jobs)]
    assert found == [("line 1", "a.png"), ("line 3", "b.png")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "it is not JSON: EOF while parsing an object"),
        ('{"image": NaN}', "it is not JSON: "),
        ("[1]", "it is not a JSON object"),
        ({}, "image is missing"),
        ({"image": ""}, "image: string should have at least 1 character"),
        ({"image": 7}, "image: input should be a valid string"),
        ({"image": "a", "max_tokens": "9"}, "max_tokens: input should be a valid integer"),
        ({"image": "a", "max_tokens": -1}, "max_tokens: input should be greater than or equal"),
        ({"image": "a", "task": "sing"}, "task: input should be 'describe', 'ui_critique'"),
        (
            {"image": "a", "promt": "x"},
            "promt is no argument; there are id, image, prompt, task, detail, model, max_tokens",
        ),
        ({"image": "a", "id": 7}, "id must be a text"),
        ({"image": "a", "id": ""}, "id must be a text"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_what_is_wrong(line: object, told: str) -> None:
    message = refused({"image": "good.png"}, line)
    assert message.startswith("jobs.jsonl: 1 line cannot be used, so nothing was sent: (line 2: ")
    assert told in message


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"images": []}, "images: list should have at least 1 item"),
        ({"images": ["a", ""]}, "images.1: string should have"),
        ({"images": "a", "schema": {"type": "strin"}}, "cannot be used at /type"),
        ({"images": "a", "schema": SCHEMA, "preset": "table"}, "either schema or preset"),
        ({"images": "a", "preset": "menu"}, "preset: input should be 'invoice'"),
        ({"images": "a", "preset": "checklist"}, "one per line"),
        ({"images": "a", "schema": "x.json"}, "schema: input should be a valid dictionary"),
    ],
)
def test_a_line_of_an_extraction_is_held_against_what_that_takes(
    line: dict[str, Any], told: str
) -> None:
    assert told in refused(line, tool="extract_json")


def test_a_checklist_has_its_expectations_in_its_prompt() -> None:
    job = only({"images": "a", "prompt": "It is paid."}, tool="extract_json", preset="checklist")
    assert job.told["preset"] == "checklist"


def test_a_comparison_needs_two_pictures() -> None:
    assert "images: list should have at least 2 items" in refused(
        {"images": ["a.png"]}, tool="compare_images"
    )


def test_a_name_that_is_no_text_is_told_as_such() -> None:
    told = "image is no text in UTF-8; rename the file, if it is one"
    assert told in refused({}, image="caf\udce9.png")


def test_a_value_that_is_wrong_is_never_repeated() -> None:
    assert "AAAA" not in refused({"image": "a", "model": [LONG]})
    assert "AAAA" not in refused(json.dumps({"image": LONG})[:-2])


def test_the_first_ten_lines_that_cannot_be_used_are_named() -> None:
    message = refused(*({"n": number} for number in range(15)))
    assert message.startswith("jobs.jsonl: more than 10 lines cannot be used")
    assert "(line 10: " in message
    assert "(line 11: " not in message


def test_an_id_is_given_once() -> None:
    first, second = {"id": "x", "image": "a"}, {"id": "x", "image": "b"}
    told = "(line 3: its id is that of line 1 already)"
    assert told in refused(first, {"image": "c"}, second)


def test_no_job_at_all_is_a_mistake() -> None:
    assert refused("") == "--batch: there is no job in jobs.jsonl."


def test_a_line_may_be_long_but_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grok_vision.batch.lines._LONGEST_LINE", 64)
    assert "(line 1: it is longer than 64 MiB)" in refused({"image": "a" * 100})


def test_a_checked_schema_is_not_checked_for_every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("grok_vision.batch.checking.checked", seen.append)
    monkeypatch.setattr("grok_vision.batch.checking._MOST_SCHEMAS", 2)
    others = [{"type": name} for name in ("number", "string", "boolean")]
    schemas = [SCHEMA, SCHEMA, *others, SCHEMA]
    jobs_of(*({"images": "a", "schema": one} for one in schemas), tool="extract_json")
    assert seen == [SCHEMA, *others, SCHEMA]


# --- what a job is known by


def test_a_long_data_uri_and_a_schema_are_told_by_their_digest() -> None:
    told = only({"images": [LONG, "a.png"], "schema": SCHEMA}, tool="extract_json").told
    kind, _, digest = told["images"][0].partition(",")  # type: ignore[index,union-attr]
    assert kind == "data:image/png;base64"
    assert digest.startswith("sha256:")
    assert told["images"][1] == "a.png"  # type: ignore[index]
    assert str(told["schema"]).startswith("sha256:")
    assert len(json.dumps(told)) < 300


def test_a_short_data_uri_is_told_as_it_is_and_an_endless_path_is_not() -> None:
    assert only({"image": LONG[:200]}).told == {"image": LONG[:200]}
    assert len(str(only({"image": "A" * 9000}).told["image"])) < 100


@pytest.mark.parametrize(
    "other",
    [
        {"image": LONG[:-1]},
        {"image": LONG, "id": "x"},
        {"image": LONG, "prompt": "Why?"},
    ],
)
def test_jobs_differ_by_their_pictures_ids_and_words(other: dict[str, str]) -> None:
    assert only({"image": LONG}).key != only(other).key


def test_the_same_job_is_known_however_it_is_written() -> None:
    first = only({"image": "a", "prompt": "Why?", "detail": "auto"})
    assert first.key == only('{"detail":null,"prompt":"Why?","image":"a"}').key
    assert first.key == only({"image": "a"}, prompt="Why?").key


def test_the_order_of_a_schema_counts() -> None:
    one, other = ({"properties": {name: {} for name in names}} for names in ("ab", "ba"))
    keys = {only({"images": "a", "schema": s}, tool="extract_json").key for s in (one, other)}
    assert len(keys) == 2


# --- where jobs come from


def test_a_folder_is_one_job_for_each_picture_by_name(tmp_path: Path) -> None:
    for name in ("b.png", "a.PNG", ".hidden.png", "notes.txt", "c.jpg"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "below.png").mkdir()
    (tmp_path / "below.png" / "d.png").write_bytes(b"")
    names = [f"{tmp_path}/{name}" for name in ("a.PNG", "b.png", "c.jpg")]
    assert folder_jobs(tmp_path) == [{"image": name} for name in names]
    assert folder_jobs(tmp_path, "extract_json") == [{"images": [name]} for name in names]


def test_a_folder_is_named_from_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    saved(tmp_path)
    assert folder_jobs(Path("~")) == [{"image": str(tmp_path / "shot.png")}]


def test_a_folder_without_pictures_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="there is no job in"):
        folder_jobs(tmp_path)


def test_a_folder_says_not_what_is_to_be_compared(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="is a folder, and nothing says which"):
        lines_of(str(tmp_path), "compare_images")


def test_a_file_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(RequestError, match=r"--batch: nowhere\.jsonl cannot be read: No such"):
        lines_of("nowhere.jsonl", "describe_image")


@pytest.mark.parametrize("seekable", [True, False], ids=["a file", "a pipe"])
def test_standard_input_may_be_a_file_or_a_pipe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seekable: bool
) -> None:
    data = b'{"image": "a.png"}\n{"image": "b.png"}\n'
    (tmp_path / "given").write_bytes(data)
    given: int | Path = tmp_path / "given"
    if not seekable:
        given, writing = os.pipe()
        os.write(writing, data)
        os.close(writing)
    with open(given, encoding="utf-8") as file:
        monkeypatch.setattr("sys.stdin", file)
        with closing(Jobs("describe_image", lines_of("-", "describe_image"), {})) as jobs:
            found = [len(read(jobs)) for _ in range(2)]
    assert (jobs.name, jobs.count, found) == ("standard input", 2, [2, 2])


@pytest.mark.parametrize(
    ("then", "place"),
    [
        (b'{"image": "0.png"}\n{"image": "x.png"}\n', "line 2"),
        (b'{"image": "0.png"}\n{"imag\n', "line 2"),
        (b'{"image": "0.png"}\n', "its end"),
    ],
    ids=["another job", "no job", "less"],
)
def test_a_file_that_changes_meanwhile_ends_the_batch(
    tmp_path: Path, then: bytes, place: str
) -> None:
    path = tmp_path / "jobs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in shots(2)))
    with closing(Jobs("describe_image", lines_of(str(path), "describe_image"), {})) as jobs:
        path.write_bytes(then)
        found = jobs.read(jobs.keys())
        assert next(found).told == {"image": "0.png"}
        with pytest.raises(RequestError, match=rf"changed while its jobs were done \({place}\)"):
            next(found)
