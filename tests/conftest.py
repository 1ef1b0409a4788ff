"""What all tests share: a seeded generator, real photographs in shards, and Ray's environment."""

import os

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
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(seed=20240)


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """Three shards of 24 photographs, the six odd ones of every collection among them."""
    from pixelmill.demo.samples import write_samples

    return write_samples(str(tmp_path_factory.mktemp("photos")), 24, 3, odd=True)
