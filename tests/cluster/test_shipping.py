"""Code that is shipped as two folders: workers import it, and find the kernels compiled before."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.ray]

ROOT = Path(__file__).parents[2]
FOLDERS = [str(ROOT / "engine" / "pixelmill"), str(ROOT / "kernels" / "pixelmill_kernels")]

DRIVER = """
import json, logging, sys
from pixelmill.executors.ray_cluster import ray  # with its environment
from pixelmill import Job
from pixelmill.run import run

source, out, folders = json.loads(sys.argv[1])
ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False,
         logging_level=logging.ERROR, object_store_memory=100_000_000,
         runtime_env={"py_modules": folders})
job = Job(source=source, output=out, transforms=[{"resize": 64}], max_failures=99,
          executor={"kind": "ray"})
report = run(job)

@ray.remote
def where():
    import pixelmill, pixelmill_kernels
    return pixelmill.__file__, pixelmill_kernels.__file__

print(json.dumps({"where": ray.get(where.remote()), **report.to_json(),
                  "seconds_by_step": report.step_seconds}))
"""


def driven(folder, photos, name, cache):
    """One Ray session, which unpacks the folders under paths of its own."""
    paths = os.pathsep.join(str(ROOT / source) for source in ("engine", "kernels"))
    environment = {**os.environ, "PYTHONPATH": paths, "NUMBA_CACHE_DIR": str(cache)}
    facts = json.dumps([photos, str(folder / name), FOLDERS])
    command = [sys.executable, "-c", DRIVER, facts]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=folder, timeout=110
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_two_folders_are_enough_and_kernels_are_compiled_once(photos, tmp_path):
    cache = tmp_path / "cache"
    first = driven(tmp_path, photos, "first", cache)
    second = driven(tmp_path, photos, "second", cache)
    for report in (first, second):
        assert all("py_modules" in path for path in report["where"])
    assert first["where"] != second["where"]
    assert first["version"] == second["version"]
    assert len(list(cache.iterdir())) == 1  # one folder of compiled code, named after its sources
    # What is left of it is loading them.
    compiled, loaded = (r["seconds_by_step"]["compile"] for r in (first, second))
    assert loaded < compiled / 2
