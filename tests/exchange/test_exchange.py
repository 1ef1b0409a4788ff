"""Shards cut across tasks and shuffled: what is in them, and that nothing else has a say in it."""

import itertools
import json

import numpy as np
import pyarrow.parquet as pq
import pytest
from exchanged import Found as found_in
from exchanged import copying, keys_of, members_of, read_one, write_tar
from scipy import stats

import pixelmill
from pixelmill import Job
from pixelmill.errors import OutputInUse
from pixelmill.exchange import gather, runs
from pixelmill.ledger import Ledger
from pixelmill.plan import job_facts, make_plan
from pixelmill.retry import retry
from pixelmill.run import Watch, versions
from pixelmill.status import status
from pixelmill.verify import verify

SMALL = [{"min_size": 64}, {"resize": 64}]


def resizing(photos, out, shards=None, **more):
    executor = {"kind": "inline", "workers": 2}
    facts = {"transforms": SMALL, "max_failures": 10, "executor": executor}
    outputs = [{"shards": shards or {}}]
    return Job(**{"source": photos, "output": str(out), "outputs": outputs, **facts, **more})


def test_equal_shards_hold_the_samples_in_the_order_as_read(photos, tmp_path):
    plain = pixelmill.run(resizing(photos, tmp_path / "plain"))
    report = pixelmill.run(resizing(photos, tmp_path / "out", {"samples": 5, "equal": True}))
    assert report.exit_code == 0
    assert report.tally == plain.tally
    found = found_in(tmp_path / "out")
    assert found.sizes == [5, 5, 5, 5, 2]
    assert found.keys == found_in(tmp_path / "plain").keys
    assert members_of(tmp_path / "out") == members_of(tmp_path / "plain")
    assert verify(str(tmp_path / "out")).problems == []


def test_a_shuffled_job_holds_the_same_samples_in_another_order(photos, tmp_path):
    pixelmill.run(resizing(photos, tmp_path / "plain"))
    report = pixelmill.run(resizing(photos, tmp_path / "out", shuffle=True))
    assert report.exit_code == 0
    found = found_in(tmp_path / "out")
    assert found.sizes == [7, 7, 8]  # as many shards as there are tasks
    assert found.keys != found_in(tmp_path / "plain").keys
    assert members_of(tmp_path / "out") == members_of(tmp_path / "plain")
    assert verify(str(tmp_path / "out")).problems == []
    assert [path.name for path in found.shards] == [f"train-{n:06d}.tar" for n in range(3)]


@pytest.mark.parametrize("shuffle", [False, True])
def test_neither_workers_nor_tasks_nor_memory_have_a_say(texts, tmp_path, monkeypatch, shuffle):
    source, words = texts(40, 1, 25, 60, 3), {"samples": 17, "equal": True}
    job = copying(source, tmp_path / "first", words, workers=1, shuffle=shuffle)
    version = pixelmill.run(job).version
    first = found_in(tmp_path / "first")
    assert sorted(first.keys) == [f"s{n:05d}" for n in range(129)]
    monkeypatch.setattr(runs, "RUN_BYTES", 12_000)  # several runs a task
    monkeypatch.setattr(gather, "BATCH", 5000)
    monkeypatch.setattr(gather, "SORTED_BATCH", 5000)
    for workers, per_task in ((3, 1), (7, 1), (2, 2), (1, 5)):
        out = tmp_path / f"{workers}-{per_task}"
        cut = {"urls": source, "per_task": per_task}
        job = copying(cut, out, words, workers=workers, shuffle=shuffle)
        report = pixelmill.run(job)
        shards = found_in(out).digests
        del shards["manifest.json"]
        assert shards.items() <= first.digests.items()
        assert report.version == version or per_task > 1


