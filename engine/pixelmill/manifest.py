"""Manifest: what the finished output holds; its own hash names this version of the dataset."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

import pixelmill
from pixelmill import storage
from pixelmill.exchange.draw import kept_draw
from pixelmill.failpoint import reach
from pixelmill.job import Job, Output
from pixelmill.labels import summary
from pixelmill.ledger import MANIFEST, Record, settled, total
from pixelmill.outputs import ShardRecord
from pixelmill.outputs.card import OutputFacts, dataset_card
from pixelmill.plan import Plan, job_facts
from pixelmill.spelling import Rows, by_line, tight
from pixelmill.splits import find_leaks

NAME, CARD = MANIFEST, "README.md"


def manifest(job: Job, plan: Plan, records: Collection[Record]) -> dict[str, Any]:
    """Nothing in it depends on time, machine or workers: the same job gives the same version.

    What there is one of for each shard is Rows: of 100,000 shards a quarter of a gigabyte.
    """
    facts = {
        "format": 1,
        "pixelmill": pixelmill.__version__,
        "fingerprint": plan.fingerprint,
        "job": job_facts(job),
        "source": dict(plan.about),
        "tally": total(records).to_json(),
        "outputs": {spec.name: _output(job, spec, records) for spec in job.outputs},
        "quarantine": Rows(
            lambda: (_shard(r.quarantine) for r in settled(records) if r.quarantine)
        ),
        **({"labels": _labels(job, records)} if job.source.labels else {}),
        **({"split": _split(job, records)} if job.split else {}),
        "retries": [{"task": r.task, "changes": r.changes} for r in records if r.retries],
        "damaged": [said for record in records for said in record.damaged],
    }
    return {"version": version_of(facts), **facts}


def version_of(facts: dict[str, Any]) -> str:
    """The name of a dataset version: sha256 over the manifest without that name."""
    digest = hashlib.sha256()
    for piece in tight({k: v for k, v in facts.items() if k != "version"}):
        digest.update(piece.encode())
    return digest.hexdigest()


def read_manifest(folder: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(storage.read(storage.join(folder, NAME)))
    return facts


def write_manifest(job: Job, plan: Plan, records: Collection[Record]) -> dict[str, Any]:
    """Write manifest.json, and README.md, the dataset card, beside it."""
    facts = manifest(job, plan, records)
    title = os.path.basename(storage.masked(job.output).rstrip("/")) or "dataset"
    said = plan.about.get("dataset", {}).get("said", "")
    text = dataset_card(
        [_about(spec, facts, records) for spec in job.outputs],
        plan.about.get("classes", ()),
        title,
        about=f"Made by pixelmill; version `{facts['version'][:16]}`. {said}".rstrip(),
    )
    storage.write(storage.join(job.output, CARD), text.encode())
    reach("manifest.card")
    with storage.Upload(storage.join(job.output, NAME)) as upload:
        for piece in by_line(facts):
            upload.write(piece.encode())
        upload.commit()
    reach("manifest.there")
    return facts


def _labels(job: Job, records: Collection[Record]) -> dict[str, Any]:
    """How many images and rows of the labels' tables found each other."""
    return summary(job, [record.task for record in records if record.is_first])


def _split(job: Job, records: Collection[Record]) -> dict[str, Any]:
    """How many samples each side has, and what is on two of them."""
    assert job.split is not None
    tasks = [record.task for record in records if not record.gathers]
    return find_leaks(job.output, job.split, tasks).to_json()


def _about(spec: Output, facts: dict[str, Any], records: Collection[Record]) -> OutputFacts:
    names: list[str] = []
    fields: set[str] = set()
    for shard in _shards(spec.name, records):
        names.append(shard.name)
        fields.update(shard.fields)
    samples = facts["outputs"][spec.name]["samples"]
    return OutputFacts(spec.name, spec.format, names, samples, sorted(fields))


def _output(job: Job, spec: Output, records: Collection[Record]) -> dict[str, Any]:
    drawn = kept_draw(job.output, spec.name) if spec.sample else None
    changes, samples, size = Counter[str](), 0, 0
    for record in records:
        if record.gathers == spec.name:
            changes.update(left_out=record.left_out, repeated=record.repeated)
    for shard in _shards(spec.name, records):
        samples, size = samples + shard.samples, size + shard.bytes
    return {
        **{word: count for word, count in changes.items() if count},
        "samples": samples,
        "bytes": size,
        **({"classes": drawn.in_and_out()} if drawn and drawn.classes else {}),
        "shards": Rows(lambda: map(_shard, _shards(spec.name, records))),
    }


def _shards(output: str, records: Collection[Record]) -> Iterator[ShardRecord]:
    return (shard for record in records for shard in record.shards if shard.output == output)


def _shard(shard: ShardRecord) -> dict[str, Any]:
    return {
        "name": shard.name,
        "samples": shard.samples,
        "bytes": shard.bytes,
        "sha256": shard.sha256,
    }
