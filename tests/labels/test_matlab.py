"""MAT-files: SciPy writes them and says what is in them."""

import io
from contextlib import suppress

import numpy as np
import pytest
import scipy.io

from pixelmill.errors import ShardError
from pixelmill.labels.matlab import read_mat


def saved(compressed=False, **variables):
    out = io.BytesIO()
    scipy.io.savemat(out, variables, do_compression=compressed)
    return out.getvalue()


def synsets(count=3):
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("children", "O")]
    table = np.zeros((count, 1), kinds)
    for i in range(count):
        table[i, 0] = (float(i + 1), f"n{i:08d}", f"tench {i}, Tinca é", np.arange(i, dtype=float))
    return table


@pytest.mark.parametrize("compressed", [False, True])
def test_structs_come_as_they_were_saved(compressed):
    found = read_mat(saved(compressed, synsets=synsets()), "meta.mat")["synsets"]
    assert [one["WNID"] for one in found] == ["n00000000", "n00000001", "n00000002"]
    assert found[2]["words"] == "tench 2, Tinca é"
    assert [float(one["ILSVRC2012_ID"][0]) for one in found] == [1.0, 2.0, 3.0]
    assert found[2]["children"].tolist() == [0.0, 1.0]
    assert len(found[0]["children"]) == 0


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_numbers_are_those_that_scipy_reads(dtype, rng):
    numbers = (100 * rng.random((4, 3))).astype(dtype)
    data = saved(True, numbers=numbers, other=np.int16([1, 2]))
    found = read_mat(data, "a.mat")
    np.testing.assert_array_equal(found["numbers"], numbers.ravel(order="F"))
    expected = scipy.io.loadmat(io.BytesIO(data))["other"]
    np.testing.assert_array_equal(found["other"], expected.ravel())


def test_cells_and_text_are_read():
    cells = np.empty((1, 2), object)
    cells[0, 0], cells[0, 1] = "one", np.float64([2.0])
    found = read_mat(saved(cells=cells, text="hello"), "a.mat")
    assert found["cells"][0] == "one"
    assert found["cells"][1].tolist() == [2.0]
    assert found["text"] == "hello"


def test_what_is_no_mat_file_or_damaged_is_told():
    with pytest.raises(ShardError, match=r"meta\.mat is no MAT-file of level 5"):
        read_mat(b"\x89HDF" + bytes(500), "meta.mat")
    data = saved(True, synsets=synsets())
    with pytest.raises(ShardError, match=r"meta\.mat is damaged"):
        read_mat(data[:-20], "meta.mat")


def test_no_damage_of_a_byte_raises_anything_but_a_sentence(rng):
    whole = saved(False, synsets=synsets(2))
    for at in rng.integers(128, len(whole), 400):
        data = bytearray(whole)
        data[at] = rng.integers(256)
        with suppress(ShardError):
            read_mat(bytes(data), "meta.mat")


def test_a_small_file_cannot_unpack_to_more_than_is_allowed(monkeypatch):
    data = saved(True, zeros=np.zeros(1 << 20))
    monkeypatch.setattr("pixelmill.labels.matlab._MOST", 1 << 20)
    with pytest.raises(ShardError, match="unpacks to more than"):
        read_mat(data, "a.mat")
