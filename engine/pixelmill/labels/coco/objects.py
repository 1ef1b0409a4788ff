"""Objects: the annotations of one image, of all tasks, as they were published."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pixelmill.labels.mended import Found

Json = dict[str, Any]
# Those that draw objects.  Keypoints are of persons that instances have under the same id.
_DRAWN = ("instances", "keypoints", "stuff")


def objects_of(found: Mapping[str, Sequence[Json]], numbers: Mapping[int, int]) -> list[Found]:
    """The objects of an image; `numbers` has ours of each category's id."""
    objects: list[Found] = []
    for task in _DRAWN:
        places = {one.id: place for place, one in enumerate(objects) if one.id is not None}
        for row in found.get(task, ()):
            one = _object(row, numbers)
            place = places.get(-1 if one.id is None else one.id)
            if place is None:
                objects.append(one)
            elif task == "keypoints" and one.category == objects[place].category:
                objects[place] = replace(objects[place], keypoints=one.keypoints)
            else:  # two files that count from 1 each
                objects.append(replace(one, id=None))
    if not any(task in found for task in _DRAWN):
        objects = [_object(segment, numbers) for segment in segments_of(found)]
    return objects


def segments_of(found: Mapping[str, Sequence[Json]]) -> list[Json]:
    """The segments of the panoptic mask."""
    return [one for row in found.get("panoptic", ()) for one in row.get("segments_info", ())]


def _object(row: Json, numbers: Mapping[int, int]) -> Found:
    drawn = row.get("segmentation") or ()
    runs: Any = (drawn.get("size"), drawn.get("counts")) if isinstance(drawn, dict) else None
    return Found(
        category=numbers.get(_whole(row.get("category_id"), -1)),
        box=row.get("bbox") or None,
        id=_whole(row.get("id"), None),
        polygons=() if runs else drawn,
        runs=runs,
        keypoints=row.get("keypoints") or (),
        area=row.get("area"),
        iscrowd=row.get("iscrowd", 0),
        score=row.get("score", 1.0),
    )


def _whole(value: Any, otherwise: Any) -> Any:
    return value if isinstance(value, int) else otherwise
