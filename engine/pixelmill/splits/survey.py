"""Survey: the units of a source and their classes, read once before a stratified split."""

from collections.abc import Iterable

from pixelmill.errors import SampleError, ShardError
from pixelmill.job import Source
from pixelmill.job.split import Split
from pixelmill.plan import Plan, source_of
from pixelmill.sample import Failure, Sample
from pixelmill.splits.stratified import Unit
from pixelmill.splits.units import classes_of, group_of, number_of


def survey(source: Source, plan: Plan, split: Split) -> dict[str, Unit]:
    """Every unit by its name; samples that cannot be read are the tasks' affair."""
    units: dict[str, Unit] = {}
    opened = source_of(source)
    for part in plan.parts:
        try:
            count(units, opened.read(part), split)
        except ShardError:
            continue
    return units


def count(units: dict[str, Unit], samples: Iterable[Sample | Failure], split: Split) -> None:
    """Add the samples to the units that they belong to."""
    for sample in samples:
        if isinstance(sample, Failure):
            continue
        try:
            group = group_of(split, sample)
        except SampleError:
            continue
        name = group if split.groups else sample.key
        unit = units.get(name)
        if unit is None:
            unit = units[name] = Unit(number_of(name, split.seed))
        unit.samples += 1
        if split.stratify:
            unit.classes.update(classes_of(sample.fields, split.stratify))
