"""Own: what a user's job does a second with its own inputs, and what each side of it could do."""

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from hashlib import sha256

from pixelmill import storage
from pixelmill.job import Job
from pixelmill.measure.asked import Asked
from pixelmill.measure.conclusion import concluded
from pixelmill.measure.course import Course, worker_counts
from pixelmill.measure.figures import Sheet
from pixelmill.measure.machine import machine_facts
from pixelmill.measure.note import note_side, on
from pixelmill.measure.others import Others
from pixelmill.measure.pace import Load, run_at_pace
from pixelmill.measure.results import Results
from pixelmill.measure.scratch import scratch_below
from pixelmill.measure.sides import Side, Sides, held
from pixelmill.measure.stores import note_source, store_probe
from pixelmill.measure.turns import Probe, Tell, by_turns
from pixelmill.plan import canonical, job_facts, make_plan
from pixelmill.run import resolved

# Tasks that are looked into, spread over the plan; each worker has them by turns.
TASKS = 4
# What one core does in a run, in seconds, and the images that this may be.
SECONDS, LEAST, MOST = 0.8, 8, 4000
NAME = "the job"


def measure_job(job: Job, asked: Asked, tell: Tell) -> Results:
    """By 1 .. N workers, each side alone, and the storage; its output is not touched."""
    machine, counts = machine_facts(), worker_counts(asked.workers)
    with ExitStack() as opened:
        below = asked.storage or _nearest(storage.parent(job.output.rstrip("/")))
        scratch = opened.enter_context(scratch_below(below))
        load = _load(job, scratch, asked, tell)
        samples = held(load)
        courses = [] if asked.only_sides else [Course(NAME, load, samples)]
        sides = Sides(load, samples)
        probes = [probe for course in courses for probe in course.probes(counts)]
        probes += [_side(sides, s, n) for s in asked.sides for n in sorted({1, counts[-1]})]
        if courses or "read" in asked.sides:
            probes.append(Probe("the source's storage", partial(note_source, tasks=load.tasks)))
        if courses or "write" in asked.sides:
            probes.append(store_probe("storage of the output", storage.join(scratch, "storage")))
        others = Others()
        figures = by_turns(probes, asked.rounds, tell).figures
        machine["others_share"] = others.share()
    found = concluded("job", asked, machine, figures, courses)
    settings = {**found.settings, "job": sha256(canonical(job_facts(job))).hexdigest()[:16]}
    return replace(found, settings=settings, said=[*found.said, *_left_out(job, courses)])


def _load(job: Job, scratch: str, asked: Asked, tell: Tell) -> Load:
    """As many images as a core does in a moment, which a first look tells."""
    tell("listing the source")
    plan = make_plan(job)
    step = max(1, len(plan.tasks) // TASKS)
    load = Load(resolved(job, plan), plan.tasks[::step][:TASKS], scratch, LEAST // 4)
    images = asked.images
    if images is None:
        tell("a first look at the job")
        run_at_pace(load, 1)  # compiles, and fills caches
        images = min(max(round(SECONDS * run_at_pace(load, 1).rate), LEAST), MOST)
    return replace(load, samples=-(-images // load.tasks_each))


def _side(sides: Sides, side: Side, workers: int) -> Probe:
    def note(sheet: Sheet) -> None:
        note_side(sheet, side, workers, sides.spent(side, workers))

    return Probe(f"{side} alone, {on(workers)}", note)


def _nearest(url: str) -> str:
    """The folder itself, or the nearest one above that is there: none is made and left behind."""
    while storage.is_local(url) and not storage.exists(url) and storage.parent(url) != url:
        url = storage.parent(url)
    return url


def _left_out(job: Job, courses: list[Course]) -> list[str]:
    said = []
    if any(job.exchanges(output) for output in job.outputs):
        said.append("Not measured: the second stage, in which samples go to their final shards.")
    if job.executor.kind == "ray" or job.executor.ray_address:
        said.append("Measured in threads of this machine; on Ray each worker does the same.")
    for course in courses:
        if failed := course.last[1].failed:
            said.append(f"{failed} of {course.last[1].images} samples went to quarantine.")
    return said
