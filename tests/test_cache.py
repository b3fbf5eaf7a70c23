"""Kept answers: found again exactly as they were, or not at all, and never a reason to fail."""

import logging
import os
import random
import re
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grok_vision.cache import AnswerCache, key_of
from grok_vision.chat import ChatRequest, ImagePart, Message, Part, RemoteImagePart, TextPart
from grok_vision.providers import Endpoint, endpoint
from grok_vision.relay import Completion
from grok_vision.settings import Settings
from tests.programs import ended, python

not_windows = pytest.mark.skipif(
    sys.platform == "win32", reason="has other modes, links and limits"
)
not_root = pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere"
)

FILE = "answers.sqlite3"
MIB = 1024 * 1024
ONE = Completion(text="The total is 48,210.", refusal="", finish_reason="stop", model="grok-4.3")


def answer(number: int, size: int = 3000) -> Completion:
    return replace(ONE, text=f"{number}: {'x' * size}")


def filled(folder: Path, count: int = 40) -> AnswerCache:
    cache = AnswerCache(folder, MIB)
    for number in range(count):
        cache.keep(str(number), answer(number))
    return cache


def found(cache: AnswerCache, count: int = 40) -> list[int]:
    """Return the numbers that are found; each must be exactly what was kept."""
    answers = {number: cache.find(str(number)) for number in range(count)}
    kept = {number: one for number, one in answers.items() if one is not None}
    assert kept == {number: answer(number) for number in kept}
    return list(kept)


def changed(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement, values)
        database.commit()


def writer(folder: Path, name: str, count: int) -> str:
    """Return a program that keeps `count` answers, then prints how many it finds."""
    return f"""
import logging
from pathlib import Path
from grok_vision.cache import AnswerCache
from grok_vision.relay import Completion
logging.basicConfig(level=logging.DEBUG)
cache = AnswerCache(Path({str(folder)!r}), 1024 * 1024)
def answer(number):
    return Completion(text=f"{{number}} of {name}", refusal="", finish_reason="stop", model="")
for number in range({count}):
    cache.keep(f"{name} {{number}}", answer(number))
print(sum(cache.find(f"{name} {{number}}") == answer(number) for number in range({count})))
"""


# What is found


def test_an_answer_is_found_exactly_as_it_was(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, MIB)
    odd = replace(ONE, text='  "ü" \N{SNOWMAN}\r\n\0 \U0001f600 ', model="")
    cache.keep("a", ONE)
    cache.keep("b", odd)
    assert (cache.find("a"), cache.find("b"), cache.find("c")) == (ONE, odd, None)


def test_looking_for_an_answer_makes_no_folder(tmp_path: Path) -> None:
    assert AnswerCache(tmp_path / "cache", MIB).find("a") is None
    assert not (tmp_path / "cache").exists()


def test_the_last_answer_under_a_key_is_the_one_that_counts(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, MIB)
    for number in range(3):
        cache.keep("a", answer(number))
    assert cache.find("a") == answer(2)


@pytest.mark.parametrize(
    "incomplete",
    [
        replace(ONE, text=" \n"),
        replace(ONE, refusal="I cannot help with that."),
        replace(ONE, finish_reason="length"),
        replace(ONE, finish_reason="content_filter"),
        pytest.param(replace(ONE, finish_reason=""), id="nobody says that it ended"),
        replace(ONE, broken_off="deadline"),
        pytest.param(replace(ONE, text="half \ud83d of one"), id="no text that UTF-8 can carry"),
        pytest.param(replace(ONE, text="x" * MIB), id="larger than the file may be"),
    ],
)
def test_what_is_no_complete_answer_is_not_kept(tmp_path: Path, incomplete: Completion) -> None:
    cache = AnswerCache(tmp_path / "cache", MIB)
    cache.keep("a", incomplete)
    assert cache.find("a") is None
    assert not (tmp_path / "cache").exists()


def test_using_the_room_loads_sqlite_with_the_first_answer_only() -> None:
    out, _ = ended(
        python(
            "import sys; from pathlib import Path; from grok_vision.cache import AnswerCache;"
            "AnswerCache(Path('x'), 1); print('sqlite3' in sys.modules)"
        )
    )
    assert out == "False\n"


