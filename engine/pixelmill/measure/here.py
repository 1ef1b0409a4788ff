"""Here: what this machine can do, on generated photographs; some of everything, in a minute."""

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial

from pixelmill import codecs, storage
from pixelmill.demo.samples import make_sample, write_samples
from pixelmill.job import Decode
from pixelmill.measure.asked import Asked
from pixelmill.measure.bandwidth import note_memory
from pixelmill.measure.conclusion import concluded
from pixelmill.measure.course import Course, worker_counts
from pixelmill.measure.floor import CodecFloor
from pixelmill.measure.kernels import note_kernels
from pixelmill.measure.machine import machine_facts
from pixelmill.measure.note import note_floor
from pixelmill.measure.others import Others
from pixelmill.measure.pace import Load
from pixelmill.measure.results import Results
from pixelmill.measure.scratch import scratch_below
from pixelmill.measure.sides import held
from pixelmill.measure.standard import FIRST, JOBS, standard_job
from pixelmill.measure.stores import store_probe
from pixelmill.measure.turns import Probe, Tell, by_turns
from pixelmill.plan import make_plan
from pixelmill.sample import Sample

# A core and run: half a second of the first job (bench/results).
IMAGES, SHARDS = 300, 4


def measure_machine(asked: Asked, tell: Tell) -> Results:
    """Codecs, memory, storage, kernels, and three jobs on one core and on all of them."""
    machine, counts = machine_facts(), worker_counts(asked.workers)
    with ExitStack() as opened:
        scratch = opened.enter_context(scratch_below(None))
        tell("making photographs")
        courses, photograph = _courses(scratch, asked.images or IMAGES)
        image = codecs.decode(photograph, Decode(color="rgb")).image
        probes = [
            Probe("memory", partial(note_memory, cores=counts[-1])),
            Probe("kernels", partial(note_kernels, image=image)),
            *_camera(),
            store_probe("temporary folder", storage.join(scratch, "storage")),
        ]
        if asked.storage:
            below = opened.enter_context(scratch_below(asked.storage))
            probes.append(store_probe("storage", below))
        for name, course in courses.items():
            probes += course.probes(counts if name == FIRST else sorted({1, counts[-1]}))
        others = Others()
        figures = by_turns(probes, asked.rounds, tell).figures
        machine["others_share"] = others.share()
    return concluded("machine", asked, machine, figures, list(courses.values()))


def _courses(scratch: str, images: int) -> tuple[Mapping[str, Course], bytes]:
    """The three jobs on the same shards, and one of the photographs in them."""
    shards = write_samples(storage.join(scratch, "in"), images, min(SHARDS, images))
    found: dict[str, Course] = {}
    samples: list[Sample] = []
    for name in JOBS:
        job = standard_job(name, shards)
        each = -(-images // len(shards))
        load = Load(job, make_plan(job).tasks, scratch, each, len(shards))
        samples = samples or held(load)
        found[name] = Course(name, load, samples)
    return found, max((one.fields["jpg"] for one in samples), key=len)


def _camera() -> list[Probe]:
    """The codecs on 12 megapixels: decoded whole, and at 1/4 scale, which is all that 256 needs."""
    samples = [Sample(*make_sample(0, 0, "camera", {}))]  # a second to make, 40 ms to decode
    probes = []
    for scale, told in (("exact", "at full scale"), ("auto", "at 1/4 scale")):
        floor = CodecFloor(standard_job(FIRST, ["unused"], decode={"scale": scale}), samples)
        name = f"12 megapixels, {told}"
        probes.append(Probe(f"codecs, {name}", partial(note_floor, name=name, floor=floor)))
    return probes
