"""Results: the figures of one run with all that they depend on, in a file and back."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pixelmill.measure.figures import Figure
from pixelmill.measure.scaling import Law

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Results:
    """What `kind` ("machine" or "job") of measuring came to.

    `settings` say how it was measured, `machine` on what; `said` are the findings in plain words;
    `laws` tell how `scaling`, images/s by workers, goes on; `shares` are the workers' time by step.
    """

    kind: str
    settings: Mapping[str, Any]
    machine: Mapping[str, Any]
    figures: Sequence[Figure]
    said: Sequence[str] = ()
    scaling: Mapping[int, float] = field(default_factory=dict)
    laws: Sequence[Law] = ()
    shares: Mapping[str, float] = field(default_factory=dict)
    day: str = field(default_factory=lambda: time.strftime("%Y-%m-%d %H:%M"))

    def to_json(self) -> dict[str, Any]:
        return {
            "pixelmill_bench": FORMAT,
            "kind": self.kind,
            "day": self.day,
            "settings": dict(self.settings),
            "machine": dict(self.machine),
            "said": list(self.said),
            "figures": [figure.to_json() for figure in self.figures],
            "scaling": {str(workers): rate for workers, rate in self.scaling.items()},
            "laws": [law.to_json() for law in self.laws],
            "shares": dict(self.shares),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Results":
        if data.get("pixelmill_bench") != FORMAT:
            raise ValueError(f"it says pixelmill_bench {data.get('pixelmill_bench')!r}")
        return cls(
            data["kind"],
            data["settings"],
            data["machine"],
            [Figure.from_json(figure) for figure in data["figures"]],
            data["said"],
            {int(workers): rate for workers, rate in data["scaling"].items()},
            [Law(**law) for law in data["laws"]],
            data["shares"],
            data["day"],
        )


def write_results(results: Results, path: str | Path) -> None:
    text = json.dumps(results.to_json(), indent=1, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8")


def read_results(path: str | Path) -> Results:
    """ValueError, naming the file, where it holds no results."""
    try:
        return Results.from_json(json.loads(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: expected what `pixelmill bench --json` wrote, format {FORMAT} ({error})"
        ) from error
