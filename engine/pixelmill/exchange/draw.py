"""Draw: which samples of the runs an output takes, between the two stages.

The driver goes over the indexes of all runs, a few at a time: the tables at their ends say how many
samples each class has, a pass or two find the last copy that is drawn of each, and a last one
writes for every run the index of what is drawn of it, `exchange/OUTPUT/TASK-PART.drawn`.  That is a
sorted run whose bytes are in another file, so that the second stage goes on as ever.

A sample that is drawn again is a copy, with the pixels of the first: how often each class is to
be drawn is known only when all transforms have dropped what they drop.  It has a key of its own,
KEY~2, KEY~3 ..., and its own place in the order.  What was drawn stays in `ledger/OUTPUT.drawn`.
"""

import json
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TypeVar

import numpy as np

from pixelmill import storage
from pixelmill.errors import InputMissing, PixelmillError
from pixelmill.exchange.copies import place_copies
from pixelmill.exchange.limits import Limits, Numbered, limits, numbered
from pixelmill.exchange.map import RunFile, fields_of, runs_of, write_map
from pixelmill.exchange.order import COPY, bin_ends, by_hash
from pixelmill.exchange.shares import fitting, shares
from pixelmill.exchange.strata import NONE, Name, Stratum
from pixelmill.exchange.stratified import strata_of, table_of
from pixelmill.inputs import LEDGER
from pixelmill.job import Draw, Job, Output
from pixelmill.ledger import Record

SUFFIX = ".drawn"
_AT_ONCE = 8  # runs that are read at once; as many wait

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn of an output: `total` samples, `repeated` of which are there already.

    `left_out` counts by reason those of which none was drawn; `classes` have, in and out, so many.
    """

    total: int
    left_out: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    classes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def in_and_out(self) -> dict[str, dict[str, int]]:
        return {name: {"in": at[0], "out": at[1]} for name, at in self.classes.items()}


def draw(job: Job, spec: Output, records: Collection[Record]) -> None:
    """Draw from the runs of a finished first stage, write the map of what is drawn, and keep it."""
    runs = runs_of(job.output, spec.name, records)
    said = _chosen(spec)
    table = _strata(runs)
    wanted = _wanted(spec, table, len(records))
    if runs and not sum(wanted.values()):
        raise _nothing_to_draw(spec, fields_of(spec.name, records))
    numbers = {name: number for number, name in enumerate(wanted)}

    def all_runs() -> Iterator[Numbered]:
        return numbered(_ahead(lambda run: strata_of(run, said), runs), numbers)

    weight = np.array([table[name].weight for name in wanted])
    found = limits(np.array([*wanted.values()], np.int64), weight, all_runs, said.replacement)
    pairs = zip(runs, enumerate(all_runs()), strict=True)
    made = list(_ahead(lambda pair: _write(pair[0], *pair[1], found, said.replacement), pairs))
    lines = zip(runs_of("", spec.name, records), made, strict=True)
    drawn = [RunFile(_name(run.url), one[0], one[2], run.url) for run, one in lines]
    write_map(job, spec.name, drawn, fields_of(spec.name, records))
    _keep(job, spec, _told(said, table, wanted, made))


def planned(job: Job, spec: Output, records: Collection[Record]) -> int:
    """How many will be drawn from the runs of a finished first stage."""
    table = _strata(runs_of(job.output, spec.name, records))
    return sum(_wanted(spec, table, len(records)).values())


def kept_draw(folder: str, output: str) -> Drawn | None:
    """What was drawn; None where nothing was yet."""
    try:
        facts = json.loads(storage.read(_url(folder, output)))
    except InputMissing:
        return None
    classes = {name: (before, after) for name, (before, after) in facts.pop("classes").items()}
    return Drawn(**facts, classes=classes)


def _keep(job: Job, spec: Output, drawn: Drawn) -> None:
    storage.write(_url(job.output, spec.name), json.dumps(asdict(drawn), indent=1).encode())


def _url(folder: str, output: str) -> str:
    return storage.join(folder, LEDGER, output + SUFFIX)


def _name(run: str) -> str:
    return run.removesuffix(".run") + SUFFIX


def _chosen(spec: Output) -> Draw:
    assert spec.sample is not None
    return spec.sample


def _strata(runs: Sequence[RunFile]) -> dict[Name, Stratum]:
    """The strata of all runs, by name, NONE among them."""
    found: dict[Name, Stratum] = {}
    for table in _ahead(table_of, runs):
        for name, one in table.items():
            whole = found.setdefault(name, Stratum())
            whole.samples += one.samples
            whole.weight += one.weight
    return dict(sorted(found.items(), key=lambda pair: (pair[0] is not NONE, pair[0] or "")))


def _wanted(spec: Output, table: dict[Name, Stratum], tasks: int) -> dict[str, int]:
    """How many of each stratum."""
    samples = {n: one.samples for n, one in table.items() if n is not NONE and one.weight > 0}
    total = fitting(_chosen(spec), samples, spec.shards, tasks).total
    return shares(_chosen(spec), samples, total)


def _write(
    run: RunFile, number: int, samples: Numbered, found: Limits, replacement: bool
) -> tuple[int, int, int]:
    """Write what is drawn of a run; how many samples, how many of them first copies, and bytes."""
    drawn = found.drawn(number, samples, replacement)
    entries = samples.strata.entries[drawn.place]
    entries["flags"] = (drawn.number - 1).astype(np.uint32) << COPY
    place_copies(entries, drawn.number)
    entries = entries[by_hash(entries)]
    data = entries.tobytes() + bin_ends(entries).tobytes()
    storage.write(_name(run.url), data)
    return len(entries), int((drawn.number == 1).sum()), len(data)


def _told(
    said: Draw, table: dict[Name, Stratum], wanted: dict[str, int], made: list[tuple[int, int, int]]
) -> Drawn:
    total, once = sum(one[0] for one in made), sum(one[1] for one in made)
    if total != sum(wanted.values()):
        raise PixelmillError(f"{total} samples were drawn, and {sum(wanted.values())} are wanted")
    lacking = table.get(NONE, Stratum()).samples
    known = sum(one.samples for one in table.values()) - lacking
    named = dict.fromkeys(said.weights or {}, 0) | wanted
    left_out = {"not_drawn": known - once, "nothing_to_draw_by": lacking}
    return Drawn(
        total,
        {reason: count for reason, count in left_out.items() if count},
        total - once,
        {n: (table.get(n, Stratum()).samples, count) for n, count in named.items() if n},
    )


def _nothing_to_draw(spec: Output, fields: Iterable[str]) -> PixelmillError:
    said = _chosen(spec)
    place = said.weight or said.place
    return PixelmillError(
        f"output {spec.name}: none of its samples has a class or a weight above 0 at {place!r}; "
        f"their fields are {', '.join(fields)}; correct `sample`, in a new output folder"
    )


def _ahead(function: Callable[[A], B], values: Iterable[A]) -> Iterator[B]:
    """`map` on threads, for storage that answers late; only a few results wait."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        waiting: deque[Future[B]] = deque()
        for value in values:
            waiting.append(pool.submit(function, value))
            if len(waiting) >= 2 * _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
