"""Real Ray short of memory: its monitor kills the worker, and in the end one sample is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.ray, pytest.mark.slow]


def memory():
    """(all, used) bytes of this machine, as Ray counts them."""
    facts = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    size, free = (int(facts[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    return size, size - free


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_sample_that_takes_a_nodes_memory_is_the_only_one_lost(deadly, tmp_path):
    job = deadly("eat", first=(), kind="ray", workers=2)
    (tmp_path / "job.json").write_text(json.dumps(job.model_dump(mode="json")))
    size, used = memory()
    env = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        # Room for Ray itself (730 MB) and for what else this machine does meanwhile.
        "RAY_memory_usage_threshold": f"{min(0.95, (used + 3e9) / size):.4f}",
        "RAY_memory_monitor_refresh_ms": "200",
    }
    command = [sys.executable, "-m", "pixelmill", "run", tmp_path / "job.json", "--json"]
    done = subprocess.run(
        [*command, "--log", tmp_path / "log"],
        env=env, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["tasks_done"] == 3
    assert report["failed"] == []
    assert report["tally"]["quarantined"] == {"out_of_memory": 1, "undecodable": 1}
    lost = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    said = [line["message"] for line in lost if line["event"] == "worker_lost"]
    assert any("OutOfMemoryError" in message for message in said), said