# How much is kept


def test_the_file_never_grows_beyond_its_bound_and_the_last_used_stay(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, MIB)
    most = 0
    for number in range(3_000):
        cache.keep(str(number), answer(number, size=number % 7 * 700))
        if number % 10 == 0:
            assert cache.find("0") == answer(0, size=0)
        most = max(most, (tmp_path / FILE).stat().st_size)
    # A picture that is asked about again and again stays.
    assert cache.find("0") == answer(0, size=0)
    assert cache.find("2000") is None
    assert cache.find("2990") == answer(2990, size=2990 % 7 * 700)
    assert MIB / 2 < most <= MIB
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_answers_that_are_only_found_never_make_the_file_larger(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, MIB)
    for number in range(600):
        cache.keep(str(number), answer(number, size=number % 7 * 700))
    for number in random.Random(1).choices(range(600), k=1000):
        cache.find(str(number))
        assert (tmp_path / FILE).stat().st_size <= MIB


def test_a_smaller_bound_gives_the_room_back_with_the_next_answer(tmp_path: Path) -> None:
    filled(tmp_path, 200)
    assert (tmp_path / FILE).stat().st_size > MIB / 2
    smaller = AnswerCache(tmp_path, 100 * 1024)
    smaller.keep("200", answer(200))
    assert (tmp_path / FILE).stat().st_size <= 100 * 1024
    assert 200 in found(smaller, 201)
    assert 0 not in found(smaller, 201)


def test_the_least_bound_still_holds_an_answer(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, 0)
    for number in range(100):
        cache.keep(str(number), answer(number, size=0))
        assert cache.find(str(number)) is not None
    assert (tmp_path / FILE).stat().st_size <= 64 * 1024


# Who may read it


@not_windows
def test_only_the_user_can_read_file_and_folder(tmp_path: Path) -> None:
    filled(tmp_path / "cache", 1)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "cache" / FILE).stat().st_mode & 0o777 == 0o600


@not_windows
@pytest.mark.parametrize("there", [True, False])
def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path, there: bool) -> None:
    target = tmp_path / "elsewhere"
    if there:
        filled(tmp_path / "other")
        (tmp_path / "other" / FILE).rename(target)
    before = target.read_bytes() if there else None
    (tmp_path / FILE).symlink_to(target)
    cache = AnswerCache(tmp_path, MIB)
    cache.keep("0", ONE)
    assert cache.find("0") is None
    assert (target.read_bytes() if target.exists() else None) == before


# Many at once


def test_processes_that_keep_at_once_lose_only_what_each_tells(tmp_path: Path) -> None:
    names = ["one", "two", "same", "same"]
    running = [python(writer(tmp_path / "cache", name, 50)) for name in names]
    for process in running:
        out, err = ended(process)
        assert int(out) >= 50 - len(re.findall("not kept|not found", err))
        assert int(out) > 0
    cache = AnswerCache(tmp_path / "cache", MIB)
    assert cache.find("same 49") == replace(ONE, text="49 of same", model="")
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [FILE]


def test_what_one_process_keeps_another_finds_at_once(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, MIB)
    assert cache.find("a 0") is None
    ended(python(writer(tmp_path, "a", 1)))
    assert cache.find("a 0") == replace(ONE, text="0 of a", model="")


def test_threads_may_share_one_cache(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path, MIB)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: cache.keep(str(number), answer(number)), range(60)))
        assert list(pool.map(lambda number: cache.find(str(number)), range(60))) == [
            answer(number) for number in range(60)
        ]


