import gc
import io
import warnings

import numpy as np
import pytest
from PIL import Image

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
