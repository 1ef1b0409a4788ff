"""Jobs that draw: the classes asked for, balanced books, the same bytes whatever happens."""

import json
from collections import Counter

import numpy as np
import pyarrow.parquet as pq
import pytest
from exchanged import Found, copying, members_of, write_tar
from scipy import stats

import pixelmill
from pixelmill.errors import PixelmillError
from pixelmill.estimate import estimate
from pixelmill.exchange import limits, runs
from pixelmill.plan import make_plan
from pixelmill.run import Watch
from pixelmill.status import status
from pixelmill.verify import verify

SIZES = {"cat": 300, "dog": 50, "eel": 7}
CHANCE = 1e-4  # that a right draw fails one of these tests; the seeds are fixed


@pytest.fixture
def classes(tmp_path):
    """Shards in which the classes are mixed, and each sample has a score."""

    def write(sizes=SIZES, shards=4, folder="classes", lacking=0):
        (tmp_path / folder).mkdir()
        names = [name for name, count in sizes.items() for _ in range(count)] + [""] * lacking
        samples = [(f"s{n:05d}", fields_of(n, name)) for n, name in enumerate(names)]
        return [
            write_tar(tmp_path / folder / f"in-{shard}.tar", samples[shard::shards])
            for shard in range(shards)
        ]

    return write


def fields_of(number, name):
    fields = {"txt": b"%d" % number * (number % 30 + 1)}
    fields["json"] = json.dumps({"label": name, "score": [0.5, 1, 4][number % 3]}).encode()
    return fields | ({"cls": name.encode()} if name else {})


def drawing(source, out, sample, shards=None, **more):
    outputs = [{"shards": shards or {"samples": 40, "equal": True}, "sample": sample}]
    return copying(source, out, shuffle=True, **{"outputs": outputs, **more})


def often(folder):
    """How often each sample was drawn, by its number."""
    return Counter(int(name[1:6]) for name in members_of(folder) if name.endswith(".txt"))


def by_class(folder):
    members = members_of(folder)
    return Counter(data.decode() for name, data in members.items() if name.endswith(".cls"))


def test_balanced_classes_are_drawn_equally_often_and_the_books_balance(classes, tmp_path):
    out = tmp_path / "out"
    report = pixelmill.run(drawing(classes(), out, {"balance": "cls"}))
    assert report.exit_code == 0
    assert by_class(out) == {"cat": 119, "dog": 119, "eel": 119}
    found, tally = Found(out), report.tally
    assert len(set(found.keys)) == 357
    assert tally.balances
    assert tally.dropped == {"not_drawn": 181}
    assert tally.written == len(often(out)) == 119 + 50 + 7
    about = found.manifest["outputs"]["train"]
    assert about["left_out"] == 181
    assert about["repeated"] == 357 - 176
    assert about["classes"] == {
        "cat": {"in": 300, "out": 119},
        "dog": {"in": 50, "out": 119},
        "eel": {"in": 7, "out": 119},
    }
    assert tally.outputs["train"] == about["samples"] == 357
    assert verify(str(out)).problems == []
    assert status(str(out)).to_gather == len(found.shards)


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ({"balance": "json.label", "samples": "largest"}, {"cat": 300, "dog": 300, "eel": 300}),
        ({"balance": "cls", "samples": "smallest"}, {"cat": 7, "dog": 7, "eel": 7}),
        ({"weights": {"cat": 0.5, "dog": 2}}, {"cat": 208, "dog": 139, "eel": 10}),
        ({"weights": {"cat": 0}, "samples": 570}, {"dog": 500, "eel": 70}),
        ({"balance": "cls", "samples": 30, "replacement": True}, {"cat": 10, "dog": 10, "eel": 10}),
    ],
)
def test_classes_are_drawn_as_often_as_asked(classes, tmp_path, sample, expected):
    report = pixelmill.run(drawing(classes(), tmp_path / "out", sample))
    assert report.exit_code == 0
    assert by_class(tmp_path / "out") == expected
    assert verify(str(tmp_path / "out")).problems == []


def test_without_replacement_every_sample_comes_before_one_comes_again(classes, tmp_path):
    pixelmill.run(drawing(classes(), tmp_path / "out", {"balance": "cls", "samples": 300}))
    found = often(tmp_path / "out")
    assert max(found[n] for n in range(300)) == 1
    assert Counter(found[n] for n in range(300, 350)) == {2: 50}
    assert Counter(found[n] for n in range(350, 357)) == {14: 5, 15: 2}


def test_with_replacement_draws_are_those_of_a_multinomial(classes, tmp_path):
    """Chi-squared over 300 samples of one class, and the number of those that never came."""
    sample = {"balance": "cls", "samples": 4500, "replacement": True}
    pixelmill.run(drawing(classes(), tmp_path / "out", sample, seed=3))
    found = often(tmp_path / "out")
    counts = np.array([found[n] for n in range(300)])
    assert counts.sum() == 1500
    assert CHANCE < stats.chisquare(counts).pvalue < 1 - CHANCE


