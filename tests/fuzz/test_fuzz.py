"""Fuzzing for moments, by coverage and by structure; `make torture` does it for hours."""

import importlib.util
import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import seeds
import targets
from hypothesis import given, settings
from hypothesis import strategies as st

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SECONDS = 2
SETTINGS = {"deadline": None, "derandomize": True, "database": None}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is for Linux")
def test_some_seconds_of_fuzzing_find_nothing(tmp_path):
    counts = tmp_path / "counts.json"
    words = [tmp_path / "corpus", "--seconds", str(SECONDS), "--counts", counts]
    paths = f"{ROOT / 'engine'}{os.pathsep}{ROOT / 'kernels'}"
    environment = {**os.environ, "PYTHONPATH": paths}
    command = [sys.executable, HERE / "every.py", *words]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()[-3000:]
    executions = json.loads(counts.read_text())
    assert executions.keys() == targets.TARGETS.keys()
    assert min(executions.values()) > 20


@pytest.mark.parametrize("target", targets.TARGETS)
def test_every_seed_and_every_find_of_before_is_taken(target):
    for _, data in seeds.of(target):
        targets.TARGETS[target](data)


@pytest.mark.parametrize("target", targets.TARGETS)
def test_seeds_with_bytes_changed_moved_and_joined_are_taken(target):
    draws = random.Random(20240)
    found = [data for _, data in seeds.of(target)]
    for _ in range(150):
        data = bytearray(draws.choice(found))
        for _ in range(draws.randint(1, 6)):
            at = draws.randrange(len(data) + 1)
            piece = draws.choice([draws.randbytes(draws.randint(1, 4)), bytes(4), b"\xff" * 4])
            data[at : at + draws.choice([0, len(piece)])] = piece
        data += draws.choice([b"", draws.choice(found)])
        targets.TARGETS[target](bytes(data))


octal = st.sampled_from([b"%011o\0" % n for n in (0, 1, 511, 512, 513, 1 << 20, 8**11 - 1)])
number = octal | st.sampled_from(
    [bytes(12), b" " * 12, b"9" * 12, b"-1".ljust(12), b"\x80" + b"\xff" * 11, b"\xff" * 12]
)
name = st.sampled_from([b"a.jpg", b"../x.jpg", b"/etc/x.jpg", b"a", b".", b"", b"\xff\xfe.jpg"])
kind = st.sampled_from([bytes([k]) for k in b"0\x0012345678xgXLKSVDMA"])


@settings(max_examples=300, **SETTINGS)
@given(st.lists(st.tuples(name, number, kind, st.binary(max_size=600), st.booleans()), max_size=6))
def test_members_of_any_header_are_samples_failures_or_an_error(members):
    targets.tar(b"".join(block_of(*member) for member in members) + bytes(1024))


def block_of(name, size, kind, data, sums_up):
    facts = name.ljust(100, b"\0") + b"0000644\0" * 3 + size + b"%011o\0" % 0 + b" " * 8 + kind
    block = facts.ljust(257, b"\0") + b"ustar\x0000" + bytes(247)
    if sums_up:
        block = block[:148] + b"%06o\0 " % sum(block) + block[156:]
    return block + data + bytes(-len(data) % 512)


records = st.tuples(
    st.sampled_from([b"path", b"size", b"GNU.sparse.name", b"GNU.sparse.major", b"mtime"]),
    st.binary(max_size=30) | st.sampled_from([b"7", b"-7", b"9" * 30, b"../../x.jpg", b"a.jpg"]),
    st.integers(-3, 3),
)


@settings(max_examples=300, **SETTINGS)
@given(st.lists(records, max_size=5), st.sampled_from([b"x", b"g"]))
def test_extended_headers_of_any_record_are_taken_or_told(told, kind):
    data = b"".join(
        b"%d %b=%b\n" % (len(key) + len(value) + 5 + off, key, value) for key, value, off in told
    )
    size = b"%011o\0" % len(data)
    pax = block_of(b"pax", size, kind, data, True)
    targets.tar(pax + block_of(b"a.jpg", b"%011o\0" % 3, b"0", b"abc", True) + bytes(1024))


WORDS = "source output decode transforms outputs executor urls image name shards resize"
words = st.sampled_from(WORDS.split(" "))
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
inner = leaves | st.lists(leaves, max_size=3) | st.dictionaries(words, leaves, max_size=3)
values = inner | st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)


@settings(max_examples=150, **SETTINGS)
@given(st.dictionaries(words, values, max_size=6))
def test_a_job_of_any_values_is_a_job_or_its_mistakes(data):
    import yaml

    targets.job(yaml.safe_dump(data).encode())


chunk = st.tuples(
    st.sampled_from([b"IHDR", b"IDAT", b"tRNS", b"acTL", b"eXIf", b"iCCP", b"IEND"]),
    st.binary(max_size=40),
    st.none() | st.integers(0, 2**32 - 1),
)


@settings(max_examples=200, **SETTINGS)
@given(st.lists(chunk, max_size=6))
def test_a_png_of_any_chunks_is_an_image_or_refused(chunks):
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body) if size is None else size) + name + body + bytes(4)
        for name, body, size in chunks
    )
    targets.header(data)
    targets.image(data)


numbers = st.integers(-5, 50) | st.floats() | st.sampled_from([2**31, 10**9, 1e308, True, "7"])
boxes = st.lists(numbers, min_size=3, max_size=5) | st.just([1, 1, 5, 5])
rings = st.lists(st.lists(numbers, max_size=9), max_size=2)
runs = st.sampled_from(["", "`b1", "04", "oooooooo", "\xff"])
columns = st.fixed_dictionaries(
    {"bbox": st.lists(boxes, min_size=1, max_size=2)},
    optional={
        "area": st.lists(numbers, max_size=2),
        "polygons": st.lists(rings, max_size=2),
        "rle_counts": st.lists(runs, max_size=2),
        "rle_size": st.lists(st.lists(numbers, max_size=3), max_size=2),
        "keypoints": st.lists(st.lists(numbers, max_size=6), max_size=2),
    },
)


@settings(max_examples=200, **SETTINGS)
@given(columns, numbers, numbers)
def test_a_record_of_any_columns_is_moved_or_refused(objects, width, height):
    whole = {"width": width, "height": height, "objects": objects}
    targets.TARGETS["record"](json.dumps(whole).encode())


cells = st.sampled_from(
    [b"a.jpg", b"1", b"-1.0", b"Effusion|Mass", b'"', b'"x', b"\n", b"\xff", b""]
)


@settings(max_examples=100, **SETTINGS)
@given(st.lists(st.lists(cells, max_size=5), max_size=5))
def test_a_table_of_any_cells_is_rows_or_told(rows):
    targets.TARGETS["csv"](b"\n".join(b",".join(row) for row in rows))
