"""Decided: the sides that a hash does not tell, known before the first task and kept.

    split/decided           a line of JSON, then the sorted 64-bit numbers of all units, then a byte
                            each, the side

Nine bytes a unit in every worker: 15 million images by lists take 135 MB.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError
from pixelmill.job import Job
from pixelmill.job.split import Split
from pixelmill.labels import OwnJoin, join_of
from pixelmill.labels.forms import stem
from pixelmill.plan import Plan, source_of
from pixelmill.splits.kept import read_kept
from pixelmill.splits.stratified import stratified
from pixelmill.splits.survey import Known, every, known, survey, units_of
from pixelmill.splits.units import Hashes, number_of

NAME = "split/decided"


@dataclass(frozen=True, slots=True)
class Decided:
    """The sides of units by their numbers; `tasks` is of how many the job had then."""

    sides: tuple[str, ...]
    tasks: int
    numbers: Hashes
    at: npt.NDArray[np.uint8]

    def side(self, number: int) -> str | None:
        place = int(np.searchsorted(self.numbers, np.uint64(number)))
        if place == len(self.numbers) or self.numbers[place] != number:
            return None
        return self.sides[int(self.at[place])]


def expect_names(job: Job) -> None:
    """JobError where a list, or what is to be kept, cannot be read or contradicts itself."""
    if job.split is not None:
        _named(job.split)


def decide(job: Job, plan: Plan) -> None:
    """Write down the sides that a hash does not tell, unless they are there already.

    JobError where a list cannot be read, or two of them name the same.  Of a job that has grown,
    what was decided stays, and only what is new is sent to a side.
    """
    split = job.split
    if split is None or not split.is_decided:
        return
    try:
        before = read_decided(job.output)
    except InputMissing:
        before = None
    if before is not None and (before.tasks == len(plan.tasks) or not split.stratify):
        return
    samples = _surveyed(job, plan, split) if split.stratify else ()
    decided = decided_of(split, samples, before, len(plan.tasks))
    head = {"units": len(decided.numbers), "sides": split.sides, "tasks": decided.tasks}
    data = decided.numbers.tobytes() + decided.at.tobytes()
    storage.write(storage.join(job.output, NAME), b"\n".join([json.dumps(head).encode(), data]))


def _surveyed(job: Job, plan: Plan, split: Split) -> Iterator[Known]:
    """Every sample; of tables their rows alone, so that no image is read for it."""
    join = join_of(job)
    if isinstance(join, OwnJoin):
        return known(join.samples(every(source_of(job.source), plan)), split)
    return known(join.of_rows(), split) if join else survey(source_of(job.source), plan, split)


def decided_of(
    split: Split, samples: Iterable[Known], before: Decided | None = None, tasks: int = 0
) -> Decided:
    """The sides that no hash tells; of stratified `samples`, those `before` keep theirs."""
    sides = _sides(split, samples, before)
    numbers = np.array(sorted(sides), "<u8")
    places = {side: place for place, side in enumerate(split.sides)}
    at = np.array([places[sides[number]] for number in numbers.tolist()], np.uint8)
    return Decided(tuple(split.sides), tasks, numbers, at)


def read_decided(folder: str) -> Decided:
    """What was decided; InputMissing where nothing was."""
    head, _, data = storage.read(storage.join(folder, NAME)).partition(b"\n")
    facts = json.loads(head)
    end = 8 * int(facts["units"])
    numbers = np.frombuffer(data[:end], "<u8")
    return Decided(
        tuple(facts["sides"]), facts["tasks"], numbers, np.frombuffer(data[end:], np.uint8)
    )


def _sides(split: Split, samples: Iterable[Known], before: Decided | None) -> dict[int, str]:
    """The side of every unit that is decided, by its number."""
    named = _named(split)
    if split.stratify:
        units = units_of(samples, split)
        known = {name: before.side(number_of(name)) for name in units} if before else {}
        kept = {**named, **{name: side for name, side in known.items() if side}}
        named.update(stratified(units, split.shares, kept))
    return {number_of(name): side for name, side in named.items()}


def _named(split: Split) -> dict[str, str]:
    """The sides that lists and an earlier split give by name."""
    named: dict[str, str] = {}
    if split.keep:
        named.update(read_kept(split.keep, "group" if split.groups else "key"))
    if split.lists:
        named.update(read_lists(split.lists, split.groups))
    strange = set(named.values()) - set(split.sides)
    if strange:
        raise JobError(
            [
                f"split.keep: names the sides {', '.join(sorted(strange))}, and the job has "
                f"{', '.join(split.sides)}; name the same ones"
            ]
        )
    return named


def read_lists(lists: Mapping[str, str], groups: bool) -> dict[str, str]:
    """The side of each name; JobError with every name that two lists claim (six are shown)."""
    sides: dict[str, str] = {}
    twice = []
    for side, url in lists.items():
        for name in _names(url, groups):
            if sides.setdefault(name, side) != side:
                twice.append(f"{name!r} ({sides[name]}, {side})")
    if twice:
        shown = ", ".join(twice[:6])
        raise JobError(
            [f"split.lists: {len(twice)} names are in two lists: {shown}; leave each in one"]
        )
    return sides


def _names(url: str, groups: bool) -> Iterator[str]:
    try:
        text = storage.read(url).decode("utf-8-sig")
    except (InputMissing, UnicodeDecodeError) as error:
        raise JobError([f"split.lists: {storage.masked(url)}: {error}"]) from error
    for line in map(str.strip, text.splitlines()):
        if line:
            yield line if groups else stem(line)
