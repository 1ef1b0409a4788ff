import json
from collections import Counter

import pytest
from exchange.exchanged import keys_of, write_tar
from splits.made import assigned, png, sample, shards, smooth, splitting

import pixelmill
from pixelmill.errors import JobError
from pixelmill.retry import retry
from pixelmill.verify import verify

THREE = {"train": 0.6, "val": 0.2, "test": 0.2}


def manifest(out):
    return json.loads((out / "manifest.json").read_text())


def group_of(key):
    return int(key[1:]) % 12


def test_each_side_is_an_output_and_every_sample_is_on_one(tmp_path, rng):
    out = tmp_path / "out"
    report = pixelmill.run(splitting(shards(tmp_path, rng), out, {"fractions": THREE}))
    assert report.exit_code == 0
    assert report.tally.balances
    sides = {s: {k for p in out.glob(f"{s}-*.tar") for k in keys_of(p)} for s in THREE}
    assert sum(map(len, sides.values())) == 60 == len(set().union(*sides.values()))
    assert assigned(out) == {key: side for side, keys in sides.items() for key in keys}
    assert manifest(out)["split"]["samples"] == {s: len(keys) for s, keys in sides.items()}
    assert verify(str(out)).problems == []


def test_a_group_is_never_torn_apart_and_keys_alone_tear_it(tmp_path, rng):
    source = shards(tmp_path, rng)
    for by, torn in (("group", False), ("key", True)):
        out = tmp_path / by
        split = {"fractions": THREE, "group": "json.group", "by": by}
        report = pixelmill.run(splitting(source, out, split))
        sides = {}
        for key, side in assigned(out).items():
            sides.setdefault(group_of(key), set()).add(side)
        assert any(len(found) > 1 for found in sides.values()) is torn
        assert ("groups" in manifest(out)["split"]["leaks"]) is torn
        assert bool(report.leaks) is torn


def test_samples_that_are_added_move_none_that_were_there(tmp_path, rng):
    source = shards(tmp_path, rng, count=90)
    for stratify in (None, "json.labels"):
        split = {"fractions": THREE, "group": "json.group", "stratify": stratify}
        out = tmp_path / f"grown-{stratify}"
        pixelmill.run(splitting(source[:2], out, split))
        before = assigned(out)
        assert pixelmill.run(splitting(source, out, split), only_new=True).complete
        after = assigned(out)
        assert len(before) == 60
        assert len(after) == 90
        assert before.items() <= after.items()


@pytest.mark.parametrize("split", [{"fractions": THREE, "group": "json.group"}, {"folds": 4}])
@pytest.mark.parametrize("stratify", [None, "cls"])
def test_workers_and_order_have_no_say(tmp_path, rng, split, stratify):
    source, found = shards(tmp_path, rng), []
    for workers, inputs in ((1, source), (3, source[::-1])):
        out = tmp_path / f"out-{workers}"
        pixelmill.run(splitting(inputs, out, {**split, "stratify": stratify}, workers))
        found.append(assigned(out))
    assert found[0] == found[1]


def test_stratified_by_several_labels_each_side_gets_its_share(tmp_path, rng):
    out = tmp_path / "out"
    split = {"fractions": {"train": 0.5, "test": 0.5}, "stratify": "json.labels"}
    pixelmill.run(splitting(shards(tmp_path, rng, count=120), out, split))
    counts = Counter()
    for key, side in assigned(out).items():
        number = int(key[1:])
        for label in [number % 3, 7][: 1 + number % 2]:
            counts[label, side] += 1
    # 40 of each class and 60 of label 7; whole samples, so one more or less.
    for label, total in ((0, 40), (1, 40), (2, 40), (7, 60)):
        assert abs(counts[label, "train"] - total / 2) <= 1


def test_lists_say_the_side_and_what_none_names_is_dropped_and_counted(tmp_path, rng):
    names = {"train": [f"x/a{n:04d}.png" for n in range(20)], "test": ["a0030.png", "a0031"]}
    for side, lines in names.items():
        (tmp_path / side).write_text("\n".join(line.rpartition("/")[2] for line in lines))
    lists = {side: str(tmp_path / side) for side in names}
    source = shards(tmp_path, rng)
    report = pixelmill.run(splitting(source, tmp_path / "out", {"lists": lists}))
    assert report.tally.outputs == {"train": 20, "test": 2}
    assert report.tally.dropped == {"in_no_split": 38}
    split = {"lists": lists, "rest": "extra"}
    report = pixelmill.run(splitting(source, tmp_path / "rest", split))
    assert report.tally.outputs == {"train": 20, "test": 2, "extra": 38}


def test_a_name_in_two_lists_is_refused_before_anything_runs(tmp_path, rng):
    for side in ("train", "test"):
        (tmp_path / side).write_text("a0001.png\n")
    lists = {side: str(tmp_path / side) for side in ("train", "test")}
    with pytest.raises(JobError, match=r"1 names are in two lists: 'a0001' \(train, test\)"):
        pixelmill.run(splitting(shards(tmp_path, rng), tmp_path / "out", {"lists": lists}))


