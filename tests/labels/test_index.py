import tracemalloc

import pytest

from pixelmill import storage
from pixelmill.labels import index
from pixelmill.labels.index import Index, Keyed, write_index


def rows(count):
    return (Keyed(n % 2, f"k{n * 7919 % count}", (f"{n}", "x" * 40)) for n in range(count))


@pytest.mark.parametrize("partition", [1 << 30, 4096])
def test_every_row_is_found_under_its_key_and_table_and_no_other(tmp_path, monkeypatch, partition):
    monkeypatch.setattr(index, "PARTITION_BYTES", partition)
    write_index(str(tmp_path / "index"), rows(2000), 100_000, dict)
    found = Index(str(tmp_path / "index"))
    expected = {}
    for row in rows(2000):
        expected.setdefault((row.table, row.key), []).append(row.row)
    assert {at: found.lookup(*at) for at in expected} == expected
    assert found.lookup(0, "nowhere") == ()
    assert found.lookup(2, "k1") == ()


def test_rows_of_one_key_stay_in_their_order(tmp_path):
    many = (Keyed(0, "k", (f"{n}",)) for n in range(100))
    write_index(str(tmp_path / "index"), many, 1, dict)
    assert Index(str(tmp_path / "index")).lookup(0, "k") == [(f"{n}",) for n in range(100)]


def test_an_index_in_a_bucket_is_read_from_a_copy():
    write_index("memory://labels/index", rows(50), 1, lambda: {"said": 1})
    found = Index("memory://labels/index")
    assert found.about["said"] == 1
    assert found.lookup(1, "k7919") == () or found.keys == 50
    assert sum(len(found.at(place)) for place in range(found.keys)) == 50
    storage.remove_folder("memory://labels")


def test_an_index_of_nothing_holds_nothing(tmp_path):
    write_index(str(tmp_path / "index"), (), 0, dict)
    assert Index(str(tmp_path / "index")).lookup(0, "a") == ()


def test_memory_is_that_of_a_partition_and_not_of_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(index, "_BUFFER", 4096)
    peaks = []
    for count, partitions in ((5_000, 4), (30_000, 24)):
        tracemalloc.start()
        parts = index._Partitions(str(tmp_path), partitions)
        for row in rows(count):
            parts.add(row)
        assert sum(1 for _ in parts.sorted()) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Six times the rows; the buffers of six times the partitions are all that grows.
    assert peaks[1] < 1.5 * peaks[0]


def test_keys_that_share_a_number_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(index, "number_of", lambda table, key: 5)
    write_index(str(tmp_path / "index"), rows(6), 1, dict)
    found = Index(str(tmp_path / "index"))
    assert [found.lookup(row.table, row.key) for row in rows(6)] == [[row.row] for row in rows(6)]
    assert found.lookup(0, "nowhere") == []
