import gc
import io
import tarfile
import warnings

import numpy as np
import pytest
from PIL import Image

from pixelmill.annotations.schema import object_columns
from pixelmill.labels.record import record, written
from pixelmill.outputs import open_output
from pixelmill.sample import Sample


def _jpeg(number):
    out = io.BytesIO()
    Image.new("RGB", (32 + number, 24), (10 * number, 90, 30)).save(out, "JPEG")
    return out.getvalue()


def _mask(number):
    out = io.BytesIO()
    Image.fromarray(np.full((24, 32 + number), number, np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="session")
def samples():
    """Twelve: photograph, mask, label, caption, JSON; keys that need all three forms of header."""
    keys = [f"n0144/img_{i:03d}" for i in range(10)]
    keys += [f"{'long' * 20}/{'name' * 20}", "Grüße/größe"]
    return [
        Sample(
            key,
            {
                "cls": b"%d" % (i % 3),
                "jpg": _jpeg(i),
                # None in the first five, then some: what readers that guess types fall over.
                "json": b'{"boxes": []}' if i < 5 else b'{"boxes": [[1, 2, 3, 4.5]]}',
                "seg.png": _mask(i),
                "txt": f"photograph {i}, schön".encode(),
            },
            "here",
            "jpg",
        )
        for i, key in enumerate(keys)
    ]


@pytest.fixture(scope="session")
def write():
    def run(folder, given, format="webdataset", output="train", **options):
        opened = open_output(format, str(folder), output, lambda i: f"{output}-{i:06d}", **options)
        for sample in given:
            opened.add(sample, sample.fields[sample.image_field], sample.image_field)
        return opened.close()

    return run


@pytest.fixture(scope="session")
def tars(tmp_path_factory, samples, write):
    """A folder with two shards of six samples."""
    folder = tmp_path_factory.mktemp("tars")
    write(folder, samples, samples=6)
    return folder


@pytest.fixture
def webdataset_reads():
    """What the webdataset package makes of tars, decoded."""
    import webdataset as wds

    def run(urls, *decoders):
        with warnings.catch_warnings():
            # webdataset 1.0.2 leaves the shards that it opened to the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            found = list(wds.WebDataset(urls, shardshuffle=False).decode(*decoders))
            gc.collect()
        return found

    return run


@pytest.fixture
def load(tmp_path):
    """Hugging Face's load_dataset, with its cache in the test's folder."""
    import datasets

    datasets.disable_progress_bars()

    def run(*args, **kwargs):
        return datasets.load_dataset(*args, cache_dir=str(tmp_path / "cache"), **kwargs)

    return run


OBJECTS = object_columns(
    2,
    id=[11, 12],
    category=[1, 0],
    bbox=[[1.5, 2.0, 10.0, 8.0], [0.0, 0.0, 4.0, 4.5]],
    area=[80.0, 18.0],
    polygons=[[[1.5, 2.0, 11.5, 2.0, 11.5, 10.0]], []],
    rle_counts=["", "X"],
    rle_size=[[0, 0], [24, 32]],
    keypoints=[[], [1.0, 2.0, 2.0]],
)


@pytest.fixture(scope="session")
def jpeg():
    return _jpeg


@pytest.fixture(scope="session")
def labelled():
    return _labelled


def _labelled(n):
    """The record of sample n; the first five are empty, the others have what it can hold."""
    said = {"width": 32 + n, "height": 24}
    if n >= 5:
        said |= {"objects": OBJECTS, "labels": [1], "label_state": [1], "captions": ["a cat"]}
        said |= {"relations": {"subj": [11], "obj": [12], "label": ["on"]}, "meta": '{"a":1.5}'}
    return record(f"img-{n}", "test", **said)


@pytest.fixture(scope="session")
def labelled_tar():
    """Writes a tar of labelled samples, each with an image, a class, a record and a mask."""

    def run(path, numbers, others=None):
        with tarfile.open(path, "w") as tar:
            for n in numbers:
                told = (others or {}).get(n) or written(_labelled(n))
                fields = {
                    "jpg": _jpeg(n),
                    "cls": b"%d" % (n % 2),
                    "json": told,
                    "seg.png": _mask(n),
                }
                for name, data in fields.items():
                    member = tarfile.TarInfo(f"d.x/img-{n}.{name}")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
        return str(path)

    return run