def test_a_real_shuffle_is_uniform(texts, tmp_path):
    """From end to end: chi-squared of the shards read against the shards written."""
    source = texts(*[500] * 6)
    for seed in range(3):
        out = tmp_path / str(seed)
        pixelmill.run(copying(source, out, {"count": 6}, shuffle=True, seed=seed))
        table = np.zeros((6, 6))
        for after, path in enumerate(found_in(out).shards):
            for key in keys_of(path):
                table[int(key[1:]) // 500, after] += 1
        chi = ((table - 500 / 6) ** 2 / (500 / 6)).sum()
        assert stats.chi2.ppf(1e-3, 25) < chi < stats.chi2.ppf(1 - 1e-3, 25)
    orders = [found_in(tmp_path / str(seed)).keys for seed in range(3)]
    for one, other in itertools.combinations(orders, 2):
        where = {key: place for place, key in enumerate(other)}
        together = np.corrcoef(np.arange(3000), [where[key] for key in one])[0, 1]
        assert abs(together) < 4.5 / np.sqrt(3000)


def test_two_sizes_of_one_dataset_stay_side_by_side(photos, tmp_path):
    shards = {"count": 4}
    outputs = [
        {"name": "large", "transforms": [{"resize": 96}], "shards": shards},
        {"name": "small", "transforms": [{"resize": 48}], "shards": shards},
    ]
    job = resizing(photos, tmp_path / "out", outputs=outputs, shuffle=True)
    assert pixelmill.run(job).exit_code == 0
    for number in range(4):
        large, small = (tmp_path / "out" / f"{n}-{number:06d}.tar" for n in ("large", "small"))
        assert keys_of(large) == keys_of(small)


def test_an_output_that_is_not_exchanged_is_written_as_ever(photos, tmp_path):
    outputs = [{"name": "whole"}, {"name": "cut", "shards": {"count": 2}}]
    pixelmill.run(resizing(photos, tmp_path / "out", outputs=outputs))
    pixelmill.run(resizing(photos, tmp_path / "plain", outputs=[{"name": "whole"}]))
    mixed, plain = found_in(tmp_path / "out"), found_in(tmp_path / "plain")
    names = {f"whole-{number:06d}.tar" for number in range(3)}
    assert {n: d for n, d in mixed.digests.items() if n in names}.items() <= plain.digests.items()
    assert [p.name for p in mixed.shards] == ["cut-000000.tar", "cut-000001.tar", *sorted(names)]


@pytest.mark.parametrize(
    ("words", "sizes", "left_out", "repeated"),
    [
        ({"samples": 10, "equal": True, "last": "drop"}, [10, 10, 10], 5, 0),
        ({"samples": 10, "equal": True, "last": "pad"}, [10, 10, 10, 10], 0, 5),
        ({"count": 8, "last": "pad"}, [5] * 8, 0, 5),
        ({"samples": 9, "divisible_by": 3, "last": "drop"}, [5] * 6, 5, 0),
    ],
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_what_is_left_over_is_dropped_or_repeated_and_counted(
    texts, tmp_path, words, sizes, left_out, repeated, shuffle
):
    out = tmp_path / "out"
    report = pixelmill.run(copying(texts(20, 15), out, words, shuffle=shuffle))
    found = found_in(out)
    assert found.sizes == sizes
    about = found.manifest["outputs"]["train"]
    assert about.get("left_out", 0) == left_out
    assert about.get("repeated", 0) == repeated
    assert about["samples"] == sum(sizes) == report.tally.outputs["train"]
    assert report.tally.balances
    assert report.tally.written == 35 - left_out
    assert report.tally.dropped["remainder"] == left_out
    if repeated:
        assert found.keys[-repeated:] == found.keys[:repeated]
    assert len(set(found.keys)) == 35 - left_out
    assert verify(str(out)).problems == []


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_shard_that_repeats_its_own_samples_gives_them_other_names(texts, tmp_path, shuffle):
    out, words = tmp_path / "out", {"samples": 8, "equal": True, "last": "pad"}
    report = pixelmill.run(copying(texts(3), out, words, shuffle=shuffle))
    keys = found_in(out).keys
    assert len(set(keys)) == 8
    assert [key.partition("~")[0] for key in keys] == (keys[:3] * 3)[:8]
    assert report.tally.notes["key_renamed"] == 5
    assert verify(str(out)).problems == []


@pytest.mark.parametrize("shuffle", [False, True])
def test_samples_of_one_key_are_kept_apart_and_none_is_lost(tmp_path, shuffle):
    """Side by side in a tar, readers would take them for one sample; so later ones are renamed."""
    (tmp_path / "in").mkdir()
    source = [
        write_tar(
            tmp_path / "in" / f"{shard}.tar",
            [(f"k{n}", {"txt": b"%d of %d" % (n, shard)}) for n in range(5)]
            + [("k1~2", {"txt": b"mine"})],
        )
        for shard in range(3)
    ]
    contents = set()
    for workers in (1, 3):
        out = tmp_path / f"out-{workers}"
        words = {"samples": 18, "equal": True}
        report = pixelmill.run(copying(source, out, words, workers=workers, shuffle=shuffle))
        assert report.exit_code == 0
        assert report.tally.written == 18
        assert report.tally.notes["key_renamed"] == 12
        (keys,) = [keys_of(path) for path in found_in(out).shards]
        assert len(set(keys)) == 18
        found = members_of(out)
        assert sorted(found.values()) == sorted(
            [b"%d of %d" % (n, s) for n in range(5) for s in range(3)] + [b"mine"] * 3
        )
        assert [found[f"k0{end}.txt"] for end in ("", "~2", "~3")] == [
            b"0 of 0", b"0 of 1", b"0 of 2",
        ]  # fmt: skip
        assert found["k1~2.txt"] == b"mine"
        assert found["k1~3.txt"] == b"1 of 1"
        assert verify(str(out)).problems == []
        contents.add(report.version)
    assert len(contents) == 1


def test_the_tie_of_equal_keys_is_broken_by_the_order_as_read(tmp_path):
    (tmp_path / "in").mkdir()
    source = [
        write_tar(tmp_path / "in" / f"{shard:02d}.tar", [("same", {"txt": b"%d" % shard})])
        for shard in range(12)
    ]
    pixelmill.run(copying(source, tmp_path / "out", {"count": 12}, workers=5, shuffle=True))
    found = [read_one(path) for path in found_in(tmp_path / "out").shards]
    assert found == [b"%d" % shard for shard in range(12)]


def test_shards_cut_across_tasks_may_be_counted_in_bytes(texts, tmp_path):
    source, out = texts(40, 3, 25, 60), tmp_path / "out"
    job = copying(source, out, {"bytes": 40_960, "equal": True})
    first = pixelmill.run(job)
    assert first.exit_code == 0
    found = found_in(out)
    assert {path.stat().st_size for path in found.shards[:-1]} == {40_960}
    assert found.keys == [f"s{n:05d}" for n in range(128)]
    assert status(str(out)).to_gather == len(found.shards)
    assert verify(str(out)).problems == []
    before = found.digests
    (out / "train-000001.tar").unlink()
    (out / "ledger" / "exchange-train-000001.json").unlink()
    assert pixelmill.run(job).version == first.version
    assert found_in(out).digests == before


def test_parquet_and_indexed_tars_are_cut_across_tasks_too(photos, tmp_path):
    pixelmill.run(resizing(photos, tmp_path / "plain", outputs=[{"format": "parquet"}]))
    rows = {}
    for path in (tmp_path / "plain").glob("*.parquet"):
        rows |= {row["__key__"]: row for row in pq.read_table(path).to_pylist()}
    outputs = [
        {"name": "rows", "format": "parquet", "shards": {"samples": 9, "equal": True}},
        {"name": "tars", "index": True, "shards": {"samples": 9, "equal": True}},
    ]
    out = tmp_path / "out"
    assert pixelmill.run(resizing(photos, out, outputs=outputs, shuffle=True)).exit_code == 0
    found = [pq.read_table(path).to_pylist() for path in sorted(out.glob("*.parquet"))]
    assert [len(rows) for rows in found] == [9, 9, 4]
    assert [row["__key__"] for rows in found for row in rows] == found_in(out).keys
    assert {row["__key__"]: row for some in found for row in some} == rows
    for path in found_in(out).shards:
        lines = path.with_suffix(".idx").read_text().splitlines()
        assert lines[0] == f"v1.2 {len(keys_of(path))}"
        field, at, size, name = lines[1].split()[:4]
        data = path.read_bytes()[int(at) : int(at) + int(size)]
        assert data == members_of(out)[name]
        assert field == name.partition(".")[2]
    assert verify(str(out)).problems == []


def test_another_seed_makes_another_order_and_is_refused_in_the_same_folder(texts, tmp_path):
    source = texts(30, 30)
    keys = []
    for seed in (0, 1):
        pixelmill.run(copying(source, tmp_path / str(seed), shuffle=True, seed=seed))
        keys.append(found_in(tmp_path / str(seed)).keys)
    assert keys[0] != keys[1]
    assert sorted(keys[0]) == sorted(keys[1])
    with pytest.raises(OutputInUse, match="seed: 0 before, 2 now"):
        pixelmill.run(copying(source, tmp_path / "0", shuffle=True, seed=2))
    with pytest.raises(OutputInUse, match="shuffle: true before, null now"):
        pixelmill.run(copying(source, tmp_path / "0"))


def test_nothing_is_left_of_the_exchange_and_a_lost_shard_is_made_again(texts, tmp_path):
    out = tmp_path / "out"
    job = copying(texts(30, 30, 30), out, {"samples": 20, "equal": True}, shuffle=True)
    first = pixelmill.run(job)
    assert not (out / "exchange").exists()
    before = found_in(out).digests
    again = pixelmill.run(job)
    assert again.records == []
    assert again.version == first.version
    (out / "train-000003.tar").unlink()
    (out / "ledger" / "exchange-train-000003.json").unlink()
    mended = pixelmill.run(job)
    assert mended.exit_code == 0
    assert [r.task for r in mended.records if r.gathers] == ["exchange-train-000003"]
    assert mended.tally == first.tally
    assert found_in(out).digests == before
    assert not (out / "exchange").exists()


def test_a_job_without_these_words_says_nothing_of_them(photos, tmp_path):
    """Its fingerprint is that of before they existed, so folders of then are gone on with."""
    job = resizing(photos, tmp_path / "out", {"samples": 3})
    facts = job_facts(job)
    assert facts.keys() == {"source", "decode", "transforms", "outputs", "seed"}
    assert facts["outputs"][0]["shards"] == {"samples": 3, "bytes": None}
    pixelmill.run(job)
    record = json.loads((tmp_path / "out" / "ledger" / "000000.json").read_text())
    assert not {"runs", "gathers", "left_out", "repeated"} & record.keys()


def test_what_is_retried_goes_into_shards_of_its_own(photos, tmp_path):
    out = str(tmp_path / "out")
    words = {"samples": 6, "equal": True}
    job = resizing(photos, out, words, decode={"max_pixels": 150_000}, max_failures=99)
    report = pixelmill.run(job)
    limited = report.tally.quarantined["too_many_pixels"]
    assert limited > 3
    before = found_in(tmp_path / "out")
    exchanged = {path.name: path.read_bytes() for path in before.shards}
    again = retry(out, {"decode.max_pixels": 10_000_000})
    assert again.tally.written == 22
    assert again.tally.balances
    after = {path.name: path.read_bytes() for path in found_in(tmp_path / "out").shards}
    assert exchanged.items() <= after.items()
    assert all("-r1" in name for name in after.keys() - exchanged.keys())
    assert (
        sum(s["samples"] for s in found_in(tmp_path / "out").manifest["outputs"]["train"]["shards"])
        == 22
    )
    assert verify(out).problems == []


def test_no_shard_is_gathered_while_a_task_is_missing(texts, tmp_path):
    out = tmp_path / "out"
    job = copying(texts(9, 9, 9), out, {"count": 2}, shuffle=True)
    Ledger(job.output).begin(job, make_plan(job), versions())
    (out / "exchange" / "train" / "000001-000.run").mkdir(parents=True)
    report = pixelmill.run(job)
    assert report.exit_code == 1
    assert "task 000001" in report.failed[0]
    assert not list(out.glob("*.tar"))
    said = status(str(out))
    assert (said.done, said.tasks, said.gathered, said.to_gather) == (2, 3, 0, None)
    (out / "exchange" / "train" / "000001-000.run").rmdir()
    assert pixelmill.run(job).exit_code == 0
    assert found_in(out).sizes == [13, 14]


def test_no_shard_is_gathered_where_too_much_failed(photos, tmp_path):
    out = tmp_path / "out"
    words = {"count": 2}
    report = pixelmill.run(resizing(photos, out, words, max_failures=0))
    assert report.exit_code == 1
    assert "the job allows 0" in report.over_budget
    assert not list(out.glob("*.tar"))
    assert pixelmill.run(resizing(photos, out, words, max_failures=0)).exit_code == 1
    assert not list(out.glob("*.tar"))
    assert pixelmill.run(resizing(photos, out, words, max_failures=1)).exit_code == 0
    assert found_in(out).sizes == [11, 11]


def test_where_nothing_is_written_there_is_an_empty_shard(photos, tmp_path):
    steps = [{"min_size": 9999}]
    for words, count in (({"samples": 5, "equal": True}, 1), ({"count": 3, "last": "pad"}, 3)):
        for shuffle in (False, True):
            out = tmp_path / f"{count}-{shuffle}"
            job = resizing(photos, out, words, transforms=steps, shuffle=shuffle)
            assert pixelmill.run(job).exit_code == 0
            assert found_in(out).sizes == [0] * count
            assert verify(str(out)).problems == []


def test_a_watch_is_told_of_both_stages_and_status_counts_them(texts, tmp_path):
    out, told = tmp_path / "out", []

    class Told(Watch):
        def gathering(self, tasks):
            told.append(len(tasks))

        def finished(self, record):
            told.append(record.gathers or record.task)
            if record.gathers:
                raise KeyboardInterrupt

    job = copying(texts(9, 9), out, {"count": 3}, workers=1, shuffle=True)
    report = pixelmill.run(job, Told())
    assert sorted(told[:2]) == ["000000", "000001"]
    assert told[2:] == [3, "train"]
    assert report.tasks == 5
    assert not report.complete
    said = status(str(out))
    assert (said.done, said.tasks, said.to_gather) == (2, 2, 3)
    assert said.gathered in (1, 2)
    assert not said.finished
    assert pixelmill.run(job).complete


def test_verify_finds_a_shard_that_does_not_account_for_all(texts, tmp_path):
    out = tmp_path / "out"
    pixelmill.run(copying(texts(9, 9), out, {"count": 3}))
    (out / "ledger" / "exchange-train-000001.json").unlink()
    said = "\n".join(verify(str(out)).problems)
    assert "handed over 18 samples of train, its shards account for 12" in said


def test_the_exchange_works_where_there_are_no_folders(texts):
    source, out = texts(30, 20), "memory://exchange/out"
    job = copying(source, out, {"samples": 20, "equal": True}, shuffle=True)
    assert pixelmill.run(job).exit_code == 0
    assert verify(out).problems == []


@pytest.mark.s3
def test_the_exchange_works_in_a_bucket(s3, texts, tmp_path):
    words, source = {"samples": 20, "equal": True}, texts(30, 20, 25)
    local = pixelmill.run(copying(source, tmp_path / "out", words, shuffle=True))
    out = f"{s3.url}/exchange"
    report = pixelmill.run(copying(source, out, words, shuffle=True))
    assert report.exit_code == 0
    assert report.version == local.version
    assert pixelmill.run(copying(source, out, words, shuffle=True)).records == []
    assert verify(out).problems == []
    from pixelmill import storage

    assert not [e.url for e in storage.listing(out, recursive=True) if "/exchange/train/" in e.url]