def test_the_file_may_be_deleted_between_calls(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    (tmp_path / FILE).unlink()
    assert found(cache) == []
    cache.keep("7", answer(7))
    assert found(cache) == [7]


# When file or folder is of no use


def test_an_answer_in_which_a_byte_changed_is_not_found_and_the_others_are(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    cache.keep("0", ONE)
    data = (tmp_path / FILE).read_bytes()
    assert data.count(b"48,210") == 1
    (tmp_path / FILE).write_bytes(data.replace(b"48,210", b"98,210"))
    assert cache.find("0") is None
    assert found(cache) == list(range(1, 40))
    cache.keep("0", answer(0))
    assert found(cache) == list(range(40))


def test_an_answer_under_the_key_of_another_is_not_found(tmp_path: Path) -> None:
    cache = filled(tmp_path, 2)
    changed(tmp_path / FILE, "DELETE FROM answer WHERE key = '0'")
    changed(tmp_path / FILE, "UPDATE answer SET key = '0'")
    assert cache.find("0") is None


def packed(completion: Completion) -> bytes:
    from grok_vision.cache.entry import packed

    content = packed(completion)
    assert content is not None
    return content


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda content: b"", id="nothing"),
        pytest.param(lambda content: b"[]", id="a list"),
        pytest.param(lambda content: b'{"text":"yes"}', id="fields are missing"),
        pytest.param(lambda content: content.replace(b'"stop"', b"7"), id="a number for a word"),
        pytest.param(lambda content: content.replace(b"{", b'{"new":1,'), id="one field more"),
        pytest.param(lambda content: content.replace(b'"stop"', b'"length"'), id="not complete"),
        pytest.param(lambda content: content.replace(b"0: x", b"0: \xff"), id="no UTF-8"),
    ],
)
def test_an_answer_of_a_strange_shape_is_not_found(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    from grok_vision.cache.entry import digest

    cache = filled(tmp_path)
    content = change(packed(answer(0)))
    assert content != packed(answer(0))
    row = (digest("0", content), content)
    changed(tmp_path / FILE, "UPDATE answer SET digest = ?, content = ? WHERE key = '0'", *row)
    assert cache.find("0") is None
    assert found(cache) == list(range(1, 40))


@pytest.mark.parametrize("value", ["text", 7, 1.5])
def test_a_value_of_a_strange_type_is_not_found(tmp_path: Path, value: object) -> None:
    cache = filled(tmp_path)
    changed(tmp_path / FILE, "UPDATE answer SET content = ? WHERE key = '0'", value)
    changed(tmp_path / FILE, "UPDATE answer SET digest = ? WHERE key = '1'", value)
    assert found(cache) == list(range(2, 40))


def garbage(path: Path) -> None:
    path.write_bytes(b"this is not a database " * 500)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def overwritten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096))


def unreadable_schema(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE answer", b"CRE\xffTE TABLE answer"))


def without_table(path: Path) -> None:
    changed(path, "DROP TABLE answer")


@pytest.mark.parametrize(
    "spoil", [garbage, empty, cut, overwritten, unreadable_schema, without_table]
)
def test_a_file_that_is_damaged_is_begun_anew(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    cache = filled(tmp_path)
    spoil(tmp_path / FILE)
    found(cache)
    cache.keep("new", ONE)
    assert cache.find("new") == ONE
    assert found(cache) == []
    # Answers are bounded in bytes, so damaged ones are not left lying about.
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("PRAGMA user_version = 2", id="of a newer version"),
        pytest.param("PRAGMA application_id = 1", id="of another program"),
    ],
)
def test_a_database_of_others_is_moved_aside_whole(tmp_path: Path, statement: str) -> None:
    cache = filled(tmp_path)
    changed(tmp_path / FILE, statement)
    before = (tmp_path / FILE).read_bytes()
    cache.keep("new", ONE)
    assert cache.find("new") == ONE
    assert (tmp_path / f"{FILE}.unreadable").read_bytes() == before