@pytest.mark.parametrize("replacement", [False, True])
def test_weights_of_samples_are_the_chances_to_be_drawn(classes, tmp_path, replacement):
    """The shares of the three scores are those of the weights: chi-squared; without replacement
    less is left to chance, so that only the upper end says anything."""
    sample = {"weight": "json.score", "samples": 2000, "replacement": replacement}
    pixelmill.run(drawing(classes(), tmp_path / "out", sample))
    found = often(tmp_path / "out")
    seen = [sum(found[n] for n in range(357) if n % 3 == kind) for kind in range(3)]
    expected = 2000 * np.array([0.5, 1, 4]) / 5.5
    assert stats.chisquare(seen, expected).pvalue > CHANCE


def test_what_is_drawn_stands_in_random_order(classes, tmp_path):
    """Chi-squared of classes against shards; and copies do not follow their first."""
    sample = {"balance": "cls", "samples": "largest"}
    pixelmill.run(drawing(classes(), tmp_path / "out", sample, {"count": 6}))
    found = Found(tmp_path / "out")
    where = {key: place for place, key in enumerate(found.keys)}
    table = np.zeros((3, 6))
    for key, place in where.items():
        number = int(key[1:6])
        table[int(number >= 300) + int(number >= 350), place // 150] += 1
    assert CHANCE < stats.chi2_contingency(table).pvalue < 1 - CHANCE
    pairs = [(where[key], where[f"{key}~2"]) for key in where if f"{key}~2" in where]
    assert abs(stats.spearmanr(*zip(*pairs, strict=True)).statistic) < 4 / np.sqrt(len(pairs))


def test_a_repeated_sample_is_a_copy_under_a_key_of_its_own(photos, tmp_path):
    """Augmented once: how often it comes is known when all transforms are done."""
    facts = {"untouched": False, "transforms": [{"resize": 48}, {"flip": {"probability": 0.5}}]}
    out = tmp_path / "out"
    report = pixelmill.run(drawing(list(photos), out, {"samples": 60}, {"count": 3}, **facts))
    assert report.exit_code == 0
    members = members_of(out)
    copies = {name for name in members if "~" in name}
    assert (len(copies), len(members)) == (3 * 37, 3 * 60)
    for name in copies:
        stem, _, end = name.partition("~")
        assert members[name] == members[f"{stem}.{end.partition('.')[2]}"]
    assert len(set(Found(out).keys)) == 60


@pytest.mark.parametrize("replacement", [False, True])
def test_neither_workers_nor_tasks_nor_memory_have_a_say(
    classes, tmp_path, monkeypatch, replacement
):
    sample = {"balance": "cls", "replacement": replacement}
    source = classes()
    pixelmill.run(drawing(source, tmp_path / "first", sample, workers=1))
    first = Found(tmp_path / "first").digests
    monkeypatch.setattr(runs, "RUN_BYTES", 9000)
    monkeypatch.setattr(limits, "MOST", 1)
    for workers, per_task in ((3, 1), (2, 3)):
        out = tmp_path / f"{workers}-{per_task}"
        cut = {"urls": source, "per_task": per_task}
        assert pixelmill.run(drawing(cut, out, sample, workers=workers)).exit_code == 0
        shards = Found(out).digests
        del shards["manifest.json"]
        assert shards.items() <= first.items()


def test_another_seed_draws_other_samples(classes, tmp_path):
    source, found = classes(), []
    for seed in range(2):
        pixelmill.run(drawing(source, tmp_path / str(seed), {"samples": 100}, seed=seed))
        found.append(often(tmp_path / str(seed)).keys())
    # 100 of 357 twice: 28 in both on average, hypergeometric
    assert 14 < len(found[0] & found[1]) < 43


@pytest.mark.parametrize("last", ["drop", "pad"])
def test_as_many_are_drawn_as_fill_equal_shards(classes, tmp_path, last):
    words, out = {"samples": 32, "equal": True, "last": last}, tmp_path / "out"
    report = pixelmill.run(drawing(classes(), out, {"balance": "cls"}, words))
    found = Found(out)
    assert set(found.sizes) == {32}
    assert len(set(found.keys)) == {"drop": 352, "pad": 384}[last]
    assert max(by_class(out).values()) - min(by_class(out).values()) <= 1
    assert set(report.tally.dropped) == {"not_drawn"}
    assert verify(str(out)).problems == []


def test_samples_without_a_class_are_left_out_and_counted(classes, tmp_path):
    out = tmp_path / "out"
    report = pixelmill.run(drawing(classes(lacking=11), out, {"balance": "cls", "samples": 30}))
    assert report.tally.dropped["nothing_to_draw_by"] == 11
    assert report.tally.balances
    assert by_class(out) == {"cat": 10, "dog": 10, "eel": 10}
    assert verify(str(out)).problems == []


def test_a_place_that_no_sample_has_is_told_before_and_after(classes, tmp_path):
    job = drawing(classes(), tmp_path / "out", {"balance": "clas"})
    (said,) = estimate(job, make_plan(job)).drawn.values()
    assert said.startswith("nothing: no sample has a class")
    assert "(of cls, json, txt)" in said
    with pytest.raises(PixelmillError, match=r"at 'clas'; their fields are cls, json, txt"):
        pixelmill.run(job)


def test_a_plan_tells_what_will_be_drawn(classes, tmp_path):
    sample = {"weights": {"cat": 0.1, "eel": 9, "owl": 2}, "samples": 1000}
    job = drawing(classes(shards=1, lacking=3), tmp_path / "out", sample)
    found = estimate(job, make_plan(job), samples=1000)
    assert found.drawn["train"] == (
        "about 1,000 samples; 3 classes seen, each sample 0.7 times (cat) to 63 times (eel); "
        "0.8% left out, with nothing at 'cls'; not seen: owl"
    )
    assert found.shards == 25
    copied = estimate(copying(job.source, tmp_path / "all"), make_plan(job), samples=1000)
    assert 2 < found.output_bytes / copied.output_bytes < 4


def test_parquet_and_several_outputs_draw_too(photos, tmp_path):
    sample, shards = {"balance": "cls"}, {"count": 2}
    outputs = [
        {"name": "rows", "format": "parquet", "sample": sample, "shards": shards},
        {"name": "all", "shards": shards},
        {"name": "tars", "index": True, "sample": sample, "shards": shards},
    ]
    facts = {"untouched": False, "transforms": [{"resize": 32}], "outputs": outputs}
    out = tmp_path / "out"
    report = pixelmill.run(drawing(list(photos), out, None, **facts))
    assert report.exit_code == 0
    assert report.tally.written == 23  # "all" holds those that no other has
    assert report.tally.outputs == {"rows": 23, "all": 23, "tars": 23}
    tables = [pq.read_table(path).to_pylist() for path in sorted(out.glob("*.parquet"))]
    rows = [row["__key__"] for rows in tables for row in rows]
    assert rows == Found(out).keys[23:]  # those of "all" come first
    assert len(set(rows)) == 23
    assert verify(str(out)).problems == []


class StopAfter(Watch):
    def __init__(self, count):
        self.left = count

    def finished(self, record):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [1, 4, 5, 12])  # the fourth ends stage 1
