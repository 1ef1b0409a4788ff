import csv
import io
import json

from splits.made import assigned, shards


def sides(text):
    return {row["key"]: row["split"] for row in csv.DictReader(io.StringIO(text))}


def test_a_table_is_split_by_group_and_the_assignment_printed(pixelmill, tmp_path):
    lines = [f"x/{n:03d}.png,p{n % 7},{'a|b' if n % 2 else 'a'}" for n in range(70)]
    (tmp_path / "t.csv").write_text("\n".join(["file,who,what", *lines]))
    words = ("--key", "file", "--group", "who", "--fractions", "train=0.7,test=0.3")
    said = pixelmill("split", tmp_path / "t.csv", *words, "--stratify", "what", "--fail")
    assert said.code == 0, said.all
    found = sides(said.out)
    assert found.keys() == {f"x/{n:03d}" for n in range(70)}
    assert all(found[f"x/{n:03d}"] == found[f"x/{n % 7:03d}"] for n in range(70))
    assert "no group is on two sides" in said.err
    said = pixelmill("split", tmp_path / "t.csv", *words, "--by", "key", "--fail", "--json")
    assert said.code == 1
    assert json.loads(said.err)["leaks"]["groups"]


def test_shards_are_split_as_a_job_splits_them(pixelmill, tmp_path, rng):
    source = shards(tmp_path, rng)
    words = ("--fractions", "train=0.7,test=0.3", "--group", "json.group")
    said = pixelmill("split", *source, *words, "--write", tmp_path / "split.csv")
    assert said.code == 0
    out = tmp_path / "out"
    split = "split={fractions: {train: 0.7, test: 0.3}, group: json.group}"
    assert pixelmill("run", *source, out, "--image", "keep", "--set", split).code == 0
    assert sides((tmp_path / "split.csv").read_text()) == assigned(out)


def test_what_makes_no_sense_is_refused(pixelmill, tmp_path):
    said = pixelmill("split", "x.csv", "--key", "a")
    assert said.code == 2
    assert "expected one of fractions, folds or lists" in said.err
    (tmp_path / "t.csv").write_text("file\na.png\n")
    said = pixelmill("split", tmp_path / "t.csv", "--key", "files", "--folds", "2")
    assert said.code == 2
    assert "has no column 'files'; did you mean 'file'?" in said.err
