"""What all tests share: a seeded generator, and the environment that Ray's processes need."""

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
