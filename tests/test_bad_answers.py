"""What becomes of an answer of extract_json that is not as it was asked for.

The tables are the specification: each row is a sentence, an answer, and what is made of it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fake_xai import FakeXAI, Recorded, Response
from tests.support import error_text, extract, in_turn, saved, structured

pytestmark = pytest.mark.anyio

SCHEMA = {
    "type": "object",
    "properties": {
        "number": {"type": "string", "pattern": "^INV"},
        "date": {"type": "string", "format": "date"},
        "total": {"type": "number"},
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"text": {"type": "string"}, "amount": {"type": "number"}},
                "required": ["text"],
            },
        },
    },
    "required": ["total"],
    "additionalProperties": False,
}
GOOD = '{"total": 3}'

# The sentence, the answer, and the data that is read from it without asking again.
READ_AS_IT_IS: list[tuple[str, str, object]] = [
    ("plain JSON", '{"total": 3}', {"total": 3}),
    ("JSON with space around it", ' \n{"total": 3}\n\n', {"total": 3}),
    ("JSON after a byte order mark", '\ufeff{"total": 3}', {"total": 3}),
    ("JSON in one fence that is the whole reply", '```json\n{"total": 3}\n```', {"total": 3}),
    ("JSON in a fence that names no language", '```\n{"total": 3}\n```\n', {"total": 3}),
    ("JSON in a fence on one line", '```{"total": 3}```', {"total": 3}),
    (
        "a fence within a value is kept",
        '{"total": 3, "lines": [{"text": "```json\\n{}\\n```"}]}',
        {"total": 3, "lines": [{"text": "```json\n{}\n```"}]},
    ),
    ("a number with a fraction of zero", '{"total": 3.0}', {"total": 3.0}),
    ("a number with an exponent", '{"total": 3E2}', {"total": 300.0}),
    (
        "half of a character becomes a question mark",
        '{"total": 3, "number": "INV\\ud800"}',
        {"total": 3, "number": "INV?"},
    ),
]

# The sentence, the answer, the path of the first error, and a part of its message.
ASKED_AGAIN: list[tuple[str, str, str, str]] = [
    ("words before the JSON", f"Here it is: {GOOD}", "", "not JSON"),
    ("words after the JSON", f"{GOOD} I hope this helps!", "", "not JSON: Extra data"),
    ("words around a fence", f"Sure!\n```json\n{GOOD}\n```", "", "not JSON"),
    ("two fences", f"```json\n{GOOD}\n```\n```json\n{GOOD}\n```", "", "not JSON"),
    ("a fence that is not closed", f"```json\n{GOOD}", "", "not JSON"),
    ("two documents", f"{GOOD}\n{GOOD}", "", "not JSON: Extra data"),
    ("thoughts before the JSON", f"<think>Let me see.</think>{GOOD}", "", "not JSON"),
    ("a trailing comma", '{"total": 3,}', "", "not JSON"),
    ("a trailing comma in a list", '{"total": 3, "lines": [{"text": "a"},]}', "", "not JSON"),
    ("single quotes", "{'total': 3}", "", "not JSON"),
    ("names without quotes", "{total: 3}", "", "not JSON"),
    ("a comment", '{"total": 3 // with tax\n}', "", "not JSON"),
    ("the words of another language", '{"total": None}', "", "not JSON"),
    ("a line break within a text", '{"total": 3, "number": "INV\n1"}', "", "control character"),
    ("a thousands separator in a number", '{"total": 1,234.50}', "", "not JSON"),
    ("a number that begins with a zero", '{"total": 03}', "", "not JSON"),
    ("prose", "I can see an invoice over 3 dollars.", "", "not JSON"),
    ("NaN", '{"total": NaN}', "", "NaN"),
    ("Infinity", '{"total": -Infinity}', "", "-Infinity"),
    ("a number that no double holds", '{"total": 1e400}', "", "1e400, which is too large"),
    ("nesting of a hundred and one levels", "[" * 102 + "]" * 102, "", "nested deeper than 100"),
    ("a number of three hundred and one digits", f'{{"total": {"9" * 301}}}', "", "301 digits"),
    ("a number of a thousand digits", f'{{"total": {"9" * 1000}}}', "", "1,000 digits"),
    ("a name twice in one object", '{"total": 3, "total": 4}', "", '"total" twice'),
    ("nesting without end", "[" * 5000 + "]" * 5000, "", "nested deeper"),
    ("nesting of two hundred levels", "[" * 200 + "]" * 200, "", "nested deeper"),
    ("a list in place of an object", f"[{GOOD}]", "", 'not of type "object"'),
    ("null", "null", "", 'not of type "object"'),
    ("a text that holds JSON", '"{\\"total\\": 3}"', "", 'not of type "object"'),
    ("a number as text", '{"total": "3"}', "/total", 'not of type "number"'),
    ("null for what must be a number", '{"total": null}', "/total", 'not of type "number"'),
    ("true for a number", '{"total": true}', "/total", 'not of type "number"'),
    ("a missing property", '{"number": "INV-1"}', "", '"total" is a required property'),
    (
        "a missing property deep inside",
        '{"total": 3, "lines": [{"text": "a"}, {"amount": 1}]}',
        "/lines/1",
        '"text" is a required property',
    ),
    ("a property that is not in the schema", '{"total": 3, "sum": 3}', "", "'sum' was unexpected"),
    ("a day that does not exist", '{"total": 3, "date": "2026-02-30"}', "/date", '"date"'),
    ("a text against the pattern", '{"total": 3, "number": "X1"}', "/number", "^INV"),
    ("a property in a wrapper", f'{{"answer": {GOOD}}}', "", '"total" is a required property'),
    ("a name of a language that is JSON itself", "```true\n5```", "", "not"),
    ("space that JSON does not know", f"\xa0{GOOD}", "", "not JSON"),
    ("two names that are alike once sent", '{"total": 3, "\\ud800": 1, "\\udfff": 2}', "", "twice"),
    (
        "a number that no double tells from zero",
        '{"total": 1e-400}',
        "",
        "1e-400, which is too small",
    ),
]


def named(rows: list[Any]) -> list[str]:
    return [row[0] for row in rows]


async def extracted(xai: FakeXAI, folder: Path, **call: Any) -> Mapping[str, Any]:
    return structured(await extract(xai, folder, saved(folder), **{"schema": SCHEMA, **call}))


@pytest.mark.parametrize(
    ("answer", "data"), [row[1:] for row in READ_AS_IT_IS], ids=named(READ_AS_IT_IS)
)
async def test_an_answer_that_fits_is_read_without_asking_again(
    xai: FakeXAI, folder: Path, answer: str, data: object
) -> None:
    xai.answer = answer
    result = await extracted(xai, folder)
    assert (result["data"], result["valid"], result["errors"]) == (data, True, [])
    assert result["attempts"] == len(xai.requests) == 1
    assert "raw" not in result


@pytest.mark.parametrize(
    ("answer", "path", "message"), [row[1:] for row in ASKED_AGAIN], ids=named(ASKED_AGAIN)
)
async def test_an_answer_that_does_not_fit_is_asked_for_once_more_with_its_errors_named(
    xai: FakeXAI, folder: Path, answer: str, path: str, message: str
) -> None:
    xai.answer = in_turn(answer, GOOD)
    result = await extracted(xai, folder)
    assert (result["data"], result["valid"], result["errors"]) == ({"total": 3}, True, [])
    assert result["attempts"] == len(xai.requests) == 2
    assert "raw" not in result
    _, again = xai.requests
    *question, said, complaint = again.body["messages"]
    assert question == xai.requests[0].body["messages"]
    assert said["role"] == "assistant"
    assert said["content"] == answer
    assert complaint["role"] == "user"
    assert message in complaint["content"]
    assert (f"at {path}: " in complaint["content"]) == bool(path)
    assert again.images == xai.requests[0].images


@pytest.mark.parametrize(
    ("answer", "path", "message"), [row[1:] for row in ASKED_AGAIN], ids=named(ASKED_AGAIN)
)
async def test_an_answer_that_never_fits_is_returned_with_its_errors_and_as_it_came(
    xai: FakeXAI, folder: Path, answer: str, path: str, message: str
) -> None:
    xai.answer = in_turn(answer, answer)
    result = await extracted(xai, folder)
    assert result["valid"] is False
    assert result["raw"] == answer
    assert result["attempts"] == len(xai.requests) == 2
    first = result["errors"][0]
    assert first["path"] == path
    assert message in first["message"]
    assert len(first["message"]) < 200


async def test_every_error_is_told_by_its_place(xai: FakeXAI, folder: Path) -> None:
    lines = ",".join('{"amount": "x"}' for _ in range(2))
    xai.answer = f'{{"number": 1, "date": "today", "lines": [{lines}]}}'
    result = await extracted(xai, folder)
    assert {(error["path"], error["message"]) for error in result["errors"]} == {
        ("", '"total" is a required property'),
        ("/number", 'the value is not of type "string"'),
        ("/date", 'the value is not a "date"'),
        ("/lines/0", '"text" is a required property'),
        ("/lines/0/amount", 'the value is not of type "number"'),
        ("/lines/1", '"text" is a required property'),
        ("/lines/1/amount", 'the value is not of type "number"'),
    }
    assert result["data"]["number"] == 1


async def test_a_flood_of_errors_is_cut_and_counted(xai: FakeXAI, folder: Path) -> None:
    lines = ",".join('{"text": 1}' for _ in range(500))
    xai.answer = f'{{"total": 1, "lines": [{lines}]}}'
    errors = (await extracted(xai, folder))["errors"]
    assert len(errors) == 21
    assert errors[-1] == {"path": "", "message": "more problems are left out here"}


async def test_an_error_in_one_of_several_alternatives_names_what_the_nearest_lacks(
    xai: FakeXAI, folder: Path
) -> None:
    kinds: list[dict[str, Any]] = [
        {
            "type": "object",
            "properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}},
            "required": ["kind", "radius"],
        },
        {
            "type": "object",
            "properties": {"kind": {"const": "square"}, "side": {"type": "number"}},
            "required": ["kind", "side"],
        },
    ]
    schema = {"type": "object", "properties": {"shape": {"oneOf": kinds}}}
    xai.answer = '{"shape": {"kind": "square"}}'
    result = await extracted(xai, folder, schema=schema)
    assert result["errors"] == [{"path": "/shape", "message": '"side" is a required property'}]


async def test_a_pattern_that_would_never_end_ends(xai: FakeXAI, folder: Path) -> None:
    schema = {"type": "object", "properties": {"a": {"pattern": "^(a|a)*b(?=x)$"}}}
    xai.answer = f'{{"a": "{"a" * 60}"}}'
    (error,) = (await extracted(xai, folder, schema=schema))["errors"]
    assert error["path"] == "/a"
    assert "take too long" in error["message"]


# Which of two answers is returned


async def test_the_second_answer_is_returned_where_it_has_fewer_errors(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = in_turn('{"number": 1}', '{"number": "INV-1"}')
    result = await extracted(xai, folder)
    assert result["data"] == {"number": "INV-1"}
    assert result["raw"] == '{"number": "INV-1"}'
    assert len(result["errors"]) == 1


@pytest.mark.parametrize(
    "second", ["I am sorry.", '{"number": 1, "date": 2, "lines": 3}', "null", "{}"]
)
async def test_the_first_answer_is_returned_where_the_second_is_worse(
    xai: FakeXAI, folder: Path, second: str
) -> None:
    xai.answer = in_turn('{"number": 1}', second)
    result = await extracted(xai, folder)
    assert result["data"] == {"number": 1}
    assert result["raw"] == '{"number": 1}'
    assert result["attempts"] == 2


async def test_an_answer_with_small_errors_is_not_given_up_for_one_that_is_nothing(
    xai: FakeXAI, folder: Path
) -> None:
    said = {"total": 3, "number": "1", "lines": [{"text": "a" * 50, "amount": "2"}]}
    xai.answer = in_turn(json.dumps(said), '{"number": "1"}')
    result = await extracted(xai, folder)
    assert (result["data"], len(result["errors"])) == (said, 2)


async def test_what_is_told_of_the_answer_is_told_of_the_one_that_is_returned(
    xai: FakeXAI, folder: Path
) -> None:
    def second(request: Recorded) -> dict[str, Any]:
        return {**xai.completion(request, "Sorry."), "model": "grok-4.6"}

    xai.answer = in_turn('{"number": 1}', second)
    assert (await extracted(xai, folder))["model"] == "grok-4.3"
    xai.answer = in_turn("Sorry.", second)
    assert (await extracted(xai, folder))["model"] == "grok-4.6"


# Cut off


WHOLE = '{"number": "INV-7", "total": 3, "lines": [{"text": "First line of it", "amount": 2}]}'


def cut_off(xai: FakeXAI, text: str) -> Any:
    """Return the answer of a model that reached its limit after these words."""

    def answer(request: Recorded) -> dict[str, Any]:
        body = xai.completion(request, text)
        body["choices"][0]["finish_reason"] = "length"
        return body

    return answer


@pytest.mark.parametrize(
    ("length", "rest"),
    [
        (12, WHOLE[12:]),
        (40, WHOLE[40:]),
        (70, WHOLE[70:]),
        (70, WHOLE[50:]),
        (70, WHOLE),
        (70, f"```json\n{WHOLE}\n```"),
        (70, f"```json\n{WHOLE[70:]}\n```"),
        (70, f"{WHOLE[70:]}\n```"),
    ],
    ids=[
        "in a name",
        "between properties",
        "in a text",
        "a rest that repeats the end",
        "a rest that is the whole",
        "a rest that is the whole in a fence",
        "a rest in a fence",
        "a rest with the end of a fence",
    ],
)
async def test_an_answer_that_was_cut_off_is_joined_with_its_rest(
    xai: FakeXAI, folder: Path, length: int, rest: str
) -> None:
    xai.answer = in_turn(cut_off(xai, WHOLE[:length]), rest)
    result = await extracted(xai, folder)
    assert result["valid"] is True
    assert result["data"]["lines"] == [{"text": "First line of it", "amount": 2}]
    assert (result["attempts"], result["truncated"]) == (2, False)
    assert "cut off" in " ".join(result["warnings"])
    *_, said, question = xai.requests[1].body["messages"]
    assert said["content"] == WHOLE[:length]
    assert "cut off" in question["content"]
    # A schema would have the model begin anew.
    assert "response_format" not in xai.requests[1].body


AMBIGUOUS = [
    ('{"total": 12', "12.50}", "a number that is said once more, or goes on"),
    ('{"number": "INV-Ali', 'Alice", "total": 1}', "a word that is said once more, or goes on"),
    (
        '{"total": 1, "lines": [{"text": "0"}, {"text": "0"}, {"text',
        '": "0"}, {"text": "0"}, {"text": "0"}]}',
        "rows that are all alike",
    ),
    ('{"number": "INV 12,50', '12,50", "total": 1}', "a figure with a comma"),
    ('{"number": "INV 12/05', '12/05/2024", "total": 1}', "a date"),
    (
        '{"total": 1, "lines": [{"text": "Milk", "amount": 1}, {"text": "Milk", "amount": 1',
        '1}, {"text": "Milk", "amount": 100}]}',
        "a digit that may be the end of one row or of the next",
    ),
    ('{"lines": [{"text": "a"}, ', '{"total": 5}', "another document"),
    ('{"lines": [{"text": "a"}, ', "null", "nothing"),
]


@pytest.mark.parametrize(
    ("begun", "rest"), [row[:2] for row in AMBIGUOUS], ids=[row[2] for row in AMBIGUOUS]
)
async def test_a_rest_that_may_be_joined_in_two_ways_or_in_none_is_not_joined(
    xai: FakeXAI, folder: Path, begun: str, rest: str
) -> None:
    schema = {key: SCHEMA[key] for key in SCHEMA if key != "required"}
    xai.answer = in_turn(cut_off(xai, begun), rest)
    result = await extracted(xai, folder, schema=schema)
    assert (result["valid"], result["truncated"]) == (False, True)
    assert "data" not in result
    assert result["raw"] == f"{begun}\n[when the rest was asked for:]\n{rest}"


async def test_a_second_answer_that_is_cut_off_too_is_not_taken_for_the_whole(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = in_turn(cut_off(xai, WHOLE[:70]), cut_off(xai, WHOLE[:60]))
    result = await extracted(xai, folder)
    assert (result["valid"], result["truncated"]) == (False, True)


@pytest.mark.parametrize("rest", ["I cannot go on.", '"total": 4}', WHOLE[:70]])
async def test_an_answer_that_was_cut_off_and_does_not_join_is_told_as_such_not_as_bad_json(
    xai: FakeXAI, folder: Path, rest: str
) -> None:
    xai.answer = in_turn(cut_off(xai, WHOLE[:40]), rest)
    result = await extracted(xai, folder)
    assert (result["valid"], result["truncated"], result["attempts"]) == (False, True, 2)
    assert result["finish_reason"] == "length"
    assert result["errors"] == [
        {"path": "", "message": "the answer was cut off before its end, after 40 characters"}
    ]
    assert result["raw"] == f"{WHOLE[:40]}\n[when the rest was asked for:]\n{rest}"
    assert "data" not in result
    assert "not sure how it goes on" in " ".join(result["warnings"])


async def test_an_answer_that_was_whole_when_it_was_cut_off_is_whole(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = cut_off(xai, f"{GOOD}\n\n\n\n")
    result = await extracted(xai, folder)
    assert (result["valid"], result["truncated"], result["attempts"]) == (True, False, 1)


# No answer, and no second round


def with_message(xai: FakeXAI, finish_reason: str = "stop", **message: Any) -> Any:
    def answer(request: Recorded) -> dict[str, Any]:
        body = xai.completion(request, "")
        body["choices"][0]["message"].update(message)
        body["choices"][0]["finish_reason"] = finish_reason
        return body

    return answer


@pytest.mark.parametrize(
    ("message", "finish_reason", "code"),
    [
        ({"content": "", "reasoning_content": "Let me see."}, "stop", "empty_answer"),
        ({"content": None, "reasoning_content": "Let me see."}, "length", "empty_answer"),
        ({"content": "  \n"}, "stop", "empty_answer"),
        ({"content": None, "refusal": "I cannot help with that."}, "stop", "refused"),
        ({"content": ""}, "content_filter", "refused"),
    ],
    ids=["only thoughts", "only thoughts, cut off", "only space", "a refusal", "a filter"],
)
async def test_no_answer_at_all_is_an_error_with_its_code(
    xai: FakeXAI, folder: Path, message: dict[str, Any], finish_reason: str, code: str
) -> None:
    xai.answer = with_message(xai, finish_reason, **message)
    told = error_text(await extract(xai, folder, saved(folder), schema=SCHEMA))
    assert told.startswith(f"[{code}] ")
    assert len(xai.requests) == 1


async def test_a_filter_that_cut_the_answer_is_not_asked_again(xai: FakeXAI, folder: Path) -> None:
    xai.answer = with_message(xai, "content_filter", content='{"total": ')
    result = await extracted(xai, folder)
    assert (result["valid"], result["attempts"]) == (False, 1)
    assert result["raw"] == '{"total": '
    assert result["finish_reason"] == "content_filter"


async def test_an_answer_without_having_seen_the_picture_is_an_error(
    xai: FakeXAI, folder: Path
) -> None:
    def answer(request: Recorded) -> dict[str, Any]:
        body = xai.completion(request, GOOD)
        body["usage"]["prompt_tokens_details"]["image_tokens"] = 0
        return body

    xai.answer = answer
    told = error_text(await extract(xai, folder, saved(folder), schema=SCHEMA))
    assert told.startswith("[blind_answer] ")


# What was paid for is not lost when the second round fails


@pytest.mark.parametrize(
    ("second", "code", "attempts"),
    [
        (Response(429, {"code": "rate-limited", "error": "Too many requests"}), "rate_limited", 2),
        (Response(503, "down"), "unavailable", 2),
        (Response(200, {"code": "x", "error": "The service is unavailable"}), "unavailable", 2),
    ],
    ids=["busy", "down", "an error with status 200"],
)
async def test_a_second_round_that_fails_leaves_the_first_answer(
    xai: FakeXAI, folder: Path, second: Response, code: str, attempts: int
) -> None:
    xai.answer = in_turn('{"number": "INV-1"}', second)
    result = await extracted(xai, folder, setting_retries=0)
    assert (result["data"], result["valid"]) == ({"number": "INV-1"}, False)
    assert result["raw"] == '{"number": "INV-1"}'
    assert result["attempts"] == attempts
    assert f"failed: [{code}]" in " ".join(result["warnings"])
    assert result["usage"]["output_tokens"] > 0


async def test_a_second_round_that_was_refused_takes_nothing_from_the_cost_of_the_first(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = in_turn('{"number": "INV-1"}', Response(503, "down"))
    result = await extracted(xai, folder, setting_retries=0)
    assert result["usage"]["cost_usd"] > 0
    assert result["usage"]["cost_source"] == "reported"


@pytest.mark.parametrize(
    "second",
    [
        Response(504, "late"),
        Response(400, {"error": {"message": "boom"}, "usage": {"cost_in_usd_ticks": 1_000_000}}),
    ],
    ids=["nobody knows how it ended", "it tells a cost"],
)
async def test_a_second_round_that_may_cost_leaves_no_cost_told_of_both(
    xai: FakeXAI, folder: Path, second: Response
) -> None:
    xai.answer = in_turn('{"number": "INV-1"}', second)
    result = await extracted(xai, folder, setting_retries=0)
    assert result["attempts"] == 2
    assert "cost_usd" not in result["usage"]


async def test_a_round_that_was_sent_counts_though_it_was_too_large_in_the_end(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = in_turn('{"number": "INV-1"}', Response(413, "too large"))
    result = await extracted(xai, folder, setting_retries=0)
    assert result["attempts"] == 2
    assert result["usage"]["cost_usd"] > 0


async def test_a_second_answer_without_words_leaves_the_first_and_is_counted(
    xai: FakeXAI, folder: Path
) -> None:
    xai.answer = in_turn('{"number": "INV-1"}', with_message(xai, content=""))
    result = await extracted(xai, folder)
    assert (result["data"], result["attempts"]) == ({"number": "INV-1"}, 2)
    assert "[empty_answer]" in " ".join(result["warnings"])
    first, second = xai.requests
    told = [xai.completion(request, "")["usage"]["prompt_tokens"] for request in (first, second)]
    assert result["usage"]["input_tokens"] == sum(told)


async def test_the_deadline_in_the_second_round_leaves_the_first_answer(
    xai: FakeXAI, folder: Path
) -> None:
    def slow_second(request: Recorded) -> str:
        xai.delay = 60.0 if len(xai.requests) == 2 else 0.0
        return '{"number": "INV-1"}'

    xai.answer = slow_second
    result = await extracted(xai, folder, setting_deadline=2.0)
    assert (result["data"], result["valid"]) == ({"number": "INV-1"}, False)
    assert "[timeout]" in " ".join(result["warnings"])
    assert len(xai.requests) == 2


async def test_a_limit_on_spending_ends_after_the_first_round(xai: FakeXAI, folder: Path) -> None:
    def dear(request: Recorded) -> dict[str, Any]:
        body = xai.completion(request, '{"number": "INV-1"}')
        body["usage"]["cost_in_usd_ticks"] = 10**10
        return body

    xai.answer = dear
    result = await extracted(xai, folder, setting_max_usd=0.5)
    assert len(xai.requests) == result["attempts"] == 1
    assert "[over_budget]" in " ".join(result["warnings"])
    assert result["data"] == {"number": "INV-1"}


async def test_usage_is_that_of_all_rounds(xai: FakeXAI, folder: Path) -> None:
    bodies: list[dict[str, Any]] = []

    def noted(request: Recorded) -> dict[str, Any]:
        bodies.append(xai.completion(request, "x" if not bodies else GOOD))
        return bodies[-1]

    xai.answer = noted
    usage = (await extracted(xai, folder))["usage"]
    told = [body["usage"] for body in bodies]
    assert usage["input_tokens"] == sum(one["prompt_tokens"] for one in told)
    assert usage["output_tokens"] == sum(one["completion_tokens"] for one in told)
    assert usage["image_tokens"] == sum(
        one["prompt_tokens_details"]["image_tokens"] for one in told
    )
    ticks = sum(one["cost_in_usd_ticks"] for one in told)
    assert usage["cost_usd"] == pytest.approx(ticks / 1e10)
    assert usage["cost_source"] == "reported"


async def test_a_cost_that_one_round_does_not_tell_is_not_told_of_both(
    xai: FakeXAI, folder: Path
) -> None:
    def silent(request: Recorded) -> dict[str, Any]:
        body = xai.completion(request, GOOD)
        del body["usage"]
        return body

    xai.answer = in_turn("x", silent)
    usage = (await extracted(xai, folder))["usage"]
    assert "cost_usd" not in usage
    assert "cost_source" not in usage
    assert usage["input_tokens"] > 0


async def test_a_second_answer_without_having_seen_the_picture_leaves_the_first(
    xai: FakeXAI, folder: Path
) -> None:
    def blind(request: Recorded) -> dict[str, Any]:
        body = xai.completion(request, GOOD)
        body["usage"]["prompt_tokens_details"]["image_tokens"] = 0
        return body

    xai.answer = in_turn('{"number": "INV-1"}', blind)
    result = await extracted(xai, folder)
    assert (result["data"], result["valid"]) == ({"number": "INV-1"}, False)
    assert "[blind_answer]" in " ".join(result["warnings"])


async def test_a_provider_that_failed_before_the_end_is_asked_for_the_rest(
    xai: FakeXAI, folder: Path
) -> None:
    def broken(request: Recorded) -> dict[str, Any]:
        return {**xai.completion(request, WHOLE[:40]), "error": {"message": "overloaded"}}

    xai.answer = in_turn(broken, WHOLE[40:])
    result = await extracted(xai, folder)
    assert (result["valid"], result["attempts"]) == (True, 2)


async def test_a_refusal_beside_json_is_a_refusal(xai: FakeXAI, folder: Path) -> None:
    refusal = "I cannot read\x1b[31m this. " * 40
    xai.answer = with_message(xai, content=GOOD, refusal=refusal)
    result = await extracted(xai, folder)
    assert (result["valid"], result["attempts"], result["raw"]) == (False, 1, GOOD)
    assert "data" not in result
    (error,) = result["errors"]
    assert error["message"].startswith("I cannot read [31m this.")
    assert len(error["message"]) < 200


# What an answer must not do


async def test_an_answer_that_is_deep_and_wrong_at_its_end_is_told_by_its_place(
    xai: FakeXAI, folder: Path
) -> None:
    def kind(name: str) -> dict[str, Any]:
        inside = {"type": "array", "items": {"$ref": "#/$defs/node"}}
        properties = {"kind": {"const": name}, "of": inside}
        return {"type": "object", "properties": properties, "required": ["kind", "of"]}

    leaf = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
    node = {"anyOf": [kind("row"), kind("column"), leaf]}
    tree: Any = {"text": 1}
    for _ in range(45):
        tree = {"kind": "row", "of": [tree]}
    xai.answer = json.dumps(tree)
    schema = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    (error,) = (await extracted(xai, folder, schema=schema))["errors"]
    # A validator that lists the errors of every alternative would need 2 to the power of 45 steps.
    assert error["path"].endswith("/of/0/of/0/text")
    assert error["message"] == 'the value is not of type "string"'


@pytest.mark.parametrize(
    "answer",
    [f"```json{' ' * 100_000}x", "```\n" + "\n" * 100_000 + "x\n```", "{" * 100_000],
    ids=["a fence and spaces", "a fence and lines", "braces"],
)
async def test_an_answer_that_is_made_to_take_long_does_not(
    xai: FakeXAI, folder: Path, answer: str
) -> None:
    xai.answer = answer
    assert (await extracted(xai, folder))["valid"] is False


async def test_names_of_an_answer_can_write_neither_markdown_nor_escapes(
    xai: FakeXAI, folder: Path
) -> None:
    name = "\x1b[2J`\n![x](https://example.com/?q=1)" + "y" * 500
    xai.answer = json.dumps({"total": 1, "lines": [{"text": "a", name: 1, "amount": "x"}]})
    schema = {"properties": {"lines": {"items": {"additionalProperties": {"type": "string"}}}}}
    result = await extract(xai, folder, saved(folder), schema=schema)
    errors = structured(result)["errors"]
    assert all("\x1b" not in error["path"] and len(error["path"]) < 250 for error in errors)
    text = result.content[0].text
    assert text.index("```text\n") < text.index("![x]")
    assert "\n![x]" not in text


async def test_raw_and_text_are_no_larger_than_hosts_take(xai: FakeXAI, folder: Path) -> None:
    xai.answer = "no-JSON-" * 100_000
    result = await extract(xai, folder, saved(folder), schema=SCHEMA)
    told = structured(result)
    assert len(told["raw"]) == 50_000
    assert "raw has the first 50,000 of 800,000 characters." in told["warnings"]
    assert len(result.content[0].text) < 5_000
    xai.answer = json.dumps({"total": 1, "lines": [{"text": "x" * 1000}] * 300})
    result = await extract(xai, folder, saved(folder), schema=SCHEMA)
    assert len(structured(result)["data"]["lines"]) == 300
    assert len(result.content[0].text) < 1_000
