"""Forecast: what will be drawn of an output, as far as some of its samples tell."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pixelmill.exchange.cut import Cut
from pixelmill.exchange.shares import fitting, shares
from pixelmill.exchange.strata import NONE, Name, stratum_of
from pixelmill.job import Draw, Output


@dataclass
class Forecast:
    """The strata of the samples that were looked at, and the fields that they have."""

    spec: Output
    seen: Counter[Name] = field(default_factory=Counter)
    fields: set[str] = field(default_factory=set)

    def add(self, fields: Mapping[str, bytes]) -> None:
        self.fields.update(fields)
        name, weight = stratum_of(self.draw, fields)
        self.seen[name if weight > 0 else NONE] += 1

    @property
    def draw(self) -> Draw:
        assert self.spec.sample is not None
        return self.spec.sample

    def shards(self, scale: float, tasks: int) -> Cut:
        """The shards of as many drawn samples, where there are `scale` for each one seen."""
        return fitting(self.draw, self._samples(scale), self.spec.shards, tasks)

    def drawn(self, scale: float, tasks: int) -> dict[str, tuple[int, int]]:
        """By class how many there are, and how many will be drawn."""
        samples = self._samples(scale)
        given = shares(self.draw, samples, self.shards(scale, tasks).total)
        return {name: (count, given[name]) for name, count in sorted(samples.items())}

    def said(self, scale: float, tasks: int) -> str:
        """In one line; what to correct where nothing will be drawn."""
        drawn = self.drawn(scale, tasks)
        place = self.draw.weight or self.draw.place
        if not sum(after for _, after in drawn.values()):
            fields = ", ".join(sorted(self.fields))
            return f"nothing: no sample has a class or a weight above 0 at {place!r} (of {fields})"
        total = sum(after for _, after in drawn.values())
        lacking = self.seen[NONE] / self.seen.total()
        parts = [f"about {total:,} samples", *self._spread(drawn)]
        if lacking:
            parts.append(f"{lacking:.1%} left out, with nothing at {place!r}")
        absent = [name for name in self.draw.weights or () if name not in drawn]
        if absent:
            parts.append(f"not seen: {', '.join(absent)}")
        return "; ".join(parts)

    def _spread(self, drawn: Mapping[str, tuple[int, int]]) -> list[str]:
        if not self.draw.place:
            return []
        often = {name: after / max(before, 1) for name, (before, after) in drawn.items()}
        least, most = min(often, key=often.__getitem__), max(often, key=often.__getitem__)
        return [
            f"{len(often):,} classes seen, each sample {often[least]:.2g} times ({least}) "
            f"to {often[most]:.2g} times ({most})"
        ]

    def _samples(self, scale: float) -> dict[str, int]:
        return {name: max(1, round(n * scale)) for name, n in self.seen.items() if name is not NONE}
