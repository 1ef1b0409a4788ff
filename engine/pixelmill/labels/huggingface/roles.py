"""Roles: which column of Hugging Face's Parquet is what, by the features in its metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pixelmill.errors import JobError
from pixelmill.job.labels.own import HuggingFaceLabels

Feature = Any  # a dict of features by name, or of one with "_type"
_LISTS = frozenset(["List", "LargeList", "Sequence"])
_BOXES = ("bbox", "bboxes", "boxes")
_CATEGORIES = ("category", "categories", "category_id", "label", "labels", "class")
_MASKS = ("mask", "seg", "annotation", "label", "ground_truth")


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of columns, "" for none; `classes` in order, and their numbers.

    `box` and `category` are within `objects`.  `numbers` gives the class of each name of a
    ClassLabel: of the "label", of "objects", and of "many" labels.
    """

    objects: str = ""
    box: str = ""
    category: str = ""
    many: str = ""
    mask: str = ""
    classes: tuple[str, ...] = ()
    numbers: Mapping[str, Sequence[int]] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def roles_of(features: Mapping[str, Feature], image: str, labels: HuggingFaceLabels) -> Roles:
    """The roles; JobError where a column that was named is not there or has no boxes.

    One list of classes: the label's, then those of objects, then of several labels, each name once.
    """
    for column in filter(None, (labels.objects, labels.mask, labels.group, labels.side)):
        if column not in features:
            told = ", ".join(features) or "none: it was not written by Hugging Face datasets"
            raise JobError([f"source.labels: no feature is called {column!r} (there are: {told})"])
    within = {name: inner for name in features if (inner := _struct(features[name]))}
    objects = labels.objects or next(
        (name for name, inner in within.items() if {*_BOXES} & {*inner}), ""
    )
    struct = within.get(objects, {})
    box = next((name for name in _BOXES if name in struct), "")
    if objects and not box:
        raise JobError([f"source.labels.objects: {objects!r} has no {' or '.join(_BOXES)}"])
    category = next((name for name in _CATEGORIES if name in struct), "")
    many = next((name for name in features if _is_many(features[name])), "")
    label = next((name for name in features if names_of(features[name])), "")
    classes: list[str] = []
    numbers: dict[str, list[int]] = {}
    for role, feature in (
        ("label", features.get(label)),
        ("objects", _inner(struct.get(category))),
        ("many", _inner(features.get(many))),
    ):
        names = names_of(feature)
        classes += [name for name in dict.fromkeys(names) if name not in classes]
        numbers[role] = [classes.index(name) for name in names]
    mask = labels.mask or _mask(features, image)
    return Roles(objects, box, category, many, mask, tuple(classes), numbers)


def names_of(feature: Feature) -> list[str]:
    """The names of a ClassLabel; [] of anything else."""
    if not isinstance(feature, dict) or feature.get("_type") != "ClassLabel":
        return []
    given = feature.get("names")
    return [*map(str, given)] if given else [str(n) for n in range(feature.get("num_classes") or 0)]


def _inner(feature: Feature) -> Feature:
    """What a list is of."""
    while isinstance(feature, dict) and feature.get("_type") in _LISTS:
        feature = feature.get("feature")
    return feature


def _struct(feature: Feature) -> dict[str, Feature]:
    """The fields of a struct of lists, or of a list of structs."""
    inner = _inner(feature)
    is_struct = isinstance(inner, dict) and not isinstance(inner.get("_type"), str)
    return inner if is_struct else {}


def _is_many(feature: Feature) -> bool:
    is_list = isinstance(feature, dict) and feature.get("_type") in _LISTS
    return is_list and bool(names_of(_inner(feature)))


def _mask(features: Mapping[str, Feature], image: str) -> str:
    """The further image that is called a mask, or that is the only one."""
    others = [
        name
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "Image" and name != image
    ]
    named = [name for name in others if any(part in name.lower() for part in _MASKS)]
    return named[0] if named else others[0] if len(others) == 1 else ""
