"""One value of a JSON text is changed; the standard library reads the rest as before."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grok_vision.cli import json_text, toml_text

NAMES = st.sampled_from(["a", "b", 'q"uote', "é", "mcpServers", ""])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.builds(
    lambda value, indent, line: json.dumps(value, indent=indent).replace("\n", line),
    st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=3), max_size=3),
    st.sampled_from([None, 0, 2, "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)


@settings(max_examples=50)
@given(TEXTS, NAMES, NAMES, VALUES)
def test_a_value_is_put_in_and_everything_else_is_read_as_before(
    text: str, section: str, name: str, value: Any
) -> None:
    wanted = json.loads(text)
    wanted.setdefault(section, {})[name] = value
    put = json_text.put(text, (section, name), value)
    assert json.loads(put) == wanted
    assert list(json.loads(put)) == list(wanted)


@settings(max_examples=50)
@given(TEXTS, NAMES, NAMES, VALUES)
def test_what_was_put_in_anew_and_is_taken_out_leaves_the_text_as_it_was(
    text: str, section: str, name: str, value: Any
) -> None:
    before = json.loads(text)
    if not before.get(section) or name in before[section]:
        return
    put = json_text.put(text, (section, name), value)
    assert json_text.take(put, (section, name)) == text


@settings(max_examples=50)
@given(TEXTS, VALUES)
def test_a_list_grows_at_its_end(text: str, value: Any) -> None:
    once = json_text.add(text, ("inputs",), 1)
    twice = json_text.add(once, ("inputs",), value)
    assert json.loads(twice) == {**json.loads(text), "inputs": [1, value]}


def test_a_value_is_written_in_the_layout_of_the_text() -> None:
    before = {"a": {"b": [1, 2]}}
    after = {"a": {"b": [1, 2], "c": {"d": 1}}}
    for indent in (4, "\t"):
        put = json_text.put(json.dumps(before, indent=indent), ("a", "c"), {"d": 1})
        assert put == json.dumps(after, indent=indent)
    assert json_text.put('{"a": {}}\n', ("a", "c"), {"d": 1}) == '{"a": {"c": {"d": 1}}}\n'


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"a": 1, "a": 2}', '{"a": NaN}', "{} //", '{"a": 1,}']
)
def test_what_is_not_plain_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of several makers
        json_text.put(text, ("a",), 1)


@pytest.mark.parametrize("text", ["{}", "{\n}\n"])
def test_a_number_that_json_has_no_word_for_is_not_written(text: str) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_text.put(text, ("a",), {"b": json.loads("1e999")})


def test_json_is_not_changed_where_the_rest_would_be_read_differently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_text, "_with_item", lambda *_: '{"a": 2}')
    with pytest.raises(ValueError, match="cannot be changed safely"):
        json_text.put('{"a": 1}', ("b",), 3)


def test_an_element_of_a_list_is_taken_out_by_its_number() -> None:
    text = '{"inputs": [{"id": "a"}, {"id": "b"}, 3]}'
    assert json_text.take(text, ("inputs", "1")) == '{"inputs": [{"id": "a"}, 3]}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# mine\na = 1\n",
        "[mcp_servers.other]\ncommand = 'x' # mine\n[z]\na = 1\n",
        "mcp_servers = { other = { command = 'x' } }\n",
        "mcp_servers.other.command = 'x'\n",
        "[mcp_servers]\n[mcp_servers.ours]\ncommand = 'old'\n[mcp_servers.ours.env]\nA = '1'\n",
    ],
)
def test_toml_is_changed_whatever_its_layout(text: str) -> None:
    value: Any = {"command": "new", "args": [], "env": {"A": "2"}}
    wanted = json_text.with_value(toml_text.parse(text), ("mcp_servers", "ours"), value)
    put = toml_text.put(text, ("mcp_servers", "ours"), value)
    assert toml_text.parse(put) == wanted
    assert [line for line in text.splitlines() if line.startswith("#") and line not in put] == []
    taken = toml_text.parse(toml_text.take(put, ("mcp_servers", "ours")))
    assert "ours" not in taken.get("mcp_servers", {})  # type: ignore[operator]


BELOW = """[mcp_servers.ours]
command = "old"

# --- profiles ---
[profiles.a]
model = "x"
"""
BETWEEN = """[mcp_servers.ours]
command = "old"
[mcp_servers.ours.env]
A = "1"

# Do not remove: the company's server.
# [mcp_servers.old]
[mcp_servers.other]
command = "y"
"""
BESIDE = '[mcp_servers.ours]\ncommand = "old" # of May\n'


@pytest.mark.parametrize("text", [BELOW, BETWEEN, BESIDE], ids=["below", "between", "beside"])
def test_toml_is_not_changed_where_a_comment_would_go(text: str) -> None:
    with pytest.raises(ValueError, match="a comment in or after the entry would go"):
        toml_text.put(text, ("mcp_servers", "ours"), {"command": "x"})
    with pytest.raises(ValueError, match="a comment in or after the entry would go"):
        toml_text.take(text, ("mcp_servers", "ours"))


def test_what_is_new_in_toml_comes_after_all_else_and_goes_without_a_trace() -> None:
    before = BETWEEN.replace("ours", "mine") + "\n# --- profiles ---\n[profiles.a]\n"
    put = toml_text.put(before, ("mcp_servers", "ours"), {"command": "x"})
    assert put == before + '\n[mcp_servers.ours]\ncommand = "x"\n'
    assert toml_text.take(put, ("mcp_servers", "ours")).rstrip("\n") == before.rstrip("\n")


@pytest.mark.parametrize(
    "text", ["a = 1\n[mcp_servers.other]\nb = 2\n", "mcp_servers = { b = {} }\n"]
)
def test_toml_keeps_the_ends_of_its_lines(text: str) -> None:
    put = toml_text.put(text.replace("\n", "\r\n"), ("mcp_servers", "ours"), {"env": {"A": "1"}})
    again = toml_text.put(put, ("mcp_servers", "ours"), {"command": "x", "env": {}})
    for changed in (put, again, toml_text.take(again, ("mcp_servers", "ours"))):
        assert changed.count("\n") == changed.count("\r\n") > 0


def test_toml_with_a_number_that_is_none_is_changed() -> None:
    put = toml_text.put("a = nan\nb = 1.5\n", ("mcp_servers", "ours"), {"command": "x"})
    assert put.startswith("a = nan\nb = 1.5\n")


def test_toml_that_has_something_else_in_that_place_is_refused() -> None:
    with pytest.raises(ValueError, match="not a table"):
        toml_text.put("mcp_servers = 1\n", ("mcp_servers", "ours"), {"command": "x"})


def test_toml_is_not_changed_where_two_parsers_read_it_differently(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tomlkit.dumps", lambda _: "a = 2\n")
    with pytest.raises(ValueError, match="cannot be changed safely"):
        toml_text.put("a = 1\n", ("mcp_servers", "ours"), {"command": "x"})
