"""Image: which of the JSON's images a key means, and what is said of it besides its objects."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from pixelmill.errors import SampleError
from pixelmill.labels.coco.objects import Json, segments_of
from pixelmill.labels.forms import Lookup, stem

_META = ("id", "file_name", "license", "date_captured", "flickr_url")


def image_of(key: str, images: Sequence[Json]) -> Json | None:
    """That whose name ends as the key does, or is the end of it; of several the longest."""
    ours = key.split("/")
    fitting: dict[int, list[Json]] = {}
    for image in images:
        theirs = stem(str(image.get("file_name")).replace("\\", "/")).split("/")
        count = min(len(ours), len(theirs))
        if ours[-count:] == theirs[-count:]:
            fitting.setdefault(count, []).append(image)
    best = fitting[max(fitting)] if fitting else []
    if len({str(image.get("id")) for image in best}) > 1:
        ids = " and ".join(str(image.get("id")) for image in best[:2])
        raise SampleError(
            f"{key}: images {ids} of the JSON have this file_name; give each its own",
            "image_named_twice",
        )
    return best[0] if best else None


def size_of(image: Json, lookup: Lookup) -> tuple[tuple[int, int], Counter[str]]:
    """(height, width) that the annotations were drawn on: as said, or as the file has it."""
    said = int(image.get("height") or 0), int(image.get("width") or 0)
    real = lookup.size
    if not all(said):
        return real, Counter()
    known = all(real) and said not in (real, real[::-1])  # EXIF may turn it
    return said, Counter(annotations_of_another_size=1) if known else Counter()


def provenance_of(image: Json, licenses: Sequence[Json]) -> dict[str, str]:
    number = image.get("license")
    license = next((one for one in licenses if one["id"] == number), {})
    return {
        "url": str(image.get("coco_url") or image.get("flickr_url") or ""),
        "license": str(license.get("url") or license.get("name") or ""),
        "author": "",
        "sha256": "",
    }


def meta_of(image: Json, found: Mapping[str, Sequence[Json]]) -> str:
    """What has no column: areas as they were published, by the annotation's id, among others."""
    rows = [row for task, some in found.items() if task != "panoptic" for row in some]
    told = {name: image[name] for name in _META if name in image}
    told |= {"area": {str(row.get("id")): row["area"] for row in rows if "area" in row}}
    if ignored := [row.get("id") for row in rows if row.get("ignore")]:
        told["ignore"] = ignored
    if segments := segments_of(found):
        told["segments_info"] = segments
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))
