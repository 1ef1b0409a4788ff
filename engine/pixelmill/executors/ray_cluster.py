"""Ray cluster: joining one, or starting one here; and which of its nodes are alive.

Import ray from here: what is set first is not seen later.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from time import monotonic
from typing import Any

# Before ray is imported, or it does not see them: no usage statistics, and a silent partition of
# the network is noticed within half a minute instead of never.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "disabled",
    "RAY_grpc_client_keepalive_time_ms": "3000",
    "RAY_grpc_client_keepalive_timeout_ms": "5000",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

import ray  # noqa: E402
from ray.exceptions import ActorDiedError, OutOfMemoryError, RayActorError  # noqa: E402

from pixelmill import storage  # noqa: E402
from pixelmill.errors import PixelmillError  # noqa: E402
from pixelmill.executors import cores  # noqa: E402
from pixelmill.executors.cluster import Heard  # noqa: E402
from pixelmill.job import Executor, Job, WorkerNeeds  # noqa: E402

__all__ = ["WORKER_DIED", "ActorDiedError", "OutOfMemoryError", "RayCluster", "connect", "ray"]

# What a call ends with whose worker is no more; the second where Ray killed it.
WORKER_DIED = RayActorError, OutOfMemoryError

ANSWERS_WITHIN = 10.0  # s: a head node that takes longer to open a connection takes no job either


def connect(executor: Executor) -> None:
    """Join the cluster that the job names, or start one on this machine."""
    address = executor.ray_address
    cpus, resources = _local_cpus(executor), executor.worker.resources
    local: dict[str, Any] = {"num_cpus": cpus, "include_dashboard": executor.dashboard}
    local["resources"] = {name: amount * cpus for name, amount in resources.items()} or None
    try:
        _expect_answer(address)
        with _own_signals():
            ray.init(
                address=address or "local",
                logging_level=logging.ERROR,
                log_to_driver=False,
                configure_logging=False,
                **({} if address else local),
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise PixelmillError(
            f"executor.ray_address: no Ray cluster answers at {address!r} ({error}); start one "
            "with `ray start --head`, or leave the address out for a local one"
        ) from error


class RayCluster:
    """The cluster that this process is part of; joined, or started, where it is of none yet."""

    def __init__(self, executor: Executor) -> None:
        self._ours = not ray.is_initialized()
        if self._ours:
            connect(executor)

    def now(self) -> float:
        return monotonic()

    def inbox(self) -> "SimpleQueue[Heard]":
        return SimpleQueue()

    def nodes(self) -> list[dict[str, Any]]:
        return [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]

    def resources(self) -> dict[str, float]:
        found: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        return found

    def starter(self, job: Job, worker: type, needs: WorkerNeeds, room: int) -> Callable[[], Any]:
        facts, actor = ray.put(job.model_dump(mode="json")), _actor_class(worker, needs, room)
        return lambda: actor.remote(facts, storage.configured(), sys.path)

    def kill(self, actor: Any) -> None:
        ray.kill(actor)

    def leave(self) -> None:
        if self._ours:
            ray.shutdown()


def _actor_class(worker: type, needs: WorkerNeeds, room: int) -> Any:
    options: dict[str, Any] = {
        "num_cpus": needs.cpus,
        "memory": needs.memory,
        "resources": dict(needs.resources) or None,
        # Threads for the tasks, one for pulses, one for what else it is told.
        "max_concurrency": room + 2,
        # Few workers on many nodes have more network between them.
        "scheduling_strategy": "SPREAD",
    }
    return ray.remote(**options)(worker)


def _local_cpus(executor: Executor) -> int:
    workers = executor.workers
    return workers * executor.worker.cpus if workers else cores()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Ray ends the process at once on SIGTERM, which is to stop it cleanly, as Ctrl-C does."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


def _expect_answer(address: str | None) -> None:
    """OSError where nothing listens at host:port; Ray itself would try for minutes."""
    host, colon, port = (address or "").rpartition("://")[2].rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERS_WITHIN).close()
