import json
import os
import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def children(tmp_path_factory):
    """Runs jobs in child processes whose memory is limited and measured."""
    from children import Children

    with Children() as ready:
        yield ready


@pytest.fixture(scope="session")
def figures():
    """{what: how many, or how much}: what the session tried; kept where PIXELMILL_FIGURES says."""
    found = {"tried": Counter(), "peak_bytes_under_bombs": {}}
    yield found
    if path := os.environ.get("PIXELMILL_FIGURES"):
        Path(path).write_text(json.dumps(found, indent=1) + "\n")


@pytest.fixture
def tried(figures):
    """Counts the files of each kind that were tried."""
    return figures["tried"]