def test_a_job_stopped_anywhere_goes_on_to_the_same_bytes(classes, tmp_path, after):
    source, sample = classes(), {"balance": "cls"}
    whole = pixelmill.run(drawing(source, tmp_path / "whole", sample))
    job = drawing(source, tmp_path / "out", sample)
    assert pixelmill.run(job, StopAfter(after)).exit_code == 130
    again = pixelmill.run(job)
    assert again.version == whole.version
    assert again.tally == whole.tally
    assert Found(tmp_path / "out").digests == Found(tmp_path / "whole").digests


@pytest.mark.parametrize("at", ["_write", "write_map", "_keep"])
def test_a_job_stopped_while_it_draws_goes_on_to_the_same_bytes(classes, tmp_path, monkeypatch, at):
    from pixelmill.exchange import draw

    source, sample = classes(), {"balance": "cls"}
    whole = pixelmill.run(drawing(source, tmp_path / "whole", sample))
    job = drawing(source, tmp_path / "out", sample)

    def stop(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(draw, at, stop)
        report = pixelmill.run(job)
    assert (report.exit_code, report.done) == (130, 4)
    assert pixelmill.run(job).version == whole.version


def test_a_lost_shard_is_made_again(classes, tmp_path):
    out = tmp_path / "out"
    job = drawing(classes(), out, {"balance": "cls"})
    first = pixelmill.run(job)
    before = Found(out).digests
    assert pixelmill.run(job).records == []
    (out / "train-000003.tar").unlink()
    (out / "ledger" / "exchange-train-000003.json").unlink()
    mended = pixelmill.run(job)
    assert mended.version == first.version
    assert [r.task for r in mended.records if r.gathers] == ["exchange-train-000003"]
    assert Found(out).digests == before


def test_keys_that_look_like_copies_are_kept_apart_in_a_shard(tmp_path):
    (tmp_path / "in").mkdir()
    samples = [("a", {"cls": b"1"}), ("a~2", {"cls": b"1"}), ("b", {"cls": b"2"})]
    source = [write_tar(tmp_path / "in" / "0.tar", samples)]
    report = pixelmill.run(drawing(source, tmp_path / "out", {"samples": 12}, {"count": 1}))
    keys = Found(tmp_path / "out").keys
    assert len(set(keys)) == 12
    assert {"a", "a~2", "b"} < set(keys)
    assert report.tally.balances


@pytest.mark.s3
def test_drawing_works_in_a_bucket(s3, classes, tmp_path):
    source, sample = classes(), {"balance": "cls"}
    local = pixelmill.run(drawing(source, tmp_path / "out", sample))
    report = pixelmill.run(drawing(source, f"{s3.url}/drawn", sample))
    assert report.version == local.version
    assert verify(f"{s3.url}/drawn").problems == []
