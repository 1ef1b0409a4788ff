"""An export of many data rows, embeddings and all, is indexed in bounded memory."""

import json
import subprocess
import sys

import pytest
from labels.exported import box, data_row, label

ROWS, EMBEDDING = 100_000, 128
# Of 200 MB of export: the interpreter with NumPy and pyarrow takes some 120 MB of it alone.
MOST_MB = 250

INDEX = """
import json, sys, time
from pixelmill import Job
from pixelmill.labels import prepare
source = {"urls": sys.argv[1], "labels": {"form": "labelbox", "table": sys.argv[1]}}
job = Job.model_validate({"source": source, "output": sys.argv[2]})
start = time.process_time()
said = prepare(job)
# not ru_maxrss, which is at least that of the process that started this one
peak = int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) >> 10
seconds = time.process_time() - start
print(json.dumps({"rows": said["rows"], "classes": said["classes"], "mb": peak, "cpu": seconds}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("array", [False, True])
def test_a_large_export_is_indexed_in_bounded_memory(tmp_path, array):
    vector = [{"name": "clip", "values": [0.123456 + n for n in range(EMBEDDING)]}]
    path = tmp_path / "export.json"
    with path.open("w") as file:
        file.write("[\n" * array)
        for n in range(ROWS):
            row = data_row(f"{n:07d}.jpg", label(box(n % 50, 2, 9, 9, f"class {n % 80}")))
            end = "," * (array and n < ROWS - 1)
            file.write(json.dumps({**row, "embeddings": vector}) + end + "\n")
        file.write("]\n" * array)
    words = [sys.executable, "-c", INDEX, str(path), str(tmp_path / "out")]
    done = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    print(f"{path.stat().st_size >> 20} MB, {done['cpu']:.1f} s of CPU, {done['mb']} MB at most")
    assert done["rows"] == [ROWS]
    assert len(done["classes"]) == 80
    assert done["mb"] < MOST_MB
