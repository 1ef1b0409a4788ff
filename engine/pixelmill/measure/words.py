"""Words: what the figures come to, in plain sentences."""

from collections.abc import Mapping, Sequence
from math import isfinite

from pixelmill.clock import ADVICE
from pixelmill.measure.figures import Figure
from pixelmill.measure.note import on
from pixelmill.measure.scaling import Law, serial_range

MILLION = 1_000_000
# Of what a storage gives, the share from which it may be what a job waits for.
NEARLY = 0.7
# Between the rounds' serial shares; of two workers, 0.2 is a tenth of the throughput.
NOISY = 0.2
# Of the cores' time, what others may have before the figures say more of them than of pixelmill;
# half of what a change must be to count (see `comparing`), on each of two sides.
CROWDED = 0.05


def said_of(name: str, most: int, figures: Sequence[Figure], shares: Mapping[str, float]) -> str:
    """What one core and all `most` of them do of a job, where the time goes, how long a million."""
    values = {figure.title: figure.value for figure in figures}
    one = values[f"{name}, one core: images"]
    floor = _floor(name, values)
    sentences = [f"{name[0].upper()}{name[1:]}: one core does {_count(one)} images/s{floor}."]
    if most > 1:
        every = values[f"{name}, {on(most)}: images"]
        sentences.append(
            f"All {most} cores do {_count(every)} images/s, {every / one:.2f} times as many."
        )
    step = max(shares, key=lambda one: shares[one])
    sentences.append(f"The bottleneck is {step}, {shares[step]:.0%} of the time: {ADVICE[step]}.")
    rate = values[f"{name}, {on(most)}: images"]
    sentences.append(f"A million such images take {_time(MILLION / rate)} here.")
    return " ".join(sentences)


def said_of_others(share: float) -> list[str]:
    """A warning where these cores were not pixelmill's alone."""
    if share < CROWDED:
        return []
    return [
        f"Other programs had {share:.0%} of these cores meanwhile: what is said of throughput is "
        "too low, and how it scales cannot be told; measure again on a machine that is idle."
    ]


def said_of_storage(name: str, most: int, figures: Sequence[Figure], storage: str) -> str:
    """Whether the storage gives what the job at full speed asks for."""
    values = {figure.title: figure.value for figure in figures}
    asked = {way: values[f"{name}, {on(most)}: {way}"] for way in ("in", "out")}
    given = {way: values[f"{storage}: {word} one file"] for way, word in _WORDS.items()}
    short = [way for way in asked if asked[way] > NEARLY * given[way]]
    told = (
        f"At full speed {name} reads {asked['in']:,.0f} MB/s and writes {asked['out']:,.0f}; one "
        f"stream of the {storage} gives {given['in']:,.0f} and takes {given['out']:,.0f}: "
    )
    if short:
        words = " and ".join(_DOING[way] for way in short)
        return f"{told}{words} may hold it up; several streams, or another storage, give more."
    return f"{told}the storage does not hold it up."


def said_of_scaling(laws: Sequence[Law], rounds: Sequence[Mapping[int, float]]) -> list[str]:
    """What the fitted laws tell of more workers; of few or noisy rounds, that they tell little."""
    if not laws:
        return []
    low, high = serial_range(rounds)
    if high - low > NOISY:
        return [
            f"How it scales cannot be told: single rounds say that {low:.0%} to {high:.0%} of the "
            "work is done by one at a time; measure again on a machine that does nothing else."
        ]
    said = [f"{_law(law)}." for law in laws]
    if len(laws) == 1:
        said.append("Two worker counts leave that law unchecked, and tell no USL.")
    return said


def _law(law: Law) -> str:
    text = f"{law.name}: {law.serial:.1%} of the work is done by one at a time"
    if law.crosstalk:
        text += f", and throughput peaks at {law.peak:,.0f} workers"
    if isfinite(law.most):
        text += f"; no number of workers passes {_count(law.most)} images/s"
    return text


_WORDS = {"in": "read", "out": "write"}
_DOING = {"in": "reading", "out": "writing"}


def _floor(name: str, values: Mapping[str, float]) -> str:
    floor = values.get(f"codec floor of {name}: images")
    if floor is None:
        return ""
    share = values[f"{name}, one core: efficiency"]
    cpu = values[f"{name}, one core: efficiency, by CPU time"]
    return (
        f", {share:.0f} % of what the codecs alone would do ({_count(floor)}); they take {cpu:.0f} "
        "% of its CPU time"
    )


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
