"""The command `extract`, as people and scripts run it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import commands
from tests.commands import Run
from tests.fake_xai import FakeXAI
from tests.support import EXAMPLES
from tests.test_commands import environment

INVOICE = str(EXAMPLES / "invoice.png")
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
CHECKS = "It is an invoice.\nIt is paid."


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command line in this process, in a pipe."""
    return commands.in_process(monkeypatch, capsys)


@pytest.fixture
def served() -> Iterator[tuple[FakeXAI, dict[str, str]]]:
    """A stand-in on the loopback, and the environment of a process that uses it."""
    xai = FakeXAI(answer='{"total": 6199.9}')
    with xai.serve() as base_url:
        yield xai, environment(XAI_API_KEY="test", GROK_VISION_BASE_URL=base_url, TERM="dumb")


def answering(*results: str) -> str:
    lines = CHECKS.splitlines()
    return json.dumps(
        {
            "checks": [
                {"expectation": line, "evidence": "Top right.", "result": result}
                for line, result in zip(lines, results, strict=True)
            ]
        }
    )


def schema_file(tmp_path: Path, text: str | None = None) -> str:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA) if text is None else text, "utf-8")
    return str(path)


def test_the_data_alone_is_printed_for_programs(
    run: Run, served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    xai, env = served
    done = run("extract", INVOICE, "--schema", schema_file(tmp_path), env=env)
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, {"total": 6199.9}, "")
    assert xai.requests[0].body["response_format"]["json_schema"]["schema"] == SCHEMA


def test_json_prints_the_structured_result(
    run: Run, served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    xai, env = served
    call = ("extract", INVOICE, INVOICE, "--schema", schema_file(tmp_path), "--prompt", "Gross.")
    done = run(*call, "--json", env=env)
    result = json.loads(done.stdout)
    assert list(result)[:4] == ["data", "valid", "errors", "attempts"]
    assert (result["data"], result["valid"]) == ({"total": 6199.9}, True)
    assert len(result["images"]) == len(xai.requests[0].images) == 2
    assert xai.requests[0].texts[1].endswith("Gross.")


def test_an_answer_that_does_not_fit_is_exit_1_with_its_errors_on_stderr(
    run: Run, served: tuple[FakeXAI, dict[str, str]], tmp_path: Path
) -> None:
    xai, env = served
    xai.answer = '{"total": "much"}'
    done = run("extract", INVOICE, "--schema", schema_file(tmp_path), env=env)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"total": "much"}
    assert done.stderr == 'invalid at /total: the value is not of type "number"\n'


def test_an_answer_that_is_no_json_is_shown_beside_the_output(
    run: Run,
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    xai.answer = "It is an \x1b[31minvoice."
    done = run("extract", INVOICE, env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("invalid: it is not JSON")
    assert done.stderr.endswith("It is an [31minvoice.\n")


@pytest.mark.parametrize(("schema", "given"), [("-", json.dumps(SCHEMA)), (json.dumps(SCHEMA), "")])
def test_a_schema_may_come_from_standard_input_or_stand_in_the_command(
    run: Run, served: tuple[FakeXAI, dict[str, str]], schema: str, given: str
) -> None:
    xai, env = served
    done = run("extract", INVOICE, "--schema", schema, env=env, given=given)
    assert done.returncode == 0
    assert xai.requests[0].body["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON: Expecting property name enclosed in double quotes (line 1, column 2)"),
        ("[]", "is not a JSON object"),
        ("[" * 100_000, "is nested too deep"),
        ("\ud83d".encode("utf-8", "surrogatepass").decode("latin-1"), "is not JSON"),
        ('{"type": "strin"}', "cannot be used at /type"),
    ],
    ids=["no JSON", "a list", "nested without end", "no text", "no schema"],
)
def test_a_schema_that_cannot_be_used_is_one_line_and_exit_2(
    run: Run, served: tuple[FakeXAI, dict[str, str]], tmp_path: Path, text: str, told: str
) -> None:
    xai, env = served
    done = run("extract", INVOICE, "--schema", schema_file(tmp_path, text), env=env)
    assert done.returncode == 2
    assert done.stderr.startswith("error[bad_schema]: ")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert xai.requests == []


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--schema", "/nowhere.json"), "bad_schema", "cannot be read: No such file"),
        (("--preset", "menu"), "bad_argument", "'menu' is not one of 'invoice', "),
        (("--preset", "table", "--fail-on-fail"), "bad_argument", "--preset checklist only"),
        (("--preset", "checklist"), "bad_argument", "one per line"),
    ],
)
def test_a_mistake_in_the_options_is_one_line_and_exit_2(
    run: Run, served: tuple[FakeXAI, dict[str, str]], options: tuple[str, ...], code: str, told: str
) -> None:
    done = run("extract", INVOICE, *options, env=served[1])
    assert done.returncode == 2
    assert done.stderr.startswith(f"error[{code}]: ")
    assert told in done.stderr


