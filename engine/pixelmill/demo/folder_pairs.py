"""folder_pairs: some samples of an output folder beside what they were, by its ledger alone."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from pixelmill import storage
from pixelmill.codecs import sniff
from pixelmill.demo.pairs import Pair, spread
from pixelmill.errors import OutputInUse
from pixelmill.job import Job, job_from
from pixelmill.labels import join_of
from pixelmill.ledger import Ledger, Record, shards_of
from pixelmill.outputs import ShardRecord
from pixelmill.pipeline import IMAGE_EXTENSIONS, Pipeline
from pixelmill.plan import source_of
from pixelmill.sample import Sample
from pixelmill.sources import Part, open_source

_LOOKED = 200  # samples at the beginning of a shard, among which those to show are chosen


def folder_job(folder: str) -> Job:
    """The job that made an output folder."""
    data = Ledger(folder).job()
    data.pop("pixelmill", None)
    return job_from({**data, "output": folder})


def folder_pairs(folder: str, output: str, count: int) -> list[Pair]:
    """`count` samples, spread over an output's shards, as they went in and as they came out.

    "" is the first output.  OutputInUse where it has no samples yet.
    """
    job, records = folder_job(folder), Ledger(folder).records()
    name = output or job.outputs[0].name
    shards = [shard for shard in shards_of(name, records.values()) if shard.samples]
    if not shards:
        raise OutputInUse(
            f"{storage.masked(folder)}: its output {name!r} has no samples yet; run the job first, "
            f"or name one of {', '.join(spec.name for spec in job.outputs)}"
        )
    chosen = spread(shards, count)
    after: dict[str, Sample] = {}
    for number, shard in enumerate(chosen):
        share = count * (number + 1) // len(chosen) - count * number // len(chosen)
        after |= {sample.key: sample for sample in _of_shard(folder, shard, share)}
    before = _before(job, {_origin(key) for key in after}, _parts(records, chosen))
    image_field, stored = Pipeline(job).image_field, job.annotations.pixels == "stored"
    return [
        Pair(
            key,
            was.fields[was.image_field or image_field(was)],
            made.fields[_image(made.fields)],
            (was.fields, made.fields),
            stored,
        )
        for key, made in after.items()
        if (was := before.get(_origin(key)))
    ]


def _of_shard(folder: str, shard: ShardRecord, count: int) -> list[Sample]:
    source = open_source([storage.join(folder, shard.name)])
    found = (sample for part in source.parts() for sample in source.read(part))
    samples = (one for one in found if isinstance(one, Sample) and _image(one.fields))
    return spread(list(islice(samples, _LOOKED)), count)


def _parts(records: Mapping[str, Record], chosen: Sequence[ShardRecord]) -> list[Part]:
    """What the tasks of these shards read; all that was read, where samples were exchanged."""
    names = {shard.name for shard in chosen}
    wrote = [r for r in records.values() if any(shard.name in names for shard in r.shards)]
    if any(not record.is_first for record in wrote):
        wrote = [record for record in records.values() if record.is_first]
    return [part for record in wrote for part in record.parts]


def _before(job: Job, keys: set[str], parts: Sequence[Part]) -> dict[str, Sample]:
    found: dict[str, Sample] = {}
    for sample in _samples(job, parts):
        if sample.key in keys:
            found[sample.key] = sample
            if len(found) == len(keys):
                break
    return found


def _samples(job: Job, parts: Sequence[Part]) -> Iterator[Sample]:
    """What the source holds, with what the job's tables say of it."""
    source, join = source_of(job.source), join_of(job)
    for part in parts:
        read = source.read(part)
        for sample in join.samples(read) if join else read:
            if isinstance(sample, Sample):
                yield sample


def _origin(key: str) -> str:
    """The key without the number of a copy: KEY~2."""
    stem, tilde, number = key.rpartition("~")
    return stem if tilde and number.isdigit() else key


def _image(fields: Mapping[str, bytes]) -> str:
    """The member that is the image; "" where there is none."""
    named = (name for name in fields if name in IMAGE_EXTENSIONS)
    arrays = (name for name, data in fields.items() if sniff(data) == "npy")
    return next(named, "") or next(arrays, "")
