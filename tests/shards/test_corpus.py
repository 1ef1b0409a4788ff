"""Other people's odd tars: samples, failures and ShardErrors, in little time and memory.

Where Python's tarfile reads one whole, we read the same members.
"""

import tarfile
import time
import tracemalloc

import pytest
from tars import CORPUS

from pixelmill.errors import ShardError
from pixelmill.shards.compression import decompressed
from pixelmill.shards.members import Cut, read_members
from pixelmill.shards.reader import read_shard

pytestmark = pytest.mark.corpus

FILES = sorted(
    path for path in CORPUS.rglob("*") if path.name.endswith((".tar", ".tgz", ".tar.zst", ".tar.Z"))
)
IDS = [path.name for path in FILES]
if not FILES:
    pytest.skip(f"the corpus of odd files is not at {CORPUS}", allow_module_level=True)

# Where we differ from tarfile on purpose.
DIFFERENT = {
    "test_read_pax_empty_val_no_nl.tar": "a PAX record without its newline is damage to us, and to "
    "later versions of tarfile",
}


def members_by_tarfile(path):
    """(name, data) of the plain files; None where tarfile itself does not read it to the end."""
    found = []
    try:
        with tarfile.open(path) as tar:
            for info in tar:
                if info.size > 1 << 24:
                    return None
                if info.isreg() and not info.issparse():
                    found.append((info.name, tar.extractfile(info).read()))
    except (tarfile.TarError, OSError, ValueError):
        return None
    return found


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_an_odd_tar_gives_samples_failures_or_a_shard_error(path):
    tracemalloc.start()
    began = time.monotonic()
    told = path.name
    try:
        list(read_shard([path.read_bytes()], path.name))
    except ShardError as error:
        told = str(error)
    assert path.name in told
    assert len(told) < 500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.monotonic() - began < 5
    assert peak < 32 << 20


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_the_members_are_those_that_tarfile_reads(path):
    expected = members_by_tarfile(path)
    if expected is None:
        pytest.skip("tarfile does not read it")
    if path.name in DIFFERENT:
        pytest.skip(DIFFERENT[path.name])
    chunks = decompressed([path.read_bytes()], path.name)
    found = list(read_members(chunks, path.name))
    cut = found.pop() if found and isinstance(found[-1], Cut) else None
    files = [(member.name, member.data) for member in found if not member.fault]
    assert files == expected
    assert cut is None or "ends at byte" in str(cut.error) or "end mark" in str(cut.error)
