"""Export: the data rows of an export of version 2; every other dialect is refused by its name."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pixelmill import storage
from pixelmill.errors import JobError
from pixelmill.job.labels.labelbox import LabelboxLabels
from pixelmill.labels.labelbox.answers import paths_of
from pixelmill.labels.labelbox.texts import values_in
from pixelmill.labels.table import Row

Json = dict[str, Any]
# What a data row's asset_type or mime_type may say of an image.
_IMAGES = ("image", "")
_MOST = 100_000  # as many are no classes but names


@dataclass(slots=True)
class Classes:
    """The names that objects have, and the answers, as far as an export was read."""

    objects: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)


def rows_of(labels: LabelboxLabels, classes: Classes, url: str) -> Iterator[Row]:
    """The image's name, and its data row without embeddings as text; `classes` grow."""
    for number, value in enumerate(values_in(url), 1):
        row = expect_data_row(value, f"{storage.masked(url)}, data row {number}")
        kept = _kept(row, labels)
        for label in given_in(kept):
            classes.objects.update(str(one["name"]) for one in objects_of(label) if "name" in one)
            classes.answers.update(paths_of(label))
        if len(classes.objects) + len(classes.answers) > _MOST:
            raise JobError([f"{storage.masked(url)}: has more than {_MOST:,} classes"])
        yield name_of(kept, labels.named_by), json.dumps(kept)


def expect_export(url: str) -> None:
    """JobError where the first value of a file is no data row of version 2, or there is none."""
    first = next(values_in(url), None)
    if first is None:
        raise JobError([f"{storage.masked(url)}: is empty; it is to be a Labelbox export"])
    expect_data_row(first, storage.masked(url))


def expect_data_row(value: Any, where: str) -> Json:
    """The value, which is an image's row of version 2; JobError that names what it is instead."""
    if not isinstance(value, dict):
        raise JobError([f"{where}: expected an object of JSON, got {type(value).__name__}"])
    if isinstance(value.get("data_row"), dict) and isinstance(value.get("projects"), dict):
        _expect_image(value, where)
        return value
    raise JobError([f"{where}: {_dialect(value)}"])


def _dialect(value: Json) -> str:
    """What else Labelbox writes or reads, and what to do about it."""
    if "Labeled Data" in value or "DataRow ID" in value:
        return (
            "is a Labelbox export of version 1 (`Labeled Data`, `Label`), which is no longer "
            "made; export the project again as version 2"
        )
    if "dataRow" in value or "schemaId" in value:
        return (
            "is Labelbox's import NDJSON (`dataRow`, `schemaId`), which uploads annotations; "
            "export the project as version 2"
        )
    return (
        "is no Labelbox export of version 2, which has `data_row` and `projects`; it has "
        f"{', '.join(map(repr, list(value)[:8])) or 'nothing'}"
    )


def _expect_image(row: Json, where: str) -> None:
    media = row.get("media_attributes") or {}
    kind = str(media.get("asset_type") or media.get("mime_type") or "").partition("/")[0].lower()
    framed = any("frames" in (label.get("annotations") or {}) for label in labels_of(row))
    if framed or kind == "video":
        raise JobError(
            [
                f"{where}: is of a video, whose annotations are by frame; export images, or cut "
                "the video into them"
            ]
        )
    if kind not in _IMAGES:
        raise JobError([f"{where}: is of asset type {kind!r}, not of an image; export images"])


def _kept(row: Json, labels: LabelboxLabels) -> Json:
    """Without embeddings, four fifths of a file, without other projects, and without signatures.

    A signed URL opens the image to whoever reads it: it is kept only where it is asked to be used.
    """
    projects = {
        id: project
        for id, project in row["projects"].items()
        if labels.project in (None, id, project.get("name"))
    }
    kept = {**row, "projects": projects}
    kept.pop("embeddings", None)
    return kept if labels.download else without_signatures(kept)


def without_signatures(value: Any) -> Any:
    """The same with every URL as it may be shown."""
    if isinstance(value, dict):
        return {name: without_signatures(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_signatures(inner) for inner in value]
    is_url = isinstance(value, str) and value.startswith(("http://", "https://"))
    return storage.masked(value) if is_url else value


def name_of(row: Json, named_by: str) -> str:
    """The name that its image has, the id where it has none."""
    told = row["data_row"]
    names = (told.get(named_by), told.get("external_id"), told.get("global_key"), told.get("id"))
    return next((str(name) for name in names if name), "")


def labels_of(row: Json) -> list[Json]:
    """Every label of every project: one for each annotator, and each time."""
    return [label for project in row["projects"].values() for label in project.get("labels") or ()]


def given_in(row: Json) -> list[Json]:
    """The labels of those who did not skip the image."""
    return [label for label in labels_of(row) if not is_skipped(label)]


def objects_of(label: Json) -> list[Json]:
    """Its objects; one that has no feature_id gets its place for one, and null has no shape."""
    found = (label.get("annotations") or {}).get("objects") or []
    objects = [one if isinstance(one, dict) else {} for one in found]
    places = (f"{label.get('id')} {place}" for place in range(len(objects)))
    return [
        {**one, "feature_id": one.get("feature_id") or place}
        for one, place in zip(objects, places, strict=True)
    ]


def is_skipped(label: Json) -> bool:
    return bool((label.get("performance_details") or {}).get("skipped"))


def annotator_of(label: Json) -> str:
    return str((label.get("label_details") or {}).get("created_by") or "")


def score_of(label: Json) -> float:
    """How far it agrees with the others' labels of its image; 1 where that was not asked."""
    score = (label.get("performance_details") or {}).get("consensus_score")
    return float(score) if isinstance(score, int | float) else 1.0