def test_kept_samples_stay_where_an_earlier_split_put_them(tmp_path, rng):
    source = shards(tmp_path, rng)
    first = {"fractions": {"train": 0.5, "test": 0.5}}
    pixelmill.run(splitting(source[:1], tmp_path / "one", first))
    second = {"fractions": {"train": 0.9, "test": 0.1}, "seed": 5}
    kept = {**second, "keep": str(tmp_path / "one" / "split")}
    pixelmill.run(splitting(source, tmp_path / "two", kept))
    assert assigned(tmp_path / "one").items() <= assigned(tmp_path / "two").items()


def test_identical_pixels_and_near_duplicates_on_two_sides_fail_the_job(tmp_path, rng):
    image = smooth(rng)
    brighter = image.clip(0, 250) + 3
    samples = [sample(number, rng) for number in range(8)]
    samples += [("t1", {"png": png(image)}), ("t2", {"png": png(brighter.astype("uint8"))})]
    samples += [("u1", {"png": png(image)})]
    (tmp_path / "test").write_text("u1\n")
    source = [write_tar(tmp_path / "in.tar", samples)]
    split = {"lists": {"test": str(tmp_path / "test")}, "rest": "train", "leaks": "fail"}
    report = pixelmill.run(splitting(source, tmp_path / "out", split))
    assert report.complete
    assert report.exit_code == 1
    told = manifest(tmp_path / "out")["split"]
    assert told["leaks"]["pixels"] == {"test": 1, "train": 1}
    assert told["examples"]["pixels"] == [["train: t1", "test: u1"]]
    assert told["leaks"]["looks"] == {"test": 1, "train": 2}
    warned = splitting(source, tmp_path / "warned", {**split, "leaks": "warn"})
    assert pixelmill.run(warned).exit_code == 0


def test_a_sample_without_its_group_goes_to_quarantine_and_no_side(tmp_path, rng):
    samples = [sample(1, rng), ("bare", {"png": png(smooth(rng))})]
    source = [write_tar(tmp_path / "in.tar", samples)]
    split = {"fractions": THREE, "group": "json.group"}
    report = pixelmill.run(splitting(source, tmp_path / "out", split))
    assert report.tally.quarantined == {"no_group": 1}
    assert assigned(tmp_path / "out").keys() == {"a0001"}
    assert retry(str(tmp_path / "out")).tally.quarantined == {"no_group": 1}


def test_shards_that_are_only_copied_are_split_and_their_bytes_compared(tmp_path, rng):
    image = png(smooth(rng))
    samples = [(f"s{number}", {"png": image, "cls": b"1"}) for number in range(30)]
    source = [write_tar(tmp_path / "in.tar", samples)]
    job = splitting(source, tmp_path / "out", {"fractions": THREE}, untouched=True)
    assert pixelmill.run(job).tally.outputs.total() == 30
    told = manifest(tmp_path / "out")["split"]
    assert sum(told["leaks"]["pixels"].values()) == 30
    assert told["not_looked_for"] == {
        "groups": "no sample has group",
        "looks": "no sample has looks",
    }


def test_a_shuffled_job_and_a_guarded_one_are_split_alike(tmp_path, rng):
    source, split = shards(tmp_path, rng), {"fractions": THREE, "group": "json.group"}
    plain = splitting(source, tmp_path / "plain", split)
    shuffled = splitting(source, tmp_path / "shuffled", split, shuffle=True)
    executor = {"kind": "inline", "workers": 1, "isolate": "always"}
    guarded = splitting(source, tmp_path / "guarded", split, executor=executor)
    marks = []
    for job in (plain, shuffled, guarded):
        assert pixelmill.run(job).complete
        files = sorted((tmp_path / job.output / "split").glob("*.csv"))
        marks.append([file.read_bytes() for file in files])
    assert marks[0] == marks[1] == marks[2]


@pytest.mark.parametrize(
    ("split", "said"),
    [
        ({}, "expected one of fractions, folds or lists, got nothing"),
        ({"fractions": {"train": 0.8, "test": 0.1}}, "expected a sum of 1, got 0.9"),
        ({"folds": 3, "fractions": THREE}, "got fractions and folds"),
        ({"folds": 3, "by": "group"}, "say with `group`"),
        ({"fraction": THREE}, "unknown option; did you mean 'fractions'"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused_with_its_mend(tmp_path, split, said):
    with pytest.raises(JobError, match=said):
        splitting("a.tar", tmp_path, split)
    outputs = [{"name": "train"}, {"name": "other"}]
    with pytest.raises(JobError, match="expected one for each side of the split"):
        splitting("a.tar", tmp_path, {"fractions": THREE}, outputs=outputs)
