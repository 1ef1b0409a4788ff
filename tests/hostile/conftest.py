import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def children(tmp_path_factory):
    """Runs jobs in child processes whose memory is limited and measured."""
    from children import Children

    with Children() as ready:
        yield ready
