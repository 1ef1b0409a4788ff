"""Inputs: the parts that an output folder is made of, and those that were added to it later.

    ledger/inputs.json      what the job was begun with, in the order of its tasks
    ledger/inputs-1.json    what was added later, tasks of its own behind the others

job.yaml says how many of them count (`grown`): one that was written before a kill does not.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pixelmill import storage
from pixelmill.job import Job
from pixelmill.plan import Plan, part_facts
from pixelmill.sources import Part

LEDGER, STEM = "ledger", "inputs"
Generations = list[list[Part]]

# How many parts of a kind a refusal names.
_SHOWN = 6


def write_inputs(folder: str, number: int, parts: Sequence[Part]) -> None:
    text = json.dumps([part_facts(part) for part in parts])
    storage.write(_url(folder, number), text.encode())


def read_inputs(folder: str, said: Mapping[str, Any]) -> Generations:
    """The parts by the time they came; `said` is what job.yaml says of pixelmill."""
    numbers = range(1 + int(said.get("grown", 0)))
    texts = [json.loads(storage.read(_url(folder, number))) for number in numbers]
    return [[Part(**part) for part in parts] for parts in texts]


def count_tasks(folder: str, found: Mapping[str, Any]) -> int:
    """How many tasks the job has by its job.yaml."""
    per_task = int(found["source"]["per_task"])
    return sum(-(-len(g) // per_task) for g in read_inputs(folder, found.get("pixelmill", {})))


def added(before: Generations, plan: Plan) -> list[Part]:
    known = {_name(part) for parts in before for part in parts}
    return [part for part in plan.parts if _name(part) not in known]


def differences_of(before: Generations, plan: Plan) -> Iterator[str]:
    """A line for what changed or is gone; for what is new, or in another order, where it counts."""
    known = {_name(part): part for parts in before for part in parts}
    now = {_name(part): Part(**part_facts(part)) for part in plan.parts}
    changed = [name for name in now if name in known and known[name] != now[name]]
    gone = [name for name in known if name not in now]
    yield from (_changed(name, known[name], now[name]) for name in changed[:_SHOWN])
    yield from (f"input gone: {name}" for name in gone[:_SHOWN])
    more = max(len(changed) - _SHOWN, 0) + max(len(gone) - _SHOWN, 0)
    if more:
        yield f"and {more} inputs more"
    if len(before) == 1 and known.keys() == now.keys() and [*known] != [*now]:
        first = next(one for one in zip(known, now, strict=True) if one[0] != one[1])
        yield f"inputs in another order: {first[1]} stands where {first[0]} was"


def additions(parts: Sequence[Part]) -> list[str]:
    """A line for each of the parts that are new, and what can be done."""
    names = [_name(part) for part in parts]
    more = [f"and {len(names) - _SHOWN} inputs more"] if len(names) > _SHOWN else []
    mend = "with --only-new, added inputs become tasks behind the others"
    return [*(f"input added: {name}" for name in names[:_SHOWN]), *more, mend]


def cannot_grow(job: Job, plan: Plan) -> list[str]:
    """Why nothing can be added to the output of such a job."""
    if any(job.exchanges(output) for output in job.outputs):
        return ["--only-new: shards that are shuffled or cut across tasks would all be made anew"]
    if plan.about.get("kind") == "folder":
        return ["--only-new: it adds tars and Parquet files; images in a folder move between tasks"]
    return []


def _changed(name: str, before: Part, now: Part) -> str:
    return (
        f"input changed: {name} ({before.size} bytes, stamp {before.stamp!r} before; "
        f"{now.size}, {now.stamp!r} now)"
    )


def _name(part: Part) -> str:
    whole = part.start == 0 and part.stop == -1
    name = part.url if whole else f"{part.url}[{part.start}:{part.stop}]"
    return storage.masked(name)


def _url(folder: str, number: int) -> str:
    return storage.join(folder, LEDGER, f"{STEM}-{number}.json" if number else f"{STEM}.json")
