"""pixelmill reshard: other shards, the same samples."""

import gzip
import json
import tarfile
from pathlib import Path

import zstandard


def samples_of(paths):
    """Every member's name and bytes, in order."""
    found = []
    for path in sorted(paths):
        with tarfile.open(path) as tar:
            found += [(member.name, tar.extractfile(member).read()) for member in tar]
    return found


def contents(paths):
    return [Path(path).read_bytes() for path in paths]


def shards(folder):
    return sorted(Path(folder).glob("*.tar"))


def counts(folder):
    names = [[name for name, _ in samples_of([path])] for path in shards(folder)]
    return [len({name.partition(".")[0] for name in some}) for some in names]


def test_shards_are_split_and_merged_without_a_change(pixelmill, photos, tmp_path):
    """Broken photographs and all: nothing is decoded."""
    small, large = tmp_path / "small", tmp_path / "large"
    assert pixelmill("reshard", *photos, small, "--samples-per-shard", 5, "--quiet").code == 0
    assert counts(small) == [5, 5, 5, 5, 4]
    assert samples_of(shards(small)) == samples_of(photos)
    assert pixelmill("verify", small).code == 0
    said = pixelmill("reshard", small, large, "--count", 1, "--json", "--name", "all")
    assert said.code == 0
    assert json.loads(said.out)["tally"]["written"] == 24
    assert [path.name for path in shards(large)] == ["all-000000.tar"]
    assert samples_of(shards(large)) == samples_of(photos)


def test_shards_are_as_large_as_is_asked(pixelmill, photos, tmp_path):
    out = tmp_path / "out"
    assert pixelmill("reshard", *photos, out, "--shard-bytes", "300kB", "--quiet").code == 0
    assert max(path.stat().st_size for path in shards(out)) <= 300_000
    assert samples_of(shards(out)) == samples_of(photos)
    said = pixelmill("reshard", *photos, out, "--shard-bytes", "300kB", "--shuffle")
    assert said.code == 2
    assert "are counted in samples" in said.err


def test_the_same_shards_come_back_byte_for_byte(pixelmill, photos, tmp_path):
    pixelmill("reshard", *photos, tmp_path / "out", "--samples-per-shard", 8, "--quiet")
    before, after = (
        [Path(p).read_bytes() for p in some] for some in (photos, shards(tmp_path / "out"))
    )
    assert before == after


def test_compressed_shards_are_read_too(pixelmill, photos, tmp_path):
    packed = tmp_path / "packed"
    packed.mkdir()
    first, second, third = (Path(photo).read_bytes() for photo in photos)
    (packed / "0.tar.gz").write_bytes(gzip.compress(first, 1))
    (packed / "1.tar.zst").write_bytes(zstandard.compress(second))
    (packed / "2.tar").write_bytes(third)
    for name, more in (("out", ()), ("shuffled", ("--shuffle",))):
        out = tmp_path / name
        said = pixelmill("reshard", packed, out, "--samples-per-shard", 10, "--quiet", *more)
        assert said.code == 0
        assert counts(out) == [10, 10, 4]
        assert sorted(samples_of(shards(out))) == sorted(samples_of(photos))
        assert (samples_of(shards(out)) == samples_of(photos)) == (name == "out")
        assert pixelmill("verify", out).code == 0


def test_other_peoples_headers_become_ours(pixelmill, photos, tmp_path):
    (tmp_path / "theirs").mkdir()
    for number, photo in enumerate(photos):
        path = tmp_path / "theirs" / f"{number}.tar"
        with tarfile.open(photo) as before, tarfile.open(path, "w") as after:
            for member in before:
                data = before.extractfile(member)
                member.mtime, member.uname, member.uid = 1_700_000_000 + number, "me", 1000
                after.addfile(member, data)
    pixelmill("reshard", tmp_path / "theirs", tmp_path / "a", "--samples-per-shard", 8, "--quiet")
    assert [p.read_bytes() for p in shards(tmp_path / "a")] == [
        Path(p).read_bytes() for p in photos
    ]


def test_one_seed_makes_one_order(pixelmill, photos, tmp_path):
    found = []
    for name, seed, workers in (("a", 1, 1), ("b", 1, 3), ("c", 2, 2)):
        words = ("--count", 2, "--shuffle", "--seed", seed, "--workers", workers, "--quiet")
        assert pixelmill("reshard", *photos, tmp_path / name, *words).code == 0
        found.append([path.read_bytes() for path in shards(tmp_path / name)])
    assert found[0] == found[1] != found[2]


def test_classes_are_balanced(pixelmill, photos, tmp_path):
    words = ("--count", 2, "--balance", "cls", "--draw", "largest", "--json")
    said = pixelmill("reshard", *photos, tmp_path / "out", *words)
    assert said.code == 0
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    classes = manifest["outputs"]["train"]["classes"].values()
    assert {one["out"] for one in classes} == {max(one["in"] for one in classes)}
    assert sum(counts(tmp_path / "out")) == len(classes) * max(one["in"] for one in classes)


def test_a_damaged_shard_costs_its_last_sample_and_is_told(pixelmill, photos, tmp_path):
    (tmp_path / "in").mkdir()
    data = Path(photos[0]).read_bytes()
    (tmp_path / "in" / "0.tar").write_bytes(data[: len(data) // 2])
    (tmp_path / "in" / "1.tar").write_bytes(Path(photos[1]).read_bytes())
    out = tmp_path / "out"
    words = ("--samples-per-shard", 4, "--max-failures", 1)
    said = pixelmill("reshard", tmp_path / "in", out, *words, "--json")
    assert said.code == 1
    report = json.loads(said.out)
    assert report["tally"]["quarantined"] == {"truncated_shard": 1}
    assert "0.tar" in report["damaged"][0]
    assert sum(counts(out)) == report["tally"]["written"] == report["tally"]["read"] - 1


def test_it_says_what_it_needs(pixelmill, photos, tmp_path):
    said = pixelmill("reshard", *photos, tmp_path / "out")
    assert said.code == 2
    assert "--samples-per-shard, --shard-bytes or --count" in said.err
    assert "expected SOURCE... OUTPUT" in pixelmill("reshard", photos[0], "--count", 2).err
    said = pixelmill("reshard", *photos, tmp_path / "out", "--count", 2, "--last", "dorp")
    assert said.code == 2
    assert "did you mean 'drop'?" in said.err
    assert not (tmp_path / "out").exists()


def test_run_takes_the_words_too(pixelmill, photos, tmp_path):
    words = ("--resize", 48, "--samples-per-shard", 6, "--equal", "--shuffle", "--max-failures", 9)
    said = pixelmill("run", *photos, tmp_path / "out", *words, "--quiet")
    assert said.code == 0
    assert counts(tmp_path / "out") == [6, 6, 6, 5]
    said = pixelmill("status", tmp_path / "out")
    assert "4 of 4 shards gathered" in said.out
    said = pixelmill("plan", *photos, tmp_path / "other", *words)
    assert said.code == 0
    assert "more until it is done" in said.out
