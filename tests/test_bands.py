"""A satellite's bands through whole jobs: the oracle is the same kernels called one by one."""

import io
import json
import tarfile

import numpy as np
import pytest

import pixelmill
from pixelmill import Job
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.resize import resize

NORMALIZE = {"normalize": {"mean": [0.2], "std": [0.1]}}
SIZE = (60, 47)


def dumped(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


@pytest.fixture
def scenes(rng, tmp_path):
    """A shard of three scenes of 13 bands, 12 bits in uint16 as Sentinel-2 has them; their bands
    by key."""
    bands = {f"{n:04}": rng.integers(0, 4096, (*SIZE, 13), np.uint16) for n in range(3)}
    with tarfile.open(tmp_path / "scenes.tar", "w") as tar:
        for key, scene in bands.items():
            for name, data in (("npy", dumped(scene)), ("cls", b"7")):
                member = tarfile.TarInfo(f"{key}.{name}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return str(tmp_path / "scenes.tar"), bands


def run(shard, folder, transforms, image, color="keep"):
    job = Job(
        source={"urls": [shard], "image": "npy"}, decode={"color": color}, output=str(folder),
        transforms=transforms, outputs=[{"image": {"format": "npy", **image}}], max_failures=3,
        executor={"kind": "inline", "workers": 1},
    )  # fmt: skip
    report = pixelmill.run(job)
    found = {}
    for path in sorted(folder.glob("*.tar")):
        with tarfile.open(path) as tar:
            found |= {m.name: tar.extractfile(m).read() for m in tar if m.name.endswith(".npy")}
    return report, {name[:4]: np.load(io.BytesIO(data)) for name, data in found.items()}


def test_thirteen_bands_go_through_bands_resize_and_normalize(scenes, tmp_path):
    shard, bands = scenes
    for layout in ("hwc", "chw"):
        report, found = run(
            shard, tmp_path / layout,
            [{"resize": 32}, {"center_crop": 24}, "flip", NORMALIZE],
            {"dtype": "float32", "layout": layout},
        )  # fmt: skip
        assert report.tally.written == 3
        for key, scene in bands.items():
            small = resize(scene, (41, 32))[8:32, 4:28][:, ::-1]
            floats = normalize(np.ascontiguousarray(small), [0.2] * 13, [0.1] * 13, layout)
            assert found[key].tobytes() == floats.tobytes()
            assert found[key].shape == floats.shape


def test_some_bands_are_chosen_before(scenes, tmp_path):
    shard, bands = scenes
    order = [13, 8, 4, 3, 2]
    report, found = run(
        shard, tmp_path / "out",
        [{"bands": order}, {"resize": 32}, NORMALIZE],
        {"dtype": "float32"},
    )  # fmt: skip
    assert report.tally.written == 3
    for key, scene in bands.items():
        chosen = np.ascontiguousarray(scene[..., [band - 1 for band in order]])
        expected = normalize(resize(chosen, (41, 32)), [0.2] * 5, [0.1] * 5, "hwc")
        assert found[key].tobytes() == expected.tobytes()


def test_levels_of_sixteen_bits_stay_levels(scenes, tmp_path):
    shard, bands = scenes
    report, found = run(shard, tmp_path / "out", [{"resize": 32}], {"dtype": "uint16"})
    assert report.tally.written == 3
    for key, scene in bands.items():
        np.testing.assert_array_equal(found[key], resize(scene, (41, 32)))


def test_whatever_moves_pixels_moves_all_bands(scenes, tmp_path):
    moves = [
        {"random_resized_crop": 40}, {"rotate90": 1}, {"pad": {"border": 3}},
        {"affine": {"degrees": 20.0}}, {"perspective": {}}, {"elastic": {}},
    ]  # fmt: skip
    shard, bands = scenes
    report, found = run(shard, tmp_path / "out", moves, {"dtype": "uint16"})
    assert report.tally.written == len(bands)
    assert {(scene.shape, scene.dtype.name) for scene in found.values()} == {
        ((46, 46, 13), "uint16")
    }


def test_bands_that_are_asked_to_be_rgb_go_to_quarantine_with_the_way_out(scenes, tmp_path):
    shard, _ = scenes
    report, _ = run(shard, tmp_path / "out", [{"resize": 32}], {}, color="rgb")
    assert report.tally.quarantined == {"undecodable": 3}
    with tarfile.open(next((tmp_path / "out" / "quarantine").glob("*.tar"))) as tar:
        told = [tar.extractfile(m).read() for m in tar if m.name.endswith(".json")]
    assert "13 bands of uint16" in json.loads(told[0])["message"]
    assert "set decode.color to keep" in json.loads(told[0])["message"]
