"""Said: what else a data row says: splits, relationships, and all that has no column, as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pixelmill.labels.labelbox import export

Json = dict[str, Any]


def split_of(row: Json) -> str:
    """The value of the metadata field "split", which Labelbox keeps for that; "" without one."""
    for field in row.get("metadata_fields") or ():
        if field.get("schema_name", field.get("name")) == "split":
            value = field.get("value")
            chosen = value[0] if isinstance(value, list) and value else value
            named = chosen.get("schema_name") if isinstance(chosen, dict) else chosen
            return str(named or "")
    return ""


def relations_of(given: Sequence[Json], ids: Mapping[str, int]) -> dict[str, list[Any]]:
    """Relationships between objects, by the numbers of the two."""
    relations: dict[str, list[Any]] = {"subj": [], "obj": [], "label": []}
    for label in given:
        for one in (label.get("annotations") or {}).get("relationships") or ():
            ends = [v for v in one.values() if isinstance(v, dict) and {"source", "target"} <= {*v}]
            subject, other = (str(ends[0][end]) if ends else "" for end in ("source", "target"))
            if subject in ids and other in ids:
                relations["subj"].append(ids[subject])
                relations["obj"].append(ids[other])
                relations["label"].append(str(one.get("name") or ""))
    return relations


def meta_of(row: Json, ids: Mapping[str, int]) -> str:
    """All that has no column: of each object by its number, and of each label.

    The answers of each annotator are here as they were given, nested; shapes are not.
    """
    told: Json = {name: row[name] for name in row if name not in ("data_row", "projects")}
    told["data_row"] = row["data_row"]
    told["projects"] = [_project(id, one) for id, one in row["projects"].items()]
    told["objects"] = {
        str(ids[str(one.get("feature_id"))]): _object(one, label)
        for label in export.given_in(row)
        for one in export.objects_of(label)
    }
    return json.dumps(export.without_signatures(told), ensure_ascii=False)


def _project(id: str, project: Json) -> Json:
    labels = [_label(one) for one in project.get("labels") or ()]
    return {"id": id, **project, "labels": labels}


def _label(label: Json) -> Json:
    """The label without its objects, which have columns."""
    annotations = label.get("annotations") or {}
    kept = {name: value for name, value in annotations.items() if name != "objects"}
    return {**label, "annotations": kept}


_SHAPES = frozenset(
    ["bounding_box", "polygon", "line", "point", "mask", "composite_mask", "name", "value"]
)


def _object(told: Json, label: Json) -> Json:
    kept = {name: value for name, value in told.items() if name not in _SHAPES and value != []}
    return {"label": label.get("id"), **kept}
