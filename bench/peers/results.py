"""Results: bench/results/peers.json, which grows by parts as long as the machine is the same."""

import json
from typing import Any

from bench.pipeline.facts import RESULTS, measured

PATH = RESULTS / "peers.json"
# What of the machine must be the same for figures to stand in one table.
SAME = ("processor", "cores", "memory_bytes", "simd", "platform")

Found = dict[str, Any]


def read() -> Found:
    if not PATH.exists():
        return {"cells": {}}
    found: Found = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def add(set_: str, job: str, cores: int, facts: Found, rows: Found) -> None:
    """Keep the rows of one cell at once: a run that is stopped has kept what it measured."""
    PATH.parent.mkdir(exist_ok=True)
    found = joined(read(), measured({"cells": {}}), set_, job, cores, facts, rows)
    PATH.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def joined(
    old: Found, new: Found, set_: str, job: str, cores: int, facts: Found, rows: Found
) -> Found:
    """The new run's facts, the old cells, and in the one cell the new rows over the old ones.

    Rows of another machine are left out, and of a cell that had other photographs.
    """
    here, before = new["machine"], old.get("machine", {})
    cells = dict(old["cells"]) if all(before.get(k) == here.get(k) for k in SAME) else {}
    if old["cells"] and not cells:
        print(f"{PATH.name} was of another machine: begun anew")
    name = f"{set_}/{job}/{cores}"
    kept = cells.get(name, {})
    if kept.get("images") != facts:
        kept = {}
    cells[name] = {
        "set": set_, "job": job, "cores": cores, "images": facts,
        "rows": {**kept.get("rows", {}), **rows},
    }  # fmt: skip
    return {**new, "cells": cells}
