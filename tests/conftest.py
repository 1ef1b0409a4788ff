"""What all tests share: a seeded generator, real photographs in shards, and Ray's environment."""

import logging
import os
import subprocess

# Before anything imports ray, and for the processes that tests start: no usage statistics, no token
# file in the home folder, and a partition of the network that is noticed.
os.environ.update(
    RAY_USAGE_STATS_ENABLED="0",
    RAY_AUTH_MODE="disabled",
    RAY_grpc_client_keepalive_time_ms="3000",
    RAY_grpc_client_keepalive_timeout_ms="5000",
    RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0",
    HF_HUB_OFFLINE="1",
    HF_DATASETS_OFFLINE="1",
)

import numpy as np
import PIL
import pytest

pytest_plugins = [
    "servers.s3",
    "servers.gcs",
    "servers.azure",
    "servers.web",
    "servers.fault_proxy",
]


def pytest_collection_modifyitems(items):
    """Pillow-SIMD is Pillow 12 with another rounding: it is no oracle for Pillow's bytes."""
    if ".post" not in PIL.__version__:
        return
    skip = pytest.mark.skip(reason=f"this is Pillow-SIMD {PIL.__version__}, not Pillow")
    for item in items:
        if item.get_closest_marker("plain_pillow"):
            item.add_marker(skip)


@pytest.fixture
def rng():
    return np.random.default_rng(seed=20240)


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Three shards of 24 photographs, the six odd ones of every collection among them."""
    from pixelmill.demo.samples import write_samples

    return write_samples(str(tmp_path_factory.mktemp("photos")), 24, 3, odd=True)


@pytest.fixture(scope="module")
def cluster():
    """Ray on this machine, with two workers, once for a file."""
    import ray

    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=100_000_000,
    )
    yield ray
    ray.shutdown()


@pytest.fixture
def mounted(tmp_path):
    """Mounts a small memory disk; skips where that is not allowed."""
    folders = []

    def mount(options):
        folder = tmp_path / f"disk{len(folders)}"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            pytest.skip(f"a memory disk cannot be mounted here: {error}")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", str(folder)], check=True)
