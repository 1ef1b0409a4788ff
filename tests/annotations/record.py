"""Samples with annotations for tests: the fixed schema, filled in."""

import io
import json

import numpy as np
import simplejpeg
from PIL import Image

from pixelmill import Job
from pixelmill.annotations.schema import OBJECT, unknown_record
from pixelmill.pipeline import Pipeline
from pixelmill.sample import Sample
from pixelmill_kernels import rle


def record_of(width, height, *rows, **more):
    """The `json` member of an image with these objects."""
    full = [{"id": n, "category": n, **row} for n, row in enumerate(rows)]
    columns = {
        name: [row.get(name, column.unknown) for row in full] for name, column in OBJECT.items()
    }
    known = {"id": "a", "width": width, "height": height, "objects": columns}
    whole = {**unknown_record(), **known, **more}
    return json.dumps(whole).encode()


def masked(mask, **row):
    """An object that is a mask, with its box."""
    counts = rle.encode(mask.astype(np.uint8))
    box = [float(n) for n in rle.box(counts, mask.shape)]
    text = rle.to_text(counts).decode()
    return {"bbox": box, "rle_size": [*mask.shape], "rle_counts": text, **row}


def mask_in(objects, row=0):
    counts = rle.from_text(objects["rle_counts"][row].encode())
    return rle.decode(counts, tuple(objects["rle_size"][row]))


def photo(width, height, exif=None, **fields):
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    data = simplejpeg.encode_jpeg(image, 90)
    if exif:
        tags = Image.Exif()
        tags[0x0112] = exif
        out = io.BytesIO()
        Image.fromarray(image).save(out, "jpeg", exif=tags)
        data = out.getvalue()
    names = {name.replace("_png", ".png"): value for name, value in fields.items()}
    return Sample("a", {"jpg": data, **names}, "in.tar")


def png(levels, palette=None):
    out = io.BytesIO()
    image = Image.fromarray(levels)
    if palette:
        image.putpalette(palette)
    image.save(out, "png")
    return out.getvalue()


def levels(data):
    return np.array(Image.open(io.BytesIO(data)))


def through(sample, *steps, **options):
    """The outcome of a job with these transforms."""
    job = Job(source="in.tar", output="out", transforms=list(steps), **options)
    return Pipeline(job)(sample)


def fields_after(sample, *steps, **options):
    outcome = through(sample, *steps, **options)
    return outcome.what.samples["train"].fields


def objects_after(sample, *steps, **options):
    return json.loads(fields_after(sample, *steps, **options)["json"])["objects"]
