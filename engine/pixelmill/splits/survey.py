"""Survey: what is known of every sample before a split, and the units that they make together."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pixelmill.errors import SampleError, ShardError
from pixelmill.job.split import Split
from pixelmill.plan import Plan
from pixelmill.sample import Failure, Sample
from pixelmill.sources import Source
from pixelmill.splits.stratified import Unit
from pixelmill.splits.units import classes_of, group_of, number_of


class Known(NamedTuple):
    """One sample, as a split sees it."""

    key: str
    group: str
    classes: tuple[str, ...] = ()


def survey(source: Source, plan: Plan, split: Split) -> Iterator[Known]:
    """What is known of every sample of a plan."""
    return known(every(source, plan), split)


def every(source: Source, plan: Plan) -> Iterator[Sample | Failure]:
    """The samples; those that cannot be read are the tasks' affair."""
    for part in plan.parts:
        try:
            yield from source.read(part)
        except ShardError:
            continue


def known(samples: Iterable[Sample | Failure], split: Split) -> Iterator[Known]:
    for sample in samples:
        if isinstance(sample, Failure):
            continue
        try:
            group = group_of(split, sample)
        except SampleError:
            continue
        classes = classes_of(sample.fields, split.stratify) if split.stratify else ()
        yield Known(sample.key, group, classes)


def units_of(samples: Iterable[Known], split: Split) -> dict[str, Unit]:
    """The units by their names."""
    units: dict[str, Unit] = {}
    for sample in samples:
        name = sample.group if split.groups else sample.key
        unit = units.get(name)
        if unit is None:
            unit = units[name] = Unit(number_of(name, split.seed))
        unit.samples += 1
        unit.classes.update(sample.classes)
    return units
