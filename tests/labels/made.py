"""Folders of small images beside tables that say what is in them."""

import json
import tarfile

import numpy as np
from splits.made import png, smooth

import pixelmill
from pixelmill import Job


def images(folder, names, rng):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(smooth(rng)))
    return str(folder)


def gray(folder, names, side=64):
    from PIL import Image

    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((side, side), number, np.uint8)).save(path)
    return str(folder)


def labelled(source, out, labels, workers=2, **more):
    executor = {"kind": "inline", "workers": workers}
    facts = {"executor": executor, "max_failures": 1000, "outputs": [{"image": "keep"}]}
    source = source if isinstance(source, dict) else {"urls": source}
    return Job(**{"source": {**source, "labels": labels}, "output": str(out), **facts, **more})


def done(source, out, labels, **more):
    """The report, the fields of each sample and the manifest."""
    report = pixelmill.run(labelled(source, out, labels, **more))
    found = {}
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, _, name = member.name.partition(".")
                found.setdefault(key, {})[name] = tar.extractfile(member).read()
    return report, found, json.loads((out / "manifest.json").read_text())


def told(fields):
    return json.loads(fields["json"])
