"""Papers: what people and their tools read first: the dataset card and the Croissant file."""

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from pixelmill import storage
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.ledger import Record, shards_of
from pixelmill.outputs import ShardRecord
from pixelmill.outputs.card import OutputFacts, dataset_card
from pixelmill.outputs.croissant import MOST_SHARDS, About, croissant
from pixelmill.outputs.features import Feature, record_feature
from pixelmill.plan import Plan
from pixelmill.spelling import by_line

CARD, CROISSANT = "README.md", "croissant.json"


def write_papers(job: Job, plan: Plan, facts: dict[str, Any], records: Collection[Record]) -> None:
    """Write README.md and croissant.json; `facts` are those that manifest.json will have."""
    classes = plan.about.get("classes", ())
    outputs = [_about(spec, facts, records, classes) for spec in job.outputs]
    said = _said(job, plan, facts)
    ids = [one["id"] for one in _dataset(plan).get("categories", ())]
    several = not job.dataset.license and len(_licenses(plan)) > 1
    license = "other" if several else said.license  # the word that a card has for several
    text = dataset_card(outputs, classes, said.name, license, said.description, ids)
    storage.write(storage.join(job.output, CARD), text.encode())
    reach("manifest.card")
    few = list(islice(_all_shards(job, records), MOST_SHARDS + 1))
    told = croissant(said, outputs, few, partial(_measured, facts))
    storage.write(storage.join(job.output, CROISSANT), json.dumps(told, indent=1).encode())


def _said(job: Job, plan: Plan, facts: dict[str, Any]) -> About:
    """What the job's words say of the dataset, and what is known without them."""
    said = job.dataset
    folder = os.path.basename(storage.masked(job.output).rstrip("/")) or "dataset"
    told = _dataset(plan)
    made = f"Made by pixelmill; version `{facts['version'][:16]}`."
    return About(
        name=said.name or folder,
        description="\n\n".join(filter(None, [said.description, made, told.get("said", "")])),
        license=said.license or "; ".join(_licenses(plan)),
        url=said.url,
        creator=said.creator,
        citation=said.citation,
        date=said.date.isoformat() if said.date else "",
        version=said.version,
    )


def _dataset(plan: Plan) -> dict[str, Any]:
    """What the form of the labels tells of the dataset: its categories, its licences, and so on."""
    found: dict[str, Any] = plan.about.get("dataset", {})
    return found


def _licenses(plan: Plan) -> list[str]:
    return [one["name"] for one in _dataset(plan).get("licenses", ()) if one.get("name")]


def _measured(facts: dict[str, Any]) -> tuple[int, str]:
    """The bytes and the sha256 that manifest.json will have."""
    digest, size = hashlib.sha256(), 0
    for piece in by_line(facts):
        data = piece.encode()
        digest.update(data)
        size += len(data)
    return size, digest.hexdigest()


def _about(
    spec: Output, facts: dict[str, Any], records: Collection[Record], classes: Sequence[str]
) -> OutputFacts:
    names: list[str] = []
    fields: set[str] = set()
    for shard in shards_of(spec.name, records):
        names.append(shard.name)
        fields.update(shard.fields)
    output = facts["outputs"][spec.name]
    seen = facts.get("statistics", {}).get(spec.name, {})
    types = _types(output, seen, classes)
    return OutputFacts(
        spec.name, spec.format, names, output["samples"], sorted(fields),
        bytes=output["bytes"], features=types,
    )  # fmt: skip


def _types(
    output: dict[str, Any], seen: dict[str, Any], classes: Sequence[str]
) -> dict[str, Feature]:
    """The type of `json`, where each of the output's samples was seen to have a record there."""
    ours, samples = seen.get("records", {}).get("ours", 0), output["samples"]
    if not ours or ours < max(seen["samples"], samples - output.get("repeated", 0)):
        return {}
    places = [seen.get(word, {}) for word in ("classes", "absent", "uncertain")]
    places.append(seen.get("objects", {}).get("classes", {}))
    known = {str(n) for n in range(len(classes))}
    return {"json": record_feature(classes if all(p.keys() <= known for p in places) else ())}


def _all_shards(job: Job, records: Collection[Record]) -> Iterator[ShardRecord]:
    return (shard for spec in job.outputs for shard in shards_of(spec.name, records))
