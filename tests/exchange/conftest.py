"""The folder itself is put on the path, so that its tests can share `exchanged`."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def texts(tmp_path):
    """Writes shards of so many small samples each."""

    from exchanged import write_tar

    def write(*counts, folder="texts"):
        (tmp_path / folder).mkdir()
        urls, number = [], 0
        for shard, count in enumerate(counts):
            numbers = range(number, number + count)
            samples = [(f"s{n:05d}", {"txt": b"%d" % n * (n % 40 + 1)}) for n in numbers]
            urls.append(write_tar(tmp_path / folder / f"in-{shard:03d}.tar", samples))
            number += count
        return urls

    return write