def test_whatever_is_damaged_no_wrong_answer_is_found_and_no_call_fails(tmp_path: Path) -> None:
    chance = random.Random(7)
    cache = filled(tmp_path, 30)
    path = tmp_path / FILE
    sound = path.read_bytes()
    hits = misses = 0
    for number in range(100):
        data = bytearray(sound)
        start = chance.randrange(len(data))
        length = len(data[start : start + chance.choice([1, 1, 16, 5000])])
        data[start : start + length] = chance.randbytes(length)
        # A page's own header tells most of its structure, the file's of the whole.
        data[chance.randrange(len(data) // 4096) * 4096 + chance.randrange(12)] ^= chance.choice(
            [0, 1, 128]
        )
        path.write_bytes(data[:start] if number % 5 == 0 else data)
        kept = found(cache, 30)
        hits, misses = hits + len(kept), misses + 30 - len(kept)
        cache.keep("new", ONE)
        assert cache.find("new") in (ONE, None)
        assert path.stat().st_size <= MIB
    assert hits > 100
    assert misses > 100


def test_a_folder_in_the_place_of_the_file_fails_no_call(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    cache = filled(tmp_path, 1)
    assert found(cache) == []
    assert (tmp_path / FILE).is_dir()


def test_where_the_folder_cannot_be_made_nothing_is_kept_and_that_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = filled(tmp_path / "file", 3)
    assert found(cache) == []
    assert [one.levelno for one in caplog.records if one.levelno > logging.DEBUG] == [
        logging.WARNING
    ]
    assert "not kept" in caplog.text


# What is told


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]


@pytest.mark.parametrize("spoil", [garbage, cut, unreadable_schema, without_table])
def test_a_damaged_file_is_told_as_begun_anew_when_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], None]
) -> None:
    cache = filled(tmp_path)
    spoil(tmp_path / FILE)
    found(cache)
    cache.keep("new", ONE)
    assert cache.find("new") == ONE
    assert warnings(caplog) == [
        f"{tmp_path / FILE} was damaged and is begun anew; what it held is lost."
    ]


def test_an_empty_file_is_begun_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    empty(tmp_path / FILE)
    cache = AnswerCache(tmp_path, MIB)
    assert cache.find("new") is None
    cache.keep("new", ONE)
    assert cache.find("new") == ONE
    assert caplog.records == []


def test_of_a_database_of_others_it_is_told_where_it_is_now(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changed(tmp_path / FILE, "CREATE TABLE theirs (secret)")
    cache = AnswerCache(tmp_path, MIB)
    assert cache.find("new") is None
    cache.keep("new", ONE)
    assert cache.find("new") == ONE
    path = tmp_path / FILE
    assert warnings(caplog) == [
        f"{path} was another program's or version's and is begun anew; it is now {path}.unreadable."
    ]


def plain_file(folder: Path) -> str:
    folder.touch()
    return f"{folder} is no folder; move it away, or name another folder"


def plain_file_above(folder: Path) -> str:
    folder.parent.rmdir()
    return plain_file(folder.parent)


def lost_link(folder: Path) -> str:
    folder.symlink_to("nowhere")
    return f"{folder} is a link that leads nowhere; move it away, or name another folder"


def folder_for_file(folder: Path) -> str:
    (folder / FILE).mkdir(parents=True)
    return f"{folder / FILE} is no plain file; move it away, or name another folder"


def link_for_file(folder: Path) -> str:
    folder.mkdir()
    (folder / FILE).symlink_to("nowhere")
    return f"{folder / FILE} is no plain file; move it away, or name another folder"


@not_windows
@pytest.mark.parametrize(
    "block", [plain_file, plain_file_above, lost_link, folder_for_file, link_for_file]
)
def test_what_is_in_the_way_is_told_with_what_to_do_before_and_when_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, block: Callable[[Path], str]
) -> None:
    folder = tmp_path / "above" / "cache"
    folder.parent.mkdir()
    cache = AnswerCache(folder, MIB)
    assert cache.obstacle() is None
    told = block(folder)
    assert cache.obstacle() == told
    assert cache.find("a") is None
    cache.keep("a", ONE)
    assert warnings(caplog) == [f"Answers are not kept: {told} (GROK_VISION_CACHE)."]


@pytest.mark.skipif(sys.platform != "linux", reason="has no folder that even root cannot write")
def test_a_folder_that_cannot_be_written_is_told_as_such(caplog: pytest.LogCaptureFixture) -> None:
    AnswerCache(Path("/proc/self"), MIB).keep("a", ONE)
    [told] = warnings(caplog)
    assert told.startswith("Answers are not kept: /proc/self")
    assert told.endswith(
        " cannot be written; allow it, or name another folder (GROK_VISION_CACHE)."
    )


