"""Facts: the machine and the versions beside every figure, and where the figures go."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from pixelmill.info import info

RESULTS = Path(__file__).parent.parent / "results"


def save(name: str, figures: dict[str, Any]) -> Path:
    """Write bench/results/NAME.json: the command, the day, the machine, and the figures."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(measured(figures), indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    return path


def measured(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures behind the command, the day and the machine."""
    return {
        "command": " ".join(["python", "-m", _module(), *sys.argv[1:]]),
        "day": time.strftime("%Y-%m-%d"),
        "load_before": os.getloadavg()[0],
        "machine": info(),
        **figures,
    }


def _module() -> str:
    path = Path(sys.argv[0]).resolve().with_suffix("")
    return ".".join(path.parts[path.parts.index("bench") :]).removesuffix(".__main__")
