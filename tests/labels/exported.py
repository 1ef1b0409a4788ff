"""Labelbox exports of version 2 for tests: data rows with the labels of some annotators."""

import json


def box(left, top, width, height, name="cat", **more):
    shape = {"left": left, "top": top, "width": width, "height": height}
    return {"name": name, "annotation_kind": "ImageBoundingBox", "bounding_box": shape, **more}


def points(*places):
    return [{"x": x, "y": y} for x, y in places]


def answered(question, *answers, nested=()):
    chosen = [{"name": name, "value": name, "classifications": [*nested]} for name in answers]
    if len(chosen) == 1:
        return {"name": question, "value": question, "radio_answer": chosen[0]}
    return {"name": question, "value": question, "checklist_answers": chosen}


def label(*objects, who="ann@example.org", answers=(), relationships=(), skipped=False, score=None):
    numbered = [{"feature_id": f"{who[:4]}-{n}", **one} for n, one in enumerate(objects)]
    performance = {"skipped": skipped, "seconds_to_create": 3}
    if score is not None:
        performance["consensus_score"] = score
    annotations = {"objects": numbered, "classifications": [*answers]}
    return {
        "id": f"label of {who}",
        "label_details": {"created_by": who},
        "performance_details": performance,
        "annotations": {**annotations, "relationships": [*relationships]},
    }


def data_row(name, *labels, size=(64, 64), url="", **more):
    told = {"id": f"id of {name}", "external_id": name, "row_data": url}
    return {
        "data_row": told,
        "media_attributes": {"height": size[0], "width": size[1], "mime_type": "image/png"},
        "embeddings": [{"name": "e", "values": [0.5] * 64}],
        "projects": {"p1": {"name": "animals", "labels": [*labels]}},
        **more,
    }


def export(folder, *rows, array=False, name="export.ndjson"):
    path = folder / name
    lines = "\n".join(json.dumps(row) for row in rows)
    path.write_text(json.dumps(rows, indent=2) if array else lines + "\n")
    return {"form": "labelbox", "table": str(path)}