def test_a_file_that_is_held_is_told_as_held(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = filled(tmp_path, 1)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        assert cache.find("0") is None
    assert warnings(caplog) == [
        f"Kept answers are not found: another process holds {tmp_path / FILE}; this passes "
        "(GROK_VISION_CACHE)."
    ]


@not_root
@pytest.mark.parametrize("of", ["folder", "file"])
def test_what_may_only_be_read_is_an_obstacle(tmp_path: Path, of: str) -> None:
    cache = filled(tmp_path, 1)
    path, mode = (tmp_path, 0o500) if of == "folder" else (tmp_path / FILE, 0o400)
    path.chmod(mode)
    try:
        told = cache.obstacle()
    finally:
        path.chmod(0o700)
    assert told == f"{path} cannot be written; allow it, or name another folder"


@not_root
def test_a_folder_that_is_there_to_read_only_is_read(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    (tmp_path / FILE).chmod(0o400)
    tmp_path.chmod(0o500)
    try:
        cache.keep("new", ONE)
        assert found(cache) == list(range(40))
        assert cache.find("new") is None
    finally:
        tmp_path.chmod(0o700)


def test_a_file_that_another_program_holds_locked_fails_no_call(tmp_path: Path) -> None:
    cache = filled(tmp_path, 2)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        cache.keep("2", answer(2))
        assert found(cache, 2) == []
    assert found(cache, 3) == [0, 1]


def test_an_answer_is_found_while_another_process_is_about_to_write(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        assert found(cache) == list(range(40))


@not_windows
def test_on_a_full_disk_nothing_is_kept_and_no_call_fails(tmp_path: Path) -> None:
    # No file of the process may grow beyond a kilobyte.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))\n"
    out, err = ended(python(limit + writer(tmp_path, "m", 3)))
    assert out == "0\n"
    assert err.count("WARNING") == 1
    assert found(filled(tmp_path)) == list(range(40))


def test_a_python_without_sqlite_keeps_nothing(tmp_path: Path) -> None:
    without = "import sys; sys.modules['_sqlite3'] = None\n"
    out, err = ended(python(without + writer(tmp_path, "m", 2)))
    assert out == "0\n"
    assert err.count("WARNING") == 1
    assert "this Python is without SQLite; use another one" in err


# Keys

XAI = endpoint(Settings(xai_api_key="test"))
PICTURE = ImagePart("image/png", b"the bytes of a picture", "high")
REQUEST = ChatRequest(
    model="grok-4.3",
    messages=(
        Message("system", (TextPart("You are eyes."),)),
        Message("user", (TextPart("What is this?"), PICTURE)),
    ),
    parameters={"max_tokens": 7, "response_format": {"a": 1, "b": 2}},
)


def key(request: ChatRequest, target: Endpoint = XAI) -> str:
    made = key_of(target, request)
    assert made is not None
    return made


def asking(*parts: Part) -> ChatRequest:
    return replace(REQUEST, messages=(REQUEST.messages[0], Message("user", parts)))


def test_the_same_request_has_the_same_key_in_every_process() -> None:
    again = replace(REQUEST, parameters=dict(REQUEST.parameters))
    assert key(REQUEST) == key(again)
    assert len(bytes.fromhex(key(REQUEST))) == 32


def test_the_key_is_another_when_anything_that_the_model_sees_is() -> None:
    words, opening = TextPart("What is this?"), REQUEST.messages[0]
    others = [
        replace(REQUEST, model="grok-4.7"),
        replace(REQUEST, parameters={}),
        replace(REQUEST, parameters={**REQUEST.parameters, "max_tokens": 8}),
        replace(REQUEST, parameters={**REQUEST.parameters, "max_tokens": "7"}),
        # A model answers in the order in which a schema names its fields.
        replace(REQUEST, parameters={"max_tokens": 7, "response_format": {"b": 2, "a": 1}}),
        replace(REQUEST, messages=REQUEST.messages[1:]),
        replace(REQUEST, messages=(*REQUEST.messages, Message("assistant", (words,)))),
        replace(REQUEST, messages=(replace(opening, role="user"), REQUEST.messages[1])),
        asking(PICTURE, words),
        asking(words),
        asking(words, PICTURE, PICTURE),
        asking(TextPart("What is"), TextPart(" this?"), PICTURE),
        asking(TextPart("What is this? "), PICTURE),
        asking(words, replace(PICTURE, data=b"the bytes of a picturf")),
        asking(words, replace(PICTURE, detail="low")),
        asking(words, replace(PICTURE, media_type="image/jpeg")),
        asking(words, TextPart(str(PICTURE))),
    ]
    keys = [key(REQUEST), *map(key, others)]
    assert len(set(keys)) == len(keys)


def test_the_key_tells_addresses_and_providers_apart_and_not_api_keys() -> None:
    same = endpoint(Settings(xai_api_key="another"))
    elsewhere = endpoint(Settings(xai_api_key="test", base_url="https://relay.example/v1"))
    custom = endpoint(Settings(provider="custom", base_url="https://relay.example/v1"))
    assert key(REQUEST, same) == key(REQUEST)
    assert len({key(REQUEST), key(REQUEST, elsewhere), key(REQUEST, custom)}) == 3


def test_what_changes_behind_a_request_has_no_key() -> None:
    remote = RemoteImagePart("https://example.com/today.png", "high")
    assert key_of(XAI, asking(TextPart("What is this?"), PICTURE, remote)) is None
    assert key_of(endpoint(Settings(provider="local")), REQUEST) is None


texts = st.text(max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
pictures = st.builds(
    ImagePart,
    st.sampled_from(["image/png", "image/jpeg"]),
    st.binary(max_size=4),
    st.sampled_from(["low", "high", "auto"]),
)
messages = st.builds(
    Message,
    st.sampled_from(["system", "user", "assistant"]),
    st.lists(st.builds(TextPart, texts) | pictures, max_size=3).map(tuple),
)
requests = st.builds(
    ChatRequest,
    model=texts,
    messages=st.lists(messages, max_size=3).map(tuple),
    parameters=st.dictionaries(texts, values, max_size=2),
)


@settings(deadline=None)
@given(requests, requests)
def test_two_requests_have_one_key_exactly_where_they_are_one(
    one: ChatRequest, other: ChatRequest
) -> None:
    assert (key(one) == key(other)) == (repr(one) == repr(other) and _data(one) == _data(other))


def _data(request: ChatRequest) -> list[bytes]:
    """Return what `repr` leaves out."""
    parts = (part for message in request.messages for part in message.parts)
    return [part.data for part in parts if isinstance(part, ImagePart)]


@st.composite
def changed_somewhere(draw: st.DrawFn) -> tuple[ChatRequest, ChatRequest]:
    """Return a request, and the same with one character or byte changed."""
    request = draw(requests.filter(lambda one: any(message.parts for message in one.messages)))
    flat = [(m, p) for m, message in enumerate(request.messages) for p in range(len(message.parts))]
    at, place = draw(st.sampled_from(flat))
    message = request.messages[at]
    part = message.parts[place]
    if isinstance(part, ImagePart):
        cut = draw(st.integers(0, len(part.data)))
        new: Part = replace(part, data=part.data[:cut] + b"\0" + part.data[cut:])
    else:
        assert isinstance(part, TextPart)
        cut = draw(st.integers(0, len(part.text)))
        new = TextPart(part.text[:cut] + draw(st.characters()) + part.text[cut:])
    parts = (*message.parts[:place], new, *message.parts[place + 1 :])
    before, after = request.messages[:at], request.messages[at + 1 :]
    return request, replace(request, messages=(*before, replace(message, parts=parts), *after))


@settings(deadline=None)
@given(changed_somewhere())
def test_one_more_character_or_byte_anywhere_makes_another_key(
    pair: tuple[ChatRequest, ChatRequest],
) -> None:
    before, after = pair
    assert key(before) != key(after)
