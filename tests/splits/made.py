"""Tars of small images that have a class and a group, and jobs that split them."""

import csv
import io
import json

import numpy as np
from exchange.exchanged import write_tar
from PIL import Image

from pixelmill import Job


def png(pixels):
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG")
    return data.getvalue()


def smooth(rng):
    """A picture of its own kind: its perceptual hash is far from those of others."""
    small = rng.integers(0, 256, (8, 8, 3), np.uint8)
    return np.array(Image.fromarray(small).resize((40, 40), Image.Resampling.BICUBIC))


def sample(number, rng, groups=12, classes=3):
    told = {"group": f"p{number % groups}", "labels": [number % classes, 7][: 1 + number % 2]}
    fields = {"png": png(smooth(rng)), "cls": b"%d" % (number % classes)}
    return f"a{number:04d}", {**fields, "json": json.dumps(told).encode()}


def shards(folder, rng, count=60, tars=3, **more):
    samples = [sample(number, rng, **more) for number in range(count)]
    return [write_tar(folder / f"in-{at}.tar", samples[at::tars]) for at in range(tars)]


def splitting(source, out, split, workers=2, **more):
    facts = {"executor": {"kind": "inline", "workers": workers}, "max_failures": 1000}
    facts["outputs"] = [{"image": "keep"}]
    return Job(**{"source": source, "output": str(out), "split": split, **facts, **more})


def assigned(out):
    """The side of every key."""
    texts = [file.read_text() for file in sorted((out / "split").glob("*.csv"))]
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text))]
    return {row["key"]: row["split"] for row in rows}
