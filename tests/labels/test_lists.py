"""Lists of a JSON file, an element at a time."""

import json
import tracemalloc

import pytest

from pixelmill.errors import JobError
from pixelmill.labels import lists
from pixelmill.labels.lists import elements

WHOLE = {
    "info": {"a": [1, {"b": "]}"}]},
    "year": 2017,
    "empty": [],
    "rows": [{"id": n, "text": 'ein "Wort" \\ ü 🐈 ' * (n % 3)} for n in range(50)],
    "numbers": [1, -2.5, 1e9, 1234567],
    "last": None,
}


def read(folder, text):
    path = folder / "x.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return [*elements(str(path))]


def flat():
    for name, value in WHOLE.items():
        yield from ((name, one) for one in (value if isinstance(value, list) else [value]))


@pytest.mark.parametrize("block", [1, 2, 7, 64, 1 << 20])
@pytest.mark.parametrize("indent", [None, 3])
@pytest.mark.parametrize("ascii", [False, True])
def test_elements_come_whole_wherever_the_blocks_are_cut(
    tmp_path, monkeypatch, block, indent, ascii
):
    monkeypatch.setattr(lists, "_BLOCK", block)
    found = read(tmp_path, json.dumps(WHOLE, indent=indent, ensure_ascii=ascii))
    assert [(one.name, one.value) for one in found] == [*flat()]
    assert [json.loads(one.text) for one in found] == [one.value for one in found]


def test_a_byte_order_mark_and_numbers_that_are_none_are_read(tmp_path):
    (found,) = read(tmp_path, '\ufeff{"a": [{"box": [NaN, Infinity]}]}')
    assert repr(found.value["box"]) == "[nan, inf]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"expected an object of lists \(\{\), got 'the end of the file' at character 0"),
        ('{"a": [1 2]}', r"expected a comma or the list's end .* got '2\]\}' at character 9"),
        ('{"a": 1 "b": 2}', r"expected a comma or the object's end"),
        ('{"a" 1}', r"expected a colon"),
        ('{"a": [{"b": "c', r"Unterminated string"),
        ('{"a": [{"b": tru', r"Expecting value"),
        (b'{"a": ["\xff"]}', r"it is no UTF-8"),
        ('{"a": [' + "[" * 200_000 + "]}", r"it is nested too deep"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(tmp_path, text, said):
    with pytest.raises(JobError, match=said):
        read(tmp_path, text)


def test_a_mistake_at_the_start_is_told_before_the_rest_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(lists, "_BLOCK", 1000)
    path = tmp_path / "x.json"
    path.write_text('{"a": [{"b": oops}, ' + "1, " * 4_000_000 + "1]}")
    tracemalloc.start()
    with pytest.raises(JobError, match="Expecting value at character 13"):
        [*elements(str(path))]
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
