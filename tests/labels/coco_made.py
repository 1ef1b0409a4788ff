"""Two images of COCO, made here, with all that its tasks may say of them; one has nothing."""

import json

import numpy as np
from labels.made import gray

from pixelmill_kernels import rle

SIDE = 64
CATEGORIES = [
    {"supercategory": "animal", "id": 90, "name": "dog"},
    {"supercategory": "person", "id": 1, "name": "person"},
    {"supercategory": "animal", "id": 17, "name": "cat"},
]
LICENSES = [{"id": 4, "name": "Attribution", "url": "http://creativecommons.org/licenses/by/2.0/"}]
SQUARE = [10.0, 5.0, 20.0, 5.0, 20.0, 15.0, 10.0, 15.0]
POINTS = [20.0, 30.0, 2, *[0.0, 0.0, 0] * 15, 40.0, 35.0, 1]


def mask():
    found = np.zeros((SIDE, SIDE), np.uint8)
    found[30:50, 20:45] = 1
    return found


def image(number, name, **more):
    facts = {"width": SIDE, "height": SIDE, "license": 4, "coco_url": f"http://images/{name}"}
    return {"id": number, "file_name": name, **facts, **more}


IMAGES = [image(42, "000042.png"), image(7, "000007.png"), image(99, "000099.png")]


def annotation(number, image_id=42, category=17, **more):
    return {"id": number, "image_id": image_id, "category_id": category, "iscrowd": 0, **more}


def instances():
    counts = rle.encode(mask())
    square = {"bbox": [10, 5, 10, 10], "area": 99.5, "segmentation": [SQUARE]}
    crowd = {"bbox": [20, 30, 25, 20], "area": 777, "iscrowd": 1}
    runs = {"size": [SIDE, SIDE], "counts": counts.tolist()}
    text = {"size": [SIDE, SIDE], "counts": rle.to_text(counts).decode()}
    return [
        annotation(5, **square),
        annotation(6, category=1, **crowd | {"segmentation": runs}),
        annotation(8, image_id=7, category=90, **crowd | {"segmentation": text}),
    ]


def write(folder, name, annotations, order=("images", "annotations", "categories"), **more):
    """A JSON of these annotations, its names in that order."""
    lists = {"info": {"year": 2017}, "licenses": LICENSES, "images": IMAGES}
    lists |= {"annotations": annotations, "categories": CATEGORIES, **more}
    names = [*order, *(name for name in lists if name not in order)]
    path = folder / name
    path.write_text(json.dumps({name: lists[name] for name in names}))
    return str(path)


def photos(folder):
    return gray(folder / "images", ["000007.png", "000042.png", "000099.png"], SIDE)
