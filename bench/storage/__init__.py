"""Storage: against the plain clients, behind latency and behind faults; servers as in the tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