@pytest.mark.parametrize(
    ("results", "fails"),
    [(("pass", "pass"), 0), (("pass", "unclear"), 0), (("pass", "fail"), 1)],
)
def test_a_checklist_fails_the_command_only_where_a_check_fails_and_only_if_asked_to(
    run: Run, served: tuple[FakeXAI, dict[str, str]], results: tuple[str, str], fails: int
) -> None:
    xai, env = served
    xai.answer = answering(*results)
    call = ("extract", INVOICE, "--preset", "checklist", "--prompt", CHECKS)
    done = run(*call, "--fail-on-fail", env=env)
    assert done.returncode == fails
    assert json.loads(done.stdout) == json.loads(answering(*results))
    assert run(*call, env=env).returncode == 0


def test_on_a_terminal_a_checklist_is_a_list_with_its_evidence(
    served: tuple[FakeXAI, dict[str, str]],
) -> None:
    xai, env = served
    xai.answer = answering("pass", "fail")
    call = ("extract", INVOICE, "--preset", "checklist", "--prompt", CHECKS)
    code, seen = commands.on_terminal(*call, env={**env, "COLUMNS": "80"})
    lines = [line.rstrip() for line in seen.replace("\r", "").splitlines()]
    assert code == 0
    assert lines[:4] == [
        "pass    It is an invoice.",
        "        Top right.",
        "fail    It is paid.",
        "        Top right.",
    ]
    assert lines[-1].startswith("xai: grok-4.3 · sent ")


def test_on_a_terminal_a_table_is_a_table(served: tuple[FakeXAI, dict[str, str]]) -> None:
    xai, env = served
    rows = [["North", "5,379", ""], ["Total", "27,351", "12 %"]]
    xai.answer = json.dumps(
        {
            "title": "Parcels",
            "columns": ["Region", "Year", ""],
            "rows": rows,
            "notes": "In thousands.",
        }
    )
    call = ("extract", INVOICE, "--preset", "table")
    code, seen = commands.on_terminal(*call, env={**env, "COLUMNS": "80"})
    lines = [line.rstrip() for line in seen.replace("\r", "").splitlines()]
    assert code == 0
    assert lines[:5] == [
        "Parcels",
        "Region    Year",
        "North    5,379",
        "Total   27,351  12 %",
        "In thousands.",
    ]


@pytest.mark.parametrize(
    ("columns", "rows"),
    [([], []), (["a"], []), (["a"], [["1", "2"], []])],
    ids=["an empty table", "a table without rows", "rows of other lengths"],
)
def test_on_a_terminal_an_odd_table_is_printed_all_the_same(
    served: tuple[FakeXAI, dict[str, str]], columns: list[str], rows: list[list[str]]
) -> None:
    xai, env = served
    xai.answer = json.dumps({"columns": columns, "rows": rows})
    code, seen = commands.on_terminal("extract", INVOICE, "--preset", "table", env=env)
    assert code == 0
    assert all(cell in seen for row in (columns, *rows) for cell in row)


# Without a key


def test_offline_a_table_is_read_and_fits_its_preset() -> None:
    image = str(EXAMPLES / "table.png")
    done = commands.run("extract", image, "--preset", "table", "--json", env=environment())
    result = json.loads(done.stdout)
    reading = json.loads(
        (Path(__file__).parent / "data" / "presets" / "table.json").read_text("utf-8")
    )
    assert (done.returncode, result["valid"], result["provider"]) == (0, True, "local")
    assert result["data"]["columns"] == reading["data"]["columns"]
    assert result["data"]["rows"] == reading["data"]["rows"]


def test_offline_an_invoice_is_honestly_not_read() -> None:
    done = commands.run("extract", INVOICE, "--preset", "invoice", "--json", env=environment())
    result = json.loads(done.stdout)
    assert (done.returncode, result["valid"], result["attempts"]) == (1, False, 1)
    assert "data" not in result
    (error,) = result["errors"]
    assert "vision model" in error["message"]
    # What could be read is not lost.
    assert "INV-2026-0417" in json.loads(result["raw"])["images"][0]["text"]


def test_offline_a_checklist_decides_what_text_alone_can_decide() -> None:
    checks = 'The page shows "Add to cart".\n"Sold out" is shown.\nThe button is green.'
    call = ("extract", str(EXAMPLES / "page-after.png"), "--preset", "checklist", "--fail-on-fail")
    done = commands.run(*call, "--prompt", checks, env=environment())
    found = [one["result"] for one in json.loads(done.stdout)["checks"]]
    assert (found, done.returncode) == (["pass", "fail", "unclear"], 1)
